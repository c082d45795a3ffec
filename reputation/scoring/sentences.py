"""Reasons as data, and the one place where their sentences are written.

A reason is a code with figures. `in_english` makes the API's sentence of it, and `in_language` the
sentence of a catalogue of gettext's, whose keys are the English texts written here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cache, cached_property, partial
from gettext import NullTranslations
from typing import Any, Final, Protocol


def N(text: str) -> str:  # noqa: N802 -- the name by which catalogues are made
    """Marks an English text that catalogues translate; changes nothing."""
    return text


def NN(one: str, many: str) -> tuple[str, str]:  # noqa: N802 -- the same for two forms
    """Marks an English text that has one form for a count of 1 and one for all others."""
    return one, many


class Catalogue(Protocol):
    """What translates: django.utils.translation, or a translation of the standard gettext."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, singular: str, plural: str, number: int, /) -> str: ...


# Figures that are printed with their noun, as dates, and in words.
COUNTED: Final = {
    "unwanted": NN("%(count)d unwanted report", "%(count)d unwanted reports"),
    "networks": NN("%(count)d network", "%(count)d networks"),
    "imported": NN(
        "%(count)d imported complaint from public sources",
        "%(count)d imported complaints from public sources",
    ),
    "supporters": NN(
        "%(count)d report to the contrary (legitimate)",
        "%(count)d reports to the contrary (legitimate)",
    ),
    "reports": NN("%(count)d report", "%(count)d reports"),
    "complaints": NN("%(count)d imported complaint", "%(count)d imported complaints"),
    "alike": NN("%(count)d number", "%(count)d numbers"),
}
UNTIL: Final = "until"
MISSING: Final = "missing"
NUMERALS: Final = (N("one"), N("two"), N("three"), N("four"), N("five"), N("six"), N("seven"))
# So many reasons of a kind are kept, with their sentences; bounded, since strangers choose what is
# asked for. Of days it is 22 years.
KEPT: Final = 8192
_EPOCH: Final = date(1970, 1, 1).toordinal()


def _printed(name: str, figure: Any, catalogue: Catalogue) -> Any:
    """What fills the place of this name: a text, or the figure itself for the place to format."""
    if name in COUNTED:
        return catalogue.ngettext(*COUNTED[name], figure) % {"count": figure}
    if name == UNTIL:
        return date.fromordinal(_EPOCH + figure).isoformat()
    if name == MISSING and 0 < figure <= len(NUMERALS):
        return catalogue.gettext(NUMERALS[figure - 1])
    if name == "gates":
        return catalogue.gettext("; ").join(in_language(gate, catalogue) for gate in figure)
    return figure


_ENGLISH: Final = NullTranslations()
_PLACE: Final = re.compile(r"%\((\w+)\)")


@cache
def _printer(name: str) -> Callable[[Any], Any] | None:
    """`_printed` in English for figures of this name; None for those printed as they are."""
    if name == "gates":
        return lambda gates: "; ".join(map(in_english, gates))
    if name in COUNTED or name in (UNTIL, MISSING):
        return partial(_printed, name, catalogue=_ENGLISH)
    return None


