"""The subscribed addresses. The operator adds them, and gives each team its secret."""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import Max

from edge import outgoing
from reputation.models import AuditDigest, QueueItem, Webhook
from reputation.privacy import seal, unseal

# As the Standard Webhooks write a secret: this, and 24 to 64 bytes in base64.
PREFIX = "whsec_"
SECRET_BYTES = 32


class UnusableAddress(ValueError):
    """No message can go to this address. The message names the remedy."""


class WebhookNotFound(LookupError):
    """No webhook has this address."""


def add(*, url: str, events: Collection[str], now: datetime) -> tuple[Webhook, str]:
    """Tells this address of `events` (Webhook.Event) from now on. Returns the secret that signs.

    Raises UnusableAddress.
    """
    host, _path = split(url)
    if not outgoing.may_be_public(host):
        raise UnusableAddress("Give an address on the public internet: messages go nowhere else.")
    if not events or not set(events) <= set(Webhook.Event.values):
        raise UnusableAddress(f"Choose events among: {', '.join(Webhook.Event.values)}.")
    if Webhook.objects.filter(url=url).exists():
        raise UnusableAddress("This address is told already. Remove it first.")
    secret = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    webhook = Webhook(url=url, events=sorted(set(events)), added_at=now, seen_deadline=now)
    webhook.sealed = seal(secret.encode(), bound=webhook.bound)
    webhook.seen_item = QueueItem.objects.aggregate(last=Max("id"))["last"] or 0
    webhook.seen_decision = AuditDigest.objects.aggregate(last=Max("position"))["last"] or 0
    webhook.save()
    return webhook, secret


def remove(*, url: str) -> None:
    """Tells this address nothing more. Raises WebhookNotFound."""
    found(url).delete()


def enable(*, url: str) -> Webhook:
    """Tries an address again that was disabled: with all that happened since. Raises
    WebhookNotFound."""
    webhook = found(url)
    webhook.failures, webhook.problem, webhook.due_at, webhook.disabled_at = 0, "", None, None
    webhook.problem_of = {}
    webhook.save(update_fields=["failures", "problem", "problem_of", "due_at", "disabled_at"])
    return webhook


def found(url: str) -> Webhook:
    webhook = Webhook.objects.filter(url=url).first()
    if webhook is None:
        raise WebhookNotFound("There is no webhook with this address.")
    return webhook


def split(url: str) -> tuple[str, str]:
    """The host and the path of an address. Raises UnusableAddress."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")  # as it is looked up: no label is empty, or too long
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme != "https" or not host or port not in (None, 443) or not plain:
        raise UnusableAddress("Give an address that begins with https://, without a port.")
    if parts.username or parts.query or parts.fragment:
        # Secrets in addresses end up in logs; the signature says who sends.
        raise UnusableAddress("Give the address without a user, a query and a fragment.")
    return host, parts.path or "/"


def secret_of(webhook: Webhook) -> bytes:
    """The bytes that sign. Raises SealBroken."""
    secret = unseal(bytes(webhook.sealed), bound=webhook.bound).decode()
    return base64.b64decode(secret.removeprefix(PREFIX))
