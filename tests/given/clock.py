"""A clock that tests move."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

import pytest

from tests.given.api_requests import NOW


@dataclass
class Clock:
    now: datetime = NOW


def limits_by(monkeypatch: pytest.MonkeyPatch, seconds: Callable[[], float]) -> None:
    """Lets limits tell the time by `seconds` (since 1970): no window ends unless it moves."""
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=seconds))
    monkeypatch.setattr("edge.counted.time", seconds)
