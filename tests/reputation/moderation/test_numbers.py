"""Decisions of moderators: confirmed, cleared, pinned, marked, rejected, hidden, merged."""

from functools import partial

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from reputation.counting import publishing
from reputation.counting.reassessment import reassess_due
from reputation.counting.rescoring import rescore
from reputation.lookup.single import look_up
from reputation.models import AuditEntry, Number, Report
from reputation.moderation import (
    ParticularWrong,
    ReasonMissing,
    clear_number,
    confirm_number,
    hold_number,
    mark_official,
    mark_reassigned,
    mark_spoofed,
    pin_number,
    reject_report,
    unmark_official,
    unmark_reassigned,
    unmark_spoofed,
    unpin_number,
)
from reputation.scoring.evidence import EMPTY
from reputation.scoring.policy import Action
from tests.given.decisions import audit, by, entry
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


def told(number: Number) -> tuple[str, str, int]:
    fresh = Number.objects.get(pk=number.pk)
    return fresh.action, fresh.status, fresh.score


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
        "pinned_after": "",
        "pinned_after_until": None,
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
        "pinned_after": "",
        "pinned_after_until": None,
        "immune_until": None,
    }
    assert told(number) == ("allow", "reassigned", 0)


def test_a_reassigned_number_that_is_reported_again_is_listed_again():
    judge = moderator()
    mark_reassigned(actor=judge, identity=SCAMMER, reason="carrier's list", now=NOW - 30 * DAY)
    crowd(3)
    assert told(row())[:2] == ("flag", "listed")


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
    assert entry().after == {
        "pinned": "block",
        "pinned_until": "2026-11-26T12:00:00Z",
        "pinned_after": "",
        "pinned_after_until": None,
    }
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
    with pytest.raises(ParticularWrong) as error:
        pin_number(identity=SCAMMER, action=Action.FLAG, until=until, **by())
    assert error.value.field == "until"
    assert not Number.objects.exists()


@pytest.mark.parametrize("holds", [1, 2])
def test_a_pin_returns_when_a_hold_ends(holds):
    """A pin takes two persons, a hold takes one."""
    pin_number(identity=SCAMMER, action=Action.BLOCK, until=NOW + 9 * DAY, **by())
    for n in range(holds):
        hold_number(identity=SCAMMER, **by(f"h{n}", now=NOW + n * DAY / 2))
    ends = NOW + DAY + (holds - 1) * DAY / 2
    assert (row().action, row().reassess_at) == ("flag", ends)
    assert reassess_due(now=ends).changes == {("flag", "block"): 1}
    assert (row().pinned, row().pinned_until, row().action) == ("block", NOW + 9 * DAY, "block")
    assert row().reassess_at == NOW + 9 * DAY
    assert reassess_due(now=NOW + 9 * DAY).changes == {("block", "allow"): 1}


def test_a_pin_that_would_have_ended_does_not_return():
    pin_number(identity=SCAMMER, action=Action.BLOCK, until=NOW + DAY / 2, **by())
    hold_number(identity=SCAMMER, **by("b"))
    assert reassess_due(now=NOW + DAY).changes == {("flag", "allow"): 1}
    assert (row().pinned, row().pinned_until, row().reassess_at) == ("", None, None)


@pytest.mark.parametrize(
    "decide",
    [
        partial(unpin_number, identity=SCAMMER),
        partial(pin_number, identity=SCAMMER, action=Action.FLAG, until=NOW + DAY),
        partial(mark_reassigned, identity=SCAMMER),
    ],
)
def test_what_decides_about_pins_ends_the_pin_behind_a_hold(decide):
    pin_number(identity=SCAMMER, action=Action.BLOCK, until=NOW + 9 * DAY, **by())
    hold_number(identity=SCAMMER, **by("b"))
    decide(**by("c"))
    reassess_due(now=NOW + DAY)
    assert (row().pinned, row().action) == ("", "allow")


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
    with pytest.raises(ParticularWrong, match="in the future") as error:
        mark_reassigned(identity=SCAMMER, since=NOW + DAY, **by())
    assert error.value.field == "since"
    with pytest.raises(ParticularWrong, match="ten years ago"):
        mark_reassigned(identity=SCAMMER, since=NOW - 3_654 * DAY, **by("z"))
