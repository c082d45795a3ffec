"""The caller's own list: what their phones block and let through, whatever others report."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.callers import require
from api.errors import InvalidField
from api.rendering import format_in
from api.shapes.own import OwnList, OwnRuleRequest, OwnRuleShown
from api.views.common import ApiView, problems
from api.views.feeds import SHAPES
from edge import rfc3339
from reputation import lists
from reputation.feeds import FORMATS, Entry, Head
from reputation.lists import Rule, files
from reputation.models import OwnRule
from reputation.scoring import Action

PATTERN = OpenApiParameter(
    "pattern",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="The pattern as in the list, percent-encoded: `%2B4930*`.",
)

BLOCK = Action.BLOCK.value
# How many rules the file's format could not express.
LEFT_OUT = "Rules-Left-Out"
CSV = FORMATS["csv"].media_type
MEDIA_TYPES = sorted(
    {FORMATS[name].media_type.partition(";")[0] for name in files.OFFERED if name in FORMATS}
)
FORMAT = OpenApiParameter(
    "format",
    OpenApiTypes.STR,
    enum=list(files.OFFERED),
    description=f"What you block as a file. The header {LEFT_OUT} says how many of your rules are "
    "not in it; `formats` of each rule says in which files it is.",
)


class OwnListView(ApiView):
    limit = "read"
    scope = ""

    @extend_schema(
        operation_id="read_own_list",
        summary="Your own list",
        description=(
            "The rules of your voice, newest first. They apply only to lookups with your keys. The "
            "most precise rule decides: a number before a name, a name before a pattern, more "
            "digits before fewer, a pattern before a country, a country before all callers; among "
            "equal rules, and among names, the one that allows. With `block` for `*`, only callers "
            "that another rule allows come through."
        ),
        parameters=[FORMAT],
        responses={
            (200, "application/json"): OwnList,
            **{
                (200, media_type): SHAPES.get(media_type, OpenApiTypes.BINARY)
                for media_type in MEDIA_TYPES
                if media_type != "application/json"
            },
            **problems(400, 401),
        },
    )
    def get(self, request: Request) -> HttpResponse | Response:
        found = {
            Rule(rule.action, rule.pattern): rule
            for rule in lists.rules_of(self.caller.reporter_id)
        }
        format = format_in(request.query_params)
        if not format:
            formats = _formats(list(found))
            return Response({"rules": [_shown(found[rule], formats[rule]) for rule in found]})
        if format not in files.OFFERED:
            offered = ", ".join(files.OFFERED)
            raise InvalidField("format", f"Name a format: {offered}.", "format-unknown")
        carried = files.carried(list(found), format)
        if format == "spamblocker":
            patterns = (written for _rule, written in carried)
            media_type, body = CSV, files.spamblocker(patterns, region=self.caller.region)
        elif format == files.WHOLE:
            media_type, body = FORMATS[format].media_type, files.callattendant(carried)
        else:
            listed = [(written, found[rule].created_at) for rule, written in carried]
            media_type, body = FORMATS[format].media_type, _feed(listed, format, now=self.now)
        headers = {LEFT_OUT: str(len(found) - len(carried))}
        return HttpResponse(body, content_type=media_type, headers=headers)

    @extend_schema(
        operation_id="set_own_rule",
        summary="Block or allow a number or a pattern",
        description="Replaces your rule for the same pattern, if there is one.",
        request=OwnRuleRequest,
        responses={200: OwnRuleShown, **problems(400, 401, 403, 409, 413)},
    )
    def post(self, request: Request) -> Response:
        require(self.caller, "report")
        body = self.fields(OwnRuleRequest)
        rule = lists.set_rule(
            reporter=self.reporter(),
            action=body["action"],
            pattern=body["pattern"],
            region=self.caller.region,
            now=self.now,
        )
        rules = [
            Rule(each.action, each.pattern) for each in lists.rules_of(self.caller.reporter_id)
        ]
        return Response(_shown(rule, _formats(rules)[Rule(rule.action, rule.pattern)]))


class OwnRuleView(ApiView):
    limit = "read"
    scope = "report"

    @extend_schema(
        operation_id="drop_own_rule",
        summary="Remove a rule from your list",
        parameters=[PATTERN],
        responses={
            204: OpenApiResponse(description="Removed."),
            **problems(401, 403, 404),
        },
    )
    def delete(self, request: Request, pattern: str) -> HttpResponse:
        lists.drop_rule(
            reporter_id=self.caller.reporter_id, pattern=pattern, region=self.caller.region
        )
        return HttpResponse(status=204)


def _feed(listed: Iterable[tuple[str, datetime]], format: str, *, now: datetime) -> bytes:
    """A file like a feed's, of patterns and the times since when they are blocked."""
    head = Head("mine", 0, 0, int(now.timestamp()))
    entries = sorted(
        Entry(written, BLOCK, "", 100, int(since.timestamp())) for written, since in listed
    )
    return b"".join(FORMATS[format].render(entries, head))


def _formats(rules: list[Rule]) -> dict[Rule, list[str]]:
    """For each rule, the formats of files that can express it."""
    formats: dict[Rule, list[str]] = {rule: [] for rule in rules}
    for format in files.OFFERED:
        for rule, _written in files.carried(rules, format):
            formats[rule].append(format)
    return formats


def _shown(rule: OwnRule, formats: list[str]) -> dict[str, Any]:
    return {
        "pattern": rule.pattern,
        "action": rule.action,
        "prefix": lists.prefix_of(rule.pattern),
        "formats": formats,
        "created_at": rfc3339(rule.created_at),
    }
