"""Asks the checks. Layers above add those of what only they know (`register`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from reputation.health import checks, outside, packages
from reputation.health.findings import Check, Finding, Level

CHECKS: Final = (*checks.CHECKS, *outside.CHECKS, *packages.CHECKS)
_registered: list[Check] = []


def register(*checks: Check) -> None:
    """Adds checks. One of a name that is there already takes its place."""
    names = {check.name for check in checks}
    _registered[:] = [check for check in _registered if check.name not in names]
    _registered.extend(checks)


def look(
    *, now: datetime, public_only: bool = False, costly: bool = False, slow: bool = False
) -> Sequence[tuple[Check, Finding]]:
    """Asks the checks, in the order in which one of them explains the next."""
    asked = [
        check
        for check in (*CHECKS, *_registered)
        if (check.public or not public_only)
        and (costly or not check.costly)
        and (slow or not check.slow)
    ]
    found: list[tuple[Check, Finding]] = []
    away = False
    for check in asked:
        finding = _asked(check, now, away=away)
        away = away or (check.name == "database" and finding.word == "unavailable")
        found.append((check, finding))
    return found


def _asked(check: Check, now: datetime, *, away: bool) -> Finding:
    if away and check.stored:  # each would wait for it anew
        return Finding(Level.DEGRADED, "unknown", _("The database does not answer."))
    try:
        return check.find(now)
    except Exception as error:  # a check that fails is a finding, and hides no other
        return Finding(
            Level.DEGRADED,
            "unknown",
            _("This check failed: %(error)s.") % {"error": type(error).__name__},
        )
