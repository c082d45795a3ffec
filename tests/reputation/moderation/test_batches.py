"""Decisions on many rows: seen beforehand, taken in steps, resumed, taken back."""

import pytest
from django.contrib.auth.models import User
from django.utils.translation import override

from reputation.counting.rescoring import rescore
from reputation.identity import Identity, identify
from reputation.models import AuditEntry, DecisionBatch, Number, Report, Reporter
from reputation.moderation import ReasonMissing, block_cluster, clear_number, undo
from reputation.moderation import batches as bulk
from reputation.moderation.batches import BatchError, verbs
from reputation.moderation.previews import PublicAnswer
from tests.given.decisions import everything
from tests.given.reporters import DAY, NOW, SCAMMER, crowd, moderator, newcomer, row, say, veteran

pytestmark = pytest.mark.django_db


def targets(count: int) -> list[Identity]:
    return [identify(f"+49309018{n:02}") for n in range(count)]


def brigade(accounts: int, numbers: int) -> list[int]:
    """Reports by that many accounts of one network on each of so many numbers."""
    for n in range(accounts):
        liar = newcomer(f"liar{n}")
        for number in targets(numbers):
            say(liar, number=number, network="one")
    return list(Report.objects.filter(network="one").values_list("pk", flat=True))


def reject(ids: list[int], **more) -> DecisionBatch:
    more.setdefault("actor", User.objects.first() or moderator())
    said = {"subject": "report", "verb": "reject_report", "targets": ids, "reason": "a brigade"}
    return bulk.start(**said | {"now": NOW} | more)


@pytest.mark.slow
def test_a_brigade_is_rejected_in_steps_and_brought_back():
    ids = brigade(4, 3)
    before = everything()
    batch = reject(ids[::-1])
    assert everything() == before
    batch = bulk.advance(batch=batch, now=NOW, limit=5)
    assert (batch.done, batch.finished_at) == (5, None)
    # A step may end within a number's reports; the next goes on with the rest of them.
    while batch.finished_at is None:
        batch = bulk.advance(batch=batch, now=NOW, limit=5)
    assert (batch.done, batch.failures) == (12, {})
    assert set(Report.objects.values_list("status", flat=True)) == {"rejected"}
    assert AuditEntry.objects.filter(batch=batch, verb="reject_report").count() == 12
    assert rescore(limit=10, now=NOW).differences == []

    other = moderator("other")
    batch = bulk.start_undo(actor=other, batch=batch, reason="they were honest", now=NOW)
    while batch.undo_finished_at is None:
        batch = bulk.advance_undo(batch=batch, now=NOW, limit=5)
    assert (batch.undone, batch.undo_failures) == (12, {})
    assert everything() == before
    taken_back = AuditEntry.objects.filter(batch=batch, verb="undo")
    assert taken_back.count() == 12
    assert set(taken_back.values_list("actor__username", "reason")) == {
        ("other", "they were honest")
    }
    with pytest.raises(BatchError, match="taken back before"):
        bulk.start_undo(actor=other, batch=batch, reason="again", now=NOW)


def test_a_batch_that_breaks_holds_up_no_other(monkeypatch: pytest.MonkeyPatch):
    say(newcomer("a"))
    number, actor = Number.objects.get().pk, moderator()
    for verb in ("confirm_number", "hold_number"):
        said = {"subject": "number", "verb": verb, "targets": [number], "reason": "r"}
        bulk.start(actor=actor, now=NOW, **said)
    DecisionBatch.objects.update(left_to_worker=True)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setitem(verbs.VERBS, ("number", "confirm_number"), broken)
    DecisionBatch.objects.filter(verb="confirm_number").update(created_at=NOW - DAY)
    with pytest.raises(RuntimeError):
        bulk.go_on(now=NOW)
    assert DecisionBatch.objects.get(finished_at=NOW).verb == "hold_number"
    assert DecisionBatch.objects.get(finished_at=None).left_to_worker


def test_numbers_are_decided_whose_keys_nobody_would_file_today():
    """A plan changes, and what was a number once is none now. What is on record is decided on."""
    say(newcomer("a"))
    Number.objects.update(key="+86138123")
    batch = bulk.start(
        actor=moderator(),
        subject="number",
        verb="clear_number",
        targets=Number.objects.values_list("pk", flat=True),
        reason="called it",
        now=NOW,
    )
    assert bulk.advance(batch=batch, now=NOW).failures == {}
    assert Number.objects.get().moderated == -1


def test_a_batch_that_is_stopped_half_way_decides_no_more():
    ids = brigade(2, 3)
    batch = bulk.advance(batch=reject(ids), now=NOW, limit=2)
    bulk.start_undo(actor=moderator("other"), batch=batch, reason="stop", now=NOW)
    assert bulk.advance(batch=batch, now=NOW).done == 2
    batch = bulk.advance_undo(batch=batch, now=NOW)
    assert (batch.undone, Report.objects.live().count()) == (2, 6)


