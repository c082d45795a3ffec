"""tellows' live lookup: /compat/tellows/basic/num/{number}, XML, or JSON with ?json=1.

A score of 1 to 9: 5 is neutral, clients block from 7 on. All values are text, as at tellows.
"""

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
# Least percentage of a blocked number for 9, 8, 7; percentage below which an allowed one is 2, 4.
BLOCKED = ((99, 9), (97, 8), (0, 7))
ALLOWED = ((10, 2), (30, 4))


def look_up(visit: Visit, number: str) -> HttpResponse:
    identity = number_of(number, visit.caller)
    answer = visit.own(lookup.look_up(identity, now=visit.now))
    shown = fields(number, answer)
    if visit.asked("json"):
        return HttpResponse(dump({"tellows": shown}), content_type="application/json")
    return HttpResponse(as_xml(shown), content_type="text/xml; charset=utf-8")


def fields(number: str, answer: Answer) -> dict[str, Any]:
    """The fields of an answer. Below the flag threshold, reports and category do not show."""
    listed = answer.action != Action.ALLOW.value
    shown: dict[str, Any] = {
        "number": number,
        "normalizedNumber": answer.number,
        "score": str(score(answer)),
        "searches": "0",  # we do not count lookups for callers
        "comments": str(answer.reports if listed else 0),
        "country": answer.country,
    }
    if listed and answer.category in CATEGORIES:
        caller = {"name": CATEGORIES[answer.category].label, "count": str(answer.reports)}
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


def as_xml(shown: dict[str, Any]) -> bytes:
    parts = [
        elements(name, [escape(value)]) for name, value in shown.items() if isinstance(value, str)
    ]
    for caller in shown.get("callerTypes", {}).get("caller", []):
        inner = (elements(name, [escape(value)]) for name, value in caller.items())
        parts.append(elements("callerTypes", [elements("caller", inner)]))
    return b'<?xml version="1.0" encoding="utf-8"?>' + elements("tellows", parts).encode()


def complain(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    if request.GET.get("json"):
        body = dump(named({"error": status, "message": detail}))
        return HttpResponse(body, status=status, content_type="application/json")
    return text(request, status, detail)