class Code(Enum):
    """What a reason or a gate says. The value is its English, with places for figures.

    A place named in COUNTED prints the figure with its noun, `until` a date, `missing` a numeral.
    Two forms are for one `missing` and for more.
    """

    # What people decided.
    PINNED_TO_ALLOW = N("A moderator fixed the action to allow.")
    PINNED_TO_FLAG = N("A moderator fixed the action to flag.")
    PINNED_TO_BLOCK = N("A moderator fixed the action to block.")
    IMPERSONATION = N("This call claims an official number but failed attestation: impersonation.")
    NEVER_CALLS = N("This number never calls anybody.")
    OFFICIAL = N(
        "A moderator entered this official number: reports alone neither flag nor block it."
    )
    CONFIRMED = N("A moderator confirmed that calls from this number are unwanted.")
    CLEARED = N("A moderator judged this number legitimate.")
    HOLDER_VERIFIED = N("The holder has proved control of the number.")
    IMMUNE = N(
        "The holder's dispute was upheld: reports alone do not list the number before %(until)s."
    )
    DISPUTED = N("The holder disputes the listing; it is not blocked until that is decided.")
    SPOOFED = N("Others appear to call under this number; it is not blocked for that.")
    REASSIGNED = N("The number has a new holder; earlier reports no longer count.")

    # What the words of reports say. %(words)s are masked.
    SAME_WORDS = N("Same words as “%(words)s”: %(reports)s on %(alike)s.")
    SAME_CAMPAIGN = N("Same campaign as other numbers: %(reports)s on %(alike)s.")
    SAME_AS_OTHERS = N("Reports describe a campaign that is known from other numbers.")
    CAMPAIGN_CONFIRMED = N("A moderator confirmed that this campaign is unwanted.")
    LINKED_FOR_NOW = N("This counts for some days, longer if others report the same.")

    # What the evidence says, or that there is none.
    NOTHING_COUNTS = N("Nothing that still counts is known about this number.")
    REPORTS_ON_RECORD = N("On record, but too old to count: %(reports)s.")
    COMPLAINTS_ON_RECORD = N("On record, but too old to count: %(complaints)s.")
    BOTH_ON_RECORD = N("On record, but too old to count: %(reports)s and %(complaints)s.")
    PRIOR = N("Before any report: %(percent)d%% likely to be unwanted.")
    # Without days: those are told by the answer, to the week while few have spoken.
    REPORTED = N(
        "%(unwanted)s: %(established)d by established reporters, %(newcomers)d by new accounts."
    )
    REPORTED_FROM_NETWORKS = N(
        "%(unwanted)s from %(networks)s: %(established)d by established reporters, %(newcomers)d "
        "by new accounts."
    )
    IMPORTED = N("%(imported)s, each source counted as one limited voice.")
    RAISES = N("This evidence raises the odds %(times).1f times today.")
    AGED = N("Age has taken %(percent)d%% of its weight.")
    SUPPORTED = N("%(supporters)s: this lowers the odds %(times).1f times today.")
    ADDED_UP = N("Added up: %(raw)d%%; after calibration: %(published)d%%.")
    WITHHELD = N(
        "Limits on one network, one day and all new accounts together withheld %(log_odds).2f of "
        "log-odds."
    )
    CEILING = N("New accounts alone cannot lift this number above %(percent)d%%.")
    NEEDS = N("Blocking needs %(gates)s.")

    # Gates: what is missing before a number may be blocked, as noun phrases.
    DECISION_ON_DISPUTE = N("a decision on the holder's dispute")
    DECISION_ON_SPOOFING = N("a moderator's decision on the suspected spoofing")
    CONFIRMATION_BY_MODERATOR = N("a moderator's confirmation")
    CONFIRMATION_BY_PASS = N("confirmation by the trust pass")
    MORE_NETWORKS = NN("%(missing)s more network", "%(missing)s more networks")
    MORE_ESTABLISHED = NN(
        "%(missing)s more established reporter", "%(missing)s more established reporters"
    )
    MORE_DAYS = NN("%(missing)s more day", "%(missing)s more days")
    RECENT_REPORT = N("a report of the last %(days)d days")

    def __init__(self, one: str, many: str = "") -> None:
        self.one, self.many = one, many
        # For `in_english`: to fill places in their order costs half of filling them by name.
        self.places = tuple((name, _printer(name)) for name in _PLACE.findall(one))
        self.fill = _PLACE.sub("%", one).__mod__
        self.fill_many = _PLACE.sub("%", many).__mod__


@dataclass(frozen=True)
class Reason:
    """One thing that a judgement rests on, or a gate.

    `figures` by the names of their places in `code`, rounded as they are printed: counts, percents
    (0 to 100), factors, log-odds, whole days since 1970, and `gates`, a tuple of Reasons.
    """

    code: Code
    figures: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def english(self) -> str:
        code, figures = self.code, self.figures
        if not figures:
            return code.one
        printed = tuple(
            figures[name] if print_ is None else print_(figures[name])
            for name, print_ in code.places
        )
        if code.many and figures[MISSING] != 1:
            return code.fill_many(printed)
        return code.fill(printed)


def in_english(reason: Reason) -> str:
    """The reason's sentence as the API says it, or the gate's noun phrase."""
    return reason.english


def in_language(reason: Reason, catalogue: Catalogue) -> str:
    """The same sentence or noun phrase as the catalogue translates it."""
    figures = {name: _printed(name, figure, catalogue) for name, figure in reason.figures.items()}
    code = reason.code
    if not code.many:
        return catalogue.gettext(code.one) % figures
    return catalogue.ngettext(code.one, code.many, reason.figures[MISSING]) % figures
