"""The reasons of a score in the reader's language.

The scoring speaks English sentences made of figures (scoring.reasons). Each is recognised by its
form and said again with the same figures. A test walks through all that the scoring can say.
"""

import re

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as N  # noqa: N812 -- like _

# Sentences without figures: the sentence is its own key.
PLAIN = frozenset(
    {
        N("A moderator fixed the action to allow."),
        N("A moderator fixed the action to flag."),
        N("A moderator fixed the action to block."),
        N("This call claims an official number but failed attestation: impersonation."),
        N("This is a verified official number: reports alone neither flag nor block it."),
        N("A moderator confirmed that calls from this number are unwanted."),
        N("A moderator judged this number legitimate."),
        N("The holder has proved control of the number."),
        N("The holder disputes the listing; it is not blocked until that is decided."),
        N("Others appear to call under this number; it is not blocked for that."),
        N("The number has a new holder; earlier reports no longer count."),
        N("Nothing that still counts is known about this number."),
    }
)

# What is missing before a number may be blocked (scoring.policy.closed_gates).
GATES = (
    (r"a decision on the holder's dispute", N("a decision on the holder's dispute")),
    (
        r"a moderator's decision on the suspected spoofing",
        N("a moderator's decision on the suspected spoofing"),
    ),
    (r"a moderator's confirmation", N("a moderator's confirmation")),
    (r"confirmation by the trust pass", N("confirmation by the trust pass")),
    (r"(?P<n>\w+) more networks?", N("%(n)s more network(s)")),
    (r"(?P<n>\w+) more established reporters?", N("%(n)s more established reporter(s)")),
    (r"(?P<n>\w+) more days?", N("%(n)s more day(s)")),
)

_BY = r": (?P<old>\d+) by established reporters, (?P<new>\d+) by new accounts\."
_ON, _BETWEEN = r" on (?P<first>[\d-]+)", r" between (?P<first>[\d-]+) and (?P<last>[\d-]+)"
_NETWORKS = r" from (?P<networks>\d+) networks?"
FORMS = (
    (
        r"The holder's dispute was upheld: reports alone do not list the number before "
        r"(?P<day>.+)\.",
        N("The holder's dispute was upheld: reports alone do not list the number before %(day)s."),
    ),
    (
        r"Before any report: (?P<share>\d+%) likely to be unwanted\.",
        N("Before any report: %(share)s likely to be unwanted."),
    ),
    (
        r"(?P<n>\d+) unwanted reports?" + _NETWORKS + _ON + _BY,
        N(
            "%(n)s unwanted report(s) from %(networks)s network(s) on %(first)s: %(old)s by "
            "established reporters, %(new)s by new accounts."
        ),
    ),
    (
        r"(?P<n>\d+) unwanted reports?" + _NETWORKS + _BETWEEN + _BY,
        N(
            "%(n)s unwanted report(s) from %(networks)s network(s) between %(first)s and %(last)s: "
            "%(old)s by established reporters, %(new)s by new accounts."
        ),
    ),
    (
        r"(?P<n>\d+) unwanted reports?" + _ON + _BY,
        N(
            "%(n)s unwanted report(s) on %(first)s: %(old)s by established reporters, %(new)s by "
            "new accounts."
        ),
    ),
    (
        r"(?P<n>\d+) unwanted reports?" + _BETWEEN + _BY,
        N(
            "%(n)s unwanted report(s) between %(first)s and %(last)s: %(old)s by established "
            "reporters, %(new)s by new accounts."
        ),
    ),
    (
        r"(?P<n>\d+) imported complaints? from public sources, each source counted as one limited "
        r"voice\.",
        N(
            "%(n)s imported complaint(s) from public sources, each source counted as one limited "
            "voice."
        ),
    ),
    (
        r"This evidence raises the odds (?P<n>[\d.]+) times today\.",
        N("This evidence raises the odds %(n)s times today."),
    ),
    (r"Age has taken (?P<share>\d+%) of its weight\.", N("Age has taken %(share)s of its weight.")),
    (
        r"(?P<n>\d+) reports? to the contrary \(legitimate\): this lowers the odds "
        r"(?P<times>[\d.]+) times today\.",
        N(
            "%(n)s report(s) to the contrary (legitimate): this lowers the odds %(times)s times "
            "today."
        ),
    ),
    (
        r"Added up: (?P<sum>\d+%); after calibration: (?P<told>\d+%)\.",
        N("Added up: %(sum)s; after calibration: %(told)s."),
    ),
    (
        r"Limits on one network, one day and all new accounts together withheld (?P<n>[\d.]+) of "
        r"log-odds\.",
        N(
            "Limits on one network, one day and all new accounts together withheld %(n)s of "
            "log-odds."
        ),
    ),
    (
        r"New accounts alone cannot lift this number above (?P<share>\d+%)\.",
        N("New accounts alone cannot lift this number above %(share)s."),
    ),
    (
        r"On record, but too old to count: (?P<n>\d+) reports?\.",
        N("On record, but too old to count: %(n)s report(s)."),
    ),
    (
        r"On record, but too old to count: (?P<n>\d+) imported complaints?\.",
        N("On record, but too old to count: %(n)s imported complaint(s)."),
    ),
    (
        r"On record, but too old to count: (?P<n>\d+) reports? and (?P<m>\d+) imported "
        r"complaints?\.",
        N("On record, but too old to count: %(n)s report(s) and %(m)s imported complaint(s)."),
    ),
)
NUMERALS = dict(
    zip(("one", "two", "three", "four", "five", "six", "seven"), "1234567", strict=True)
)
_FORMS = tuple((re.compile(pattern), said) for pattern, said in FORMS)
_GATES = tuple((re.compile(pattern), said) for pattern, said in GATES)
_NEEDS = re.compile(r"Blocking needs (?P<gates>.+)\.")


def in_words(sentence: str) -> str:
    """The sentence in the language of the moment. One that nobody knows stays as it is."""
    if (get_language() or "en").startswith("en"):
        return sentence
    return _again(sentence) or sentence


def _again(sentence: str) -> str | None:
    if sentence in PLAIN:
        return gettext(sentence)
    if match := _NEEDS.fullmatch(sentence):
        gates = [_match(_GATES, gate) for gate in match["gates"].split("; ")]
        if None in gates:
            return None
        joined = gettext("; ").join(gate for gate in gates if gate)
        return gettext("Blocking needs %(gates)s.") % {"gates": joined}
    return _match(_FORMS, sentence)


def _match(forms: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str | None:
    for pattern, said in forms:
        if match := pattern.fullmatch(text):
            figures = {
                name: NUMERALS.get(figure, figure) for name, figure in match.groupdict().items()
            }
            return gettext(said) % figures
    return None
