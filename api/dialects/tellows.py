"""tellows' live lookup: /compat/tellows/basic/num/{number}, XML, or JSON with ?json=1.

A score of 1 to 9: 5 is neutral, clients block from 7 on. All values are text, as at tellows, and
all fields are present, since clients read them unchecked. When they start, some clients ask for the
key's account: /compat/tellows/api/getpartnerinfo.
"""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse

from api.dialects.gate import Visit, number_of, text
from api.dialects.markup import elements
from api.problems import named
from api.rendering import dump
from reputation import lookup
from reputation.lookup import Answer
from reputation.scoring import CATEGORIES, Action, Status

NEUTRAL, SUSPECT = 5, 6
# Clients ignore a score with fewer comments: a blocked number shows at least as many, and every
# other number fewer, since some clients block from 6 on.
WANTED = 3
# FreePBX's module for tellows ignores a score with fewer searches.
WANTED_SEARCHES = 5
# The least percentages of a blocked number for the scores 9, 8, 7; and the percentages below which
# an allowed number has 2, 4.
BLOCKED = ((99, 9), (97, 8), (0, 7))
ALLOWED = ((10, 2), (30, 4))
# The least scores for the colours red, orange, gray, green.
COLOURS = ((7, "#c62828"), (6, "#ef6c00"), (5, "#757575"), (1, "#2e7d32"))


def look_up(visit: Visit, number: str) -> HttpResponse:
    identity = number_of(number, visit.caller)
    answer = visit.own(lookup.look_up(identity, now=visit.now))
    shown = {"tellows": fields(number, answer)}
    return in_json(shown) if visit.asked("json") else in_xml(shown)


def describe_partner(visit: Visit) -> HttpResponse:
    """tellows' answer about a key's account, as JSON, or XML with ?xml=1."""
    about = {
        "info": f"Ringscore key {visit.known_caller.prefix}",
        "company": "",
        "requests": "0",
        "premium": "0",
        "allowscorelist": "0",  # feeds replace it
        "validuntil": "",
    }
    shown = {"partnerinfo": about}
    return in_xml({"tellows": shown}) if visit.asked("xml") else in_json(shown)


def fields(number: str, answer: Answer) -> dict[str, Any]:
    """The fields of an answer. Below the flag threshold, reports and category are not shown."""
    rank = score(answer)
    shown: dict[str, Any] = {
        "number": number,
        "normalizedNumber": answer.number,
        "score": str(rank),
        # Not a real count either: we do not count lookups for callers.
        "searches": str(WANTED_SEARCHES if answer.action == Action.BLOCK.value else 0),
        "comments": str(comments(answer)),
        "scoreColor": next(colour for least, colour in COLOURS if rank >= least),
        "scorePath": "",
        "location": "",
        "country": answer.country,
    }
    if answer.action != Action.ALLOW.value and answer.category in CATEGORIES:
        caller = {"name": CATEGORIES[answer.category].label, "count": shown["comments"]}
        shown["callerTypes"] = {"caller": [caller]}
    return shown


def score(answer: Answer) -> int:
    """1 (trustworthy) to 9 (dangerous); 7 and more only for blocked numbers."""
    if answer.action == Action.BLOCK.value:
        return next(value for least, value in BLOCKED if answer.score >= least)
    if answer.action == Action.FLAG.value:
        return SUSPECT
    if answer.status == Status.OFFICIAL.value:
        return 1
    if answer.status == Status.UNKNOWN.value:
        return NEUTRAL
    return next((value for below, value in ALLOWED if answer.score < below), NEUTRAL)


def comments(answer: Answer) -> int:
    """Not a real count, but the one with which clients that require comments block what we
    block."""
    if answer.action == Action.BLOCK.value:
        return max(answer.reports, WANTED)
    return min(answer.reports, WANTED - 1) if answer.action == Action.FLAG.value else 0


def in_json(shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(dump(shown), status=status, content_type="application/json")


def in_xml(shown: dict[str, Any]) -> HttpResponse:
    body = '<?xml version="1.0" encoding="utf-8"?>' + "".join(_elements(shown))
    return HttpResponse(body.encode(), content_type="text/xml; charset=utf-8")


def _elements(value: Any) -> Iterator[str]:
    """The elements of an object; a list gives an element for each item."""
    for name, inner in value.items():
        for each in inner if isinstance(inner, list) else [inner]:
            yield elements(name, _elements(each) if isinstance(each, dict) else [escape(each)])


def complain(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    if request.GET.get("json"):
        return complain_in_json(request, status, detail)
    return text(request, status, detail)


def complain_in_json(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    return in_json(named({"error": str(status), "message": detail}), status=status)