def test_a_batch_whose_page_was_closed_stays_where_it_is():
    batch = bulk.advance(batch=reject(brigade(2, 3)), now=NOW, limit=2)
    assert (bulk.go_on(now=NOW), Report.objects.live().count()) == (0, 4)
    DecisionBatch.objects.filter(pk=batch.pk).update(left_to_worker=True)
    stopped = bulk.start_undo(actor=moderator("other"), batch=batch, reason="stop", now=NOW)
    assert (bulk.go_on(now=NOW), stopped.left_to_worker) == (0, False)


def test_the_worker_goes_on_in_several_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk.steps, "STEPS", 1)
    ids = brigade(2, 3)
    for some in (ids[:2], ids[2:]):
        reject(some)
    DecisionBatch.objects.update(left_to_worker=True)  # as when a request was killed
    assert [bulk.go_on(now=NOW) for _run in range(3)] == [1, 1, 0]
    assert not DecisionBatch.objects.exclude(finished_at=NOW, left_to_worker=False).exists()
    assert not Report.objects.live().exists()


@pytest.mark.parametrize("ended", [{"is_active": False}, {"is_superuser": False}])
def test_a_batch_of_an_account_that_was_closed_or_lost_its_role_decides_no_more(
    ended: dict[str, bool],
):
    """Neither the worker nor whoever opens the page of a thief's batch finishes it."""
    ids, thief, other = brigade(2, 3), moderator("thief"), moderator("other")
    batch = bulk.advance(batch=reject(ids, actor=thief), now=NOW, limit=2)
    User.objects.filter(pk=thief.pk).update(**ended)
    batch = bulk.advance(batch=batch, now=NOW)
    assert (batch.done, batch.finished_at, Report.objects.live().count()) == (2, NOW, 4)
    batch = bulk.start_undo(actor=other, batch=batch, reason="stolen", now=NOW)
    batch = bulk.advance_undo(batch=batch, now=NOW, limit=1)
    User.objects.filter(pk=other.pk).update(**ended)
    batch = bulk.advance_undo(batch=batch, now=NOW)
    assert (batch.undone, batch.undo_finished_at, Report.objects.live().count()) == (1, NOW, 5)


def test_the_preview_says_what_comes_and_changes_nothing():
    crowd(3)
    reports = [report.pk for report in Report.objects.all()]
    before = everything()
    actor = moderator()
    seen = bulk.preview(
        actor=actor, subject="report", verb="reject_report", targets=reports, now=NOW
    )
    assert everything() == before
    assert not AuditEntry.objects.exists()
    [effect] = seen.effects
    assert (effect.number, effect.rows, effect.before, seen.left) == (
        row(),
        3,
        PublicAnswer(row().action, row().status, row().score),
        0,
    )
    bulk.advance(batch=reject(reports, actor=actor), now=NOW)
    assert effect.after == PublicAnswer(row().action, row().status, row().score)
    assert effect.after == PublicAnswer("allow", "unknown", 0)


@pytest.mark.parametrize("verb", ["confirm_number", "clear_number"])
def test_numbers_are_decided_in_bulk(verb: str):
    brigade(1, 4)
    ids = list(Number.objects.values_list("pk", flat=True))
    actor = moderator()
    seen = bulk.preview(actor=actor, subject="number", verb=verb, targets=ids, now=NOW)
    batch = bulk.start(actor=actor, subject="number", verb=verb, targets=ids, reason="r", now=NOW)
    bulk.advance(batch=batch, now=NOW)
    told = {effect.number.key: effect.after for effect in seen.effects}
    assert told == {
        number.key: PublicAnswer(number.action, number.status, number.score)
        for number in Number.objects.all()
    }
    assert {each.action for each in told.values()} == {
        "block" if verb == "confirm_number" else "allow"
    }


