"""Numbers that never call: a call that shows one is blocked, and nothing else needs to be known."""

from datetime import date

import pytest

from reputation.lookup import look_up
from reputation.models import AuditEntry, NeverCalling
from reputation.moderation import (
    DecidedSince,
    ParticularWrong,
    Silence,
    batches,
    directory,
    mark_never_calling,
    mark_official,
    mark_reassigned,
    refresh_silences,
    undo,
    unmark_never_calling,
    unmark_official,
)
from tests.given.concurrency import meanwhile
from tests.given.reporters import DAY, NOW, SCAMMER, moderator, row

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
LIST = "The regulator's list of 2026-11-01"
FILE = f"""\
number,name,never_calls,since,until,source
+8613812345678,Some Bank,yes,2026-11-01,,{LIST}
+4930901820,A bakery,,,,
+4930901821,A,yes,,,{LIST}
+4930901822,A,yes,2026-11-01,2026-10-01,{LIST}
+4930901823,A,yes,2026-11-01,,
+4930901824,A,yes,yesterday,,{LIST}
"""


def silence(since=TODAY, until=None):
    return mark_never_calling(
        actor=moderator(f"{since} {until}"),
        identity=SCAMMER,
        name="Some Bank",
        silence=Silence(since, until, LIST),
        reason="On the list.",
        now=NOW,
    )


def told(at=NOW):
    answer = look_up(SCAMMER, now=at)
    return answer.action, answer.status, answer.score >= 95


def test_a_call_from_it_is_blocked_and_told_why():
    silence()
    answer = look_up(SCAMMER, now=NOW)
    assert (answer.action, answer.status, answer.name) == ("block", "spoofed", "Some Bank")
    assert answer.reasons[0] == "This number never calls anybody."
    unmark_never_calling(actor=moderator("b"), identity=SCAMMER, reason="Calls now.", now=NOW)
    assert told() == ("allow", "official", False)
    assert not NeverCalling.objects.exists()


def test_its_days_begin_and_end():
    silence(TODAY + DAY, TODAY + 2 * DAY)
    seen = []
    for days in range(4):
        refresh_silences(now=NOW + days * DAY)
        seen.append(told(NOW + days * DAY)[0])
        assert refresh_silences(now=NOW + days * DAY) == 0
    assert seen == ["allow", "block", "block", "allow"]


@pytest.mark.django_db(transaction=True)
def test_what_a_moderator_ends_while_it_begins_does_not_begin():
    silence(TODAY + DAY)
    by = {"actor": moderator("b"), "reason": "Calls now.", "now": NOW + DAY}
    meanwhile(
        lambda: unmark_never_calling(identity=SCAMMER, **by),
        lambda: refresh_silences(now=NOW + DAY),
    )
    assert told(NOW + DAY)[0] == "allow"


@pytest.mark.parametrize("change", [unmark_official, mark_reassigned])
def test_it_ends_with_the_entry_or_the_holder(change):
    silence()
    change(actor=moderator("b"), identity=SCAMMER, reason="Given up.", now=NOW)
    refresh_silences(now=NOW)
    assert told()[0] == "allow"


@pytest.mark.parametrize("change", [unmark_official, mark_reassigned])
def test_who_gets_the_number_or_its_entry_later_may_call(change):
    silence()
    change(actor=moderator("b"), identity=SCAMMER, reason="Given up.", now=NOW)
    mark_official(actor=moderator("c"), identity=SCAMMER, name="A Clinic", reason="r", now=NOW)
    assert refresh_silences(now=NOW) == 0
    assert told() == ("allow", "official", False)


@pytest.mark.parametrize("change", [unmark_official, mark_reassigned, unmark_never_calling])
def test_an_end_that_is_undone_brings_its_days_back_and_ends_it_when_taken_again(change):
    silence()
    change(actor=moderator("b"), identity=SCAMMER, reason="Given up.", now=NOW)
    for place in range(2):
        last = AuditEntry.objects.latest("pk")
        undo(actor=moderator(f"c{place}"), entry=last, reason="A slip.", now=NOW)
        silent = not place
        assert (told()[0], NeverCalling.objects.exists()) == (
            "block" if silent else "allow",
            silent,
        )
        assert refresh_silences(now=NOW) == 0


def test_no_silence_comes_back_to_a_number_that_left_the_directory():
    silence()
    unmark_never_calling(actor=moderator("b"), identity=SCAMMER, reason="Calls now.", now=NOW)
    ended = AuditEntry.objects.latest("pk")
    unmark_official(actor=moderator("c"), identity=SCAMMER, reason="Given up.", now=NOW)
    with pytest.raises(DecidedSince):
        undo(actor=moderator("d"), entry=ended, reason="A slip.", now=NOW)
    assert told()[0] == "allow"


