"""The clock stands still at noon: the edge of the world that these tests do pretend."""

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.api.asking import NOW


@dataclass
class Clock:
    now: datetime = NOW


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What time it is, for Django and for rate limits. Set `clock.now` to move it."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    seconds = SimpleNamespace(time=lambda: clock.now.timestamp())
    monkeypatch.setattr("django_ratelimit.core.time", seconds)
    return clock
