"""What the tests of copies and erasures share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.given.leaving import MAIL, fill
from tests.given.messages import AUTHSERV
from tests.given.visitors import Visitor


@pytest.fixture(autouse=True)
def _settings(settings: Settings, evidence_dir: Path) -> None:
    settings.FICTIONAL_NUMBERS = True
    settings.INTAKE_AUTHSERV_ID = AUTHSERV


@pytest.fixture
def world(signed_in: Callable[..., Visitor]) -> tuple[Visitor, str]:
    """What `fill` leaves. Answers Anna's browser and the prefix of her key."""
    anna = signed_in(MAIL)
    return anna, fill(anna, signed_in("berta@example.net"), now=timezone.now())
