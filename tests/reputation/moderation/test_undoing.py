"""Whatever a moderator decided can be taken back, and leaves nothing but its record."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from reputation import moderation
from reputation.counting import trust_pass
from reputation.counting.rescoring import rescore
from reputation.models import AuditEntry, Report, Reporter
from reputation.moderation import UNDOABLE, Silence
from reputation.reports import mark_stopped, withdraw_report
from reputation.scoring.policy import Action
from tests.given.decisions import by, everything
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    crowd,
    moderator,
    newcomer,
    numbered,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db


def world() -> None:
    """A number that stands out and one that does not; a brigade, and a report in other words."""
    crowd(4)
    for n in range(3):
        say(newcomer(f"n{n}"), "telemarketing", BAKERY, network="one")
    say(veteran("for"), "legitimate", BAKERY, comment="Frau Huber is nice")


def report(handle: str) -> Report:
    return Report.objects.get(reporter__handle=handle)


def reporter(handle: str) -> Reporter:
    return Reporter.objects.get(handle=handle)


DECISIONS = {
    "confirm_number": lambda by: moderation.confirm_number(identity=BAKERY, **by),
    "clear_number": lambda by: moderation.clear_number(identity=SCAMMER, **by),
    "pin_number": lambda by: moderation.pin_number(
        identity=SCAMMER, action=Action.ALLOW, until=NOW + DAY, **by
    ),
    "hold_number": lambda by: moderation.hold_number(identity=SCAMMER, **by),
    "mark_official": lambda by: moderation.mark_official(identity=BAKERY, name="Bakery", **by),
    "mark_spoofed": lambda by: moderation.mark_spoofed(identity=SCAMMER, **by),
    "mark_reassigned": lambda by: moderation.mark_reassigned(
        identity=SCAMMER, since=NOW - DAY, **by
    ),
    "mark_never_calling": lambda by: moderation.mark_never_calling(
        identity=BAKERY, name="Bakery", silence=Silence(NOW.date(), None, "its page"), **by
    ),
    "reject_report": lambda by: moderation.reject_report(report=report("n1"), **by),
    "merge_report": lambda by: moderation.merge_report(
        report=report("n1"), keep=report("n0"), **by
    ),
    "hide_report": lambda by: moderation.hide_report(report=report("for"), **by),
    "block_reporter": lambda by: moderation.block_reporter(reporter=reporter("n2"), **by),
}
# What sets the stage for those that take something away.
REVERSED = {
    "unpin_number": ("pin_number", lambda by: moderation.unpin_number(identity=SCAMMER, **by)),
    "unmark_official": (
        "mark_official",
        lambda by: moderation.unmark_official(identity=BAKERY, **by),
    ),
    "unmark_never_calling": (
        "mark_never_calling",
        lambda by: moderation.unmark_never_calling(identity=BAKERY, **by),
    ),
    "unmark_spoofed": (
        "mark_spoofed",
        lambda by: moderation.unmark_spoofed(identity=SCAMMER, **by),
    ),
    "unmark_reassigned": (
        "mark_reassigned",
        lambda by: moderation.unmark_reassigned(identity=SCAMMER, **by),
    ),
    "unhide_report": (
        "hide_report",
        lambda by: moderation.unhide_report(report=report("for"), **by),
    ),
    "unblock_reporter": (
        "block_reporter",
        lambda by: moderation.unblock_reporter(reporter=reporter("n2"), **by),
    ),
}


# Undone in the tests of campaigns, of the queue, of organisations' keys and of authorities' files.
KEYS = {"grant_key", "refuse_key", "change_key", "end_key"}
ELSEWHERE = {
    *("confirm_campaign", "release_campaign", "join_campaign", "leave", "import_complaints"),
    *KEYS,
}


@pytest.mark.slow
@pytest.mark.parametrize("verb", sorted(UNDOABLE - ELSEWHERE))
def test_undone_it_never_was(verb: str):
    world()
    if verb in REVERSED:
        first, decide = REVERSED[verb]
        DECISIONS[first](by("before"))
    else:
        decide = DECISIONS[verb]
    before = everything()
    decide(by())
    decided = everything()
    assert decided != before
    assert rescore(limit=10, now=NOW).differences == []
    entry = AuditEntry.objects.latest("id")
    assert entry.verb == verb
    undone = moderation.undo(actor=moderator("other"), entry=entry, reason="a mix-up", now=NOW)
    assert (undone.verb, undone.undoes, undone.number_id, undone.reason) == (
        "undo",
        entry,
        entry.number_id,
        "a mix-up",
    )
    assert everything() == before
    assert rescore(limit=10, now=NOW).differences == []
    with pytest.raises(moderation.AlreadyUndone, match="taken back before"):
        moderation.undo(actor=moderator("third"), entry=entry, reason="again", now=NOW)
    # And an undo is undone: the decision is taken again, and can be undone like the first.
    again = moderation.undo(actor=moderator("fourth"), entry=undone, reason="it was", now=NOW)
    assert (again.verb, again.undoes, again.number_id) == (verb, undone, entry.number_id)
    assert everything() == decided
    moderation.undo(actor=moderator("fifth"), entry=again, reason="a mix-up", now=NOW)
    assert everything() == before


def test_a_decision_that_changed_nothing_visible_is_still_undone_once():
    """Marked twice: the second entry's undoing leaves the first in force."""
    actor = moderator()
    for _ in range(2):
        moderation.mark_spoofed(actor=actor, identity=SCAMMER, reason="r", now=NOW)
    entry = AuditEntry.objects.latest("id")
    moderation.undo(actor=actor, entry=entry, reason="once is enough", now=NOW)
    assert row().spoofed is True
    with pytest.raises(moderation.AlreadyUndone, match="taken back before"):
        moderation.undo(actor=actor, entry=entry, reason="again", now=NOW)
    with pytest.raises(IntegrityError, match="undoes"), transaction.atomic():
        AuditEntry.objects.create(at=NOW, actor=actor, verb="undo", reason="r", undoes=entry)


