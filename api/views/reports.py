import uuid
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
)
from rest_framework.request import Request
from rest_framework.response import Response

from api import bulk, filing, idempotency
from api.bulk_rows import Body
from api.errors import region_field
from api.shapes.reports import BulkReceipt, OwnReport, ReportReceipt, ReportRequest
from api.views.common import IDEMPOTENCY_KEY, REGION, ApiView, problems
from edge import client_address, is_chunked, rfc3339
from reputation import reports
from reputation.models import Report, Reporter
from reputation.privacy import network_of


class ReportsView(ApiView):
    limit = "report"
    scope = "report"

    @extend_schema(
        operation_id="report_number",
        summary="Report a number",
        description="A reporter has one report on a number: a second one updates it.",
        parameters=[IDEMPOTENCY_KEY],
        request=ReportRequest,
        responses={
            201: OpenApiResponse(ReportReceipt, description="Filed."),
            200: OpenApiResponse(
                ReportReceipt, description="Your report on this number was updated."
            ),
            **problems(400, 401, 403, 413, 422),
        },
    )
    def post(self, request: Request) -> Response:
        raw = request._request.body
        fields = filing.SHAPE.run_validation(request.data)
        filed = filing.file(
            fields,
            caller=self.caller,
            environ=request.META,
            path=request.path,
            raw=raw,
            now=self.now,
        )
        return Response(filed.body, status=filed.status, headers=filed.headers)


class BulkReportsView(ApiView):
    limit = "bulk_report"
    scope = "bulk"

    @extend_schema(
        operation_id="report_numbers",
        summary="Report up to 100,000 numbers",
        description=(
            "Accepts NDJSON (one object in each line, with the fields of a single report) or CSV "
            "with a header (commas, semicolons or tabs), both in UTF-8. A bad row does not affect "
            "the other rows. If a request breaks off, its last, incomplete row is not filed, and "
            "the answer, if it can still be sent, is 400 `cut-short`. With an Idempotency-Key, the "
            "whole file can be sent again: the service continues where it stopped. A request may "
            "have 200,000 lines, blank ones included, and 256 MiB. In a chunked body each line "
            "ends with a line break. A request without a body counts as a file without reports."
        ),
        parameters=[IDEMPOTENCY_KEY, REGION],
        request={
            "application/x-ndjson": OpenApiTypes.BINARY,
            "text/csv": OpenApiTypes.BINARY,
        },
        responses={200: BulkReceipt, **problems(400, 401, 403, 422)},
        examples=[
            OpenApiExample(
                "CSV in the AbuseIPDB manner",
                value='number,category,occurred_at,comment\n+12025550123,robocall,,"again"\n',
                media_type="text/csv",
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        region = region_field(request.query_params.get("region", ""))
        stream, length = _body(request)
        answer, repeated = bulk.file_all(
            stream,
            length=length,
            caller=self.caller,
            region=region,
            network=network_of(client_address(request.META)),
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            now=self.now,
        )
        return Response(answer, headers=idempotency.headers_of(repeated))


def _body(request: Request) -> tuple[Body, int | None]:
    """The body as a stream, and its length if known: Django reads nothing of a body without a
    length."""
    if is_chunked(request.META):
        return request.META["wsgi.input"], None
    return request._request, int(request.META.get("CONTENT_LENGTH") or 0)


class ReportView(ApiView):
    limit = "read"
    scope = "report"

    @extend_schema(
        operation_id="read_report",
        summary="A report of mine",
        responses={200: OwnReport, **problems(401, 403, 404)},
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        report = reports.find_report(
            reporter=Reporter(pk=self.caller.reporter_id), public_id=public_id
        )
        return Response(own_report(report))

    @extend_schema(
        operation_id="withdraw_report",
        summary="Withdraw a report of mine",
        description=(
            "The report no longer counts. It stays on record with its evidence, and both can still "
            "be read. A settled report is withdrawn, too. A rejected or merged report keeps that "
            "status, and is withdrawn when the decision is taken back. Withdrawing twice is not an "
            "error."
        ),
        responses={204: None, **problems(401, 403, 404)},
    )
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        reports.withdraw_report(
            reporter=Reporter(pk=self.caller.reporter_id), public_id=public_id, now=self.now
        )
        return Response(status=204)


def own_report(report: Report) -> dict[str, Any]:
    return {
        "id": str(report.public_id),
        "number": report.number.key,
        "status": report.status,
        "category": report.category,
        "conduct": report.conduct,
        "comment": report.comment,
        "occurred_at": rfc3339(report.occurred_at),
        "channel": report.channel,
        "attestation": report.attestation,
        "callback_number": report.callback_number,
        "claimed_name": report.claimed_name,
        "call_count": report.call_count,
        "was_warned": report.was_warned,
        "filed_at": rfc3339(report.filed_at),
        "updated_at": rfc3339(report.counted_at),
        **({"transcript": report.transcript} if report.transcript else {}),
        **({"other_accounts": report.other_accounts} if report.other_accounts else {}),
    }
