"""Decisions judged a second time: which, by whom, and what becomes of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from reputation import quality
from reputation.models import AuditEntry, DecisionBatch, QueueItem, SecondReview
from reputation.moderation import (
    MODERATOR,
    SENIOR,
    DecisionError,
    block_reporter,
    clear_number,
    confirm_number,
    handing,
    queue,
    reject_report,
    undo,
)
from tests.given.disputes import a_dispute
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, crowd, newcomer, row, say
from tests.given.rows import a_queue_item
from tests.given.staff import staff

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _every_decision(settings: Settings):
    settings.SECOND_REVIEW_PERCENT = 100


def confirmed(actor: User) -> SecondReview:
    """A confirmation by `actor` that waits to be judged again."""
    crowd(3)
    confirm_number(actor=actor, identity=SCAMMER, reason="heard it", now=NOW)
    return drawn()


def drawn() -> SecondReview:
    quality.draw(now=NOW + HOUR)
    queue.refresh(now=NOW + HOUR)
    return SecondReview.objects.latest("pk")


def taken(user: User) -> SecondReview | None:
    item = queue.claim_next(actor=user, now=NOW + HOUR, kind="review")
    return item and SecondReview.objects.get(pk=item.subject_id)


def test_the_second_judges_and_a_senior_settles_where_they_differ():
    first, second = staff(MODERATOR, "first"), staff(MODERATOR, "second")
    review = confirmed(first)
    item = QueueItem.objects.get(kind="review")
    assert (item.number, item.report, item.reporter) == (None, None, None)
    # One's own decision is neither shown nor given.
    assert not queue.waiting(now=NOW + HOUR, kind="review", user=first)
    assert taken(first) is None
    with pytest.raises(queue.ItemGone):
        queue.claim(actor=first, item_id=item.pk, now=NOW + HOUR)
    assert taken(second) == review
    judged = {"review": review, "verdict": "clear_number", "reason": "a clinic", "now": NOW + HOUR}
    with pytest.raises(quality.NotYourReview):
        quality.judge(actor=first, **judged)
    quality.judge(actor=second, **judged)
    quality.judge(actor=second, **judged)  # a double click
    with pytest.raises(quality.NothingToJudge):
        quality.judge(actor=second, **judged | {"verdict": "leave"})
    queue.refresh(now=NOW + 2 * HOUR)
    boss, other = staff(SENIOR, "boss"), staff(MODERATOR, "other")
    assert not queue.waiting(now=NOW + 2 * HOUR, kind="split", user=other)
    split = queue.claim_next(actor=boss, now=NOW + 2 * HOUR, kind="split")
    assert split
    assert split.subject_id == review.pk
    said = {"review": review, "outcome": "second", "reason": "it is one", "now": NOW + 2 * HOUR}
    for nobody in (first, second, other):
        with pytest.raises(quality.NotYourReview):
            quality.settle(actor=nobody, **said)
    quality.settle(actor=boss, **said)
    quality.settle(actor=boss, **said)
    with pytest.raises(quality.NothingToJudge):
        quality.settle(actor=boss, **said | {"outcome": "first"})
    queue.refresh(now=NOW + 2 * DAY)
    assert not QueueItem.objects.filter(kind__in=("review", "split"))
    # Each is on record once, and not on the page of the number.
    entries = AuditEntry.objects.filter(verb__in=("judge_again", "settle_review"))
    assert [(entry.actor, entry.number) for entry in entries.order_by("pk")] == [
        (second, None),
        (boss, None),
    ]


def test_what_is_judged_blind_is_not_handed_on():
    second = staff(MODERATOR, "second")
    confirmed(staff(MODERATOR, "first"))
    item = QueueItem.objects.get(kind="review")
    for hand, more in ((handing.assign, {"to": second}), (handing.escalate, {"question": "?"})):
        with pytest.raises(DecisionError, match="Judge it, or give it back"):
            hand(actor=second, item_id=item.pk, now=NOW + HOUR, **more)


def test_only_its_reviewer_gives_a_review_back_and_only_before_it_is_judged():
    second, third = staff(MODERATOR, "second"), staff(MODERATOR, "third")
    review = confirmed(staff(MODERATOR, "first"))
    assert taken(second) == review
    item = QueueItem.objects.get(kind="review")
    queue.release(actor=third, item=item)
    said = {"actor": second, "review": review, "verdict": "clear_number", "reason": "a clinic"}
    quality.judge(**said, now=NOW + HOUR)
    queue.release(actor=second, item=item)
    review.refresh_from_db()
    assert review.reviewer == second


def test_who_agrees_leaves_nothing_to_settle():
    second = staff(MODERATOR, "second")
    review = confirmed(staff(MODERATOR, "first"))
    taken(second)
    quality.judge(
        actor=second, review=review, verdict="confirm_number", reason="so it is", now=NOW + HOUR
    )
    queue.refresh(now=NOW + 2 * HOUR)
    assert not QueueItem.objects.filter(kind="split")
    with pytest.raises(quality.NothingToJudge):
        quality.settle(
            actor=staff(SENIOR), review=review, outcome="first", reason="x", now=NOW + HOUR
        )


def test_who_gave_it_back_or_decided_about_the_same_does_not_judge():
    first, second, third = (staff(MODERATOR, name) for name in ("first", "second", "third"))
    crowd(3)
    clear_number(actor=third, identity=SCAMMER, reason="heard it", now=NOW - DAY)
    confirm_number(actor=first, identity=SCAMMER, reason="heard it", now=NOW)
    entry = AuditEntry.objects.get(verb="confirm_number")
    review = SecondReview.objects.create(entry=entry, sampled_at=NOW)
    queue.refresh(now=NOW + HOUR)
    item = QueueItem.objects.get(kind="review")
    assert taken(third) is None
    assert taken(second) == review
    queue.release(actor=second, item=item)
    assert taken(second) is None
    assert quality.held(second, now=NOW + HOUR) == quality.Held(frozenset(), frozenset())
    # Whose claim ran out goes on, until another takes it.
    fourth = staff(MODERATOR, "fourth")
    assert taken(fourth) == review
    later = NOW + 2 * HOUR
    assert queue.claim(actor=fourth, item_id=item.pk, now=later).claimed_by == fourth
    fifth = staff(MODERATOR, "fifth")
    queue.claim(actor=fifth, item_id=item.pk, now=later + HOUR)
    with pytest.raises(quality.NotYourReview):
        quality.judge(actor=fourth, review=review, verdict="leave", reason="x", now=later + HOUR)


@pytest.mark.parametrize("when", ["before", "drawn", "taken", "judged"])
def test_a_decision_that_was_taken_back_is_not_judged(when: str):
    first, second = staff(MODERATOR, "first"), staff(MODERATOR, "second")
    crowd(3)
    confirm_number(actor=first, identity=SCAMMER, reason="heard it", now=NOW)
    entry = AuditEntry.objects.get(verb="confirm_number")
    take_back = {"actor": first, "entry": entry, "reason": "a slip", "now": NOW + HOUR}
    if when == "before":
        undo(**take_back)
    quality.draw(now=NOW + HOUR)
    queue.refresh(now=NOW + HOUR)
    if when == "drawn":
        undo(**take_back)
        queue.refresh(now=NOW + 2 * HOUR)
    review = SecondReview.objects.first()
    if when in ("before", "drawn"):
        assert taken(second) is None
        assert (review is None) is (when == "before")
        return
    assert taken(second) == review
    said = {"actor": second, "review": review, "verdict": "leave", "reason": "x"}
    if when == "judged":
        quality.judge(**said, now=NOW + HOUR)
    undo(**take_back)
    if when == "taken":
        with pytest.raises(quality.NothingToJudge):
            quality.judge(**said, now=NOW + HOUR)
    queue.refresh(now=NOW + 2 * DAY)
    assert not QueueItem.objects.filter(kind__in=("review", "split"))


@pytest.mark.slow
def test_the_draw_is_by_the_key_alone(settings: Settings):
    """About the share that is set; the same again; of a batch one; with another key others."""
    boss = staff(SENIOR)
    say(newcomer("a"))
    batch = DecisionBatch.objects.create(
        subject="report", verb="reject_report", actor=boss, reason="x", targets=[1], created_at=NOW
    )
    # Their ids are given, since the draw is by them.
    AuditEntry.objects.bulk_create(
        AuditEntry(
            pk=10_000_000 + n, at=NOW, actor=boss, verb="confirm_number", number=row(), reason="x",
            batch=batch if n >= 300 else None,
        )
        for n in range(320)
    )  # fmt: skip

    def draw(*, percent: int, key: str) -> list[int]:
        settings.SECOND_REVIEW_PERCENT, settings.PSEUDONYM_KEY = percent, key
        quality.draw(now=NOW)
        return sorted(SecondReview.objects.values_list("entry", flat=True))

    assert draw(percent=0, key="a") == []
    some = draw(percent=30, key="a")
    assert 70 <= len(some) <= 110
    assert draw(percent=30, key="a") == some
    assert quality.draw(now=NOW + 3 * DAY) == 0
    SecondReview.objects.all().delete()
    assert draw(percent=30, key="b") != some
    assert len(draw(percent=100, key="b")) == 300  # the batch still runs
    DecisionBatch.objects.update(finished_at=NOW)
    assert len(draw(percent=100, key="b")) == 301


def test_what_is_left_is_judged_too_but_for_disputes():
    """To leave a number is an answer of its question; a dispute that is left waits on."""
    first, second = staff(MODERATOR, "first"), staff(MODERATOR, "second")
    say(newcomer("a"))
    say(newcomer("b"), number=BAKERY)
    a_dispute(number=row(BAKERY), opened_at=NOW, deadline_at=NOW + 9 * DAY)
    for kind, number, subject in (
        ("number", row(), row().pk),
        ("dispute", row(BAKERY), row(BAKERY).disputes.get().pk),
    ):
        item = a_queue_item(kind=kind, number=number, subject_id=subject)
        queue.leave(actor=first, item=item, reason="nothing yet", now=NOW)
    review = drawn()
    assert SecondReview.objects.get() == review
    assert review.entry.number == row()
    assert taken(second) == review
    quality.judge(actor=second, review=review, verdict="leave", reason="r", now=NOW + HOUR)
    queue.refresh(now=NOW + 2 * HOUR)
    assert not QueueItem.objects.filter(kind="split")


def test_the_case_is_as_it_was():
    """What came later, and what the decision did, is not in it."""
    first = staff(MODERATOR, "first")
    before = crowd(3)
    reject_report(actor=first, report=before[0], reason="made up", now=NOW)
    block_reporter(actor=first, reporter=before[1].reporter, reason="liar", now=NOW)
    confirm_number(actor=first, identity=SCAMMER, reason="heard it", now=NOW + HOUR)
    say(newcomer("later"), "legitimate", at=NOW + 2 * HOUR)
    quality.draw(now=NOW + 2 * HOUR)
    cases = {review.entry.verb: quality.case_of(review) for review in SecondReview.objects.all()}
    number = cases["confirm_number"]
    assert number.number == row()
    assert (number.unwanted, number.legitimate, number.networks) == (3, 0, 3)
    assert number.score is not None
    assert number.score < row().score
    assert [verb for verb, _at in number.earlier] == ["reject_report"]
    report = cases["reject_report"]
    assert [each.chosen for each in report.reports] == [True, False, False]
    assert report.earlier == []
    reporter = cases["block_reporter"]
    assert reporter.reporter == before[1].reporter
    assert [each.number for each in reporter.reports] == [SCAMMER.key]
    for case in cases.values():
        assert "leave" in case.answers
