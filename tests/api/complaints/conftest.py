"""A key, its report, and authorities to complain to."""

import pytest

from tests.given.api_reports import filed
from tests.given.api_requests import Holder, holder
from tests.given.authorities import load_authorities


@pytest.fixture(autouse=True)
def _authorities():
    load_authorities()


@pytest.fixture
def by() -> Holder:
    return holder("report")


@pytest.fixture
def report(by) -> str:
    return filed(by, occurred_at="2026-11-23T18:30:00+08:00", conduct=["threats"])
