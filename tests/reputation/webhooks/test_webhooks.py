"""Webhooks: what they are told, signed, again until it is taken, and no longer than that."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.utils import translation

from edge.outgoing import RequestFailed
from reputation import webhooks
from reputation.faults import in_words
from reputation.models import AuditEntry, Dispute, QueueItem, Webhook
from reputation.moderation import chaining, confirm_number, queue, undo
from reputation.webhooks import events, sending
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, NOW, SCAMMER, moderator, newcomer, say

pytestmark = pytest.mark.django_db

URL = "https://tools.example.org/ringscore"
MINUTE = timedelta(minutes=1)


class Receiver:
    """An address on which somebody listens, and answers with `status`."""

    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.got: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, url, headers, body) -> int:
        assert url == URL
        self.got.append((dict(headers), body))
        if not self.status:
            raise RequestFailed("nobody is there")
        return self.status

    @property
    def events(self) -> list[str]:
        return [each["type"] for _, body in self.got for each in json.loads(body)["events"]]


def happen() -> None:
    """An item, a decision, and a deadline that is near."""
    number = say(newcomer("a")).number
    say(newcomer("b"))
    a_dispute(number=number, deadline_at=NOW + DAY)
    queue.refresh(now=NOW)
    confirm_number(actor=moderator("anna"), identity=SCAMMER, reason="Anna said so.", now=NOW)
    chaining.chain()


def test_what_happened_is_told_once_signed_and_without_words():
    webhook, secret = webhooks.add(url=URL, events=Webhook.Event.values, now=NOW)
    happen()
    receiver = Receiver()
    assert webhooks.send_due(now=NOW, post=receiver).messages == 1
    assert receiver.events == ["item.waiting"] * 2 + ["decision.taken", "dispute.deadline"]
    ((headers, body),) = receiver.got
    about = {"kind": "number", "id": SCAMMER.key}
    decision = json.loads(body)["events"][2]
    assert (decision["verb"], decision["by"], decision["subject"]) == (
        "confirm_number",
        "anna",
        about,
    )
    assert b"Anna said so" not in body
    # As the Standard Webhooks have it, by hand.
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert webhooks.send_due(now=NOW + MINUTE, post=receiver).messages == 0
    webhook.refresh_from_db()
    assert secret.encode() not in bytes(webhook.sealed)


def test_each_event_is_told_whole():
    webhooks.add(url=URL, events=Webhook.Event.values, now=NOW)
    happen()
    receiver = Receiver()
    webhooks.send_due(now=NOW, post=receiver)
    dispute, entry = Dispute.objects.get(), AuditEntry.objects.get()
    at, tomorrow, about = "2026-11-24T12:00:00Z", "2026-11-25T12:00:00Z", {"number": SCAMMER.key}
    number = {"kind": "number", "id": SCAMMER.key}
    disputed = {"kind": "dispute", "id": str(dispute.public_id)}
    kinds = dict(QueueItem.objects.order_by("id").values_list("id", "kind"))
    assert sorted(kinds.values()) == ["dispute", "number"]
    [told] = [json.loads(body) for _, body in receiver.got]
    assert told == {
        "events": [
            *(
                {"id": f"item-{item}", "type": "item.waiting", "at": at, "item": item, "kind": kind}
                | {"subject": disputed if kind == "dispute" else number}
                | about
                for item, kind in kinds.items()
            ),
            {"id": f"decision-{entry.pk}", "type": "decision.taken", "at": at, "decision": entry.pk}
            | {"verb": "confirm_number", "by": "anna", "subject": number, "undoes": 0}
            | about,
            {"id": f"deadline-{dispute.public_id}", "type": "dispute.deadline", "at": tomorrow}
            | {"subject": disputed}
            | about,
        ]
    }


def test_a_deadline_is_told_once_when_it_is_near():
    webhooks.add(url=URL, events=["deadline"], now=NOW)
    say(newcomer("a"))
    a_dispute(deadline_at=NOW + events.AHEAD + DAY)
    receiver = Receiver()
    for day, told in ((0, 0), (1, 1), (2, 1)):
        webhooks.send_due(now=NOW + day * DAY, post=receiver)
        assert len(receiver.events) == told


def test_more_than_fits_a_message_is_told_in_several_of_one_run(monkeypatch):
    monkeypatch.setattr(events, "AT_ONCE", 1)
    webhooks.add(url=URL, events=["item"], now=NOW)
    happen()
    receiver = Receiver()
    assert webhooks.send_due(now=NOW, post=receiver) == sending.Sent(messages=2, failed=0)
    (one, _), (two, _) = receiver.got
    assert receiver.events == ["item.waiting"] * 2
    assert one["webhook-id"] != two["webhook-id"]


def test_only_what_was_asked_for_and_what_came_after():
    happen()
    webhooks.add(url=URL, events=["item", "decision"], now=NOW)
    receiver = Receiver()
    webhooks.send_due(now=NOW, post=receiver)
    assert receiver.events == []
    entry = AuditEntry.objects.get()
    undo(actor=entry.actor, entry=entry, reason="A slip.", now=NOW)
    chaining.chain()
    webhooks.send_due(now=NOW, post=receiver)
    assert receiver.events == ["decision.taken"]
    assert json.loads(receiver.got[0][1])["events"][0]["undoes"] == entry.pk


@pytest.mark.parametrize("status", [0, 302])
def test_what_is_not_taken_comes_again_later_and_later_until_it_is_given_up(status: int):
    webhooks.add(url=URL, events=["item"], now=NOW)
    happen()
    receiver, now = Receiver(status), NOW
    webhooks.send_due(now=now, post=receiver)
    webhooks.send_due(now=now + MINUTE / 2, post=receiver)
    assert len(receiver.got) == 1
    while Webhook.objects.get().disabled_at is None:
        due = Webhook.objects.get().due_at
        assert due - now <= sending.LONGEST
        now = due
        webhooks.send_due(now=now, post=receiver)
    webhook = Webhook.objects.get()
    assert (len(receiver.got), webhook.failures) == (sending.ATTEMPTS, sending.ATTEMPTS)
    told = in_words(webhook.problem, webhook.problem_of)
    assert told in ("nobody is there", f"The server answered {status}.")
    assert DAY < now - NOW < 4 * DAY
    receiver.status = 200
    webhooks.send_due(now=now + DAY, post=receiver)
    assert len(receiver.got) == sending.ATTEMPTS
    call_command("webhook", "enable", URL)
    webhooks.send_due(now=now + DAY, post=receiver)
    # Nothing was lost, and a receiver that had taken it knows it again.
    assert receiver.got[-1][1] == receiver.got[0][1]
    assert receiver.got[-1][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]


def test_once_it_is_taken_nothing_is_left_of_a_failure():
    webhooks.add(url=URL, events=["item"], now=NOW)
    happen()
    webhooks.send_due(now=NOW, post=Receiver(500))
    webhook = Webhook.objects.get()
    assert (webhook.failures, webhook.due_at, webhook.sent_at) == (1, NOW + MINUTE, None)
    assert webhook.problem_of == {"status": "500"}
    webhooks.send_due(now=NOW + MINUTE, post=Receiver())
    webhook = Webhook.objects.get()
    assert (webhook.failures, webhook.due_at, webhook.sent_at) == (0, None, NOW + MINUTE)
    assert (webhook.problem, webhook.problem_of) == ("", {})


def test_who_did_not_answer_is_asked_after_the_others():
    """Ten receivers that hang would hold up those behind them for minutes, at each run."""
    told = []
    for name in ("hangs", "answers"):
        webhooks.add(url=f"https://{name}.example/", events=["item"], now=NOW)
    Webhook.objects.filter(url="https://hangs.example/").update(failures=1)
    happen()

    def post(url: str, *_message: object) -> int:
        told.append(url)
        return 200

    webhooks.send_due(now=NOW, post=post)
    assert told == ["https://answers.example/", "https://hangs.example/"]


def test_who_is_gone_is_told_no_more():
    webhooks.add(url=URL, events=["item"], now=NOW)
    happen()
    webhooks.send_due(now=NOW, post=Receiver(410))
    assert Webhook.objects.get().disabled_at == NOW


@pytest.mark.parametrize(
    "url",
    [
        "http://tools.example.org/",
        "https://tools.example.org:8443/",
        "https://user:secret@tools.example.org/",
        "https://tools.example.org/?token=a",
        "https://tools.example.org/\r\nX: y",
        "https://[::1/",
        "https://tools..example/",
        "https://127.0.0.1/",
        "https://[fd00::1]/",
        f"https://{'a' * 64}.example/",
        "tools.example.org",
        "",
    ],
)
def test_an_address_that_no_message_goes_to(url: str):
    with pytest.raises(webhooks.UnusableAddress):
        webhooks.add(url=url, events=["item"], now=NOW)


def test_a_secret_that_no_key_opens_keeps_no_other_from_being_told():
    webhooks.add(url="https://broken.example/", events=["item"], now=NOW)
    Webhook.objects.update(sealed=b"of another key")
    webhooks.add(url=URL, events=["item"], now=NOW)
    happen()
    receiver = Receiver()
    sent = webhooks.send_due(now=NOW, post=receiver)
    assert (sent.messages, sent.failed, receiver.events) == (1, 1, ["item.waiting"] * 2)


def test_no_message_goes_into_our_own_network():
    webhooks.add(url="https://localhost/", events=["item"], now=NOW)
    happen()
    assert webhooks.send_due(now=NOW).failed == 1
    webhook = Webhook.objects.get()
    told = "localhost has no address on the public internet"
    assert in_words(webhook.problem, webhook.problem_of) == told
    with translation.override("zh-hans"):
        assert in_words(webhook.problem, webhook.problem_of) == "localhost 没有公共互联网上的地址"


def test_an_address_is_told_by_one_webhook_of_events_that_there_are():
    webhooks.add(url=URL, events=["item"], now=NOW)
    for url, chosen in ((URL, ["item"]), (URL + "/2", []), (URL + "/2", ["love"])):
        with pytest.raises(webhooks.UnusableAddress):
            webhooks.add(url=url, events=chosen, now=NOW)
    with pytest.raises(IntegrityError, match="webhook_events_known"):
        Webhook.objects.update(events=["love"])
