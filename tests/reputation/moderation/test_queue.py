"""What waits for moderators: the order, the claims, and what decisions put to rest."""

import pytest
from django.db import connection

from api.keys import create_key
from reputation.disputes import open_for_holder
from reputation.disputes.deciding import decide_dispute
from reputation.identity import identify
from reputation.lookup import traffic
from reputation.models import AuditEntry, Number, QueueItem, Report, Reporter, Traffic
from reputation.moderation import (
    ReasonMissing,
    batches,
    clear_number,
    confirm_number,
    mark_official,
    queue,
    reject_report,
    seed,
    undo,
    unmask_report,
)
from reputation.moderation.queue import CLAIM, ItemGone, Overdue, TakenByAnother, harm, refreshing
from reputation.reports import withdraw_report
from tests.given.disputes import a_dispute
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    crowd,
    moderator,
    newcomer,
    reported,
    row,
    say,
    veteran,
)
from tests.given.rows import a_queue_item

pytestmark = pytest.mark.django_db
CALM = identify("+4930901821")


def asked(number, times: int, *, at=NOW) -> None:
    for by in range(times):
        traffic.note(number.key, by=by, personal=False)
    traffic.flush(now=at)


def waiting(kind: str = "") -> list[tuple[str, int]]:
    return list(queue.waiting(now=NOW, kind=kind).values_list("kind", "subject_id"))


def doubted() -> None:
    """Two numbers of which little is known, and one that is left alone."""
    reported(SCAMMER)
    reported(BAKERY)
    say(veteran("c"), "legitimate", CALM)


# --- the order ---


def test_the_most_asked_about_comes_first():
    doubted()
    asked(BAKERY, 100)
    assert queue.refresh(now=NOW) == 2
    assert waiting() == [("number", row(BAKERY).pk), ("number", row().pk)]
    first, second = queue.waiting(now=NOW)
    assert first.traffic == pytest.approx(100 * traffic.A_DAY)
    assert first.harm == pytest.approx((1 + first.traffic) * first.uncertainty * first.attack)
    assert (second.traffic, first.dispute, second.uncertainty) == (0, 1.0, first.uncertainty)
    asked(SCAMMER, 200)
    queue.refresh(now=NOW)
    assert waiting()[0] == ("number", row().pk)


def test_piling_on_is_looked_at_before_quiet_doubt():
    reported(SCAMMER)
    for n in range(8):
        say(newcomer(f"liar{n}"), number=BAKERY, network=f"net{n % 2}")
    queue.refresh(now=NOW)
    factors = {item.number_id: item for item in queue.waiting(now=NOW)}
    assert factors[row(BAKERY).pk].attack > 2.5 > 2.0 > factors[row().pk].attack


def test_what_is_certain_or_old_or_decided_does_not_wait():
    doubted()
    confirm_number(actor=moderator(), identity=BAKERY, reason="r", now=NOW)
    assert queue.refresh(now=NOW) == 1
    assert queue.refresh(now=NOW + 31 * DAY) == 0
    assert not QueueItem.objects.exists()


def test_an_established_voice_against_a_decision_waits():
    doubted()
    actor, filed_long_ago = moderator(), veteran("d")
    say(filed_long_ago, at=NOW - 57 * DAY)
    clear_number(actor=actor, identity=SCAMMER, reason="r", now=NOW - DAY)
    mark_official(actor=actor, identity=BAKERY, name="Bakery", reason="r", now=NOW - DAY)
    against = [say(filed_long_ago).report, say(veteran("e"), number=BAKERY).report]
    say(newcomer("f"))
    say(veteran("g"), "legitimate", BAKERY)
    queue.refresh(now=NOW)
    assert {pk for _, pk in waiting("report")} == {report.pk for report in against}


def test_a_number_that_is_reported_again_after_its_confirmation_has_rested_waits():
    confirm_number(actor=moderator(), identity=SCAMMER, reason="r", now=NOW - 70 * DAY)
    confirm_number(actor=moderator("other"), identity=BAKERY, reason="r", now=NOW - 50 * DAY)
    again, _ = say(veteran("d")).report, say(veteran("e"), number=BAKERY)
    say(newcomer("f"))
    queue.refresh(now=NOW)
    assert waiting() == [("report", again.pk)]


