"""Blocks of reporters with more reports than can be taken back at once."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import override

from reputation import moderation
from reputation.counting.rescoring import rescore
from reputation.decisions import RULES, taking
from reputation.models import AuditEntry, Number, PendingReports, Report, Reporter
from reputation.moderation import batches, restating
from reputation.reports import (
    ReporterBlocked,
    linking,
    mark_stopped,
    withdraw_all,
    withdraw_report,
)
from tests.given.decisions import everything
from tests.given.reporters import NOW, moderator, newcomer, numbered, say, veteran
from tests.given.voices import voice

pytestmark = pytest.mark.django_db

MANY = 7


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restating, "AT_ONCE", 3)


@pytest.fixture
def actor() -> User:
    return moderator()


@pytest.fixture
def gateway() -> Reporter:
    """Of seven numbers, of which others spoke too: before it, and after it."""
    first, last, gateway = veteran("first"), newcomer("last"), veteran("gateway")
    for who, places in ((first, (0, 1, 5)), (gateway, range(MANY)), (last, (1, 2, 6))):
        for place in places:
            say(who, number=numbered(place))
    return gateway


def block(reporter: Reporter, actor: User) -> AuditEntry:
    moderation.block_reporter(actor=actor, reporter=reporter, reason="r", now=NOW)
    return AuditEntry.objects.latest("id")


def live(reporter: Reporter) -> int:
    return Report.objects.live().filter(reporter=reporter).count()


def steps() -> Iterator[int]:
    while (taken := restating._step(NOW)) is not None:
        yield taken


def test_many_reports_are_taken_back_in_steps_and_come_to_the_same(
    gateway, actor, monkeypatch: pytest.MonkeyPatch
):
    before = everything()
    with monkeypatch.context() as patched:
        patched.setattr(restating, "AT_ONCE", MANY)
        entry = block(gateway, actor)
        at_once = everything()
        moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    assert not PendingReports.objects.exists()
    assert everything() == before
    entry = block(gateway, actor)
    gateway.refresh_from_db()
    assert (gateway.blocked_at, live(gateway)) == (NOW, MANY)
    assert entry.after["reports"] == list(
        Report.objects.filter(reporter=gateway).order_by("pk").values_list("pk", flat=True)
    )
    assert [(taken, live(gateway)) for taken in steps()] == [(3, 4), (3, 1), (1, 0)]
    assert everything() == at_once
    assert rescore(limit=MANY, now=NOW).differences == []


def test_who_is_blocked_reports_nothing_though_reports_still_count(gateway, actor):
    block(gateway, actor)
    with pytest.raises(ReporterBlocked):
        say(gateway, number=numbered(0))
    with pytest.raises(ReporterBlocked):
        say(gateway, number=numbered(MANY))
    assert restating.carry_out(now=NOW) == MANY
    assert restating.carry_out(now=NOW) == 0
    assert live(gateway) == 0


def test_what_others_report_between_two_steps_counts(gateway, actor):
    block(gateway, actor)
    assert restating._step(NOW) == 3
    for place in (0, 6):
        say(newcomer(f"late{place}"), number=numbered(place))
    restating.carry_out(now=NOW)
    assert Number.objects.get(key=numbered(0).key).reports == 2
    assert Number.objects.get(key=numbered(6).key).reports == 2
    assert rescore(limit=MANY, now=NOW).differences == []


def test_a_step_that_was_killed_is_taken_again(gateway, actor):
    block(gateway, actor)
    assert restating._step(NOW) == 3
    before = everything()
    with transaction.atomic():
        assert restating._step(NOW) == 3
        transaction.set_rollback(True)  # as PostgreSQL does of a killed worker
    assert (everything(), live(gateway)) == (before, 4)
    assert restating.carry_out(now=NOW) == 4
    assert rescore(limit=MANY, now=NOW).differences == []


def test_a_report_decided_on_or_withdrawn_meanwhile_stays_so(gateway, actor):
    block(gateway, actor)
    withdrawn, rejected = Report.objects.filter(reporter=gateway).order_by("-pk")[:2]
    withdraw_report(reporter=gateway, public_id=withdrawn.public_id, now=NOW)
    moderation.reject_report(actor=actor, report=rejected, reason="r", now=NOW)
    assert restating.carry_out(now=NOW) == MANY - 2
    entry = AuditEntry.objects.get(verb="block_reporter")
    moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    assert restating.carry_out(now=NOW) == MANY - 2
    for report, status in ((withdrawn, "withdrawn"), (rejected, "rejected")):
        report.refresh_from_db()
        assert report.status == status
    assert rescore(limit=MANY, now=NOW).differences == []


@pytest.mark.parametrize("at_once", [3, MANY])
def test_what_is_withdrawn_while_it_stands_rejected_does_not_come_back(
    gateway, actor, monkeypatch: pytest.MonkeyPatch, at_once: int
):
    monkeypatch.setattr(restating, "AT_ONCE", at_once)
    entry = block(gateway, actor)
    restating.carry_out(now=NOW)
    one, other, third = Report.objects.filter(reporter=gateway).order_by("pk")[:3]
    for _twice in range(2):
        withdraw_report(reporter=gateway, public_id=one.public_id, now=NOW)
    mark_stopped(reporter=gateway, public_id=other.public_id, now=NOW)
    undone = moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    if at_once < MANY:  # it waits for the worker
        withdraw_report(reporter=gateway, public_id=third.public_id, now=NOW)
    restating.carry_out(now=NOW)
    if at_once == MANY:
        withdraw_report(reporter=gateway, public_id=third.public_id, now=NOW)
    for report, status in ((one, "withdrawn"), (other, "settled"), (third, "withdrawn")):
        report.refresh_from_db()
        assert (report.status, report.returns_as) == (status, "")
    assert live(gateway) == MANY - 3
    changes = one.revisions.order_by("pk").values_list("change", "content__status")
    assert list(changes) == [
        ("rejected", "live"), ("withdrawn", "rejected"), ("withdrawn", "live"),
    ]  # fmt: skip
    assert rescore(limit=MANY, now=NOW).differences == []
    again = moderation.undo(actor=actor, entry=undone, reason="r", now=NOW)
    restating.carry_out(now=NOW)
    moderation.undo(actor=actor, entry=again, reason="r", now=NOW)
    restating.carry_out(now=NOW)
    assert live(gateway) == MANY - 3
    say(gateway, number=one.number.identity)
    assert live(gateway) == MANY - 2


def test_who_withdraws_all_gets_nothing_back(gateway, actor):
    entry = block(gateway, actor)
    restating.carry_out(now=NOW)
    before = everything()["numbers"]
    withdraw_all(reporter=gateway, now=NOW)
    assert everything()["numbers"] == before
    assert set(Report.objects.filter(reporter=gateway).values_list("status", flat=True)) == {
        "rejected"
    }
    moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    restating.carry_out(now=NOW)
    assert set(Report.objects.filter(reporter=gateway).values_list("status", flat=True)) == {
        "withdrawn"
    }
    assert rescore(limit=MANY, now=NOW).differences == []


def test_a_repetition_takes_the_withdrawal_back_and_not_the_rejection(gateway, actor):
    entry = block(gateway, actor)
    restating.carry_out(now=NOW)
    report = Report.objects.filter(reporter=gateway).order_by("pk")[0]
    withdraw_report(reporter=gateway, public_id=report.public_id, now=NOW)
    moderation.unblock_reporter(actor=actor, reporter=gateway, reason="r", now=NOW)
    assert say(gateway, number=report.number.identity).report.status == "rejected"
    unblocked = AuditEntry.objects.latest("id")
    moderation.undo(actor=actor, entry=unblocked, reason="r", now=NOW)
    moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    restating.carry_out(now=NOW)
    assert live(gateway) == MANY


def test_a_run_leaves_the_rest_to_the_next(gateway, actor, monkeypatch: pytest.MonkeyPatch):
    """Other jobs wait for the worker, too."""
    monkeypatch.setattr(restating, "STEPS", 2)
    block(gateway, actor)
    assert [restating.carry_out(now=NOW) for _run in range(3)] == [6, 1, 0]
    assert live(gateway) == 0


def test_an_undone_block_brings_all_back_in_steps(gateway, actor):
    before = everything()
    entry = block(gateway, actor)
    restating.carry_out(now=NOW)
    undone = moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    gateway.refresh_from_db()
    assert (gateway.blocked_at, live(gateway)) == (None, 0)
    say(gateway, number=numbered(MANY))
    assert [(taken, live(gateway)) for taken in steps()] == [(3, 4), (3, 7), (1, 8)]
    withdraw_report(reporter=gateway, public_id=Report.objects.latest("pk").public_id, now=NOW)
    moderation.undo(actor=actor, entry=undone, reason="r", now=NOW)
    assert restating.carry_out(now=NOW) == MANY
    again = AuditEntry.objects.latest("id")
    moderation.undo(actor=actor, entry=again, reason="r", now=NOW)
    restating.carry_out(now=NOW)
    Report.objects.filter(number__key=numbered(MANY).key).delete()
    Number.objects.filter(key=numbered(MANY).key).delete()
    assert everything() == before


def test_until_all_is_done_nothing_else_is_decided_about_the_reporter(gateway, actor):
    entry = block(gateway, actor)
    by = {"actor": actor, "reason": "r", "now": NOW}
    for decide in (
        lambda: moderation.unblock_reporter(reporter=gateway, **by),
        lambda: moderation.block_reporter(reporter=gateway, **by),
    ):
        with pytest.raises(restating.StillPending):
            decide()
    assert list(AuditEntry.objects.all()) == [entry]
    restating.carry_out(now=NOW)
    moderation.unblock_reporter(reporter=gateway, **by)


def test_a_decision_is_undone_while_it_is_carried_out(gateway, actor):
    """Also by a batch, which notes what is refused and does not try again."""
    before = everything()
    what = {"actor": actor, "reason": "r", "now": NOW}
    batch = batches.start(subject="reporter", verb="block_reporter", targets=[gateway.pk], **what)
    batches.advance(batch=batch, now=NOW)
    assert restating._step(NOW) == 3
    batch = batches.advance_undo(batch=batches.start_undo(batch=batch, **what), now=NOW)
    assert (batch.undo_failures, live(gateway)) == ({}, MANY)
    assert (restating.carry_out(now=NOW), everything()) == (0, before)


def test_a_batch_waits_for_what_an_earlier_decision_left(gateway, actor):
    block(gateway, actor)
    last = Reporter.objects.get(handle="last")
    what = {"actor": actor, "reason": "r", "now": NOW}
    both = [gateway.pk, last.pk]
    batch = batches.start(subject="reporter", verb="block_reporter", targets=both, **what)
    with override("zh-hans"), pytest.raises(restating.StillPending, match="重新计入"):
        batches.advance(batch=batch, now=NOW)
    batch.refresh_from_db()
    assert (batch.done, batch.failures, batch.finished_at) == (0, {}, None)
    batches.go_on(now=NOW)
    batch.refresh_from_db()
    assert (batch.done, batch.is_over, batch.left_to_worker) == (0, False, True)
    restating.carry_out(now=NOW)
    batches.go_on(now=NOW)  # whether its page is open or not
    batch.refresh_from_db()
    assert (batch.done, batch.failures, batch.finished_at) == (2, {}, NOW)
    assert (batch.left_to_worker, batches.go_on(now=NOW)) == (False, 0)
    last.refresh_from_db()
    assert last.blocked_at == NOW


def test_a_batch_that_is_taken_back_waits_for_what_a_later_decision_left(gateway, actor):
    what = {"actor": actor, "reason": "r", "now": NOW}
    batch = batches.start(subject="reporter", verb="block_reporter", targets=[gateway.pk], **what)
    batch = batches.advance(batch=batch, now=NOW)
    restating.carry_out(now=NOW)
    moderation.unblock_reporter(reporter=gateway, **what)
    for place in range(4):
        say(gateway, number=numbered(MANY + place))
    block(gateway, actor)
    batch = batches.start_undo(batch=batch, **what)
    with pytest.raises(restating.StillPending):
        batches.advance_undo(batch=batch, now=NOW)
    batch.refresh_from_db()
    assert (batch.undone, batch.undo_failures, batch.undo_finished_at) == (0, {}, None)
    restating.carry_out(now=NOW)
    batches.go_on(now=NOW)
    batch.refresh_from_db()
    assert (batch.undone, batch.undo_failures, batch.undo_finished_at) == (1, {}, NOW)


def test_undoing_is_undone_while_it_is_carried_out(gateway, actor):
    before, by = everything(), {"actor": actor, "reason": "r", "now": NOW}
    entry = block(gateway, actor)
    restating.carry_out(now=NOW)
    blocked = everything()
    undone = moderation.undo(entry=entry, **by)
    assert restating._step(NOW) == 3
    again = moderation.undo(entry=undone, **by)
    assert (restating.carry_out(now=NOW), everything()) == (0, blocked)
    back = batches.preview(actor=actor, subject="entry", verb="undo", targets=[again.pk], now=NOW)
    moderation.undo(entry=again, **by)
    restating.carry_out(now=NOW)
    assert everything() == before
    for effect in back.effects:
        assert effect.after.score == Number.objects.get(pk=effect.number.pk).score
    assert rescore(limit=MANY, now=NOW).differences == []


def test_an_undo_that_others_wait_behind_is_refused(gateway, actor):
    """What the later decision brings back would stay out for good."""
    by = {"actor": actor, "reason": "r", "now": NOW}
    block(gateway, actor)
    restating.carry_out(now=NOW)
    moderation.unblock_reporter(reporter=gateway, **by)
    unblocked = AuditEntry.objects.latest("id")
    for place in range(4):
        say(gateway, number=numbered(MANY + place))
    moderation.undo(entry=block(gateway, actor), **by)
    restating.carry_out(now=NOW)
    entry = block(gateway, actor)
    restating.carry_out(now=NOW)
    moderation.undo(entry=entry, **by)
    with pytest.raises(restating.StillPending):
        moderation.undo(entry=unblocked, **by)


def test_a_preview_tells_of_some_numbers_what_they_will_be(gateway, actor):
    rule = RULES["reporter"]["block_reporter"]
    actor.is_superuser = True
    before = everything()
    one = taking.preview(rule=rule, subject=gateway, given={}, actor=actor, now=NOW)
    many = batches.preview(
        actor=actor,
        subject="reporter",
        verb="block_reporter",
        targets=[gateway.pk],
        now=NOW,
    )
    assert one == many
    assert everything() == before
    entry = block(gateway, actor)
    restating.carry_out(now=NOW)
    for effect in many.effects:
        number = Number.objects.get(pk=effect.number.pk)
        after = effect.after
        assert (after.action, after.status, after.score) == (
            number.action, number.status, number.score,
        )  # fmt: skip
    assert len(many.effects) + many.left == MANY
    back = batches.preview(actor=actor, subject="entry", verb="undo", targets=[entry.pk], now=NOW)
    assert {e.number.pk: e.after for e in back.effects} == {
        e.number.pk: e.before for e in many.effects
    }


def test_a_preview_tells_nothing_of_what_an_earlier_decision_left_for_later(gateway, actor):
    block(gateway, actor)
    last = Reporter.objects.get(handle="last")
    what = {"actor": actor, "subject": "reporter", "verb": "block_reporter"}
    seen = batches.preview(**what, targets=[last.pk], now=NOW)
    block(last, actor)
    for effect in seen.effects:
        assert effect.error == ""
        assert effect.after.score == Number.objects.get(pk=effect.number.pk).score
    seen = batches.preview(**what, targets=[gateway.pk], now=NOW)
    assert {effect.error for effect in seen.effects} == {str(restating.StillPending())}
    assert all(effect.before == effect.after for effect in seen.effects)


def test_voices_are_not_linked_while_reports_of_one_are_brought_back(actor):
    """Of two reports on a number one stands, and the other could not be brought back."""
    person, phone = voice("person"), voice("sms")
    for place in range(MANY):
        say(phone, number=numbered(place))
    entry = block(phone, actor)
    restating.carry_out(now=NOW)
    say(person, number=numbered(0))
    moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    with pytest.raises(linking.ReportsPending):
        linking.merge_reporters(into=person, other=phone, now=NOW)
    restating.carry_out(now=NOW)
    linking.merge_reporters(into=person, other=phone, now=NOW)
    assert live(person) == MANY


def test_voices_are_not_parted_while_reports_are_taken_back(actor):
    """A report that the link merged into another is not among those to take back."""
    person, phone = voice("person"), voice("sms")
    for place in range(MANY):
        say(phone, number=numbered(place))
    say(person, number=numbered(0))
    linking.merge_reporters(into=person, other=phone, now=NOW)
    block(person, actor)
    phone.refresh_from_db()
    with pytest.raises(restating.StillPending):
        moderation.unlink_reporter(actor=actor, reporter=phone, reason="r", now=NOW)
    restating.carry_out(now=NOW)
    moderation.unlink_reporter(actor=actor, reporter=phone, reason="r", now=NOW)
    assert not Report.objects.live().exists()
