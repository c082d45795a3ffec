"""Messages to webhooks, signed as the Standard Webhooks have it (standardwebhooks.com).

`webhook-signature` is `v1,` and the base64 of an HMAC-SHA-256 over id, timestamp and body, joined
by dots. A message comes again until the receiver answers 2xx, later and later each time; after
ATTEMPTS in a row, or 410, the webhook is disabled, and the panel says so.
"""

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from django.utils.translation import gettext_noop

from edge import outgoing
from reputation.models import Webhook
from reputation.webhooks.events import news
from reputation.webhooks.subscribing import secret_of, split

logger = logging.getLogger(__name__)

SECONDS: Final = 10.0  # for all of one attempt
MOST_BYTES: Final = 100_000  # of an answer's head; what follows it nobody reads
# From a minute, doubled each time, to LONGEST: between two and three days together.
FIRST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=6)
ATTEMPTS: Final = 18
# Messages to one address in one run.
MESSAGES: Final = 10
GONE: Final = 410

# Takes an address, headers and a body; returns the status. Raises outgoing.RequestFailed.
type Post = Callable[[str, Mapping[str, str], bytes], int]


@dataclass(frozen=True, slots=True)
class Sent:
    messages: int = 0
    failed: int = 0


def send_due(*, now: datetime, post: Post | None = None) -> Sent:
    """Sends what happened to all addresses that are due. For one process at a time.

    Those that failed come last: each that hangs would hold up the others for SECONDS.
    """
    messages = failed = 0
    due = Webhook.objects.filter(disabled_at=None).exclude(due_at__gt=now)
    for webhook in due.order_by("failures", "id"):
        for _turn in range(MESSAGES):
            try:
                sent = _send(webhook, now, post or _post)
            except Exception:  # whatever it is (a secret that no key opens), the others are told
                # Not the address: the paths of chats are secrets.
                logger.exception("webhook %d was told nothing", webhook.pk)
                sent = False
            messages += sent is True
            failed += sent is False
            if not sent:
                break
    return Sent(messages, failed)


def _send(webhook: Webhook, now: datetime, post: Post) -> bool | None:
    """Whether the next message was taken; None when there is nothing to tell."""
    found = news(webhook, now=now)
    if not found.events:
        Webhook.objects.filter(pk=webhook.pk).update(**found.seen)
        return None
    body = orjson.dumps({"events": found.events})
    status = 0
    try:
        status = post(webhook.url, headers(webhook, body, now=now), body)
    except outgoing.RequestFailed as error:
        problem, of = error.sentence, error.of
    else:
        problem, of = gettext_noop("The server answered %(status)s."), {"status": str(status)}
    if 200 <= status < 300:
        changed = {**found.seen, "sent_at": now, "failures": 0, "due_at": None}
        changed |= {"problem": "", "problem_of": {}}
    else:
        failures = webhook.failures + 1
        ends = status == GONE or failures >= ATTEMPTS
        changed = {
            "failures": failures,
            "problem": problem,
            "problem_of": of,
            "due_at": now + min(FIRST * 2 ** (failures - 1), LONGEST),
            "disabled_at": now if ends else None,
        }
    for name, value in changed.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=list(changed))
    return 200 <= status < 300


def headers(webhook: Webhook, body: bytes, *, now: datetime) -> dict[str, str]:
    """The headers of a message. Its id follows from its content: the same again has the same id."""
    message = hashlib.sha256(webhook.url.encode() + b"\0" + body).hexdigest()[:32]
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret_of(webhook), message, timestamp, body),
    }


def signature(secret: bytes, message: str, timestamp: str, body: bytes) -> str:
    """The value of the header `webhook-signature`."""
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def _post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    host, path = split(url)
    answer = outgoing.request(
        host=host,
        path=path,
        method="POST",
        headers=headers,
        body=body,
        seconds=SECONDS,
        most_bytes=MOST_BYTES,
        head_only=True,
    )
    return answer.status
