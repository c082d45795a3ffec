"""The service's settings, without limits on how much one client may send, and with a clock that a
file moves: FAULTS_CLOCK holds seconds to add."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from config import limits
from config.settings import *  # noqa: F403

RATE_LIMITS = {
    group: {who: each and "1000000/m" for who, each in of.items()}
    for group, of in limits.RATE_LIMITS.items()
}
CODES_PER_HOUR = CODES_PER_DAY = CODES_PER_COUNTRY_HOUR = CODES_PER_COUNTRY_DAY = 10**9
_CLOCK = Path(os.environ["FAULTS_CLOCK"])


def _now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=int(_CLOCK.read_text() or 0))


timezone.now = _now