def test_after_a_clock_that_was_ahead_the_queue_is_as_if_it_had_not_been():
    reported(BAKERY)
    clear_number(actor=moderator(), identity=SCAMMER, reason="r", now=NOW - DAY)
    assert queue.refresh(now=NOW + DAY) == 1
    for report in Report.objects.all():
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    against = say(veteran("d")).report
    queue.refresh(now=NOW)
    assert waiting() == [("report", against.pk)]


def test_accounts_that_move_as_one_are_one_item():
    ring = [newcomer(f"ring{n}") for n in range(3)]
    for each in ring:
        say(each, network="one")
        say(each, number=BAKERY, network="one")
    Reporter.objects.filter(handle__startswith="ring").update(cluster=ring[1].pk)
    wrong = veteran("wrong")
    say(wrong)
    Reporter.objects.filter(pk=wrong.pk).update(fp=30.0)
    asked(SCAMMER, 50)
    asked(BAKERY, 50)
    queue.refresh(now=NOW)
    items = list(queue.waiting(now=NOW, kind="reporter"))
    assert [item.subject_id for item in items] == [ring[1].pk, wrong.pk]
    assert items[0].traffic == pytest.approx(100 * traffic.A_DAY)
    assert (items[0].attack, 1 < items[1].attack < 3) == (4.0, True)


def test_a_holder_who_proved_control_waits_for_the_directory():
    doubted()
    Number.objects.filter(key=CALM.key).update(holder_verified=True)
    queue.refresh(now=NOW)
    assert waiting("claim") == [("claim", row(CALM).pk)]


def test_an_upheld_dispute_is_no_claim_to_the_directory():
    doubted()
    by = {"actor": moderator(), "reason": "his letter", "now": NOW}
    confirm_number(identity=SCAMMER, **by)
    dispute = open_for_holder(identity=SCAMMER, grounds="mistaken", statement="", contact="", **by)
    decide_dispute(dispute=dispute, upheld=True, **by)
    assert row().holder_verified
    queue.refresh(now=NOW)
    assert waiting("claim") == []


# --- traffic ---


def test_traffic_halves_every_week():
    doubted()
    asked(SCAMMER, 8, at=NOW - 7 * DAY)
    asked(SCAMMER, 2)
    assert Traffic.objects.get().count == pytest.approx(6)
    asked(SCAMMER, 1, at=NOW - 7 * DAY)  # a slower process's clock
    assert Traffic.objects.get().count == pytest.approx(7)
    assert traffic.flush(now=NOW) == 0


def test_only_numbers_on_record_are_counted_and_not_too_many(monkeypatch: pytest.MonkeyPatch):
    asked(SCAMMER, 1)
    assert not Traffic.objects.exists()
    monkeypatch.setattr(traffic, "MOST", 1)
    for key in ("a", "b", "a"):
        traffic.note(key, by=1, personal=False)
    assert traffic.flush(now=NOW) == 1


