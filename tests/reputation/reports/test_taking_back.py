"""Reports that are taken back, settled, rejected, or said again after that."""

import pytest

from reputation import reports
from reputation.models import Reporter
from reputation.moderation import reject_report
from reputation.reports import find_report, mark_stopped, withdraw_report
from tests.given.reporters import DAY, NOW, columns, history, moderator, newcomer, row, say, veteran

pytestmark = pytest.mark.django_db


def test_a_withdrawn_report_stays_uncounted():
    reporter = newcomer("a")
    report = say(reporter, at=NOW - DAY).report
    withdrawn = withdraw_report(reporter=reporter, public_id=report.public_id, now=NOW)
    assert withdrawn == report
    kept = columns(report)
    assert (kept["status"], kept["category"], kept["filed_at"], kept["counted_at"]) == (
        "withdrawn",
        "loan_scam",
        NOW - DAY,
        NOW - DAY,
    )
    number = row()
    assert (number.reports, number.newcomers, number.networks) == (0, 0, 0)
    assert (number.unwanted_short, number.category, number.status) == (0.0, "", "unknown")
    assert (number.first_reported_at, number.last_reported_at) == (None, None)
    assert history(report) == [("withdrawn", "loan_scam", "live", NOW)]


def test_withdrawing_leaves_the_others_counted():
    one, other = newcomer("a"), newcomer("b")
    report = say(one, at=NOW - DAY).report
    say(other, "telemarketing", at=NOW)
    withdraw_report(reporter=one, public_id=report.public_id, now=NOW)
    number = row()
    assert (number.reports, number.unwanted_short, number.category) == (1, 0.0, "telemarketing")
    assert (number.first_reported_at, number.last_reported_at) == (NOW, NOW)


def test_withdrawing_twice_is_no_error_and_no_second_revision():
    reporter = newcomer("a")
    report = say(reporter).report
    for _ in range(2):
        again = withdraw_report(reporter=reporter, public_id=report.public_id, now=NOW)
        assert again.status == "withdrawn"
    assert len(history(report)) == 1


def test_reporting_again_restores():
    reporter = newcomer("a")
    report = say(reporter, at=NOW - 2 * DAY).report
    withdraw_report(reporter=reporter, public_id=report.public_id, now=NOW - DAY)
    again = say(reporter, "threat", at=NOW)
    assert (again.created, again.report.pk, again.report.status) == (False, report.pk, "live")
    number = row()
    assert (number.reports, number.newcomers, number.seq) == (1, 1, 2)
    assert (number.first_reported_at, number.last_reported_at) == (NOW - 2 * DAY, NOW)
    assert history(report) == [
        ("withdrawn", "loan_scam", "live", NOW - DAY),
        ("restored", "loan_scam", "withdrawn", NOW),
    ]


def test_a_settled_report_counts_no_more_until_they_call_again():
    reporter, other = veteran("a"), newcomer("b")
    say(other, at=NOW - 3 * DAY)
    before = row().unwanted_short
    report = say(reporter, at=NOW - 2 * DAY).report
    told = row().score
    record = Reporter.objects.filter(pk=reporter.pk).values().get()
    for _ in range(2):
        settled = mark_stopped(reporter=reporter, public_id=report.public_id, now=NOW - DAY)
        assert settled.status == "settled"
    number = row()
    assert (number.reports, number.newcomers, number.established) == (1, 1, 0)
    assert number.unwanted_short == before
    assert number.score < told
    assert Reporter.objects.filter(pk=reporter.pk).values().get() == record
    assert history(report) == [("settled", "loan_scam", "live", NOW - DAY)]
    again = say(reporter, at=NOW)
    assert (again.created, again.report.status, row().reports) == (False, "live", 2)
    assert history(report)[1] == ("restored", "loan_scam", "settled", NOW)


def test_what_others_settled_is_none_of_mine():
    report = say(newcomer("a")).report
    with pytest.raises(reports.ReportNotFound):
        mark_stopped(reporter=newcomer("b"), public_id=report.public_id, now=NOW)


def test_somebody_elses_report_is_as_good_as_none():
    report = say(newcomer("a")).report
    stranger = newcomer("b")
    sentence = f"You have no report {report.public_id}. Use the id that filing the report answered."
    with pytest.raises(reports.ReportNotFound) as error:
        find_report(reporter=stranger, public_id=report.public_id)
    assert str(error.value) == sentence
    with pytest.raises(reports.ReportNotFound):
        withdraw_report(reporter=stranger, public_id=report.public_id, now=NOW)
    assert columns(report)["status"] == "live"


def test_rejected_stays_rejected_and_the_new_text_is_kept():
    reporter = newcomer("a")
    report = say(reporter, at=NOW - 2 * DAY).report
    reject_report(actor=moderator(), report=report, reason="untrue", now=NOW - DAY)
    again = say(reporter, "threat", comment="but it is true", at=NOW)
    assert (again.created, again.report.status) == (False, "rejected")
    kept = columns(report)
    assert (kept["status"], kept["category"], kept["comment"]) == (
        "rejected",
        "threat",
        "but it is true",
    )
    number = row()
    assert (number.reports, number.newcomers, number.status) == (0, 0, "unknown")
    assert history(report) == [
        ("rejected", "loan_scam", "live", NOW - DAY),
        ("updated", "loan_scam", "rejected", NOW),
    ]


def test_a_rejected_report_cannot_be_withdrawn_and_brought_back():
    reporter = newcomer("a")
    report = say(reporter).report
    reject_report(actor=moderator(), report=report, reason="untrue", now=NOW)
    kept = withdraw_report(reporter=reporter, public_id=report.public_id, now=NOW)
    assert kept.status == "rejected"
    assert say(reporter).report.status == "rejected"
    assert row().reports == 0
