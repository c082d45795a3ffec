import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes.disputes import (
    AppealRequest,
    CodeRequest,
    DisputeAnswer,
    DisputeReceipt,
    DisputeRequest,
)
from api.views.common import OPTIONAL_KEY, REGION, ApiView, problems
from api.views.numbers import NUMBER
from edge import client_address, insist, rfc3339
from reputation import disputes
from reputation.identity import identify
from reputation.models import Dispute
from reputation.moderation import reasons
from reputation.privacy import network_of


class DisputesView(ApiView):
    limit = "dispute"

    @extend_schema(
        operation_id="dispute_number",
        summary="Dispute the listing of my number",
        description=(
            "Sends a code to the number by text message or call, so that only the holder can pass "
            "it to `verify`. Until then nothing changes. A repeated request is the same dispute; "
            "after a minute, it sends another code."
        ),
        parameters=[NUMBER, REGION],
        request=DisputeRequest,
        responses={
            202: OpenApiResponse(DisputeReceipt, description="The code is on its way."),
            **problems(400, 401, 409, 413),
        },
        auth=OPTIONAL_KEY,
    )
    def post(self, request: Request, number: str) -> Response:
        body = self.fields(DisputeRequest)
        identity = identify(number, region=self.region, allow_fictional=settings.FICTIONAL_NUMBERS)
        try:
            dispute = disputes.open_dispute(
                identity=identity,
                network=network_of(client_address(request.META)),
                now=self.now,
                **body,
            )
        except disputes.CodeNotSent:  # its 503 is no outage: the dispute is kept
            insist(request.META)
            raise
        answer = {"id": str(dispute.public_id), "expires_at": rfc3339(dispute.code_expires_at)}
        return Response(answer, status=202)


class DisputeView(ApiView):
    limit = "read"

    @extend_schema(
        operation_id="read_dispute",
        summary="The state of a dispute",
        description="Everybody who has the id can read it. Only moderators see the words in it.",
        responses={200: DisputeAnswer, **problems(401, 404)},
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(shown(disputes.find_dispute(public_id=public_id), now=self.now))


class VerifyView(ApiView):
    limit = "dispute_code"

    @extend_schema(
        operation_id="verify_dispute",
        summary="Verify the holder by the code",
        description=(
            "Opens the dispute, with a deadline. If it is `held`, the number has the status "
            "`disputed`, and `block` is reduced to `flag` until a moderator decides, or until a "
            "week after the deadline. A dispute is held only if it has a `contact` and the holder "
            "has lost no dispute before; after a moderator confirmed the number, only if disputes "
            "of two other numbers with this contact were upheld within a year; and only a few at a "
            "time in a block of numbers and from a network. A code allows five attempts."
        ),
        request=CodeRequest,
        responses={200: DisputeAnswer, **problems(400, 401, 404, 409, 413)},
        auth=OPTIONAL_KEY,
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        body = self.fields(CodeRequest)
        dispute = disputes.verify(public_id=public_id, code=body["code"], now=self.now)
        return Response(shown(dispute, now=self.now))


class AppealView(ApiView):
    limit = "dispute"

    @extend_schema(
        operation_id="appeal_dispute",
        summary="Appeal against a rejection",
        description=(
            "One appeal is possible, within 30 days. Another moderator decides, by a new deadline; "
            "until then the decision stands. The appeal has its own id. A repeated request is the "
            "same appeal."
        ),
        request=AppealRequest,
        responses={201: DisputeAnswer, **problems(400, 401, 404, 409, 413)},
        auth=OPTIONAL_KEY,
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        body = self.fields(AppealRequest)
        appeal = disputes.appeal(public_id=public_id, statement=body["statement"], now=self.now)
        return Response(shown(appeal, now=self.now), status=201)


def shown(dispute: Dispute, *, now: datetime) -> dict[str, Any]:
    status = dispute.status_at(now)
    awaiting = status == Dispute.Status.AWAITING_CODE
    decided_at = dispute.decided_at
    appeal = dispute.appeals.first()
    upheld = status == Dispute.Status.UPHELD
    return {
        "id": str(dispute.public_id),
        "number": dispute.number.key,
        "status": status,
        "grounds": dispute.grounds,
        "opened_at": rfc3339(dispute.opened_at),
        "expires_at": rfc3339(dispute.code_expires_at) if awaiting else "",
        "verified_at": rfc3339(dispute.verified_at),
        "deadline_at": rfc3339(dispute.deadline_at),
        "held": dispute.held and status == Dispute.Status.OPEN,
        "decided_at": rfc3339(decided_at),
        "reason": reasons.in_words(dispute.reason),
        "immune_until": rfc3339(decided_at + disputes.IMMUNITY) if upheld and decided_at else "",
        "appeal_until": rfc3339(disputes.appealable_until(dispute)),
        "appeal_of": str(dispute.appeal_of.public_id) if dispute.appeal_of else "",
        "appeal": str(appeal.public_id) if appeal else "",
    }
