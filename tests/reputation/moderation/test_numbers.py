"""Decisions of moderators: confirmed, cleared, pinned, marked, rejected, hidden, merged."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from reputation.counting import publishing
from reputation.counting.reassessment import reassess_due
from reputation.counting.rescoring import rescore
from reputation.identity.reading import identify
from reputation.lookup.single import look_up
from reputation.models import AuditEntry, Number, Report, Reporter
from reputation.moderation import (
    DateInFuture,
    DateTooEarly,
    PinEnd,
    ReasonMissing,
    block_reporter,
    clear_number,
    confirm_number,
    hide_report,
    mark_official,
    mark_reassigned,
    mark_spoofed,
    merge_reports,
    pin_number,
    reject_report,
    reject_reports,
    unblock_reporter,
    unhide_report,
    unmark_official,
    unmark_reassigned,
    unmark_spoofed,
    unmask_report,
    unpin_number,
)
from reputation.moderation.reports import NotDuplicates
from reputation.reports import ReporterBlocked, withdraw_report
from reputation.scoring.evidence import EMPTY
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


def audit() -> dict:
    """The one audit entry, without its id and what it does not refer to."""
    [entry] = AuditEntry.objects.values()
    del entry["id"]
    for name in ("reporter_id", "campaign_id", "key_grant_id", "batch_id", "undoes_id"):
        assert entry.pop(name) is None
    return entry


def told(number: Number) -> tuple[str, str, int]:
    fresh = Number.objects.get(pk=number.pk)
    return fresh.action, fresh.status, fresh.score


def by(name: str = "judge", **more) -> dict:
    return {"actor": moderator(name), "reason": "because", "now": NOW} | more


def entry() -> AuditEntry:
    return AuditEntry.objects.latest("id")


def test_a_crowd_alone_is_only_flagged():
    """The gates are open, and still only the pass or a moderator blocks."""
    crowd(6)
    assert told(row())[:2] == ("flag", "listed")
    assert look_up(SCAMMER, now=NOW).reasons[-1] == "Blocking needs confirmation by the trust pass."


# --- Confirming ---


def test_a_confirmation_blocks_without_any_report():
    judge = moderator()
    number = confirm_number(actor=judge, identity=SCAMMER, reason="heard the recording", now=NOW)
    action, status, score = told(number)
    assert (action, status) == ("block", "listed")
    assert score >= 95
    assert look_up(SCAMMER, now=NOW).reasons == [
        "A moderator confirmed that calls from this number are unwanted."
    ]
    assert audit() == {
        "at": NOW,
        "actor_id": judge.pk,
        "verb": "confirm_number",
        "number_id": number.pk,
        "report_id": None,
        "reason": "heard the recording",
        "before": {"moderated": 0, "moderated_at": None, "settled_side": 0, "settled_seq": 0},
        "after": {
            "moderated": 1,
            "moderated_at": "2026-11-24T12:00:00Z",
            "settled_side": 1,
            "settled_seq": 0,
        },
    }


def test_a_confirmation_opens_block_whatever_the_gates():
    say(newcomer("a"))
    assert row().action == "allow"
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    assert told(row())[0] == "block"


def test_a_confirmation_fades():
    number = confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    assert number.reassess_at is not None
    assert number.reassess_at > NOW + 100 * DAY
    assert not Number.objects.due(NOW).exists()
    assert Number.objects.due(number.reassess_at).get() == number
    with transaction.atomic():
        publishing.publish(number, now=number.reassess_at)
    assert told(number)[:2] == ("flag", "listed")


def test_a_confirmed_official_number_may_be_blocked():
    judge = moderator()
    mark_official(actor=judge, identity=SCAMMER, name="A Bank", reason="register", now=NOW)
    confirm_number(actor=judge, identity=SCAMMER, reason="it is the bank itself", now=NOW)
    assert told(row())[:2] == ("block", "official")


# --- Clearing ---


def test_a_cleared_number_is_neither_flagged_nor_blocked_by_reports():
    crowd(3, number=BAKERY)
    assert row(BAKERY).action == "flag"
    number = clear_number(actor=moderator(), identity=BAKERY, reason="a bakery", now=NOW)
    assert told(number)[:2] == ("allow", "clear")
    before = audit()["before"]
    assert len(before.pop("credits")) == 3
    assert before == {
        "moderated": 0,
        "moderated_at": None,
        "promoted": False,
        "settled_side": 1,
        "settled_seq": 3,
    }
    assert audit()["after"] == {
        "moderated": -1,
        "moderated_at": "2026-11-24T12:00:00Z",
        "promoted": False,
        "settled_side": -1,
        "settled_seq": 3,
    }


def test_clearing_takes_a_promotion_back():
    crowd(6)
    number = row()
    number.promoted = True
    with transaction.atomic():
        publishing.publish(number, now=NOW)
    assert told(number)[0] == "block"
    clear_number(actor=moderator(), identity=SCAMMER, reason="a mix-up", now=NOW)
    assert told(number)[0] != "block"
    assert row().promoted is False


# --- Official numbers ---


def test_reports_never_block_nor_flag_an_official_number():
    judge = moderator()
    number = mark_official(
        actor=judge, identity=BAKERY, name="The Bakery", reason="register", now=NOW - 30 * DAY
    )
    assert audit()["before"] == {"official": False, "promoted": False, "name": ""}
    assert audit()["after"] == {"official": True, "promoted": False, "name": "The Bakery"}
    crowd(8, number=BAKERY)
    assert told(number)[:2] == ("allow", "official")
    assert row(BAKERY).name == "The Bakery"


def test_becoming_official_lifts_a_promotion():
    crowd(6)
    number = row()
    number.promoted = True
    with transaction.atomic():
        publishing.publish(number, now=NOW)
    mark_official(actor=moderator(), identity=SCAMMER, name="A Bank", reason="register", now=NOW)
    assert told(number)[:2] == ("allow", "official")


# --- Spoofing ---


def test_a_spoofed_number_is_held_at_flag():
    judge = moderator()
    crowd(6)
    confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=NOW)
    assert told(row())[0] == "block"
    mark_spoofed(actor=judge, identity=SCAMMER, reason="the holder is a school", now=NOW)
    assert told(row())[:2] == ("flag", "spoofed")
    assert AuditEntry.objects.latest("id").after == {"spoofed": True}


# --- A new holder ---


def test_a_new_holder_starts_anew_and_the_old_evidence_stays_on_record():
    judge = moderator()
    crowd(6, at=NOW - DAY)
    confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=NOW - DAY)
    assert row().action == "block"
    number = mark_reassigned(actor=judge, identity=SCAMMER, reason="carrier's list", now=NOW)
    assert told(number) == ("allow", "reassigned", 0)
    assert row().evidence == EMPTY
    assert (row().reports, row().first_reported_at, row().last_reported_at) == (0, None, None)
    assert (row().category, row().category_mix) == ("", {})
    assert Report.objects.live().filter(number=number).count() == 6


def test_nothing_decided_of_the_old_holder_binds_the_new_one():
    judge = moderator()
    mark_official(actor=judge, identity=SCAMMER, name="A Bank", reason="register", now=NOW)
    mark_spoofed(actor=judge, identity=SCAMMER, reason="storm", now=NOW)
    Number.objects.update(disputed=True, holder_verified=True, pinned="flag", promoted=True)
    mark_reassigned(actor=judge, identity=SCAMMER, reason="carrier's list", now=NOW + DAY)
    number = row()
    entry = AuditEntry.objects.latest("id")
    assert entry.before == {
        "reassigned": False,
        "epoch_at": None,
        "settled_side": 0,
        "settled_seq": 0,
        "moderated": 0,
        "moderated_at": None,
        "promoted": True,
        "official": True,
        "name": "A Bank",
        "never_calls": False,
        "holder_verified": True,
        "disputed": True,
        "spoofed": True,
        "pinned": "flag",
        "pinned_until": None,
        "immune_until": None,
    }
    assert entry.after == {
        "reassigned": True,
        "epoch_at": "2026-11-25T12:00:00Z",
        "settled_side": 0,
        "settled_seq": 0,
        "moderated": 0,
        "moderated_at": None,
        "promoted": False,
        "official": False,
        "name": "",
        "never_calls": False,
        "holder_verified": False,
        "disputed": False,
        "spoofed": False,
        "pinned": "",
        "pinned_until": None,
        "immune_until": None,
    }
    assert told(number) == ("allow", "reassigned", 0)


def test_a_reassigned_number_that_is_reported_again_is_listed_again():
    judge = moderator()
    mark_reassigned(actor=judge, identity=SCAMMER, reason="carrier's list", now=NOW - 30 * DAY)
    crowd(3)
    assert told(row())[:2] == ("flag", "listed")


# --- Rejecting a report ---


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


# --- The record ---


DECISIONS = {
    "confirm": lambda **by: confirm_number(identity=SCAMMER, **by),
    "clear": lambda **by: clear_number(identity=SCAMMER, **by),
    "official": lambda **by: mark_official(identity=SCAMMER, name="A Bank", **by),
    "spoofed": lambda **by: mark_spoofed(identity=SCAMMER, **by),
    "reassigned": lambda **by: mark_reassigned(identity=SCAMMER, **by),
    "reject": lambda **by: reject_report(report=Report.objects.get(), **by),
}


@pytest.mark.parametrize("reason", ["", "  \n\t"])
@pytest.mark.parametrize("decision", DECISIONS)
def test_no_decision_without_a_reason(decision, reason):
    report = say(newcomer("a")).report
    before = Number.objects.values().get()
    with pytest.raises(ReasonMissing) as error:
        DECISIONS[decision](actor=moderator(), reason=reason, now=NOW)
    assert str(error.value) == "Give the reason: it goes on record with your name."
    assert error.value.field == "reason"
    assert not AuditEntry.objects.exists()
    assert Number.objects.values().get() == before
    report.refresh_from_db()
    assert (report.status, report.credit) == ("live", 0.0)


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_decision_is_on_record(decision):
    say(newcomer("a"))
    judge = moderator()
    DECISIONS[decision](actor=judge, reason="because", now=NOW)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.reason, entry.at, entry.number) == (judge, "because", NOW, row())
    assert str(entry) == f"{entry.verb} 2026-11-24 12:00"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reputation_auditentry SET reason = 'another'",
        "DELETE FROM reputation_auditentry",
        "DELETE FROM reputation_auditentry WHERE id IN (SELECT id FROM reputation_auditentry)",
        "INSERT INTO reputation_auditentry SELECT * FROM reputation_auditentry"
        " ON CONFLICT (id) DO UPDATE SET reason = 'another'",
    ],
)
def test_the_database_refuses_to_change_the_record(statement):
    confirm_number(actor=moderator(), identity=SCAMMER, reason="because", now=NOW)
    with (
        pytest.raises(ProgrammingError, match="audit entries are never changed or deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.get().reason == "because"


@pytest.mark.parametrize("way", ["update", "delete", "save"])
def test_nor_through_the_models(way):
    confirm_number(actor=moderator(), identity=SCAMMER, reason="because", now=NOW)
    entry = AuditEntry.objects.get()
    ways = {
        "update": lambda: AuditEntry.objects.update(reason="another"),
        "delete": entry.delete,
        "save": entry.save,
    }
    with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic():
        ways[way]()


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
    with pytest.raises(DateTooEarly, match="ten years ago"):
        mark_reassigned(identity=SCAMMER, since=NOW - 3_654 * DAY, **by("z"))


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
