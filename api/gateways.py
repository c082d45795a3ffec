"""Gateways that post messages to us: their signatures, and the forms of their posts."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from html import escape
from io import BytesIO
from traceback import walk_tb
from typing import Any
from urllib.parse import parse_qs

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks import mailersend, mailgun, mailjet, postmark, sparkpost
from anymail.webhooks.base import AnymailCoreWebhookView
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from api.callers import KeyRefused
from reputation.intake import Incoming, mailbox

# The mail services of INTAKE_EMAIL_PROVIDER, and the views that read their posts.
VIEWS = {
    "mailersend": mailersend.MailerSendInboundWebhookView,
    "mailgun": mailgun.MailgunInboundWebhookView,
    "mailjet": mailjet.MailjetInboundWebhookView,
    "postmark": postmark.PostmarkInboundWebhookView,
    "sparkpost": sparkpost.SparkPostInboundWebhookView,
}
# Services that sign, with django-anymail's name for the secret. The others show a key as the
# password in the webhook's URL.
SIGNING = {"mailersend": "inbound_secret", "mailgun": "webhook_signing_key"}
# Allowed difference between a gateway's clock and ours, in seconds, against replayed requests.
TOLERANCE = 300


class SignatureRefused(KeyRefused):
    """The request's signature is missing or wrong."""


