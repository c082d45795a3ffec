"""The service whose intake the tests use: its addresses, and the mail server that it believes."""

import pytest
from pytest_django import Settings

from tests.given.messages import take_in_mail


@pytest.fixture(autouse=True)
def _ours(settings: Settings) -> None:
    take_in_mail(settings)
