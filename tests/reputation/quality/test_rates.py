"""Agreement and overturn rates: what counts as overturned, for whom, and how sure it is."""

from datetime import datetime, timedelta

import pytest

from reputation import quality
from reputation.disputes import decide_dispute
from reputation.identity import Identity, identify
from reputation.models import AuditEntry, DecisionBatch, QualityFigures, SecondReview
from reputation.moderation import (
    MODERATOR,
    SENIOR,
    clear_number,
    confirm_number,
    mark_spoofed,
    undo,
)
from reputation.quality import rates, tallies
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, NOW, newcomer, row, say
from tests.given.staff import member, signed_in, staff, text

HOUR = timedelta(hours=1)
NUMBERS = [identify(f"+4930901820{n}") for n in range(9)]


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (10, 10, 0.7225, 1.0), (9, 9, 0.7008, 1.0)],
)
def test_the_interval_is_wilson_s(hits: int, of: int, low: float, high: float):
    assert rates.Share(hits, of).interval == pytest.approx((low, high), abs=1e-4)


def confirm(actor, number: Identity, **more) -> AuditEntry:
    say(newcomer(f"of {number.key} {more}"), number=number)
    given = {"actor": actor, "identity": number, "reason": "#independent_reports", "now": NOW}
    confirm_number(**given | more)
    return AuditEntry.objects.latest("id")


@pytest.mark.django_db
def test_decisions_after_a_clock_that_was_ahead_are_counted():
    by = {"actor": staff(MODERATOR, "anna"), "reason": "#independent_reports"}
    confirm_number(identity=NUMBERS[0], now=NOW, **by)
    tallies.count_up(now=NOW + DAY)
    confirm_number(identity=NUMBERS[1], now=NOW + HOUR, **by)
    tallies.count_up(now=NOW + 2 * HOUR)
    assert sum(QualityFigures.objects.values_list("decisions", flat=True)) == 2


@pytest.mark.django_db
def test_what_is_overturned():
    anna, bert = staff(MODERATOR, "anna"), staff(SENIOR, "bert")
    slip, wrong, lost, moved, renewed, stands = (confirm(anna, number) for number in NUMBERS[:6])
    undo(actor=anna, entry=slip, reason="a slip", now=NOW + HOUR)
    undo(actor=bert, entry=wrong, reason="a clinic", now=NOW + HOUR)
    later = NOW + 2 * DAY
    mark_spoofed(actor=bert, identity=NUMBERS[4], reason="x", now=NOW + HOUR)
    clear_number(actor=bert, identity=NUMBERS[4], reason="x", now=NOW + HOUR)
    for entry, grounds in ((lost, "mistaken"), (moved, "new_holder"), (renewed, "mistaken")):
        dispute = a_dispute(number=entry.number, grounds=grounds)
        decide_dispute(actor=bert, dispute=dispute, upheld=True, reason="so it is", now=later)
    first = a_dispute(number=stands.number)
    decide_dispute(actor=anna, dispute=first, upheld=False, reason="no", now=later)
    appeal = a_dispute(number=stands.number, appeal_of=first, barred=anna)
    decide_dispute(actor=bert, dispute=appeal, upheld=True, reason="yes", now=later + HOUR)
    batch = DecisionBatch.objects.create(
        subject="report", verb="hide_report", actor=anna, reason="x", targets=[1, 2], created_at=NOW
    )
    of_batch = {"actor": anna, "verb": "hide_report", "reason": "x", "batch": batch, "at": NOW}
    _one, other = (AuditEntry.objects.create(**of_batch) for _ in range(2))
    AuditEntry.objects.create(at=later, actor=bert, verb="undo", reason="x", undoes=other)
    # The second agreed about one and not about another; what is not judged yet is not counted.
    for entry, verdict in ((lost, "clear_number"), (stands, "confirm_number"), (moved, "")):
        SecondReview.objects.create(
            entry=entry, sampled_at=NOW, verdict=verdict, **judged(bert) if verdict else {}
        )
    assert tallies.count_up(now=later) == 2
    found = rates.rates(since=NOW, until=NOW + 9 * DAY)
    of_anna, of_bert = found.moderators
    # Undone by another, the batch as one; a dispute upheld, also about the one that an appeal
    # brought down.
    assert (of_anna.decisions, of_anna.overturned.hits) == (8, 5)
    assert (of_anna.agreed.hits, of_anna.agreed.of) == (1, 2)
    assert of_bert.overturned.hits == 0
    assert found.total.decisions == of_anna.decisions + of_bert.decisions
    by_reason = {line.name: line for line in found.reasons}
    assert by_reason["independent_reports"].decisions == 6
    assert set(by_reason) == {"independent_reports", ""}
    alone = rates.rates(since=NOW, until=NOW + 9 * DAY, of=bert)
    assert [line.name for line in alone.moderators] == ["bert"]
    assert alone.total == of_bert.__class__("", *list(_values(of_bert))[1:])
    assert rates.rates(since=NOW + DAY, until=NOW + 9 * DAY).total.decisions == 5