def test_a_second_entry_that_is_undone_leaves_the_days_of_the_first():
    silence(TODAY + DAY)
    silence()
    last = AuditEntry.objects.latest("pk")
    undo(actor=moderator("b"), entry=last, reason="A slip.", now=NOW)
    assert row().silence.since == TODAY + DAY
    assert told()[0] == "allow"


def test_days_that_are_over_when_they_come_back_silence_nobody():
    silence(TODAY, TODAY + DAY)
    marked = AuditEntry.objects.get()
    undone = undo(actor=moderator("b"), entry=marked, reason="A slip.", now=NOW)
    undo(actor=moderator("c"), entry=undone, reason="A slip.", now=NOW + 2 * DAY)
    assert (told(NOW + 2 * DAY)[0], row().silence.until) == ("allow", TODAY + DAY)


def test_an_entry_is_not_taken_back_under_a_silence():
    """Else the days would wait for who gets the number later."""
    by = {"identity": SCAMMER, "name": "Some Bank", "reason": "r", "now": NOW}
    mark_official(actor=moderator("b"), **by)
    entered = AuditEntry.objects.get()
    silence()
    with pytest.raises(DecidedSince):
        undo(actor=moderator("c"), entry=entered, reason="A slip.", now=NOW)
    assert told()[0] == "block"
    undo(actor=moderator("d"), entry=AuditEntry.objects.latest("pk"), reason="A slip.", now=NOW)
    undo(actor=moderator("e"), entry=entered, reason="A slip.", now=NOW)
    assert (told()[1], NeverCalling.objects.exists()) == ("unknown", False)


def test_it_can_be_undone():
    silence()
    undo(actor=moderator("b"), entry=AuditEntry.objects.get(), reason="A slip.", now=NOW)
    assert told() == ("allow", "unknown", False)
    assert refresh_silences(now=NOW) == 0


def test_days_in_order_and_a_source():
    with pytest.raises(ParticularWrong):
        silence(TODAY, TODAY - DAY)
    with pytest.raises(ParticularWrong):
        mark_never_calling(
            actor=moderator(),
            identity=SCAMMER,
            name="A",
            silence=Silence(TODAY, None, " "),
            reason="r",
            now=NOW,
        )


def test_a_list_is_imported_row_by_row_and_exported_as_it_came():
    done = directory.take_in(text=FILE, actor=moderator(), reason="The list.", now=NOW)
    assert [(line.does, *line.errors) for line in done.lines] == [
        ("new",),
        ("new",),
        ("invalid", "since"),
        ("invalid", "until"),
        ("invalid", "source"),
        ("invalid", "since"),
    ]
    assert told()[0] == "block"
    assert row().silence.since == date(2026, 11, 1)
    again = directory.preview(text=directory.give_out())
    assert [line.does for line in again.lines] == ["skip", "skip"]


@pytest.mark.parametrize(("name", "verbs"), [("Some Bank", 1), ("Another Bank", 2)])
def test_a_list_ends_what_an_earlier_one_began(name, verbs):
    directory.take_in(text=FILE, actor=moderator(), reason="The list.", now=NOW)
    before = AuditEntry.objects.count()
    columns = "number,name,never_calls\n+8613812345678,"
    assert [line.does for line in directory.preview(text=f"{columns}Some Bank,").lines] == ["skip"]
    text = f"{columns}{name},no"
    done = directory.take_in(text=text, actor=moderator("b"), reason="It calls.", now=NOW)
    assert [line.does for line in done.lines] == ["update"]
    assert (told(), row().name) == (("allow", "official", False), name)
    assert not NeverCalling.objects.filter(number=row()).exists()
    assert AuditEntry.objects.count() == before + verbs
    assert [line.does for line in directory.preview(text=text).lines] == ["skip"]
    batch = batches.start_undo(actor=moderator("c"), batch=done.batch, reason="A slip.", now=NOW)
    assert batches.advance_undo(batch=batch, now=NOW).undo_failures == {}
    assert (told()[0], row().name) == ("block", "Some Bank")


@pytest.mark.parametrize("column", ["remove", "never_calls"])
def test_a_word_that_is_neither_yes_nor_no_is_told(column):
    text = f"number,name,{column}\n+8613812345678,Some Bank,perhaps"
    [line] = directory.preview(text=text).lines
    assert line.errors == {column: ["Write yes or no, or nothing."]}
