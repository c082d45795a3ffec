"""PhoneBlock's personal lists, from the reports of a client's own user.

Such a report is one voice among many for everybody else, and decides alone for its reporter.
"""

from collections.abc import Iterable
from typing import Any

from api.dialects.gate import NothingHere, Visit, number_of
from api.dialects.phoneinfo import REPORTED, TOLD
from reputation import reports
from reputation.identity import display
from reputation.models import Report, ReportQuerySet
from reputation.scoring import CATEGORIES, Side

# A report's rating for its own reporter: as rated here, or as its category is published.
RATED = {**TOLD, **{category: name for name, category in reversed(REPORTED.items())}}


def opinions(visit: Visit, keys: Iterable[str]) -> dict[str, Side]:
    """The caller's own opinions on these numbers, by key."""
    own = _mine(visit).filter(number__key__in=list(keys))
    return {key: CATEGORIES[name].side for key, name in own.values_list("number__key", "category")}


def all_opinions(visit: Visit) -> tuple[list[str], list[str]]:
    """Numbers that the caller reported as unwanted, and as legitimate: E.164 only."""
    both: dict[Side, list[str]] = {Side.UNWANTED: [], Side.LEGITIMATE: []}
    for key, category in _mine(visit).values_list("number__key", "category"):
        if key.startswith("+"):
            both[CATEGORIES[category].side].append(key)
    return both[Side.UNWANTED], both[Side.LEGITIMATE]


def listed(visit: Visit, side: Side) -> list[dict[str, Any]]:
    """The caller's reports on one side as PhoneBlock's entries, newest first."""
    own = _mine(visit).filter(category__in=_categories(side)).newest_first()
    return [
        {
            "phone": key,
            "label": display(key),
            "comment": comment or None,
            "rating": RATED[category],
            "created": int(filed_at.timestamp() * 1000),
        }
        for key, comment, category, filed_at in own.values_list(
            "number__key", "comment", "category", "filed_at"
        )
    ]


def forget(visit: Visit, number: str, side: Side) -> None:
    """Withdraws the caller's report of a number. Raises NothingHere, InvalidNumber."""
    key = number_of(number, visit.caller).key
    report = _mine(visit).filter(number__key=key, category__in=_categories(side)).first()
    if report is None:
        raise NothingHere("This number is not on your list.")
    reports.withdraw_report(reporter=visit.reporter(), public_id=report.public_id, now=visit.now)


def reported_unwarned(visit: Visit, key: str) -> bool:
    """Whether the caller reported this number without an earlier warning."""
    return _mine(visit).filter(number__key=key, was_warned=False).exists()


def _mine(visit: Visit) -> ReportQuerySet:
    return Report.objects.live().filter(reporter_id=visit.known_caller.reporter_id)


def _categories(side: Side) -> list[str]:
    return [name for name, category in CATEGORIES.items() if category.side is side]
