"""What the dashboard counts, and that counting it again, late or after a pause changes nothing."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from reputation.disputes import decide_dispute, hold_dispute, open_for_holder
from reputation.feeds import log
from reputation.models import (
    ClusterFigures,
    DayFigures,
    Dispute,
    FeedHead,
    HourFigures,
    Number,
    Report,
    Reporter,
)
from reputation.moderation import (
    clear_number,
    confirm_number,
    figures,
    mark_official,
    undo,
    unmask_report,
)
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, crowd, newcomer, row, say
from tests.given.staff import member

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def stands() -> list[tuple[object, ...]]:
    hours = HourFigures.objects.order_by("hour", "category", "channel")
    days = DayFigures.objects.order_by("day")
    return [
        *hours.values_list("hour", "category", "channel", "reports"),
        *days.values_list("day", "flagged", "blocked", "decisions", "false_blocks"),
    ]


def test_reports_by_hour_category_and_channel():
    say(newcomer("a"), at=NOW - 2 * HOUR)
    say(newcomer("b"), "threat", at=NOW - 2 * HOUR, channel="sms")
    say(newcomer("c"), "threat", at=NOW)
    say(newcomer("d"), "threat", at=NOW - 100 * DAY)  # before anybody counted
    figures.count_up(now=NOW)
    assert figures.by_hour(now=NOW, hours=3) == [
        (NOW - 2 * HOUR, {"call": 1, "sms": 1}),
        (NOW - HOUR, {}),
        (NOW, {"call": 1}),
    ]
    assert figures.by_category(now=NOW, days=7) == [("threat", 2), ("loan_scam", 1)]
    assert figures.by_category(now=NOW + 7 * DAY, days=7) == [("threat", 1)]


def test_counting_again_finds_the_same_and_what_came_late():
    report = say(newcomer("a"), at=NOW).report
    figures.count_up(now=NOW)
    before = stands()
    figures.count_up(now=NOW)
    assert stands() == before
    say(newcomer("b"), at=NOW - HOUR)  # of a transaction that took its time
    say(report.reporter, "threat", at=NOW + 1 * HOUR)  # says it anew: still one report
    figures.count_up(now=NOW + HOUR)
    assert figures.by_hour(now=NOW + HOUR, hours=3) == [
        (NOW - HOUR, {"call": 1}),
        (NOW, {"call": 1}),
        (NOW + HOUR, {}),
    ]
    assert figures.by_category(now=NOW + HOUR, days=1) == [("loan_scam", 1), ("threat", 1)]


def test_a_clock_that_was_ahead_hides_no_report_of_after_it_was_set_back():
    say(newcomer("a"), at=NOW)
    say(newcomer("b"), at=NOW + DAY)
    figures.count_up(now=NOW + DAY)
    say(newcomer("c"), at=NOW + HOUR)
    figures.count_up(now=NOW + HOUR)
    hours = [(NOW, {"call": 1}), (NOW + HOUR, {"call": 1})]
    assert figures.by_hour(now=NOW + HOUR, hours=2) == hours
    figures.count_up(now=NOW + DAY)
    assert figures.by_category(now=NOW + DAY, days=7) == [("loan_scam", 3)]


def test_how_each_day_ended_also_those_before_anybody_counted():
    boss = member("boss")
    crowd(3, at=NOW - 3 * DAY)
    confirm_number(actor=boss, identity=SCAMMER, reason="heard it", now=NOW - 2 * DAY)
    clear_number(actor=boss, identity=SCAMMER, reason="a clinic", now=NOW)
    # From three days ago on, and listed by the second voice, two days ago.
    crowd(4, number=BAKERY, prefix="other", at=NOW)
    figures.count_up(now=NOW)
    today = NOW.date()
    rows = {day.day: day for day in figures.by_day(now=NOW, days=90)}
    assert [
        (ago, rows[today - ago * DAY].flagged, rows[today - ago * DAY].blocked) for ago in (3, 2, 1)
    ] == [(3, 1, 0), (2, 1, 1), (1, 1, 1)]
    assert (rows[today].flagged, rows[today].blocked) == (1, 0)
    assert figures.listed(figures.by_day(now=NOW, days=90)) == {"flag": 1, "block": 0}
    assert [rows[today - ago * DAY].decisions for ago in (2, 1, 0)] == [1, 0, 1]


def test_the_list_is_counted_once_a_day_and_then_by_its_changes():
    boss = member("boss")
    whole = "FROM reputation_number WHERE action <> 'allow'"

    def counted(at: datetime) -> int:
        """How often the whole list is read; the figures are what there is."""
        with CaptureQueriesContext(connection) as seen:
            figures.count_up(now=at)
        found = [Number.objects.filter(action=each).count() for each in ("flag", "block")]
        today = DayFigures.objects.get(day=at.date())
        assert [today.flagged, today.blocked] == found
        return sum(whole in each["sql"] for each in seen.captured_queries)

    crowd(3)
    assert counted(NOW) == 1
    confirm_number(actor=boss, identity=SCAMMER, reason="heard it", now=NOW)
    crowd(3, number=BAKERY, prefix="other")
    assert counted(NOW + HOUR) == 0
    clear_number(actor=boss, identity=SCAMMER, reason="a clinic", now=NOW + HOUR)
    assert counted(NOW + 2 * HOUR) == 0
    assert counted(NOW + DAY) == 1
    clear_number(actor=boss, identity=BAKERY, reason="a baker", now=NOW + DAY)
    log.sequence()
    FeedHead.objects.update(horizon=F("cursor"))  # the log was compacted meanwhile
    assert counted(NOW + DAY + HOUR) == 1


def test_a_false_block_is_a_decision_that_a_blocked_number_is_legitimate():
    boss = member("boss")
    crowd(3)
    clear_number(actor=boss, identity=SCAMMER, reason="never blocked", now=NOW)
    confirm_number(actor=boss, identity=SCAMMER, reason="heard it", now=NOW + HOUR)
    clear_number(actor=boss, identity=SCAMMER, reason="a clinic", now=NOW + 2 * HOUR)
    figures.count_up(now=NOW + 3 * HOUR)
    today = DayFigures.objects.get(day=NOW.date())
    assert (today.decisions, today.false_blocks) == (3, 1)


@pytest.mark.parametrize("blocked", [True, False])
@pytest.mark.parametrize("held", [True, False])
def test_so_is_an_upheld_dispute_of_a_blocked_number(blocked: bool, held: bool):
    """Held or not, the dispute of a number that was never blocked reveals nothing."""
    boss = member("boss")
    crowd(3)
    if blocked:
        confirm_number(actor=boss, identity=SCAMMER, reason="heard it", now=NOW)
    dispute = open_for_holder(
        actor=boss, identity=SCAMMER, grounds="mistaken", statement="", reason="r", now=NOW + HOUR
    )
    if held:
        hold_dispute(actor=boss, dispute=dispute, reason="may be true", now=NOW + 2 * HOUR)
    decide_dispute(actor=boss, dispute=dispute, upheld=True, reason="It is.", now=NOW + 3 * HOUR)
    unmask_report(actor=boss, report=Report.objects.first(), reason="r", now=NOW + 3 * HOUR)
    slip = mark_official(actor=boss, identity=BAKERY, name="B", reason="r", now=NOW + 3 * HOUR)
    undo(actor=boss, entry=slip.decisions.get(), reason="a slip", now=NOW + 3 * HOUR)
    figures.count_up(now=NOW + 4 * HOUR)
    today = DayFigures.objects.get(day=NOW.date())
    assert (today.decisions, today.false_blocks) == (1 + blocked, blocked)


def test_after_a_pause_the_days_between_stand_as_the_last():
    crowd(3, at=NOW)
    figures.count_up(now=NOW)
    clear_number(actor=member("boss"), identity=SCAMMER, reason="x", now=NOW + 2 * DAY)
    figures.count_up(now=NOW + 3 * DAY)
    days = figures.by_day(now=NOW + 3 * DAY, days=4)
    assert [(day.day.day, day.flagged, day.decisions) for day in days] == [
        (24, 1, 0),
        (25, 1, 0),
        (26, 1, 1),
        (27, 0, 0),
    ]


def test_of_a_forgetful_log_no_history_is_told():
    from reputation.models import FeedHead

    crowd(3, at=NOW - 3 * DAY)
    FeedHead.objects.create(id=1, cursor=5, horizon=4)
    figures.count_up(now=NOW)
    assert list(DayFigures.objects.values_list("day", flat=True)) == [NOW.date()]


@pytest.mark.parametrize("seed", range(3))
def test_counting_forward_comes_to_what_counting_all_does(seed: int):
    """Also where counts came at odd times, and reports were committed late."""
    chance, at = random.Random(seed), NOW
    reported: list[Report] = []
    for step in range(40):
        at += timedelta(minutes=chance.choice((1, 5, 5, 20, 90)))
        for place in range(chance.randrange(4)):
            late = timedelta(minutes=chance.choice((0, 0, 0, 30)))
            who = newcomer(f"{step} {place}")
            cluster = chance.choice((None, 7, 8))
            Reporter.objects.filter(pk=who.pk).update(cluster=cluster)
            said = chance.choice(("threat", "loan_scam"))
            reported.append(say(who, said, chance.choice((SCAMMER, BAKERY)), at=at - late).report)
        figures.count_up(now=at - chance.choice((timedelta(0), timedelta(seconds=2))))
    figures.count_up(now=at + HOUR)  # what was late is counted
    clusters = ClusterFigures.objects.order_by("hour", "cluster").values_list()
    found = stands(), list(clusters)
    HourFigures.objects.all().delete()
    DayFigures.objects.all().delete()
    figures.count_up(now=at + HOUR)
    ClusterFigures.objects.all().delete()
    figures.count_up(now=at + HOUR)
    day = at + HOUR - DAY
    assert found[0] == stands()
    assert [row for row in found[1] if row[0] > day] == [row for row in clusters if row[0] > day]


def test_open_disputes_and_their_deadlines():
    def dispute(days: int, key: str, status: str = "open") -> Dispute:
        say(newcomer(key), number=BAKERY if key == "b" else SCAMMER)
        return Dispute.objects.create(
            number=row(BAKERY if key == "b" else SCAMMER), status=status, grounds="mistaken",
            statement="x", network="n", via="sms", language="en", opened_at=NOW,
            verified_at=NOW if status == "open" else None,
            deadline_at=NOW + days * DAY if status == "open" else None,
        )  # fmt: skip

    late, soon = dispute(-1, "a"), dispute(2, "b")
    dispute(1, "c", status="awaiting_code")
    found = figures.deadlines(now=NOW)
    assert (found.open, found.overdue, found.soon) == (2, 1, 1)
    assert found.nearest == [late, soon]


@pytest.mark.parametrize("reports", [1, 12])
def test_counting_takes_as_many_queries_for_many_reports(reports: int):
    for n in range(reports):
        say(newcomer(f"n{n}"), at=NOW - n * HOUR)
    figures.count_up(now=NOW)
    with CaptureQueriesContext(connection) as taken:
        figures.count_up(now=NOW)
    assert len(taken) == 19


def test_a_day_is_a_day_in_utc():
    say(newcomer("a"), at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    figures.count_up(now=datetime(2026, 11, 24, 0, 10, tzinfo=UTC))
    assert DayFigures.objects.order_by("-day").values_list("day", flat=True)[0] == date(
        2026, 11, 24
    )
    assert figures.by_hour(now=datetime(2026, 11, 24, 0, 10, tzinfo=UTC), hours=2)[0][1] == {
        "call": 1
    }