def test_what_a_later_decision_rests_on_stays():
    actor = moderator()
    moderation.confirm_number(actor=actor, identity=SCAMMER, reason="r", now=NOW)
    first = AuditEntry.objects.latest("id")
    moderation.clear_number(actor=actor, identity=SCAMMER, reason="r", now=NOW + DAY)
    second = AuditEntry.objects.latest("id")
    with pytest.raises(moderation.DecidedSince, match="Take that back first"):
        moderation.undo(actor=actor, entry=first, reason="r", now=NOW + DAY)
    moderation.undo(actor=actor, entry=second, reason="r", now=NOW + DAY)
    assert row().moderated == 1
    undone = moderation.undo(actor=actor, entry=first, reason="r", now=NOW + DAY)
    assert (row().moderated, row().action) == (0, "allow")
    # Taken again, the decision rests on that entry: the first is to be taken back no more.
    moderation.undo(actor=actor, entry=undone, reason="r", now=NOW + DAY)
    moderation.clear_number(actor=actor, identity=SCAMMER, reason="r", now=NOW + 2 * DAY)
    with pytest.raises(moderation.DecidedSince):
        moderation.undo(actor=actor, entry=first, reason="r", now=NOW + 2 * DAY)


@pytest.mark.parametrize("ended", ["unhide_report", "unblock_reporter"])
def test_what_another_decision_ended_is_not_taken_back_past_it(ended: str):
    world()
    begun, end = REVERSED[ended]
    DECISIONS[begun](by("a"))
    entry = AuditEntry.objects.latest("id")
    end(by("b"))
    with pytest.raises(moderation.DecidedSince):
        moderation.undo(entry=entry, **by("c"))


