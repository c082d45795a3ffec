"""E-mails from mail servers and services: the services' signatures, and their forms."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from io import BytesIO
from traceback import walk_tb
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks import mailersend, mailgun, mailjet, postmark, sparkpost
from anymail.webhooks.base import AnymailCoreWebhookView
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from api.gateways import MessageTooLarge, SignatureRefused, UnreadableShape
from edge import is_chunked
from reputation.intake import Incoming, emails

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


def read_whole(request: HttpRequest) -> bytes:
    """The body, up to INTAKE_MAX_BYTES, which is more than Django accepts, since e-mails contain
    pictures.

    Leaves the body where Django and django-anymail look for it. Raises MessageTooLarge.
    """
    most: int = settings.INTAKE_MAX_BYTES
    stream: Any = request.META["wsgi.input"] if is_chunked(request.META) else request
    body = bytes(stream.read(most + 1))
    if len(body) > most:
        raise MessageTooLarge(f"The message has more than {most} bytes.")
    request._body = body
    request._stream = BytesIO(body)
    return body


def is_signed() -> bool:
    """Whether the mail service signs its posts."""
    return settings.INTAKE_EMAIL_PROVIDER in SIGNING and bool(settings.INTAKE_EMAIL_SECRET)


def check_signature(request: HttpRequest) -> None:
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
        if not body.strip():
            raise UnreadableShape("The body is empty: post the message itself.")
        yield emails.incoming(body)
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
            yield emails.unreadable(body)
        else:
            yield emails.incoming(raw, envelope_sender=message.envelope_sender)


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