def counted() -> list[tuple]:
    rows = QualityFigures.objects.order_by("day", "actor__username", "code")
    names = (
        "day",
        "actor__username",
        "code",
        "decisions",
        "overturned",
        "judged",
        "agreed",
        "lost",
    )
    return list(rows.values_list(*names))


def second(actor, entry: AuditEntry, verdict: str, now: datetime) -> SecondReview:
    review = SecondReview.objects.create(entry=entry, sampled_at=now, reviewer=actor)
    return quality.judge(actor=actor, review=review, verdict=verdict, reason="x", now=now)


@pytest.mark.django_db
def test_counted_step_by_step_is_counted_at_once():
    """Each step is of another day, and concerns a day that was counted before."""
    anna, bert, senior = (staff(SENIOR, name) for name in ("anna", "bert", "senior"))
    entries = [confirm(anna, number) for number in NUMBERS[:4]]
    late = NOW.replace(hour=23, minute=59)
    batch = DecisionBatch.objects.create(
        subject="report", verb="hide_report", actor=anna, reason="x", targets=[1, 2], created_at=NOW
    )
    of_batch = {"actor": anna, "verb": "hide_report", "reason": "x", "batch": batch}
    dispute = a_dispute(number=entries[0].number)
    refused = a_dispute(number=entries[1].number)
    steps = (
        lambda at: undo(actor=bert, entry=entries[2], reason="x", now=at),
        lambda at: AuditEntry.objects.create(**of_batch, at=late),
        lambda at: AuditEntry.objects.create(**of_batch, at=late + HOUR),  # after midnight
        lambda at: AuditEntry.objects.create(
            at=at, actor=bert, verb="undo", reason="x",
            undoes=AuditEntry.objects.filter(batch=batch).latest("id"),
        ),
        lambda at: decide_dispute(actor=bert, dispute=dispute, upheld=True, reason="x", now=at),
        lambda at: decide_dispute(actor=anna, dispute=refused, upheld=False, reason="x", now=at),
        lambda at: decide_dispute(
            actor=bert, upheld=True, reason="x", now=at,
            dispute=a_dispute(number=refused.number, appeal_of=refused, barred=anna),
        ),
        lambda at: second(bert, entries[3], "confirm_number", at),
        lambda at: second(bert, entries[1], "clear_number", at),
        lambda at: quality.settle(
            actor=senior, review=entries[1].second_review, outcome="second", reason="x", now=at
        ),
    )  # fmt: skip
    for place, step in enumerate(steps):
        now = late if place < 2 else NOW + place * DAY
        step(now)
        tallies.count_up(now=now)
        before = counted()
        QualityFigures.objects.all().delete()
        tallies.count_up(now=now)
        assert counted() == before, place
    first = [row for row in before if row[0] == NOW.date()]
    assert first == [
        (NOW.date(), "anna", "", 1, 1, 0, 0, 0),
        (NOW.date(), "anna", "independent_reports", 4, 3, 2, 1, 1),
    ]
    assert tallies.count_up(now=now + DAY) <= 2  # what is old is not counted again


def judged(by) -> dict:
    return {"reviewer": by, "reason": "x", "judged_at": NOW}


def _values(line: rates.RatesOf):
    return (getattr(line, name) for name in line.__slots__)


@pytest.mark.django_db
def test_who_sees_whose(django_assert_num_queries):
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    page = f"/admin/reputation/secondreview/?since={NOW - DAY:%Y-%m-%d}&until={NOW:%Y-%m-%d}"
    confirm(anna, NUMBERS[0])
    entry = confirm(bert, NUMBERS[1])
    SecondReview.objects.create(entry=entry, sampled_at=NOW, verdict="clear_number", **judged(anna))
    tallies.count_up(now=NOW)
    own = text(signed_in(anna).get(page))
    assert "anna" in own
    assert "bert" not in own
    assert "Clear as legitimate" not in own
    for role in ("senior", "auditor", "administrator"):
        client = signed_in(member(role))
        seen = text(client.get(page))
        assert "bert" in seen, role
        assert "0% 0 / 1 · 0%–79%" in seen
        assert "Clear as legitimate" in seen
    for nobody in ("staff", "person"):
        assert signed_in(member(nobody)).get(page).status_code in (302, 403)
    with django_assert_num_queries(10):
        client.get(page)
    wrong = text(signed_in(anna).get(page.replace("since=", "since=x")))
    assert "Enter a valid date" in wrong
    assert row(NUMBERS[1]).moderated == 1