def test_reading_is_no_decision_to_undo_and_an_undo_is_undone_once():
    actor = moderator()
    said = say(newcomer("a"), comment="call 13800138000").report
    entry = moderation.unmask_report(actor=actor, report=said, reason="is it a threat?", now=NOW)
    with pytest.raises(moderation.NotUndoable):
        moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    moderation.reject_report(actor=actor, report=said, reason="r", now=NOW)
    entry = AuditEntry.objects.latest("id")
    undone = moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    again = moderation.undo(actor=actor, entry=undone, reason="r", now=NOW)
    assert (again.verb, again.undoes) == ("reject_report", undone)
    with pytest.raises(moderation.AlreadyUndone):
        moderation.undo(actor=actor, entry=undone, reason="r", now=NOW)
    with pytest.raises(moderation.ReasonMissing):
        moderation.undo(actor=actor, entry=entry, reason=" ", now=NOW)


def test_what_was_said_under_a_decision_earns_nothing_when_it_falls():
    """Whoever reports a confirmed number only agrees, also when the confirmation is undone."""
    first = say(veteran("first"), at=NOW - 3 * DAY).report
    actor = moderator()
    moderation.confirm_number(actor=actor, identity=SCAMMER, reason="r", now=NOW - 2 * DAY)
    entry = AuditEntry.objects.latest("id")
    followers = [say(veteran(f"f{n}"), at=NOW - DAY).report for n in range(4)]
    moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    assert (row().moderated, row().settled_side, row().settled_seq) == (0, 1, first.seq)
    credits = dict(Report.objects.values_list("pk", "credit"))
    assert credits[first.pk] > 0.5
    assert [credits[each.pk] for each in followers] == [0.0] * 4


def test_a_report_rejected_by_itself_outlives_the_end_of_a_block():
    liar = newcomer("liar")
    lies = [say(liar, number=number).report for number in (SCAMMER, BAKERY)]
    actor = moderator()
    moderation.reject_report(actor=actor, report=lies[0], reason="r", now=NOW)
    moderation.block_reporter(actor=actor, reporter=liar, reason="r", now=NOW)
    entry = AuditEntry.objects.latest("id")
    moderation.reject_report(actor=actor, report=lies[1], reason="r", now=NOW)
    moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    liar.refresh_from_db()
    assert liar.blocked_at is None
    assert set(Report.objects.values_list("status", flat=True)) == {"rejected"}


def test_a_withdrawn_report_is_withdrawn_again():
    liar = newcomer("liar")
    lie = say(liar).report
    withdraw_report(reporter=liar, public_id=lie.public_id, now=NOW)
    moderation.reject_report(actor=moderator(), report=lie, reason="r", now=NOW)
    moderation.undo(
        actor=moderator("b"), entry=AuditEntry.objects.latest("id"), reason="r", now=NOW
    )
    lie.refresh_from_db()
    liar.refresh_from_db()
    assert (lie.status, lie.credit, liar.fp) == ("withdrawn", 0.0, 0.0)
    assert [each.change for each in lie.revisions.order_by("id")] == [
        "withdrawn",
        "rejected",
        "withdrawn",
    ]


@pytest.mark.parametrize("verb", ["reject_report", "merge_report"])
@pytest.mark.parametrize(
    ("take_back", "status"), [(withdraw_report, "withdrawn"), (mark_stopped, "settled")]
)
def test_what_is_withdrawn_meanwhile_does_not_count_again(verb: str, take_back, status: str):
    person, judge = newcomer("person"), by()
    kept, said = say(newcomer("other")).report, say(person).report
    if verb == "reject_report":
        moderation.reject_report(report=said, **judge)
    else:
        moderation.merge_report(report=said, keep=kept, **judge)
    out = Report.objects.get(pk=said.pk).status
    take_back(reporter=person, public_id=said.public_id, now=NOW)
    said.refresh_from_db()
    assert (said.status, said.returns_as) == (out, status)
    entry = AuditEntry.objects.latest("id")
    undone = moderation.undo(entry=entry, **judge)
    said.refresh_from_db()
    assert (said.status, said.returns_as, undone.after["status"]) == (status, "", status)
    assert row().reports == 1
    again = moderation.undo(entry=undone, **judge)
    assert Report.objects.get(pk=said.pk).status == out
    moderation.undo(entry=again, **judge)
    assert Report.objects.get(pk=said.pk).status == status
    assert say(person).report.status == "live"
    assert rescore(limit=10, now=NOW).differences == []


