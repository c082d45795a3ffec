from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import bodies, lookup
from api.errors import region_field
from api.paging import read_cursor
from api.shapes.lookup import (
    BulkLookupAnswer,
    BulkLookupRequest,
    NumberAnswer,
    PublicReports,
)
from api.views.common import OPTIONAL_KEY, REGION, ApiView, problems, problems_in_text
from reputation.identity import identify
from reputation.reports import PublicReport, public_reports

PAGE = 50

NUMBER = OpenApiParameter(
    "number",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="In any notation: +8615400001234, 0086…, tel:, sip:, or national with a region.",
)
ATTESTATION = OpenApiParameter(
    "attestation",
    OpenApiTypes.STR,
    description=(
        "The network's verdict on this call: A, B, C, failed, none, a verstat value, or a word of "
        "Asterisk's STIR_SHAKEN(). Any other text counts as none."
    ),
)
CALLER_NAME = OpenApiParameter(
    "caller_name",
    OpenApiTypes.STR,
    description=(
        "The name that the caller shows (CNAM, display name). Only the rules for names in your own "
        "list use it, since a caller can show any name."
    ),
)
FORMAT = OpenApiParameter("format", OpenApiTypes.STR, enum=bodies.FORMATS)


# The lookup inside Django's URL tree: the same function that the application server enters.
class NumberView(ApiView):
    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        request.accepted_renderer = self.get_renderers()[0]
        request.accepted_media_type = request.accepted_renderer.media_type

    @extend_schema(
        operation_id="look_up_number",
        summary="Look a number up",
        description=(
            "Answers 200 for every text that can be read as a number. A lookup never counts as a "
            "report."
        ),
        parameters=[NUMBER, REGION, ATTESTATION, CALLER_NAME, FORMAT],
        responses={
            (200, "application/json"): NumberAnswer,
            (200, "text/plain"): OpenApiTypes.STR,
            304: OpenApiResponse(description="Unchanged since the ETag that you sent."),
            **problems(400, 401, 403),
            **problems_in_text(400, 401, 403, 429, 503),
        },
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        reply = lookup.reply(request.META, number, now=timezone.now())
        response = HttpResponse(reply.body, status=reply.status, headers=reply.headers)
        if "Content-Type" not in reply.headers:
            del response.headers["Content-Type"]  # Django's own guess for an empty body
        return response


class BulkLookupView(ApiView):
    limit = "bulk_lookup"
    scope = "lookup"

    @extend_schema(
        operation_id="look_up_numbers",
        summary="Look up to 1,000 numbers up",
        description=(
            "The answers have the order of the request. An entry that is not a number gets an "
            "error of its own."
        ),
        request=BulkLookupRequest,
        responses={200: BulkLookupAnswer, **problems(400, 401, 403, 413)},
    )
    def post(self, request: Request) -> HttpResponse:
        body = self.fields(BulkLookupRequest)
        region = region_field(body.get("region", "")) or self.caller.region
        return HttpResponse(
            lookup.reply_many(body["numbers"], region, rules=self.caller.rules, now=self.now),
            content_type="application/json",
        )


class NumberReportsView(ApiView):
    limit = "read"

    @extend_schema(
        operation_id="list_number_reports",
        summary="The public reports on a number",
        description=(
            "The public part of the reports, newest first; personal data is masked. Those about a "
            "former holder of the number are left out. Below five reporters, `reported_on` is the "
            "Monday of the week. Below three networks, the words and acts of a report are empty "
            "for three to five days."
        ),
        parameters=[NUMBER, REGION, OpenApiParameter("cursor", OpenApiTypes.STR)],
        responses={200: PublicReports, **problems(400, 401)},
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request, number: str) -> Response:
        identity = identify(number, region=self.region, allow_fictional=True)
        after = request.query_params.get("cursor", "")
        read_cursor(after)
        page = public_reports(identity.key, after=after, count=PAGE, now=self.now)
        return Response(
            {
                "number": identity.key,
                "results": [public_report(public) for public in page.reports],
                "next": page.more,
            }
        )


def public_report(public: PublicReport) -> dict[str, Any]:
    return {
        "category": public.category,
        "conduct": public.conduct,
        "comment": public.comment,
        "claimed_name": public.claimed_name,
        "channel": public.channel,
        "attestation": public.attestation,
        "reported_on": public.day.isoformat(),
        **({"transcript": public.transcript} if public.transcript else {}),
    }
