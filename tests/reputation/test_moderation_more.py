"""Pins, marks taken back, reports hidden and merged, reporters and clusters blocked."""

import pytest

from reputation.counting.reassessment import reassess_due
from reputation.counting.rescoring import rescore
from reputation.identity import identify
from reputation.models import AuditEntry, Number, Report, Reporter
from reputation.moderation import (
    DateInFuture,
    PinEnd,
    ReasonMissing,
    block_cluster,
    block_reporter,
    hide_report,
    mark_official,
    mark_reassigned,
    mark_spoofed,
    merge_reports,
    pin_number,
    reject_reports,
    unblock_reporter,
    unhide_report,
    unmark_official,
    unmark_reassigned,
    unmark_spoofed,
    unmask_report,
    unpin_number,
)
from reputation.moderation.reporters import NoSuchCluster
from reputation.moderation.reports import NotDuplicates
from reputation.reports import ReporterBlocked, withdraw_report
from reputation.scoring.policy import Action
from tests.given.reporters import (
    BAKERY,
    DAY,
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


def by(name: str = "judge", **more) -> dict:
    return {"actor": moderator(name), "reason": "because", "now": NOW} | more


def entry() -> AuditEntry:
    return AuditEntry.objects.latest("id")


# --- Pins ---


def test_a_pin_holds_until_its_end_and_no_longer():
    pin_number(identity=SCAMMER, action=Action.BLOCK, until=NOW + 2 * DAY, **by())
    assert (row().action, row().reassess_at) == ("block", NOW + 2 * DAY)
    assert entry().after == {"pinned": "block", "pinned_until": "2026-11-26T12:00:00Z"}
    say(veteran("a"), "legitimate", at=NOW + DAY)
    assert row().action == "block"
    assert reassess_due(now=NOW + 2 * DAY).changes == {("block", "allow"): 1}
    assert (row().pinned, row().pinned_until, row().action) == ("", None, "allow")


def test_a_pin_is_taken_off():
    pin_number(identity=SCAMMER, action=Action.FLAG, until=NOW + DAY, **by())
    unpin_number(identity=SCAMMER, **by("b"))
    assert (row().pinned, row().pinned_until, row().action) == ("", None, "allow")
    assert (entry().verb, entry().before["pinned"]) == ("unpin_number", "flag")


@pytest.mark.parametrize("until", [NOW, NOW - DAY, NOW + 367 * DAY])
def test_a_pin_ends_within_a_year(until):
    with pytest.raises(PinEnd) as error:
        pin_number(identity=SCAMMER, action=Action.FLAG, until=until, **by())
    assert error.value.field == "until"
    assert not Number.objects.exists()


# --- Marks taken back ---


def test_marks_are_taken_back():
    crowd(4)
    told = row().action, row().status, row().score
    mark_official(identity=SCAMMER, name="A Bank", **by("a"))
    unmark_official(identity=SCAMMER, **by("b"))
    assert (row().official, row().name) == (False, "")
    mark_spoofed(identity=SCAMMER, **by("c"))
    unmark_spoofed(identity=SCAMMER, **by("d"))
    assert (row().action, row().status, row().score) == told
    credits = list(Report.objects.order_by("pk").values_list("credit"))
    mark_reassigned(identity=SCAMMER, **by("e", now=NOW + DAY))
    assert row().status == "reassigned"
    unmark_reassigned(identity=SCAMMER, **by("f"))
    assert (row().action, row().status, row().score) == told
    assert list(Report.objects.order_by("pk").values_list("credit")) == credits
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        "mark_official",
        "unmark_official",
        "mark_spoofed",
        "unmark_spoofed",
        "mark_reassigned",
        "unmark_reassigned",
    ]
    assert rescore(limit=10, now=NOW).differences == []


def test_a_new_holder_s_first_day_may_lie_in_the_past():
    crowd(4)  # the last at NOW, one a day before
    mark_reassigned(identity=SCAMMER, since=NOW - DAY, **by())
    assert (row().reports, row().epoch_at, row().status) == (2, NOW - DAY, "listed")
    assert rescore(limit=10, now=NOW).differences == []


def test_a_new_holder_is_here_already():
    with pytest.raises(DateInFuture) as error:
        mark_reassigned(identity=SCAMMER, since=NOW + DAY, **by())
    assert error.value.field == "since"


# --- Reports ---


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
    with pytest.raises(NotDuplicates, match="about one number"):
        merge_reports(keep=reports[0], duplicates=reports[1:], **by())
    with pytest.raises(NotDuplicates, match="the report that stays"):
        merge_reports(keep=reports[0], duplicates=[], **by("b"))
    withdraw_report(reporter=reports[1].reporter, public_id=reports[1].public_id, now=NOW)
    other = say(newcomer("c"), number=BAKERY).report
    with pytest.raises(NotDuplicates, match="that count"):
        merge_reports(keep=other, duplicates=reports[1:], **by("c"))


def test_duplicates_count_once_and_nobody_loses_trust():
    by_web, by_sms = (say(veteran(name)).report for name in ("web", "sms"))
    say(veteran("somebody"), "legitimate")
    alone = row().established
    merge_reports(keep=by_web, duplicates=[by_sms], **by())
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


# --- Reporters ---


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


def test_a_cluster_is_blocked_as_one():
    ring = [newcomer(f"ring{n}") for n in range(3)]
    for each in ring:
        say(each, network="one")
    Reporter.objects.filter(handle__startswith="ring").update(cluster=ring[0].pk)
    say(newcomer("honest"))
    blocked = block_cluster(cluster=ring[0].pk, **by())
    assert [each.handle for each in blocked] == ["ring0", "ring1", "ring2"]
    assert row().newcomers == 1
    assert AuditEntry.objects.filter(verb="block_reporter").count() == 3
    with pytest.raises(NoSuchCluster):
        block_cluster(cluster=ring[0].pk, **by("b"))
