"""Gateways that hand us messages: how they prove who they are, and in which shapes they post."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
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

from api.keys import KeyRefused
from reputation.intake import Incoming, mailbox

# The mail services of INTAKE_EMAIL_PROVIDER, and what reads their posts.
VIEWS = {
    "mailersend": mailersend.MailerSendInboundWebhookView,
    "mailgun": mailgun.MailgunInboundWebhookView,
    "mailjet": mailjet.MailjetInboundWebhookView,
    "postmark": postmark.PostmarkInboundWebhookView,
    "sparkpost": sparkpost.SparkPostInboundWebhookView,
}
# Those that sign, and the name under which django-anymail takes the secret. The others show
# a key, as the password in the webhook's URL.
SIGNING = {"mailersend": "inbound_secret", "mailgun": "webhook_signing_key"}
# How far the clock of a gateway may be from ours, in seconds: a recorded request is old by then.
TOLERANCE = 300


class SignatureRefused(KeyRefused):
    """The request is not signed as it should be."""


class UnreadableShape(Exception):
    """The request is not what this gateway posts. `field` names the part at fault, or is empty."""

    def __init__(self, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.field = field


class MessageTooLarge(Exception):
    """The message is larger than settings.INTAKE_MAX_BYTES."""


# --- SMS ---


def check_sms(request: HttpRequest, body: bytes, *, now: datetime) -> None:
    """Whether a gateway signed this: Twilio, or one that signs as docs/integrations/sms.md says.

    Raises SignatureRefused.
    """
    if "X-Twilio-Signature" in request.headers:
        expected = twilio_signature(
            settings.INTAKE_TWILIO_TOKEN, settings.PUBLIC_URL + request.get_full_path(), body
        )
        _compare(settings.INTAKE_TWILIO_TOKEN, expected, request.headers["X-Twilio-Signature"])
        return
    moment = request.headers.get("X-Ringscore-Timestamp", "")
    expected = signature(settings.INTAKE_SMS_SECRET, moment, body)
    _compare(settings.INTAKE_SMS_SECRET, expected, request.headers["X-Ringscore-Signature"])
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


def _compare(secret: str, expected: str, shown: str) -> None:
    if not secret or not hmac.compare_digest(expected.encode(), shown.strip().encode()):
        raise SignatureRefused("The signature does not fit. Check the secret and the URL.")


def twilio_sms(body: bytes) -> Incoming:
    """A form as Twilio posts it. Raises UnreadableShape."""
    fields = {name: values[0] for name, values in _fields(body).items()}
    for name in ("MessageSid", "From"):
        if not fields.get(name):
            raise UnreadableShape(f"{name} is missing: post a form as Twilio does, or JSON.", name)
    pictures = [value for name, value in sorted(fields.items()) if name.startswith("MediaUrl")]
    return Incoming(
        channel="sms",
        sender=fields["From"],
        provider_id=f"twilio:{fields['MessageSid']}",
        text=fields.get("Body", ""),
        # What cannot be read here is at least kept for whoever reads the message.
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


def twiml(reply: str) -> bytes:
    """What Twilio reads: an answer to be sent, or none."""
    message = f"<Message>{escape(reply, quote=False)}</Message>" if reply else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'.encode()


def _fields(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)


def _region(said: str) -> str:
    return said.upper() if len(said) == 2 and said.isascii() and said.isalpha() else ""


# --- E-mail ---


def read_whole(request: HttpRequest) -> bytes:
    """The body, up to INTAKE_MAX_BYTES: more than Django takes, since pictures come with letters.

    Django and django-anymail then find it where they look. Raises MessageTooLarge.
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
    """Whether the mail service signs what it posts."""
    return settings.INTAKE_EMAIL_PROVIDER in SIGNING and bool(settings.INTAKE_EMAIL_SECRET)


def check_mail(request: HttpRequest) -> None:
    """Raises SignatureRefused."""
    try:
        _webhook().run_validators(request)
    except (AnymailWebhookValidationFailure, KeyError, ValueError):
        raise SignatureRefused("The signature does not fit. Check the secret.") from None


def mails(request: HttpRequest, body: bytes) -> Iterator[Incoming]:
    """The e-mails in a request: one as it travels (message/rfc822), or the mail service's post.

    An e-mail that cannot be read is one too: it is kept. Raises UnreadableShape.
    """
    if request.content_type == "message/rfc822":
        yield mailbox.incoming(mailbox.parse(body), body)
        return
    if not settings.INTAKE_EMAIL_PROVIDER:
        raise UnreadableShape(
            "Post the message as message/rfc822, or set INTAKE_EMAIL_PROVIDER for a mail service."
        )
    webhook = _webhook()
    try:
        messages = [event and event.message for event in webhook.parse_events(request)]
    except RequestDataTooBig:
        raise
    except Exception as error:  # whatever a service's parser trips over in what is none of its own
        raise UnreadableShape(
            f"This is not what {settings.INTAKE_EMAIL_PROVIDER} posts for incoming mail."
        ) from error
    for message in messages:
        raw = _as_it_came(message) if message is not None else None
        if raw is None:
            # Posting it again would not mend it, so it is kept for a moderator.
            yield mailbox.unreadable(body)
        else:
            envelope_sender = message.envelope_sender
            yield mailbox.incoming(mailbox.parse(raw), raw, envelope_sender=envelope_sender)


def _as_it_came(message: AnymailInboundMessage) -> bytes | None:
    """The bytes of an e-mail, its headers neither parsed nor folded anew; None where that fails."""
    try:
        return bytes(message.as_bytes(policy=message.policy.clone(refold_source="none")))
    except Exception:  # whatever the standard library trips over in what anybody may have sent
        return None


def _webhook() -> AnymailCoreWebhookView:
    name = settings.INTAKE_EMAIL_PROVIDER
    options = {SIGNING[name]: settings.INTAKE_EMAIL_SECRET or "unset"} if name in SIGNING else {}
    view: AnymailCoreWebhookView = _view_class(name)(**options)
    return view


@cache
def _view_class(name: str) -> Any:
    found = VIEWS[name]

    def event_or_none(self: Any, *posted: Any) -> Any:
        """None for an e-mail that django-anymail cannot read, in a post that is right."""
        try:
            return found.esp_to_anymail_event(self, *posted)
        except Exception as error:
            if not _is_of_the_mail(error):
                raise
            return None

    # It warns where nobody asks for a password of its own; keys of ours see to that.
    changes = {"warn_if_no_basic_auth": False, "esp_to_anymail_event": event_or_none}
    return type(found.__name__, (found,), changes)


def _is_of_the_mail(error: Exception) -> bool:
    """Whether it arose where an e-mail is parsed, rather than the post around it."""
    modules = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    return any(f"{each}.".startswith(("email.", "anymail.inbound.")) for each in modules)
