from codecs import BOM_UTF8
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import metrics
from api.callers import require
from api.errors import InvalidField
from api.gateways import UnreadableShape, mail, sms
from api.rendering import is_wide
from api.shapes.intake import IntakeReceipt, IntakeSms, TwilioSms
from api.views.common import OPTIONAL_KEY, ApiView, problems
from reputation.intake import Incoming, Receipt, answer, receive

FORM = "application/x-www-form-urlencoded"


class SmsView(ApiView):
    limit = "intake"

    @extend_schema(
        operation_id="take_sms",
        summary="Receive an SMS from a gateway",
        description=(
            "Accepts Twilio's form with X-Twilio-Signature, or JSON signed with "
            "X-Ringscore-Timestamp and X-Ringscore-Signature. A gateway that cannot sign uses a "
            "key with the scope `intake`. The answer contains the text for the sender: in TwiML "
            "for a form, in JSON for JSON. Sending the same message again has no effect and gets "
            "the same answer."
        ),
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=what)
            for name, what in sms.SIGNED_BY.items()
        ],
        request={"application/json": IntakeSms, FORM: TwilioSms},
        responses={
            (200, "application/json"): IntakeReceipt,
            (200, "text/xml"): OpenApiResponse(OpenApiTypes.STR, description="TwiML."),
            **problems(400, 401, 403, 413),
        },
        auth=OPTIONAL_KEY,
    )
    def post(self, request: Request) -> Response | HttpResponse:
        http = request._request
        body = http.body
        if self.visitor is None and sms.is_signed(http.headers):
            sms.check_signature(http, body, now=self.now)
        else:
            require(self.visitor, "intake")
        if is_wide(body) or body.removeprefix(BOM_UTF8).lstrip().startswith((b"{", b"[")):
            region = self.visitor.region if self.visitor is not None else ""
            return Response(shown(self.take(sms.from_json(self.read(request), region=region))))
        try:
            incoming = sms.from_twilio(body)
        except UnreadableShape as error:
            raise InvalidField(error.field, str(error)) from None
        reply = self.take(incoming).reply
        return HttpResponse(sms.twiml(reply), content_type="text/xml")

    def read(self, request: Request) -> dict[str, str]:
        data = request.data
        if isinstance(data, dict) and isinstance(data.get("text"), str):
            data["text"] = sms.storable(data["text"])
        return self.fields(IntakeSms)

    def take(self, incoming: Incoming) -> Receipt:
        receipt = receive(incoming, now=self.now)
        count(receipt, "sms")
        return receipt


class EmailView(ApiView):
    limit = "intake"

    @extend_schema(
        operation_id="take_email",
        summary="Receive an e-mail from a mail server or service",
        description=(
            "Accepts the message itself (message/rfc822), or the post of the mail service in "
            "INTAKE_EMAIL_PROVIDER, in that service's own form. A service that signs needs no key; "
            "others use a key with the scope `intake`. The sender gets an answer by e-mail."
        ),
        request={"message/rfc822": OpenApiTypes.BINARY},
        responses={200: IntakeReceipt(many=True), **problems(400, 401, 403, 413)},
        auth=OPTIONAL_KEY,
    )
    def post(self, request: Request) -> Response:
        http = request._request
        if self.visitor is None and mail.is_signed():
            body = mail.read_whole(http)
            mail.check_signature(http)
        else:
            require(self.visitor, "intake")
            body = mail.read_whole(http)
        taken = []
        try:
            for incoming in mail.mails(http, body):
                receipt = receive(incoming, now=self.now)
                count(receipt, "email")
                answer(receipt, incoming, now=self.now)
                taken.append(shown(receipt))
        except UnreadableShape as error:
            raise InvalidField("", str(error)) from None
        return Response(taken)


def shown(receipt: Receipt) -> dict[str, Any]:
    message = receipt.message
    return {
        "id": str(message.public_id) if message else "",
        "status": message.status if message else "counted",
        "reply": receipt.reply if message is None or message.channel == "sms" else "",
    }


def count(receipt: Receipt, channel: str) -> None:
    if receipt.submission is not None:
        created = receipt.submission.created
        metrics.reports_taken(channel, created=created, updated=not created)