class UnreadableShape(Exception):
    """The request lacks this gateway's shape. `field` names the part at fault, or is empty."""

    def __init__(self, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.field = field


class MessageTooLarge(Exception):
    """The message is larger than settings.INTAKE_MAX_BYTES."""


# --- SMS ---

# The headers of a signed SMS, with their descriptions in the API document.
SIGNED_BY = {
    "X-Twilio-Signature": "Of Twilio, over address and form.",
    "X-Ringscore-Timestamp": "Unix time of sending.",
    "X-Ringscore-Signature": "Of other gateways, over time and body: docs/integrations/sms.md.",
}


def check_sms(request: HttpRequest, body: bytes, *, now: datetime) -> None:
    """Verifies the signature of Twilio, or of a gateway that follows docs/integrations/sms.md.

    Raises SignatureRefused.
    """
    if "X-Twilio-Signature" in request.headers:
        url = settings.PUBLIC_URL + request.get_full_path()
        _compare(
            [twilio_signature(each, url, body) for each in settings.INTAKE_TWILIO_TOKEN],
            request.headers["X-Twilio-Signature"],
        )
        return
    moment = request.headers.get("X-Ringscore-Timestamp", "")
    _compare(
        [signature(each, moment, body) for each in settings.INTAKE_SMS_SECRET],
        request.headers["X-Ringscore-Signature"],
    )
    if not moment.isdecimal() or abs(int(moment[:12]) - now.timestamp()) > TOLERANCE:
        raise SignatureRefused(
            f"X-Ringscore-Timestamp must be the Unix time of sending, within {TOLERANCE} seconds."
        )


def is_signed(headers: Mapping[str, str]) -> bool:
    return "X-Twilio-Signature" in headers or "X-Ringscore-Signature" in headers


def twilio_signature(token: str, url: str, body: bytes) -> str:
    """The URL, then each parameter and its value in the order of names; HMAC-SHA1 in base64."""
    fields = _fields(body)
    signed = url + "".join(
        name + value for name in sorted(fields) for value in sorted(set(fields[name]))
    )
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signature(secret: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 in hex of the time, a dot and the body."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _compare(expected: list[str], shown: str) -> None:
    if not any(hmac.compare_digest(each.encode(), shown.strip().encode()) for each in expected):
        raise SignatureRefused("The signature does not fit. Check the secret and the URL.")


def twilio_sms(body: bytes) -> Incoming:
    """The message in Twilio's form. Raises UnreadableShape."""
    fields = {name: values[0] for name, values in _fields(body).items()}
    for name in ("MessageSid", "From"):
        if not fields.get(name):
            raise UnreadableShape(f"{name} is missing: post a form as Twilio does, or JSON.", name)
    pictures = [value for name, value in sorted(fields.items()) if name.startswith("MediaUrl")]
    return Incoming(
        channel="sms",
        # For WhatsApp and RCS the channel's name precedes the number.
        sender=fields["From"].removeprefix("whatsapp:").removeprefix("rcs:"),
        provider_id=f"twilio:{fields['MessageSid']}",
        text=storable(fields.get("Body", "")),
        # Pictures cannot be read here, but a moderator may open their addresses.
        subject=" ".join(pictures),
        region=_region(fields.get("FromCountry", "")),
    )


def json_sms(fields: Mapping[str, str], *, region: str) -> Incoming:
    return Incoming(
        channel="sms",
        sender=fields["sender"],
        provider_id=f"json:{fields['id']}",
        text=fields["text"],
        region=_region(fields.get("region", "")) or region,
    )


def storable(text: str) -> str:
    """The text without NUL, which the database refuses; no character is a reason to refuse an
    SMS."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def twiml(reply: str) -> bytes:
    """Twilio's answer format; an empty reply sends no message."""
    message = f"<Message>{escape(reply, quote=False)}</Message>" if reply else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'.encode()


def _fields(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)


def _region(code: str) -> str:
    return code.upper() if len(code) == 2 and code.isascii() and code.isalpha() else ""


# --- E-mail ---


def read_whole(request: HttpRequest) -> bytes:
    """The body, up to INTAKE_MAX_BYTES, which is more than Django accepts, since e-mails contain
    pictures.

    Leaves the body where Django and django-anymail look for it. Raises MessageTooLarge.
    """
    most: int = settings.INTAKE_MAX_BYTES
    chunked = request.META.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    stream: Any = request.META["wsgi.input"] if chunked else request
    body = bytes(stream.read(most + 1))
    if len(body) > most:
        raise MessageTooLarge(f"The message has more than {most} bytes.")
    request._body = body
    request._stream = BytesIO(body)
    return body


def signs_mail() -> bool:
    """Whether the mail service signs its posts."""
    return settings.INTAKE_EMAIL_PROVIDER in SIGNING and bool(settings.INTAKE_EMAIL_SECRET)


def check_mail(request: HttpRequest) -> None:
    """Verifies the mail service's signature. Raises SignatureRefused."""
    for secret in settings.INTAKE_EMAIL_SECRET:
        with suppress(AnymailWebhookValidationFailure, KeyError, ValueError):
            _webhook(secret).run_validators(request)
            return
    raise SignatureRefused("The signature does not fit. Check the secret.")


def mails(request: HttpRequest, body: bytes) -> Iterator[Incoming]:
    """The e-mails in a request: one raw e-mail (message/rfc822), or the mail service's post.

    Yields unreadable e-mails too, so that they are kept. Raises UnreadableShape.
    """
    if request.content_type == "message/rfc822":
        yield mailbox.incoming(mailbox.parse(body), body)
        return
    if not settings.INTAKE_EMAIL_PROVIDER:
        raise UnreadableShape(
            "Post the message as message/rfc822, or set INTAKE_EMAIL_PROVIDER for a mail service."
        )
    webhook = _webhook("of no matter here")  # the signature was checked
    try:
        messages = [event and event.message for event in webhook.parse_events(request)]
    except RequestDataTooBig:
        raise
    except Exception as error:  # any error of a service's parser on a foreign shape
        raise UnreadableShape(
            f"This is not what {settings.INTAKE_EMAIL_PROVIDER} posts for incoming mail."
        ) from error
    for message in messages:
        raw = _as_it_came(message) if message is not None else None
        if raw is None:
            # A second post would not repair it, so a moderator gets it.
            yield mailbox.unreadable(body)
        else:
            envelope_sender = message.envelope_sender
            yield mailbox.incoming(mailbox.parse(raw), raw, envelope_sender=envelope_sender)


def _as_it_came(message: AnymailInboundMessage) -> bytes | None:
    """The bytes of an e-mail with unchanged headers; None if the library cannot write them."""
    try:
        return bytes(message.as_bytes(policy=message.policy.clone(refold_source="none")))
    except Exception:  # any error of the standard library on hostile input
        return None


def _webhook(secret: str) -> AnymailCoreWebhookView:
    name = settings.INTAKE_EMAIL_PROVIDER
    options = {SIGNING[name]: secret} if name in SIGNING else {}
    view: AnymailCoreWebhookView = _view_class(name)(**options)
    return view


@cache
def _view_class(name: str) -> Any:
    view = VIEWS[name]

    def event_or_none(self: Any, *posted: Any) -> Any:
        """None for an e-mail that django-anymail cannot read, in an otherwise valid post."""
        try:
            return view.esp_to_anymail_event(self, *posted)
        except Exception as error:
            if not _is_of_the_mail(error):
                raise
            return None

    # It warns if it has no password of its own; here our keys do that job.
    changes = {"warn_if_no_basic_auth": False, "esp_to_anymail_event": event_or_none}
    return type(view.__name__, (view,), changes)


def _is_of_the_mail(error: Exception) -> bool:
    """Whether the error arose in parsing an e-mail, rather than the post around it."""
    modules = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    return any(f"{module}.".startswith(("email.", "anymail.inbound.")) for module in modules)
