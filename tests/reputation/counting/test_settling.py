"""Who was right before a number's truth was plain gains trust; nobody else does."""

import pytest

from reputation.counting import settling, trust_pass
from reputation.models import AuditEntry, Report, Reporter
from reputation.moderation import (
    clear_number,
    confirm_number,
    mark_reassigned,
    reject_report,
    undo,
)
from reputation.reports import withdraw_report
from reputation.scoring.trust import MODERATOR_CREDIT
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


def record(reporter: Reporter) -> tuple[float, float, float, float]:
    """(tp, fn, tn, fp) as stored."""
    fresh = Reporter.objects.get(pk=reporter.pk)
    return fresh.tp, fresh.fn, fresh.tn, fresh.fp


def credits() -> dict[str, float]:
    return dict(Report.objects.values_list("reporter__handle", "credit"))


NOTHING = (0.0, 0.0, 0.0, 0.0)


def settled_as_unwanted(at=NOW):
    """Five veterans a day apart: each four of them alone make the number plainly unwanted."""
    return crowd(5, at=at)


def test_nobody_is_credited_while_nothing_is_plain():
    early = newcomer("early")
    say(early)
    assert record(early) == NOTHING
    assert (row().settled_side, row().settled_seq) == (0, 0)


def test_early_and_right_is_credited_early_and_wrong_debited():
    right, wrong = newcomer("right"), newcomer("wrong")
    say(right, at=NOW - 20 * DAY)
    say(wrong, "legitimate", at=NOW - 20 * DAY)
    settled_as_unwanted()
    number = row()
    assert number.settled_side == 1
    assert 2 < number.settled_seq < number.seq == 7
    assert credits() == {
        report.reporter.handle: 1.0 if report.seq <= number.settled_seq else 0.0
        for report in Report.objects.select_related("reporter")
    }
    assert record(right) == (1.0, 0.0, 0.0, 0.0)
    assert record(wrong) == (0.0, 1.0, 0.0, 0.0)


def test_the_same_holds_on_the_other_side():
    right, wrong = newcomer("right"), newcomer("wrong")
    say(right, "legitimate", at=NOW - 20 * DAY)
    say(wrong, at=NOW - 20 * DAY)
    crowd(5, "legitimate")
    assert row().settled_side == -1
    assert record(right) == (0.0, 0.0, 1.0, 0.0)
    assert record(wrong) == (0.0, 0.0, 0.0, 1.0)


def test_late_reports_earn_nothing():
    settled_as_unwanted(at=NOW - DAY)
    seq = row().settled_seq
    late, contrary = newcomer("late"), newcomer("contrary")
    say(late)
    say(contrary, "legitimate")
    assert (record(late), record(contrary)) == (NOTHING, NOTHING)
    assert row().settled_seq == seq < row().seq


def test_who_was_warned_by_us_earns_nothing():
    warned = newcomer("warned")
    say(warned, at=NOW - 20 * DAY, was_warned=True)
    settled_as_unwanted()
    assert record(warned) == NOTHING


def test_nobodys_vote_confirms_itself():
    """The one whose word takes the number over the edge is judged by the others alone."""
    people = crowd(2, at=NOW - DAY)
    assert row().settled_side == 0
    while row().settled_side == 0:
        people.append(say(veteran(f"more{len(people)}"), at=NOW).report)
    last = Report.objects.get(pk=people[-1].pk)
    first = Report.objects.get(pk=people[0].pk)
    # Without the last word the number was not plain yet, so it earns less than full credit.
    assert 0.0 <= last.credit < 1.0
    assert 0.0 <= first.credit < 1.0
    # When others say so, it does.
    for n in range(4):
        say(veteran(f"then{n}"), at=NOW + (n + 1) * DAY)
    assert Report.objects.get(pk=last.pk).credit == 1.0


def test_changing_sides_afterwards_earns_nothing():
    turncoat = newcomer("turncoat")
    say(turncoat, "legitimate", at=NOW - 20 * DAY)
    settled_as_unwanted()
    assert record(turncoat) == (0.0, 1.0, 0.0, 0.0)
    say(turncoat, "loan_scam", at=NOW + DAY)
    say(newcomer("another"), at=NOW + DAY)
    assert record(turncoat) == (0.0, 1.0, 0.0, 0.0)
    assert credits()["turncoat"] == 0.0


def test_withdrawing_afterwards_does_not_undo_the_debit():
    wrong = newcomer("wrong")
    report = say(wrong, "legitimate", at=NOW - 20 * DAY).report
    settled_as_unwanted()
    withdraw_report(reporter=wrong, public_id=report.public_id, now=NOW + DAY)
    assert record(wrong) == (0.0, 1.0, 0.0, 0.0)


def test_a_moderators_word_counts_three_and_is_not_washed_out():
    early = newcomer("early")
    say(early, at=NOW - 20 * DAY)
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW - 10 * DAY)
    assert record(early) == (MODERATOR_CREDIT, 0.0, 0.0, 0.0)
    settled_as_unwanted()
    assert record(early) == (MODERATOR_CREDIT, 0.0, 0.0, 0.0)


