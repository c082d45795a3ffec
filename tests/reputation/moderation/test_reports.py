"""Decisions about reports and about who wrote them."""

import pytest

from reputation.counting.rescoring import rescore
from reputation.identity.reading import identify
from reputation.models import AuditEntry, Report, Reporter
from reputation.moderation import (
    ParticularWrong,
    ReasonMissing,
    block_reporter,
    hide_report,
    merge_report,
    reject_report,
    reject_reports,
    unblock_reporter,
    unhide_report,
    unmask_report,
)
from reputation.reports import ReporterBlocked, withdraw_report
from tests.given.decisions import audit, by, entry
from tests.given.reporters import (
    BAKERY,
    NOW,
    SCAMMER,
    crowd,
    moderator,
    newcomer,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db


def test_a_rejected_report_stops_counting():
    judge = moderator()
    lie = say(newcomer("liar")).report
    say(veteran("honest"), "telemarketing")
    rejected = reject_report(actor=judge, report=lie, reason="made up", now=NOW)
    assert rejected.status == "rejected"
    number = row()
    assert (number.reports, number.newcomers, number.category) == (1, 0, "telemarketing")
    assert audit() == {
        "at": NOW,
        "actor_id": judge.pk,
        "verb": "reject_report",
        "number_id": number.pk,
        "report_id": lie.pk,
        "reason": "made up",
        "before": {"status": "live", "credit": 0.0},
        "after": {"status": "rejected", "credit": -3.0},
    }


def test_a_withdrawn_report_can_still_be_rejected_so_that_it_never_returns():
    reporter = newcomer("liar")
    lie = say(reporter).report
    withdraw_report(reporter=reporter, public_id=lie.public_id, now=NOW)
    rejected = reject_report(actor=moderator(), report=lie, reason="made up", now=NOW)
    assert rejected.status == "rejected"
    assert audit()["before"] == {"status": "withdrawn", "credit": 0.0}
    say(reporter)
    assert (row().reports, Report.objects.get().status) == (0, "rejected")


def test_rejecting_twice_costs_once_and_is_on_record_twice():
    reporter = newcomer("liar")
    lie = say(reporter).report
    for judge in ("one", "another"):
        reject_report(actor=moderator(judge), report=lie, reason="made up", now=NOW)
    reporter.refresh_from_db()
    assert reporter.fp == 3.0
    assert AuditEntry.objects.count() == 2


def test_rejecting_a_brigade_counts_once_and_is_on_record_for_each():
    lies = [say(newcomer(f"liar{n}"), network="one").report for n in range(5)]
    say(veteran("honest"), "legitimate")
    reject_reports(reports=lies, **by())
    assert (row().reports, row().newcomers) == (1, 0)
    assert set(Reporter.objects.filter(handle__startswith="liar").values_list("fp")) == {(3.0,)}
    assert AuditEntry.objects.filter(verb="reject_report").count() == 5
    assert rescore(limit=10, now=NOW).differences == []


def test_reports_of_several_numbers_are_not_one():
    reports = [say(newcomer("a")).report, say(newcomer("b"), number=BAKERY).report]
    with pytest.raises(ParticularWrong, match="about one number"):
        merge_report(report=reports[1], keep=reports[0], **by())
    with pytest.raises(ParticularWrong, match="the report that stays"):
        merge_report(report=reports[0], keep=reports[0], **by("b"))
    withdraw_report(reporter=reports[1].reporter, public_id=reports[1].public_id, now=NOW)
    other = say(newcomer("c"), number=BAKERY).report
    with pytest.raises(ParticularWrong, match="that count"):
        merge_report(report=reports[1], keep=other, **by("c"))


def test_duplicates_count_once_and_nobody_loses_trust():
    by_web, by_sms = (say(veteran(name)).report for name in ("web", "sms"))
    say(veteran("somebody"), "legitimate")
    alone = row().established
    merge_report(report=by_sms, keep=by_web, **by())
    by_sms.refresh_from_db()
    assert (row().established, by_sms.status, by_sms.merged_into) == (alone - 1, "merged", by_web)
    assert (entry().verb, entry().after) == (
        "merge_report",
        {"status": "merged", "merged_into_id": by_web.pk},
    )
    assert Reporter.objects.get(handle="sms").fp == 0.0
    say(by_sms.reporter, "threat")  # said again by the other channel: still one
    by_sms.refresh_from_db()
    assert (row().established, by_sms.status, by_sms.category) == (alone - 1, "merged", "threat")
    assert rescore(limit=10, now=NOW).differences == []


def test_a_hidden_report_counts_and_says_nothing(client):
    said = say(newcomer("a"), comment="Anna Huber did it", claimed_name="Anna Huber").report
    evidence = row().newcomers
    hide_report(report=said, **by())
    assert row().newcomers == evidence
    [shown] = client.get(f"/v1/numbers/{SCAMMER.key}/reports").json()["results"]
    assert (shown["comment"], shown["claimed_name"]) == ("", "")
    say(said.reporter, comment="Anna Huber again")
    assert Report.objects.get().comment_public == ""
    unhide_report(report=said, **by("b"))
    assert Report.objects.get().comment_public == "Anna Huber again"


def test_reading_what_is_masked_is_on_record():
    said = say(newcomer("a"), comment="call 13800138000").report
    unmask_report(report=said, **by())
    assert (entry().verb, entry().report, entry().number) == ("unmask_report", said, row())
    with pytest.raises(ReasonMissing):
        unmask_report(report=said, **by("b", reason=" "))


def test_a_blocked_reporter_is_heard_no_more():
    liar = newcomer("liar")
    lies = [say(liar, number=number).report for number in (SCAMMER, BAKERY)]
    crowd(2)
    block_reporter(reporter=liar, **by())
    assert liar.blocked_at == NOW
    assert [row().newcomers, row(BAKERY).newcomers] == [0, 0]
    assert (entry().reporter, entry().after) == (
        liar,
        {"blocked_at": "2026-11-24T12:00:00Z", "reports": [report.pk for report in lies]},
    )
    with pytest.raises(ReporterBlocked):
        say(liar)
    assert rescore(limit=10, now=NOW).differences == []
    unblock_reporter(reporter=liar, **by("b"))
    say(liar, number=identify("+4930901821"))
    assert set(liar.reports.values_list("status", flat=True)) == {"rejected", "live"}
