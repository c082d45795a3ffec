import uuid
from typing import Any

from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidField
from api.filing import identify_field
from api.paging import read_cursor
from api.rendering import format_in
from api.shapes.complaints import (
    ComplaintAnswer,
    ComplaintChange,
    ComplaintPage,
    ComplaintRequest,
    PackRequest,
)
from api.views.common import IDEMPOTENCY_KEY, ApiView, problems
from edge import rfc3339, sealed
from reputation.complaints import Call, Details, Pack, Person, filing
from reputation.models import Complaint, Report
from reputation.privacy import cursor

FORMATS = ("json", "csv")


class ComplaintsView(ApiView):
    scope = "report"

    @property
    def limit(self) -> str:  # type: ignore[override]
        return "complaint" if self.request.method == "POST" else "read"

    @extend_schema(
        operation_id="list_complaints",
        summary="My complaints",
        description="Newest first, one page at a time; or all as CSV.",
        parameters=[
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("format", OpenApiTypes.STR, enum=FORMATS),
        ],
        responses={
            200: ComplaintPage,
            (200, "text/csv"): OpenApiTypes.STR,
            **problems(400, 401, 403),
        },
    )
    def get(self, request: Request) -> Response | HttpResponse:
        format = format_in(request.query_params, "json")
        if format not in FORMATS:
            raise InvalidField("format", f"Choose one of: {', '.join(FORMATS)}.")
        after = read_cursor(request.query_params.get("cursor", ""))
        if format == "csv":
            return HttpResponse(
                filing.export_complaints(reporter=self.reporter()),
                content_type="text/csv; charset=utf-8",
                headers={
                    "Content-Disposition": 'attachment; filename="complaints.csv"',
                    "Cache-Control": "private, no-store",
                },
            )
        page = filing.list_complaints(reporter=self.reporter(), after=after)
        shown = page[: filing.PAGE]
        more = len(page) > len(shown)
        return Response(
            {
                "results": [complaint_answer(complaint) for complaint in shown],
                "next": cursor(shown[-1].prepared_at, shown[-1].pk) if more else "",
            }
        )

    @extend_schema(
        operation_id="prepare_complaint",
        summary="Prepare a complaint from my reports",
        description=(
            "The complaint has a pack with everything that the authority requires: request it next."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=ComplaintRequest,
        responses={
            201: OpenApiResponse(ComplaintAnswer, description="Prepared."),
            **problems(400, 401, 403, 404, 409, 413, 422),
        },
    )
    def post(self, request: Request) -> Response:
        raw = request._request.body
        fields = self.fields(ComplaintRequest)

        def write() -> tuple[int, dict[str, Any]]:
            complaint = filing.prepare_complaint(
                reporter=self.reporter(),
                reports=fields["reports"],
                authority=fields["authority"],
                channel=fields.get("channel", ""),
                language=fields.get("language", ""),
                now=self.now,
            )
            return 201, complaint_answer(complaint)

        return self.once(request, raw, write)


class ComplaintView(ApiView):
    limit = "read"
    scope = "report"

    @extend_schema(
        operation_id="read_complaint",
        summary="A complaint of mine",
        responses={200: ComplaintAnswer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        complaint = filing.find_complaint(reporter=self.reporter(), public_id=public_id)
        return Response(complaint_answer(complaint))

    @extend_schema(
        operation_id="update_complaint",
        summary="Note the progress of a complaint",
        description="Notes that the complaint was filed, its reference number, and the answer.",
        request=ComplaintChange,
        responses={200: ComplaintAnswer, **problems(400, 401, 403, 404, 413)},
    )
    def patch(self, request: Request, public_id: uuid.UUID) -> Response:
        body = self.fields(ComplaintChange)
        complaint = filing.update_complaint(
            reporter=self.reporter(), public_id=public_id, now=self.now, **body
        )
        return Response(complaint_answer(complaint))


class PackView(ApiView):
    limit = "complaint"
    scope = "report"

    @extend_schema(
        operation_id="make_pack",
        summary="The pack of a complaint",
        description=(
            "A ZIP with a letter (PDF and text), a call log, a chart, evidence with hashes, the "
            "text for each channel in the form that it requires, and a script that checks the pack "
            "offline. Your personal details go into the pack and are stored nowhere."
        ),
        request=PackRequest,
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            **problems(400, 401, 403, 404, 409, 413),
        },
    )
    def post(self, request: Request, public_id: uuid.UUID) -> FileResponse:
        body = self.fields(PackRequest)
        pack = filing.hand_out_pack(
            reporter=self.reporter(),
            public_id=public_id,
            details=details_of(body, self.caller.region),
            now=self.now,
        )
        return download(pack)


def details_of(fields: dict[str, Any], region: str) -> Details:
    """The content of a pack request. Raises InvalidField for an invalid number."""
    calls = [
        Call(
            key=identify_field(f"calls/{place}/number", call["number"], region).key,
            at=call["occurred_at"],
            kind=call.get("channel", Report.Channel.CALL.value),
            content=call.get("content", ""),
        )
        for place, call in enumerate(fields.get("calls", []))
    ]
    return Details(
        person=Person(**fields.get("complainant", {})),
        statement=fields.get("statement", ""),
        addressee=fields.get("addressee", ""),
        reader=fields.get("reader", "en"),
        country=fields.get("country", "").upper(),
        time_zone=fields.get("time_zone", ""),
        calls=calls,
    )


def download(pack: Pack) -> FileResponse:
    """The pack as a download that must not be cached."""
    return sealed(pack.file, pack.name, media_type="application/zip")


def complaint_answer(complaint: Complaint) -> dict[str, Any]:
    return {
        "id": str(complaint.public_id),
        "authority": complaint.authority.slug,
        "channel": complaint.channel.slug if complaint.channel else "",
        "language": complaint.language,
        "reports": sorted(str(report.public_id) for report in complaint.reports.all()),
        "status": complaint.status,
        "prepared_at": rfc3339(complaint.prepared_at),
        "filed_at": rfc3339(complaint.filed_at),
        "reference": complaint.reference,
        "answered_at": rfc3339(complaint.answered_at),
        "outcome": complaint.outcome,
        "packs": complaint.manifests,
    }
