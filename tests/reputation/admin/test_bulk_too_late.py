"""Many decisions at once, while other moderators decide on some of the rows or have them."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reputation.identity import Identity
from reputation.models import AuditEntry, DecisionBatch, Number, Report, Reporter
from reputation.moderation import batches, clear_number, confirm_number, unblock_reporter
from reputation.moderation.roles import SENIOR
from tests.given.reporters import DAY, newcomer, numbered, say
from tests.given.rows import a_queue_item
from tests.given.staff import signed_in, staff, text

pytestmark = pytest.mark.django_db

PANEL = "/admin/reputation/decisionbatch"


def three() -> list[Identity]:
    reporter = newcomer("one")
    return [say(reporter, number=numbered(n)).number.identity for n in range(3)]


def by(who: User, **more: Any) -> dict[str, Any]:
    return {"actor": who, "reason": "Called it.", "now": timezone.now()} | more


def begun(actor: User, subject: str, verb: str, targets: Any) -> DecisionBatch:
    return batches.start(subject=subject, verb=verb, targets=targets, **by(actor))


def test_what_another_decided_since_the_preview_is_named_and_nothing_begins():
    keys = three()
    client, other = signed_in(staff(SENIOR, "anna")), staff(SENIOR, "bert")
    form = {"subject": "number", "verb": "confirm_number", "reason": "A list of the police."}
    form["targets"] = " ".join(str(pk) for pk in Number.objects.values_list("pk", flat=True))
    seen = client.post(f"{PANEL}/preview/", form).context
    form |= {"batch": str(seen["batch_id"]), "newest": str(seen["newest"])}
    clear_number(identity=keys[0], **by(other))
    late = client.post(f"{PANEL}/start/", form)
    assert "Decided since you opened this page, by bert" in text(late)
    assert "A list of the police." in text(late)
    assert not DecisionBatch.objects.exists()
    form |= {"batch": str(late.context["batch_id"]), "newest": str(late.context["newest"])}
    for _turn in range(2):  # a double click
        assert client.post(f"{PANEL}/start/", form).status_code == 302
    assert DecisionBatch.objects.count() == 1


def test_a_batch_passes_over_what_another_decided_while_it_waited():
    keys = three()
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    batch = begun(anna, "number", "confirm_number", Number.objects.values_list("pk", flat=True))
    clear_number(identity=keys[1], **by(bert))
    batch = batches.advance(batch=batch, now=timezone.now())
    stands = {number.key: number.moderated for number in Number.objects.all()}
    assert [stands[key.key] for key in keys] == [1, -1, 1]
    assert [why for _row, why in batches.failures(batch)] == [
        "Something was decided since, or has ended. Take that back first, or decide anew."
    ]


def test_a_batch_passes_over_what_another_has():
    three()
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    taken, assigned, free = Number.objects.order_by("key")
    a_queue_item(number=taken, claimed_by=bert, claimed_until=timezone.now() + DAY)
    a_queue_item(number=assigned, assigned_to=bert)
    said = {"subject": "number", "verb": "confirm_number", "targets": [taken.pk, free.pk]}
    told = batches.preview(actor=anna, now=timezone.now(), **said).effects
    assert {each.number: each.error for each in told} == {
        taken: "Another moderator has this.", free: ""}  # fmt: skip
    rows = Report.objects.values_list("pk", flat=True)
    for subject, verb, targets in (
        ("number", "confirm_number", [taken.pk, assigned.pk, free.pk]),
        ("report", "hide_report", rows),
    ):
        batch = begun(anna, subject, verb, targets)
        batch = batches.advance(batch=batch, now=timezone.now())
        assert (batch.done, len(batch.failures)) == (3, 2)
    assert set(AuditEntry.objects.values_list("number", flat=True)) == {free.pk}
    hold = begun(anna, "number", "hold_number", [taken.pk, assigned.pk])
    assert batches.advance(batch=hold, now=timezone.now()).failures == {}


def test_of_reporters_only_those_are_passed_over_whom_another_decided_on():
    said = [say(newcomer(name)).report.reporter for name in ("one", "two", "three")]
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    batch = begun(anna, "reporter", "block_reporter", [each.pk for each in said])
    unblock_reporter(reporter=said[0], **by(bert))
    a_queue_item(kind="reporter", subject_id=said[1].pk, reporter=said[1], assigned_to=bert)
    batch = batches.advance(batch=batch, now=timezone.now())
    assert set(batch.failures) == {str(said[0].pk), str(said[1].pk)}
    blocked = Reporter.objects.exclude(blocked_at=None)
    assert set(blocked.values_list("pk", flat=True)) == {said[2].pk}


def test_what_an_account_decides_after_the_preview_is_not_taken_back_with_the_rest():
    keys = three()
    client, account = signed_in(staff(SENIOR, "anna")), staff(SENIOR, "taken")
    confirm_number(identity=keys[0], **by(account))
    asked = {"account": str(account.pk)}
    shown = client.get(f"{PANEL}/rollback/", asked).context
    confirm_number(identity=keys[1], **by(account))
    form = asked | {"preset": "1", "newest": shown["newest"], "drawn": str(shown["drawn"])}
    answers = [client.post(f"{PANEL}/rollback/", form) for _click in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    first = AuditEntry.objects.earliest("id").pk
    assert DecisionBatch.objects.get().targets == [first]
    other = form | {"drawn": str(uuid4()), "newest": str(first + 10)}
    assert client.post(f"{PANEL}/rollback/", other).status_code == 302