def test_a_cluster_is_previewed_blocked_and_brought_back_as_one():
    """Its accounts, each backed by the others, prove nothing one by one."""
    crowd(2)
    ring = [newcomer(f"ring{n}") for n in range(12)]
    ids = [each.pk for each in ring]
    Reporter.objects.filter(pk__in=ids).update(cluster=ids[0])
    for liar in Reporter.objects.filter(pk__in=ids):
        for number in (*targets(2), SCAMMER):
            say(liar, "legitimate" if number == SCAMMER else "loan_scam", number)
    actor, before = moderator(), everything()
    told = {
        each.key: PublicAnswer(each.action, each.status, each.score)
        for each in Number.objects.all()
    }
    seen = bulk.preview(
        actor=actor, subject="reporter", verb="block_reporter", targets=ids, now=NOW
    )
    assert everything() == before
    assert {each.number.key: each.before for each in seen.effects} == told
    batch = block_cluster(actor=actor, cluster=ids[0], reason="one person", now=NOW)
    assert {each.number.key: (each.rows, each.after) for each in seen.effects} == {
        each.key: (12, PublicAnswer(each.action, each.status, each.score))
        for each in Number.objects.all()
    }
    assert (batch.done, batch.finished_at, batch.failures) == (12, NOW, {})
    assert Reporter.objects.filter(blocked_at=None).count() == 2
    assert all(each.before != each.after for each in seen.effects)
    with pytest.raises(BatchError, match="No reporter of this cluster"):
        block_cluster(actor=actor, cluster=ids[0], reason="again", now=NOW)
    batch = bulk.start_undo(actor=actor, batch=batch, reason="they were honest", now=NOW)
    batch = bulk.advance_undo(batch=batch, now=NOW)
    assert (batch.undone, batch.undo_failures) == (12, {})
    assert everything() == before


def test_what_one_group_tells_of_reporters_is_in_the_preview_of_the_next():
    """The same accounts speak of several numbers: rejected on one, they weigh less on the other."""
    said = [
        say(who, number=number).report.pk
        for who in [veteran(f"v{n}") for n in range(3)]
        for number in targets(2)
    ]
    only = [pk for pk in said if pk not in said[-2:]]
    actor = moderator()
    seen = bulk.preview(actor=actor, subject="report", verb="reject_report", targets=only, now=NOW)
    bulk.advance(batch=reject(only, actor=actor), now=NOW)
    assert {each.number.key: each.after for each in seen.effects} == {
        each.key: PublicAnswer(each.action, each.status, each.score)
        for each in Number.objects.all()
    }


def test_a_long_preview_says_how_much_it_leaves_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk.previewing, "PREVIEWED", 2)
    ids = brigade(1, 5)
    seen = bulk.preview(
        actor=moderator(), subject="report", verb="reject_report", targets=ids, now=NOW
    )
    assert (len(seen.effects), seen.left) == (2, 3)


def test_what_was_decided_since_stays_and_is_named():
    ids = brigade(1, 2)
    batch = bulk.advance(batch=reject(ids), now=NOW)
    one = AuditEntry.objects.filter(batch=batch).order_by("id").first()
    assert one is not None
    undo(actor=moderator("b"), entry=one, reason="this one was true", now=NOW)
    batch = bulk.start_undo(actor=moderator("c"), batch=batch, reason="all", now=NOW)
    with override("zh-hans"):
        batch = bulk.advance_undo(batch=batch, now=NOW)
        assert bulk.failures(batch) == [(one.report, "该决定此前已撤回。")]
    assert batch.undone == 2
    assert bulk.failures(batch) == [(one.report, "This decision was taken back before.")]
    assert Report.objects.live().count() == 2


def test_why_nothing_was_decided_is_told_in_the_reader_s_language():
    """As stored by whoever drove the batch: a page in Chinese, or the worker."""
    ids = brigade(1, 1)
    actor = moderator()
    entry = bulk.advance(batch=reject(ids, actor=actor), now=NOW)
    entries = list(AuditEntry.objects.filter(batch=entry))
    for each in entries:
        undo(actor=actor, entry=each, reason="it was true", now=NOW)
    batch = bulk.start(
        actor=actor,
        subject="entry",
        verb="take_back",
        targets=[each.pk for each in entries],
        reason="all",
        now=NOW,
    )
    with override("zh-hans"):
        batch = bulk.advance(batch=batch, now=NOW)
        assert [why[:5] for _row, why in bulk.failures(batch)] == ["该决定此前"]
    assert [why[:22] for _row, why in bulk.failures(batch)] == ["This decision was take"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": " "}, ReasonMissing),
        ({"targets": []}, BatchError),
        ({"targets": [0]}, BatchError),
        ({"verb": "pin_number"}, BatchError),
        ({"subject": "reporter"}, BatchError),
    ],
)
def test_a_batch_that_cannot_be(changes: dict, error: type):
    ids = brigade(1, 1)
    with pytest.raises(error):
        reject(ids, **changes)
    assert not DecisionBatch.objects.exists()


def test_at_most_so_many(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk.rows, "MOST", 1)
    with pytest.raises(BatchError, match="at most 1 at a time"):
        reject(brigade(2, 1))


def test_a_veteran_s_word_against_a_cleared_number_is_hidden_in_bulk():
    said = say(veteran("a"), comment="Anna Huber did it").report
    clear_number(actor=moderator("a"), identity=SCAMMER, reason="r", now=NOW)
    batch = reject([said.pk], verb="hide_report")
    bulk.advance(batch=batch, now=NOW)
    said.refresh_from_db()
    assert (said.status, said.comment_public) == ("live", "")
