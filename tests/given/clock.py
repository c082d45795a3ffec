"""A clock that tests move."""

from dataclasses import dataclass
from datetime import datetime

from tests.given.api_requests import NOW


@dataclass
class Clock:
    now: datetime = NOW
