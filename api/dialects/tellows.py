"""tellows' live lookup: /compat/tellows/basic/num/{number}, XML, or JSON with ?json=1.

A score of 1 to 9: 5 is neutral, clients block from 7 on. All values are text, as there.
"""

from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse

from api.dialects.gate import Visit, number_of, text
from api.dialects.markup import elements
from api.rendering import dump
from reputation import lookup
from reputation.lookup import Answer
from reputation.scoring import CATEGORIES, Action, Status

NEUTRAL, SUSPECT = 5, 6
# From which percentage on a blocked number is 9, 8, 7, and below which one let through is 2, 4.
BLOCKED = ((99, 9), (97, 8), (0, 7))
ALLOWED = ((10, 2), (30, 4))


def look_up(visit: Visit, number: str) -> HttpResponse:
    identity = number_of(number, visit.caller)
    answer = lookup.look_up(identity, now=visit.now)
    told = fields(number, answer)
    if visit.asked("json"):
        return HttpResponse(dump({"tellows": told}), content_type="application/json")
    return HttpResponse(as_xml(told), content_type="text/xml; charset=utf-8")


def fields(asked: str, answer: Answer) -> dict[str, Any]:
    """Below the flag threshold neither reports nor categories show."""
    listed = answer.action != Action.ALLOW.value
    told: dict[str, Any] = {
        "number": asked,
        "normalizedNumber": answer.number,
        "score": str(score(answer)),
        "searches": "0",  # we do not count who asks for whom
        "comments": str(answer.reports if listed else 0),
        "country": answer.country,
    }
    if listed and answer.category in CATEGORIES:
        caller = {"name": CATEGORIES[answer.category].label, "count": str(answer.reports)}
        told["callerTypes"] = {"caller": [caller]}
    return told


def score(answer: Answer) -> int:
    """1 (trustworthy) to 9 (dangerous); 7 and more only for what we block."""
    if answer.action == Action.BLOCK.value:
        return next(told for least, told in BLOCKED if answer.score >= least)
    if answer.action == Action.FLAG.value:
        return SUSPECT
    if answer.status == Status.OFFICIAL.value:
        return 1
    if answer.status == Status.UNKNOWN.value:
        return NEUTRAL
    return next((told for below, told in ALLOWED if answer.score < below), NEUTRAL)


def as_xml(told: dict[str, Any]) -> bytes:
    parts = [
        elements(name, [escape(value)]) for name, value in told.items() if isinstance(value, str)
    ]
    for caller in told.get("callerTypes", {}).get("caller", []):
        inner = (elements(name, [escape(value)]) for name, value in caller.items())
        parts.append(elements("callerTypes", [elements("caller", inner)]))
    return b'<?xml version="1.0" encoding="utf-8"?>' + elements("tellows", parts).encode()


def complain(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    if request.GET.get("json"):
        body = dump({"error": status, "message": detail})
        return HttpResponse(body, status=status, content_type="application/json")
    return text(request, status, detail)
