import pytest
from pytest_django import Settings

from tests.given.phone import Phone, plug_in


@pytest.fixture
def phone(settings: Settings) -> Phone:
    return plug_in(settings)