@pytest.mark.parametrize("verb", ["reject_report", "block_reporter", ""])
@pytest.mark.parametrize("take_back", [withdraw_report, mark_stopped])
def test_what_was_right_stays_so_when_it_is_withdrawn_meanwhile(verb: str, take_back):
    """The trust pass learns it from the record, as of a report that was never rejected."""
    person, judge = newcomer("person"), by()
    said = say(person, at=NOW - 5 * DAY).report
    say(person, number=BAKERY, at=NOW - 4 * DAY)
    moderation.confirm_number(identity=SCAMMER, **judge | {"now": NOW - 2 * DAY})
    if verb == "reject_report":
        moderation.reject_report(report=said, **judge)
    elif verb:
        moderation.block_reporter(reporter=person, **judge)
    entry = AuditEntry.objects.latest("id")
    take_back(reporter=person, public_id=said.public_id, now=NOW)
    if verb:
        moderation.undo(entry=entry, **judge)
    trust_pass.learn_trust()
    assert (reporter("person").tp, reporter("person").fp) == (3.0, 0.0)


LAST_WORDS = [
    ("withdrawn", "settled", "withdrawn"),
    ("withdrawn", "live", "live"),
    ("settled", "withdrawn", "withdrawn"),
    ("settled", "live", "live"),
    ("live", "withdrawn", "withdrawn"),
    ("live", "settled", "settled"),
]


@pytest.mark.parametrize(
    ("verb", "earlier"),
    [("reject_report", True), ("reject_report", False), ("merge_report", False)],
)
@pytest.mark.parametrize(("first", "last", "becomes"), LAST_WORDS)
def test_the_last_word_of_the_reporter_wins(
    verb: str, earlier: bool, first: str, last: str, becomes: str
):
    """`earlier`: they said the first word before the decision; only reports that count are merged.
    A withdrawn report has no calls that could stop."""
    person, judge = newcomer("person"), by()
    kept, said = say(newcomer("other")).report, say(person).report

    def speak(word: str) -> None:
        if word == "live":
            say(person)
            return
        take_back = withdraw_report if word == "withdrawn" else mark_stopped
        take_back(reporter=person, public_id=said.public_id, now=NOW)

    if earlier:
        speak(first)
        said.refresh_from_db()
    if verb == "reject_report":
        moderation.reject_report(report=said, **judge)
    else:
        moderation.merge_report(report=said, keep=kept, **judge)
    entry = AuditEntry.objects.latest("id")
    for word in [last] if earlier else [first, last]:
        speak(word)
    assert row().reports == 1
    undone = moderation.undo(entry=entry, **judge)
    said.refresh_from_db()
    assert (said.status, said.returns_as, undone.after["status"]) == (becomes, "", becomes)
    assert row().reports == 1 + (becomes == "live")
    assert rescore(limit=10, now=NOW).differences == []


def test_an_ended_pin_is_not_put_back():
    actor = moderator()
    moderation.pin_number(
        actor=actor, identity=SCAMMER, action=Action.BLOCK, until=NOW + DAY, reason="r", now=NOW
    )
    entry = AuditEntry.objects.latest("id")
    say(newcomer("a"), at=NOW + 2 * DAY)
    assert (row().pinned, row().pinned_until, row().action) == ("", None, "allow")
    with pytest.raises(moderation.DecidedSince):
        moderation.undo(actor=actor, entry=entry, reason="r", now=NOW + 2 * DAY)


def test_a_pin_returns_when_a_hold_is_taken_back():
    until = NOW + 9 * DAY
    moderation.pin_number(identity=SCAMMER, action=Action.BLOCK, until=until, **by())
    pinned = everything()
    moderation.hold_number(identity=SCAMMER, **by("b"))
    assert row().action == "flag"
    entry = AuditEntry.objects.latest("id")
    moderation.undo(actor=moderator("c"), entry=entry, reason="a mix-up", now=NOW)
    assert everything() == pinned