def test_who_agrees_with_a_moderator_afterwards_earns_nothing():
    """The decision makes the truth plain: what is filed later only copies it."""
    judge = moderator()
    confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=NOW - 30 * DAY)
    copycat = newcomer("copycat")
    say(copycat, at=NOW - 20 * DAY)
    crowd(5)
    confirm_number(actor=judge, identity=SCAMMER, reason="once more", now=NOW)
    assert record(copycat) == NOTHING
    assert set(credits().values()) == {0.0}


def test_a_crowd_against_a_moderators_word_earns_nothing():
    clear_number(actor=moderator(), identity=BAKERY, reason="visited", now=NOW - 30 * DAY)
    crowd(6, number=BAKERY)
    assert set(credits().values()) == {0.0}


def test_a_moderator_may_think_better_of_it():
    early = newcomer("early")
    say(early, at=NOW - 20 * DAY)
    judge = moderator()
    confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=NOW - DAY)
    clear_number(actor=judge, identity=SCAMMER, reason="misheard", now=NOW)
    assert record(early) == (0.0, 0.0, 0.0, MODERATOR_CREDIT)


def test_of_many_early_reports_a_moderators_word_credits_the_first_and_the_pass_all(monkeypatch):
    monkeypatch.setattr(settling, "FIRST", 3)
    judge = moderator()
    for n in range(5):
        say(newcomer(f"e{n}"), at=NOW - (40 - n) * DAY)
    confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=NOW)
    assert credits() == {"e0": 3.0, "e1": 3.0, "e2": 3.0, "e3": 0.0, "e4": 0.0}
    trust_pass.learn_trust()
    learnt = Reporter.objects.filter(handle__startswith="e").values_list("tp", flat=True)
    assert all(tp > 0.0 for tp in learnt)
    monkeypatch.setattr(settling, "FIRST", 1)  # as if others had come before two of them
    undo(actor=judge, entry=AuditEntry.objects.get(), reason="misheard", now=NOW)
    assert set(credits().values()) == {0.0}


def test_a_rejected_report_costs_its_reporter():
    liar, honest = newcomer("liar"), newcomer("honest")
    lie = say(liar, number=BAKERY).report
    say(honest, number=BAKERY)
    reject_report(actor=moderator(), report=lie, reason="made up", now=NOW)
    assert record(liar) == (0.0, 0.0, 0.0, MODERATOR_CREDIT)
    assert record(honest) == NOTHING


def test_a_rejected_praise_costs_its_reporter():
    accomplice = newcomer("accomplice")
    praise = say(accomplice, "legitimate").report
    reject_report(actor=moderator(), report=praise, reason="made up", now=NOW)
    assert record(accomplice) == (0.0, MODERATOR_CREDIT, 0.0, 0.0)


def test_a_new_holder_is_a_new_truth():
    """What settles about the new holder credits nobody who spoke of the old one."""
    old = newcomer("old")
    say(old, at=NOW - 60 * DAY)
    settled_as_unwanted(at=NOW - 50 * DAY)
    before = record(old)
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="new holder", now=NOW - 40 * DAY)
    assert (row().settled_side, row().settled_seq) == (0, 0)
    early = newcomer("early")
    say(early, at=NOW - 30 * DAY)
    crowd(5, prefix="again")
    assert row().settled_side == 1
    assert record(early) == (1.0, 0.0, 0.0, 0.0)
    assert record(old) == before == (1.0, 0.0, 0.0, 0.0)


def test_a_number_that_turns_out_otherwise_is_a_new_moment():
    wrong = newcomer("wrong")
    long_ago = newcomer("long ago")
    say(long_ago, at=NOW - 69 * DAY)
    say(wrong, at=NOW - 50 * DAY)
    crowd(4, at=NOW - 45 * DAY)
    assert row().settled_side == 1
    assert record(wrong) == record(long_ago) == (1.0, 0.0, 0.0, 0.0)
    crowd(8, "legitimate", prefix="fans", at=NOW)
    number = row()
    assert number.settled_side == -1
    assert 5 < number.settled_seq <= number.seq
    assert record(wrong) == (0.0, 0.0, 0.0, 1.0)
    # By then it may have been somebody else's number.
    assert record(long_ago) == (1.0, 0.0, 0.0, 0.0)


def test_who_was_first_is_told_from_who_followed():
    first, second, other = newcomer("first"), newcomer("second"), newcomer("other")
    say(first, at=NOW - 20 * DAY)
    say(second, at=NOW - 20 * DAY)
    say(other, "legitimate", at=NOW - 20 * DAY)  # the first on its side, and wrong
    settled_as_unwanted()
    assert set(Reporter.objects.exclude(firsts=5.0).values_list("firsts", flat=True)) == {0.0}
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    firsts = dict(Reporter.objects.values_list("handle", "firsts"))
    assert (firsts["first"], firsts["second"], firsts["other"]) == (3.0, 0.0, 0.0)
    assert dict(Report.objects.values_list("reporter__handle", "first"))["other"] is True


def test_repeating_oneself_is_not_following():
    """An update is weighed against what the others said, not against one's own old word."""
    reporter = newcomer("first")
    assert say(reporter, at=NOW - 20 * DAY).report.first is True
    assert say(reporter, at=NOW - 19 * DAY).report.first is True
    say(newcomer("second"), at=NOW - 18 * DAY)
    assert say(reporter, at=NOW - 17 * DAY).report.first is False