class Twice:
    """An event that is waited for twice, and then set."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return len(self.waits) > 2


@pytest.mark.django_db(transaction=True)
def test_the_server_adds_once_a_minute_and_survives_its_database(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    doubted()
    traffic.note(SCAMMER.key, by=1, personal=False)
    pause = Twice()
    traffic.run(pause)
    assert pause.waits == [60.0] * 3
    assert Traffic.objects.get().count == 1
    monkeypatch.setattr(traffic, "ADD", "SELECT nothing_like_this(%s, %s, %s)")
    traffic.note(SCAMMER.key, by=1, personal=False)
    traffic.run(Twice())
    assert "lookups of the last minute were not counted" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_server_counts_again_after_a_failover():
    doubted()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    for _ in range(2):  # the first is lost with the session, which leads to the standby
        traffic.note(SCAMMER.key, by=1, personal=False)
        traffic.run(Twice())
    assert Traffic.objects.get().count == 1


# --- claims ---


def test_two_moderators_never_get_the_same():
    doubted()
    asked(BAKERY, 9)
    queue.refresh(now=NOW)
    one, other = moderator("one"), moderator("other")
    mine = queue.claim_next(actor=one, now=NOW)
    theirs = queue.claim_next(actor=other, now=NOW)
    assert mine is not None
    assert theirs is not None
    assert (mine.number, theirs.number) == (row(BAKERY), row())
    assert queue.claim_next(actor=moderator("third"), now=NOW) is None
    with pytest.raises(TakenByAnother, match="one is at this"):
        queue.claim(actor=other, item_id=mine.pk, now=NOW)
    assert queue.claim(actor=one, item_id=mine.pk, now=NOW).claimed_until == NOW + CLAIM
    # A claim that ran out is anybody's; one given back, too.
    assert queue.claim(actor=other, item_id=mine.pk, now=NOW + CLAIM).claimed_by == other
    queue.release(actor=one, item=mine)
    assert QueueItem.objects.get(pk=mine.pk).claimed_by == other
    queue.release(actor=other, item=mine)
    assert queue.claim(actor=one, item_id=mine.pk, now=NOW).claimed_by == one


def test_all_about_one_number_is_taken_together():
    doubted()
    Number.objects.filter(key=SCAMMER.key).update(holder_verified=True)
    queue.refresh(now=NOW)
    number = QueueItem.objects.get(kind="number", number=row())
    queue.claim(actor=moderator("one"), item_id=number.pk, now=NOW)
    holder = QueueItem.objects.get(kind="claim")
    with pytest.raises(TakenByAnother):
        queue.claim(actor=moderator("other"), item_id=holder.pk, now=NOW)


@pytest.mark.parametrize("times", [0, 9])
def test_passed_over_comes_the_next_in_order(times: int):
    doubted()
    asked(BAKERY, times)
    queue.refresh(now=NOW)
    actor = moderator()
    first = queue.claim_next(actor=actor, now=NOW)
    second = queue.claim_next(actor=actor, now=NOW, after=first)
    assert second is not None
    assert {first.number, second.number} == {row(), row(BAKERY)}
    assert first.number == row(BAKERY) or not times
    assert queue.claim_next(actor=actor, now=NOW, after=second) is None


def test_a_claimed_item_outlives_a_refresh_that_no_longer_finds_it():
    doubted()
    queue.refresh(now=NOW)
    item = queue.claim_next(actor=moderator(), now=NOW)
    assert item is not None
    Number.objects.update(score=0)
    queue.refresh(now=NOW + CLAIM / 2)
    assert list(QueueItem.objects.all()) == [item]
    queue.refresh(now=NOW + CLAIM)
    assert not QueueItem.objects.exists()


# --- rest ---


def test_what_is_decided_rests_until_it_is_taken_back():
    reported(SCAMMER)
    report = say(newcomer("c")).report
    queue.refresh(now=NOW)
    actor = moderator()
    item = queue.claim_next(actor=actor, now=NOW)
    assert item is not None
    a_queue_item(number=row(), kind="claim")
    reject_report(actor=actor, report=report, reason="r", now=NOW)
    queue.finish(item=item, now=NOW)
    assert waiting() == []
    with pytest.raises(ItemGone, match="no longer waits"):
        queue.claim(actor=actor, item_id=item.pk, now=NOW)
    entry = AuditEntry.objects.get()
    undo(actor=actor, entry=entry, reason="r", now=NOW)
    assert {kind for kind, _ in waiting()} == {"number", "claim"}


def test_a_decision_rests_what_waits_from_wherever_it_is_taken():
    crowd(3)
    other = identify("+4930901820")
    reported(other)
    queue.refresh(now=NOW)
    assert ("number", row().pk) in waiting()
    actor = moderator()
    batch = batches.start(
        actor=actor, subject="number", verb="clear_number", targets=[row().pk], reason="r", now=NOW
    )
    batch = batches.advance(batch=batch, now=NOW)
    assert waiting() == [("number", row(other).pk)]
    rows = ["number,verdict,reason", f"{other.key},unwanted,r"]
    assert [seeded.error for seeded in seed(rows, actor=actor, region="", now=NOW)] == [""]
    assert waiting() == []
    batch = batches.start_undo(actor=actor, batch=batch, reason="r", now=NOW)
    batches.advance_undo(batch=batch, now=NOW)
    assert waiting() == [("number", row().pk)]


def test_what_was_only_looked_at_goes_on_waiting():
    reported(SCAMMER)
    report = Report.objects.latest("pk")
    queue.refresh(now=NOW)
    unmask_report(actor=moderator(), report=report, reason="r", now=NOW)
    assert waiting() == [("number", row().pk)]


def test_what_is_left_as_it_is_rests_and_is_on_record():
    doubted()
    queue.refresh(now=NOW)
    actor = moderator()
    item = queue.claim_next(actor=actor, now=NOW)
    assert item is not None
    with pytest.raises(ReasonMissing):
        queue.leave(actor=actor, item=item, reason=" ", now=NOW)
    queue.leave(actor=actor, item=item, reason="nothing to go by yet", now=NOW)
    queue.refresh(now=NOW + DAY)
    assert item.pk not in queue.waiting(now=NOW + DAY).values_list("pk", flat=True)
    assert item.pk in queue.waiting(now=NOW + 14 * DAY).values_list("pk", flat=True)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.number, entry.reason) == (
        "leave",
        item.number,
        "nothing to go by yet",
    )


def test_a_dispute_never_rests_past_its_deadline_and_leaving_is_undone():
    reported(SCAMMER)
    dispute = a_dispute(number=row())
    assert dispute.deadline_at is not None
    queue.refresh(now=NOW)
    actor, other = moderator(), moderator("other")
    left = {"reason": "waits for papers", "item": QueueItem.objects.get(kind="dispute")}
    queue.claim(actor=other, item_id=left["item"].pk, now=NOW)
    with pytest.raises(TakenByAnother):
        queue.leave(actor=actor, now=NOW, **left)
    entry = queue.leave(actor=other, now=NOW, **left)
    with pytest.raises(ItemGone):
        queue.leave(actor=other, now=NOW, **left)
    half = NOW + (dispute.deadline_at - NOW) / 2
    assert [queue.waiting(now=at, kind="dispute").count() for at in (half - CLAIM, half)] == [0, 1]
    undo(actor=other, entry=entry, reason="a slip", now=NOW)
    assert queue.waiting(now=NOW, kind="dispute").count() == 1
    # Put to rest by a decision about its number, it is back at the deadline.
    shortly = dispute.deadline_at - CLAIM
    queue.finish(item=left["item"], now=shortly)
    assert queue.waiting(now=shortly, kind="dispute").count() == 0
    assert queue.waiting(now=dispute.deadline_at, kind="dispute").count() == 1
    with pytest.raises(Overdue, match="overdue"):
        queue.leave(actor=actor, now=dispute.deadline_at, **left)


@pytest.mark.slow
def test_a_refresh_is_as_many_statements_however_much_waits(django_assert_num_queries):
    crowd(3)
    doubted_numbers = [identify(f"+49309018{n:02}") for n in range(30)]
    for number in doubted_numbers:
        reported(number)
    # Lock, turn, messages, two for what is due, least, work, gone, too many, count, a savepoint.
    with django_assert_num_queries(12):
        assert queue.refresh(now=NOW) > 30
    assert connection.in_atomic_block


def test_lookups_with_a_key_count_and_of_one_key_few(client, monkeypatch):
    monkeypatch.setattr(traffic, "OF_ONE_KEY", 2)
    say(newcomer("a"))
    tokens = [create_key(name=name, scopes=["lookup"], now=NOW)[1] for name in ("one", "other")]
    asking = [{}, *({"authorization": f"Bearer {token}"} for token in tokens)]
    for headers in asking:
        for number in (SCAMMER, BAKERY, SCAMMER, SCAMMER):
            assert client.get(f"/v1/numbers/{number.key}", headers=headers).status_code == 200
    traffic.flush(now=NOW)
    assert list(Traffic.objects.values_list("number__key", "count")) == [(SCAMMER.key, 4)]


def test_one_new_account_is_no_work_and_no_dispute_is_cut(monkeypatch):
    monkeypatch.setattr(
        refreshing, "REFRESH", harm.REFRESH.replace(f"LIMIT {harm.MOST}", "LIMIT 1")
    )
    say(newcomer("one"), number=CALM)
    for number in (SCAMMER, BAKERY):
        reported(number)
        asked(number, 50)
    disputed = [identify(f"+4930901{place}") for place in (830, 831)]
    for number in disputed:
        reported(number)
        a_dispute(number=row(number))
    queue.refresh(now=NOW)
    kinds = [kind for kind, _ in waiting()]
    assert (kinds.count("dispute"), kinds.count("number")) == (2, 1)
    monkeypatch.undo()
    queue.refresh(now=NOW)
    assert ("number", row(CALM).pk) not in waiting()
