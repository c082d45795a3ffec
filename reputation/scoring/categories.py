"""What people report, which side it speaks for, and how fast such a statement goes stale.

Half-lives are in days. There are exactly three: SHORT and LONG for the unwanted side and one for
the legitimate side, so that a number's evidence is three sums and a read is three powers of two.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from reputation.scoring.sentences import N


class Side(IntEnum):
    """Which answer a report gives to "was this call unwanted?". The values are stored."""

    LEGITIMATE = 0
    UNWANTED = 1


# Scam numbers live days to weeks: a wrong listing after the number was dropped must fade within a
# season. Of the 30 to 60 days that this leaves, the longest keeps listed what calls in bouts.
SHORT_HALF_LIFE: Final = 60.0
# Telemarketers and collectors keep their numbers for years, so that what was said of them may fade
# twice as slowly. Set by hand; `python -m benchmarks.attacks` measures what it costs.
LONG_HALF_LIFE: Final = 125.0
# Ordinary subscribers keep numbers longest. Must stay the longest of the three:
# crossings.first_crossing relies on it.
LEGITIMATE_HALF_LIFE: Final = 180.0


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of the public vocabulary. `half_life` in days; `label` is plain English, and a key
    of the catalogues."""

    side: Side
    half_life: float
    label: str


_U, _L = Side.UNWANTED, Side.LEGITIMATE

# The public vocabulary. "other" fades fast: it may be anything, and the cautious reading is the
# shorter one.
CATEGORIES: Final[dict[str, Category]] = {
    "illegal_collection": Category(_U, LONG_HALF_LIFE, N("illegal debt collection")),
    "threat": Category(_U, LONG_HALF_LIFE, N("threats")),
    "impersonation": Category(_U, SHORT_HALF_LIFE, N("impersonation")),
    "loan_scam": Category(_U, SHORT_HALF_LIFE, N("loan scam")),
    "phishing": Category(_U, SHORT_HALF_LIFE, N("phishing")),
    "telemarketing": Category(_U, LONG_HALF_LIFE, N("telemarketing")),
    "robocall": Category(_U, SHORT_HALF_LIFE, N("robocall")),
    "silent_call": Category(_U, LONG_HALF_LIFE, N("silent call")),
    "survey": Category(_U, LONG_HALF_LIFE, N("survey")),
    "other": Category(_U, LONG_HALF_LIFE, N("other unwanted call")),
    "legitimate": Category(_L, LEGITIMATE_HALF_LIFE, N("legitimate call")),
}


# The names of the unwanted ones, sorted; a list, for PostgreSQL's arrays.
UNWANTED: Final = sorted(name for name, each in CATEGORIES.items() if each.side is _U)


def is_unwanted(category: str) -> bool:
    """Whether a report of this category calls the number unwanted. KeyError for an unknown
    category."""
    return CATEGORIES[category].side is Side.UNWANTED


def is_long(category: str) -> bool:
    """Whether unwanted reports of this category fade slowly. KeyError for an unknown category."""
    return CATEGORIES[category].half_life == LONG_HALF_LIFE
