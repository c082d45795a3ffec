"""A key, and the wire of tests/given/dialects.py."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from tests.given.dialects import Reply, exchange, new_key


@pytest.fixture(autouse=True)
def _fictional_numbers(settings: Settings) -> None:
    """Examples accuse nobody; reports on them are accepted, as in the demo."""
    settings.FICTIONAL_NUMBERS = True


@pytest.fixture
def token(db: None) -> str:
    return new_key("compat")


@pytest.fixture
def send() -> Callable[[bytes], Reply]:
    return exchange
