from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction

from reputation import counting
from reputation.counting import publishing
from reputation.identity import identify
from reputation.models import Number
from tests.given.reporters import NOW

Tell = Callable[..., Number]


@pytest.fixture
def tell() -> Tell:
    """Makes `action` what the public is told of a number, the way a moderator's pin does."""

    def tell(raw: str, action: str, *, now: datetime = NOW) -> Number:
        with transaction.atomic():
            number = counting.lock_number(identify(raw), now=now)
            number.pinned = action
            publishing.publish(number, now=now)
            return number

    return tell
