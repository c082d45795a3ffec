"""Many at once, each in a thread and a connection of its own, end as if they had queued."""

import pytest

from reputation.identity import Identity, identify
from reputation.models import FeedChange, Number, Report, Reporter, ReportRevision
from reputation.moderation import clear_number, confirm_number, reject_report
from reputation.reports import (
    ReportError,
    Statement,
    submit_block,
    submit_reports,
    withdraw_report,
)
from tests.given.concurrency import together
from tests.given.folded import rebuild
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    moderator,
    newcomer,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db(transaction=True)


def rebuilt(number: Number):
    reports = Report.objects.live().filter(number=number).select_related("reporter").order_by("seq")
    return rebuild([r.voice for r in reports])


@pytest.mark.slow
def test_twenty_reporters_of_one_new_number():
    people = [newcomer(f"n{n}") for n in range(10)] + [veteran(f"v{n}") for n in range(10)]
    submissions = together(
        *[
            lambda who=who, n=n: say(who, network=f"net{n % 7}", at=NOW - n % 5 * DAY)
            for n, who in enumerate(people)
        ]
    )
    number = row()
    assert all(submission.created for submission in submissions)
    assert (number.reports, number.seq) == (20, 20)
    assert (number.newcomers, number.established, number.networks) == (10, 10, 7)
    assert list(Report.objects.order_by("seq").values_list("seq", flat=True)) == [*range(1, 21)]
    evidence, buckets = rebuilt(number)  # in the order of seq, whichever it came to be
    assert number.evidence == evidence
    assert number.buckets.count() == len(buckets)
    # Settled on the way: what reporters gained is what their reports were credited.
    assert number.settled_side == 1
    for reporter in Reporter.objects.prefetch_related("reports"):
        start = 10.0 if reporter.handle.startswith("v") else 0.0
        assert reporter.tp == pytest.approx(start + reporter.reports.get().credit)


@pytest.mark.slow
def test_one_reporter_twenty_times():
    reporter = newcomer("a")
    submissions = together(*[lambda: say(reporter, network="n1") for _ in range(20)])
    assert sorted(submission.created for submission in submissions) == [False] * 19 + [True]
    assert Report.objects.count() == 1
    assert ReportRevision.objects.count() == 19
    number = row()
    assert (number.reports, number.seq, number.newcomers) == (1, 20, 1)
    assert number.evidence == rebuilt(number)[0]


@pytest.mark.slow
def test_two_numbers_that_settle_at_once_share_their_reporters():
    """Each settlement moves all the reporters, whose rows it must lock in one order."""
    people = [veteran(f"v{n}") for n in range(8)]
    for n, who in enumerate(people):
        say(who, at=NOW - (9 - n) * DAY)
    for n, who in enumerate(reversed(people)):
        say(who, number=BAKERY, at=NOW - (9 - n) * DAY)
    for _ in range(3):
        together(
            *[
                lambda who=who, number=number: say(who, number=number)
                for who in people[:5]
                for number in (SCAMMER, BAKERY)
            ]
        )
    for number in (row(), row(BAKERY)):
        assert (number.reports, number.settled_side) == (8, 1)
        assert number.evidence == rebuilt(number)[0]
    for reporter in Reporter.objects.prefetch_related("reports"):
        earned = sum(report.credit for report in reporter.reports.all())
        assert reporter.tp == pytest.approx(10.0 + earned)


def enough() -> int:
    """How many veterans, a day apart, make a number's truth plain."""
    probe = identify("+8613812999999")
    for n in range(1, 20):
        say(veteran(f"probe{n}"), number=probe, at=NOW - (20 - n) * DAY)
        if row(probe).settled_side:
            return n
    raise AssertionError("nothing ever settles")


@pytest.mark.slow
def test_rejections_on_numbers_that_share_their_reporters():
    """A rejection costs its own reporter; what the others earned waits for the next pass."""
    judge = moderator()
    early = enough()
    people = [veteran(f"v{n}") for n in range(early + 1)]
    numbers = [identify(f"+861381234560{n}") for n in range(6)]
    for number in numbers:
        for n, who in enumerate(people):
            say(who, number=number, at=NOW - (early + 1 - n) * DAY)
    # In turns the last of those who were early and the first.
    ends = (people[0], people[early - 1])
    untrue = [
        Report.objects.get(reporter=ends[n % 2], number__key=number.key)
        for n, number in enumerate(numbers)
    ]
    others = Report.objects.filter(reporter__in=people[1 : early - 1])
    before = set(others.values_list("credit", flat=True))
    together(
        *[
            lambda report=report: reject_report(actor=judge, report=report, reason="no", now=NOW)
            for report in untrue
        ]
    )
    assert set(Report.objects.filter(status="rejected")) == set(untrue)
    assert {row(number).reports for number in numbers} == {early}
    assert before == set(others.values_list("credit", flat=True)) == {1.0}
    for reporter in Reporter.objects.filter(reports__in=others).distinct():
        assert reporter.tp == pytest.approx(
            10.0 + sum(reporter.reports.values_list("credit", flat=True))
        )