def test_moments_come_back_to_the_microsecond():
    actor = moderator()
    precise = NOW + timedelta(microseconds=123457)
    moderation.confirm_number(actor=actor, identity=SCAMMER, reason="r", now=precise)
    moderation.clear_number(actor=actor, identity=SCAMMER, reason="r", now=NOW + DAY)
    moderation.undo(actor=actor, entry=AuditEntry.objects.latest("id"), reason="r", now=NOW + DAY)
    assert row().moderated_at == precise


def test_reports_that_came_meanwhile_stay():
    world()
    actor = moderator()
    moderation.mark_reassigned(actor=actor, identity=SCAMMER, reason="r", now=NOW)
    entry = AuditEntry.objects.latest("id")
    say(newcomer("late"), at=NOW + DAY)
    moderation.undo(actor=actor, entry=entry, reason="r", now=NOW + DAY)
    assert row().reports == 5
    assert rescore(limit=10, now=NOW + DAY).differences == []


def test_what_the_end_of_a_block_and_of_a_rejection_bring_back():
    """Reports on a confirmed number, and a report that had been merged."""
    actor = moderator()
    said = [say(newcomer(handle)).report for handle in ("one", "two")]
    moderation.confirm_number(actor=actor, identity=SCAMMER, reason="r", now=NOW)
    moderation.merge_report(report=said[1], keep=said[0], actor=actor, reason="r", now=NOW)
    before = everything()
    moderation.block_reporter(actor=actor, reporter=reporter("one"), reason="r", now=NOW)
    moderation.reject_report(actor=actor, report=said[1], reason="r", now=NOW)
    for entry in AuditEntry.objects.order_by("-id")[:2]:
        moderation.undo(actor=actor, entry=entry, reason="r", now=NOW)
    assert everything() == before


@pytest.mark.parametrize("ends_by", ["unblocking", "taking the block back"])
def test_a_block_that_is_in_force_again_covers_what_was_filed_meanwhile(ends_by: str):
    liar, actor = newcomer("liar"), moderator()
    for n in range(20):
        say(liar, number=numbered(n))
    moderation.block_reporter(actor=actor, reporter=liar, reason="r", now=NOW)
    block = AuditEntry.objects.latest("id")
    if ends_by == "unblocking":
        moderation.unblock_reporter(actor=actor, reporter=liar, reason="r", now=NOW)
        ended, restored = AuditEntry.objects.latest("id"), 0
    else:
        ended, restored = moderation.undo(actor=actor, entry=block, reason="r", now=NOW), 20
    for n in range(20, 25):
        say(liar, number=numbered(n))
    live = Report.objects.live().filter(reporter=liar)
    again = moderation.undo(actor=actor, entry=ended, reason="r", now=NOW)
    assert (reporter("liar").blocked_at, live.count()) == (NOW, 0)
    assert rescore(limit=30, now=NOW).differences == []
    moderation.undo(actor=actor, entry=again, reason="r", now=NOW)
    assert (reporter("liar").blocked_at, live.count()) == (None, restored + 5)
    assert rescore(limit=30, now=NOW).differences == []


def test_who_was_blocked_by_mistake_gets_all_reports_back():
    """Also those that were filed after the reporter was unblocked: to take the block back, the
    unblocking is taken back first."""
    honest, actor = newcomer("honest"), moderator()
    said = [say(honest, number=numbered(n)).report for n in range(3)]
    moderation.block_reporter(actor=actor, reporter=honest, reason="r", now=NOW)
    moderation.unblock_reporter(actor=actor, reporter=honest, reason="a mix-up", now=NOW)
    block, unblocking = AuditEntry.objects.order_by("id")
    say(honest, number=numbered(3))
    moderation.reject_report(actor=actor, report=said[0], reason="this one, yes", now=NOW)
    for entry in (unblocking, block):
        moderation.undo(actor=actor, entry=entry, reason="a mix-up", now=NOW)
    assert reporter("honest").blocked_at is None
    assert list(Report.objects.order_by("id").values_list("status", flat=True)) == [
        *("rejected", "live", "live", "live")
    ]
    assert rescore(limit=10, now=NOW).differences == []
