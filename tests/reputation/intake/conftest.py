"""The service whose intake the tests use: its addresses, and the mail server that it believes."""

import pytest
from pytest_django import Settings

from tests.given.messages import AUTHSERV, OURS


@pytest.fixture(autouse=True)
def _ours(settings: Settings) -> None:
    settings.FICTIONAL_NUMBERS = True
    settings.INTAKE_AUTHSERV_ID, settings.INTAKE_REGION = AUTHSERV, "GB"
    settings.INTAKE_ADDRESS, settings.INTAKE_ADDRESSES = OURS, [OURS]