@pytest.mark.slow
def test_many_reports_in_one_transaction_settle_in_one_order():
    """Each of two settles two numbers: the reporters of one's first are those of the other's
    second."""
    size = enough() - 1
    low = [veteran(f"low{n}") for n in range(size)]
    high = [veteran(f"high{n}") for n in range(size)]
    one, other = veteran("one"), veteran("other")
    for turn in range(3):
        numbers = [identify(f"+86138123456{turn}{n}") for n in range(4)]
        for number, people in zip(numbers, (high, low, low, high), strict=True):
            for n, who in enumerate(people):
                say(who, number=number, at=NOW - (size - n) * DAY)
            assert row(number).settled_side == 0
        together(
            lambda numbers=numbers: say_all(one, numbers[0], numbers[2]),
            lambda numbers=numbers: say_all(other, numbers[1], numbers[3]),
        )
        assert {row(number).settled_side for number in numbers} == {1}


def say_all(reporter: Reporter, *numbers: Identity) -> None:
    submit_reports(
        reporter=reporter,
        entries=[(number, Statement(category="loan_scam")) for number in numbers],
        network=f"net-{reporter.handle}",
        now=NOW,
    )


@pytest.mark.slow
def test_decisions_reports_and_withdrawals_at_once():
    judge = moderator()
    people = [veteran(f"v{n}") for n in range(6)]
    for number in (SCAMMER, BAKERY):
        for n, who in enumerate(people):
            say(who, number=number, at=NOW - (9 - n) * DAY)
    one = Report.objects.get(reporter=people[-1], number__key=SCAMMER.key)
    mine = Report.objects.get(reporter=people[2], number__key=SCAMMER.key)
    together(
        lambda: reject_report(actor=judge, report=one, reason="untrue", now=NOW),
        lambda: confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=NOW),
        lambda: clear_number(actor=judge, identity=BAKERY, reason="a bakery", now=NOW),
        lambda: withdraw_report(reporter=people[2], public_id=mine.public_id, now=NOW),
        lambda: say(people[1], number=BAKERY),
        lambda: say(people[1]),
    )
    assert (row().reports, row(BAKERY).reports) == (4, 6)
    assert (row().action, row(BAKERY).moderated) == ("block", -1)
    for number in (row(), row(BAKERY)):
        assert number.evidence == rebuilt(number)[0]


@pytest.mark.slow
def test_twenty_withdrawals_of_one_report_are_one():
    reporter = newcomer("a")
    report = say(reporter).report
    together(
        *[
            lambda: withdraw_report(reporter=reporter, public_id=report.public_id, now=NOW)
            for _ in range(20)
        ]
    )
    assert ReportRevision.objects.count() == 1
    assert (row().reports, row().newcomers) == (0, 0)


@pytest.mark.slow
def test_blocks_that_share_new_and_known_numbers_lose_no_count():
    """Two files that create the same numbers, and single reports about them, at the same moment."""
    people = [newcomer(f"n{n}") for n in range(5)]
    keys = [f"+1202555{place:04}" for place in range(100, 160)]
    numbers = [identify(key, allow_fictional=True) for key in keys]
    for number in numbers[::4]:
        say(people[0], number=number)

    def block(who: Reporter, which: list[Identity]) -> list[bool | ReportError]:
        entries = [(number, Statement(category="loan_scam")) for number in which]
        return submit_block(reporter=who, entries=entries, network=f"net-{who.handle}", now=NOW)

    outcomes = together(
        lambda: block(people[1], numbers[:50]),
        lambda: block(people[2], numbers[::-1] + numbers[:5]),
        lambda: block(people[3], numbers[10:]),
        lambda: [say(people[4], number=number).created for number in numbers[40:20:-1]],
    )
    assert [outcome.count(True) for outcome in outcomes] == [50, 60, 50, 20]
    assert outcomes[1].count(False) == 5
    for place, number in enumerate(numbers):
        found = row(number)
        assert found.reports == (
            (place % 4 == 0) + (place < 50) + 1 + (place >= 10) + (21 <= place <= 40)
        )
        assert found.evidence == rebuilt(found)[0]
        assert FeedChange.objects.filter(key=number.key).exists()
