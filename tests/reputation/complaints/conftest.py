import pytest

from reputation.models import Report
from tests.given.authorities import load_authorities
from tests.given.packs import two_calls_and_a_message


@pytest.fixture
def _authorities() -> None:
    load_authorities()


@pytest.fixture
def reports() -> list[Report]:
    return two_calls_and_a_message()
