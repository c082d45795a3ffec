"""What is filed is kept and counted, each person once, and shown to the public."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reputation import reports
from reputation.identity import Identity, identify
from reputation.models import Number, Report, Reporter, ReportRevision
from reputation.moderation import reject_report
from reputation.reports import Statement, submit_reports, withdraw_report
from reputation.scoring.trust import ATTESTATION_FACTORS
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    columns,
    history,
    moderator,
    newcomer,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db

FURTHER = identify("+8613812345679")


def test_everything_stated_is_kept():
    reporter = newcomer("a")
    submission = say(
        reporter,
        "illegal_collection",
        at=NOW,
        network="n1",
        occurred_at=NOW - DAY,
        conduct=["threats", "privacy_disclosure"],
        comment="Call +86 138 1234 5678 back",
        attestation="B",
        callback_number="+8613800138000",
        claimed_name="Happy Loans",
        transcript="This is Anna Example, call 415 555 0134",
        call_count=3,
        was_warned=False,
        channel="sms",
    )
    assert submission.created is True
    assert submission.number == row()
    stored = columns(submission.report)
    weight = stored.pop("weight")
    contribution = stored.pop("contribution")
    assert weight >= contribution > 0.0
    assert isinstance(stored.pop("public_id"), uuid.UUID)
    assert stored == {
        "id": submission.report.pk,
        "number_id": row().pk,
        "reporter_id": reporter.pk,
        "status": "live",
        "returns_as": "",
        "hidden": False,
        "merged_into_id": None,
        "category": "illegal_collection",
        "conduct": ["threats", "privacy_disclosure"],
        "comment": "Call +86 138 1234 5678 back",
        "comment_public": "Call ▇▇▇ back",
        "transcript": "This is Anna Example, call 415 555 0134",
        "other_accounts": "",
        "transcript_public": "This is Anna Example, call ▇▇▇",
        "campaign_id": None,
        "erased_at": None,
        "occurred_at": NOW - DAY,
        "channel": "sms",
        "attestation": "B",
        "was_warned": False,
        "callback_number": "+8613800138000",
        "claimed_name": "Happy Loans",
        "call_count": 3,
        "filed_at": NOW,
        "seq": 1,
        "counted_at": NOW,
        "since": None,
        "network": "n1",
        "established": False,
        "first": True,
        "credit": 0.0,
        "full_side": 0,
    }
    assert history(submission.report) == []


def test_a_person_is_one_voice():
    reporter = newcomer("a")
    first = say(reporter, "loan_scam", comment="first", at=NOW - DAY)
    second = say(reporter, "threat", comment="second", at=NOW)
    assert (first.created, second.created) == (True, False)
    report = Report.objects.get()
    assert report.pk == first.report.pk == second.report.pk
    assert report.public_id == first.report.public_id
    assert (report.category, report.comment, report.comment_public) == (
        "threat",
        "second",
        "second",
    )
    assert (report.filed_at, report.counted_at, report.seq) == (NOW - DAY, NOW, 2)
    number = row()
    assert (number.reports, number.seq, number.newcomers) == (1, 2, 1)
    assert (number.first_reported_at, number.last_reported_at) == (NOW - DAY, NOW)
    assert list(number.category_mix) == ["threat"]
    assert history(report) == [("updated", "loan_scam", "live", NOW)]


def test_who_is_called_again_and_again_has_said_so_since_the_first_call():
    reporter = newcomer("a")
    for day in (9, 6, 3, 0):
        say(reporter, "threat" if day else "loan_scam", at=NOW - day * DAY)
    report = Report.objects.get()
    assert (report.since, report.counted_at) == (NOW - 9 * DAY, NOW)
    assert (row().first_unwanted_at, row().last_unwanted_at) == (NOW - 9 * DAY, NOW)


@pytest.mark.parametrize("broken", ["opposed", "withdrawn", "silent", "corrected"])
def test_what_was_broken_off_or_only_corrected_was_said_no_longer_than_now(broken):
    reporter = newcomer("a")
    first = say(reporter, at=NOW - (61 if broken == "silent" else 9) * DAY)
    if broken == "opposed":
        say(reporter, "legitimate", at=NOW - DAY)
    if broken == "withdrawn":
        withdraw_report(reporter=reporter, public_id=first.report.public_id, now=NOW - DAY)
    say(reporter, at=NOW, corrects=broken == "corrected")
    assert Report.objects.get().since is None
    assert row().first_unwanted_at == NOW


def test_a_correction_leaves_standing_since_when_it_was_said():
    reporter = newcomer("a")
    for day in (9, 3):
        say(reporter, at=NOW - day * DAY)
    say(reporter, at=NOW, corrects=True)
    assert Report.objects.get().since == NOW - 9 * DAY


def test_what_was_said_of_a_former_holder_was_not_said_of_the_present_one():
    reporter = newcomer("a")
    say(reporter, at=NOW - 9 * DAY)
    Number.objects.update(epoch_at=NOW - 5 * DAY)
    say(reporter, at=NOW)
    assert Report.objects.get().since is None


def test_what_was_said_before_is_kept_whole():
    reporter = newcomer("a")
    said = {
        "occurred_at": NOW - DAY,
        "conduct": ["threats"],
        "comment": "before",
        "attestation": "A",
        "callback_number": "CN:95533",
        "claimed_name": "x",
        "transcript": "press one",
        "other_accounts": "",
        "call_count": 2,
        "was_warned": False,
        "channel": "sms",
    }
    report = say(reporter, at=NOW - DAY, **said).report
    say(reporter, "survey", at=NOW)
    assert ReportRevision.objects.get(report=report).content == {
        **said,
        "category": "loan_scam",
        "occurred_at": "2026-11-23T12:00:00+00:00",
        "status": "live",
        "counted_at": "2026-11-23T12:00:00+00:00",
    }


def test_what_is_left_out_the_second_time_is_gone():
    reporter = newcomer("a")
    say(reporter, comment="before", conduct=["threats"], call_count=9)
    report = say(reporter).report
    assert (report.comment, report.comment_public, report.conduct, report.call_count) == (
        *("", ""),
        [],
        1,
    )


def test_people_and_numbers_are_counted_apart():
    one, other = newcomer("a"), newcomer("b")
    say(one)
    say(other)
    say(one, number=BAKERY)
    assert (row().reports, row(BAKERY).reports) == (2, 1)


def test_weight_follows_the_record_of_the_reporter():
    young, old = say(newcomer("a")).report, say(veteran("b")).report
    assert (young.established, old.established) == (False, True)
    assert 0.0 < young.weight < old.weight


def test_weight_is_read_from_the_database_not_from_the_caller():
    reporter = veteran("a")
    Reporter.objects.filter(pk=reporter.pk).update(tp=0.0, tn=0.0)
    assert say(reporter).report.established is False


@pytest.mark.parametrize("attestation", ATTESTATION_FACTORS)
def test_weight_follows_attestation(attestation):
    full = say(newcomer("a"), number=BAKERY).report.weight
    weight = say(newcomer("b"), attestation=attestation).report.weight
    assert weight == full * ATTESTATION_FACTORS[attestation]


def test_who_was_warned_by_us_says_nothing_new():
    report = say(newcomer("a"), was_warned=True).report
    number = row()
    assert (report.weight, report.contribution) == (0.0, 0.0)
    assert (number.reports, number.newcomers, number.unwanted_short) == (1, 0, 0.0)
    assert (number.action, number.status, number.score) == ("allow", "unknown", 0)


# --- Refusals ---


def test_a_blocked_reporter_is_refused_and_nothing_is_made():
    reporter = newcomer("a")
    reporter.blocked_at = NOW
    reporter.save()
    with pytest.raises(reports.ReporterBlocked) as error:
        say(reporter)
    assert str(error.value) == (
        "Reports from this reporter are no longer accepted. Write to the moderators to appeal."
    )
    assert error.value.field == ""
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("shift", "refusal"),
    [
        (timedelta(minutes=10), None),
        (timedelta(minutes=10, microseconds=1), reports.CallInFuture),
        (-timedelta(days=366), None),
        (-timedelta(days=366, microseconds=1), reports.CallTooOld),
    ],
)
def test_when_the_call_came(shift, refusal):
    if refusal is None:
        assert say(newcomer("a"), occurred_at=NOW + shift).report.occurred_at == NOW + shift
        return
    with pytest.raises(refusal) as error:
        say(newcomer("a"), occurred_at=NOW + shift)
    assert error.value.field == "occurred_at"
    assert not Report.objects.exists()


def test_the_defaults_of_a_statement_say_nothing():
    assert Statement(category="other") == Statement(
        category="other",
        occurred_at=None,
        conduct=[],
        comment="",
        attestation="",
        callback_number="",
        claimed_name="",
        call_count=1,
        was_warned=False,
        channel="call",
    )


# --- Many at once ---


def test_statements_of_one_batch_count_as_if_each_came_alone():
    """Two numbers with the same past: one hears the reporter in a batch, the other one by one."""
    said = ["loan_scam", "legitimate", "threat", "legitimate"]
    together, apart = SCAMMER, BAKERY
    for number in (together, apart):
        for n in range(2):
            say(newcomer(f"{number.key}{n}"), "threat", number, network=f"n{n}")
    batch, alone = newcomer("batch"), newcomer("alone")
    outcomes = submit_reports(
        reporter=batch,
        entries=[
            (number, Statement(category=category))
            for category in said
            for number in (together, FURTHER)
        ],
        network="n",
        now=NOW,
    )
    for category in said:
        say(alone, category, apart, network="n")
    assert [outcome.created for outcome in outcomes] == [True] * 2 + [False] * 6
    assert (row(together).evidence, row(together).category_mix) == (
        row(apart).evidence,
        row(apart).category_mix,
    )
    counted = ("seq", "category", "weight", "first", "contribution", "credit", "status")
    [one, other] = [
        Report.objects.filter(reporter=reporter, number__key=number.key)
        for reporter, number in ((batch, together), (alone, apart))
    ]
    assert one.values(*counted).get() == other.values(*counted).get()
    assert [entry[:3] for entry in history(one.get())] == [
        ("updated", category, "live") for category in said[:-1]
    ]
    assert (row(together).reports, row(FURTHER).reports, row(FURTHER).seq) == (3, 1, 4)


def test_reports_that_are_repeated_together_are_counted_together():
    reporter = newcomer("a")
    numbers = [identify(f"+861381234{n:04}") for n in range(8)]

    def queries(some: list[Identity]) -> int:
        with CaptureQueriesContext(connection) as seen:
            submit_reports(
                reporter=reporter,
                entries=[(number, Statement(category="threat")) for number in some],
                network="n",
                now=NOW,
            )
        return len(seen)

    queries(numbers)
    assert queries(numbers) == queries(numbers[:2])


# --- The public's view ---


def test_public_reports_are_standing_ones_newest_first():
    people = [newcomer(name) for name in "abcd"]
    filed = [say(person, at=NOW + n * DAY).report for n, person in enumerate(people)]
    withdraw_report(reporter=people[1], public_id=filed[1].public_id, now=NOW)
    reject_report(actor=moderator(), report=filed[2], reason="untrue", now=NOW)
    say(newcomer("elsewhere"), number=BAKERY)
    public = Report.objects.public_of(SCAMMER.key)
    assert list(public) == [filed[3], filed[0]]
    cursor = (filed[3].counted_at, filed[3].pk)
    assert list(Report.objects.public_of(SCAMMER.key, after=cursor)) == [filed[0]]


def test_a_cursor_splits_reports_of_the_same_moment():
    filed = [say(newcomer(name)).report for name in "abc"]
    after = (filed[1].counted_at, filed[1].pk)
    assert list(Report.objects.public_of(SCAMMER.key, after=after)) == [filed[0]]


def test_how_they_read_in_the_admin():
    report = say(newcomer("a")).report
    say(report.reporter)
    assert [str(thing) for thing in (report, report.number, report.reporter)] == [
        str(report.public_id),
        "+86 138 1234 5678",
        "person:a",
    ]
    assert str(ReportRevision.objects.get()) == f"{report.pk} updated"


@pytest.mark.parametrize(("own", "counted"), [("n2", "n2"), ("n3", "n1")])
def test_who_comes_back_stays_in_the_own_network_if_a_report_from_it_was_erased_that_day(
    own, counted
):
    """Of two people who erased their reports on one day, nobody knows which one comes back."""
    for n in (1, 2):
        say(newcomer(f"a{n}"), network=f"n{n}")
    Report.objects.update(erased_at=NOW)
    back = Reporter.objects.create(kind="person", handle="b", created_at=NOW, erased_on=[NOW])
    assert say(back, network=own, at=NOW + DAY).report.network == counted
