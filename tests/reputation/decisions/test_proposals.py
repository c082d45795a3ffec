"""Decisions of two persons: one proposes, another approves what it would do now."""

import io
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from reputation import decisions
from reputation.decisions import (
    LASTS,
    RULES,
    DirectoryImport,
    ManyDecisions,
    NotPermitted,
    OneDecision,
    OwnProposal,
    ProposalOver,
    ProposerGone,
    SecondNeeded,
    Stale,
)
from reputation.models import AuditEntry, DecisionBatch, Number, Proposal, Report
from reputation.moderation import (
    ReasonMissing,
    batches,
    clear_number,
    confirm_number,
    meanwhile,
    rollback,
    seed,
    undo,
)
from reputation.moderation.roles import ADMINISTRATOR, AUDITOR, MODERATOR, SENIOR
from reputation.scoring import Action
from tests.given.concurrency import together
from tests.given.decisions import refusal
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, crowd, newcomer, row, say
from tests.given.staff import staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two(settings: Settings) -> None:
    settings.SECOND_MODERATOR_REQUIRED = True


def pin(action: Action = Action.ALLOW) -> OneDecision:
    given = {"action": action, "until": NOW + 30 * DAY}
    return OneDecision(RULES["number"]["pin_number"], row(), given)


def propose(by: User, plan: Any = None, now: Any = NOW) -> Proposal:
    return decisions.propose(plan=plan or pin(), actor=by, reason="an order", now=now)


def approve(proposal: Proposal, by: User, seen: str = "", now: Any = NOW) -> Proposal:
    seen = seen or decisions.review(proposal, now=now).seen
    return decisions.approve(proposal=proposal, actor=by, seen=seen, reason="", now=now)


def outcome(plan: Any, rows: list[list[str]]) -> None:
    """What was foreseen of the numbers is what is told of them."""
    for key, _before, after in rows:
        number = Number.objects.get(key=key)
        assert after == f"{number.action} {number.status}"


def many(count: int) -> list[int]:
    crowd(1)
    known = row()
    fields = {
        field.attname: getattr(known, field.attname)
        for field in Number._meta.concrete_fields
        if field.name not in ("id", "key")
    }
    numbers = [Number(key=f"+4930{n:08}", **fields) for n in range(count)]
    return [number.pk for number in Number.objects.bulk_create(numbers)]


def test_another_approves_and_it_is_as_was_foreseen():
    crowd(3)
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    plan = pin()
    with pytest.raises(SecondNeeded):
        plan.carry_out(actor=anna, approver=None, reason="r", seen=0, now=NOW)
    proposal = propose(anna)
    assert (row().pinned, proposal.expires_at, proposal.number) == ("", NOW + LASTS, row())
    assert propose(anna) == proposal  # a second click
    for answer in (partial(approve, proposal, anna), partial(
        decisions.decline, proposal=proposal, actor=anna, reason="r", now=NOW
    )):  # fmt: skip
        with pytest.raises(OwnProposal):
            answer()
    for role in (MODERATOR, AUDITOR, ADMINISTRATOR):
        with pytest.raises(NotPermitted):
            approve(proposal, staff(role))
        with pytest.raises(NotPermitted):
            propose(User.objects.get(username=role.split()[0]))
    approved = approve(proposal, bert)
    assert (row().pinned, row().action) == ("allow", "allow")
    outcome(plan, proposal.foreseen)
    assert approve(proposal, bert, "old") == approved  # a second click
    with pytest.raises(ProposalOver, match="bert approved this"):
        approve(proposal, staff(SENIOR, "carol"))
    record = AuditEntry.objects.order_by("id").values_list("verb", "actor__username")
    assert list(record) == [
        ("propose", "anna"),
        ("pin_number", "anna"),
        ("approve_proposal", "bert"),
    ]
    assert approved.entry is not None
    assert approved.entry.verb == "pin_number"


def test_an_approval_of_what_has_changed_is_refused_and_says_what():
    crowd(3)
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    proposal = propose(anna, pin(Action.BLOCK))
    seen = decisions.review(proposal, now=NOW).seen
    clear_number(actor=bert, identity=SCAMMER, reason="a bakery", now=NOW)
    with pytest.raises(Stale):
        approve(proposal, bert, seen)
    assert row().pinned == ""
    review = decisions.review(proposal, now=NOW)
    assert [change.about for change in review.changes] == [SCAMMER.key]
    approve(proposal, bert, review.seen)
    assert row().pinned == "block"


def test_it_is_declined_withdrawn_or_its_time_is_up():
    crowd(1)
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    proposal = propose(anna)
    with pytest.raises(ReasonMissing):
        decisions.decline(proposal=proposal, actor=bert, reason=" ", now=NOW)
    decisions.decline(proposal=proposal, actor=bert, reason="no order", now=NOW)
    with pytest.raises(ProposalOver, match="bert declined this"):
        approve(proposal, staff(SENIOR, "carol"))
    proposal = propose(anna)
    with pytest.raises(OwnProposal):
        decisions.withdraw(proposal=proposal, actor=bert, reason="", now=NOW)
    decisions.withdraw(proposal=proposal, actor=anna, reason="", now=NOW)
    late = propose(anna)
    assert list(decisions.waiting(now=NOW)) == [late]
    with pytest.raises(ProposalOver, match="time"):
        approve(late, bert, now=late.expires_at)
    assert propose(anna, now=late.expires_at) != late
    waits = decisions.waiting(now=late.expires_at).get()
    User.objects.filter(pk=anna.pk).update(is_active=False)
    with pytest.raises(ProposerGone):
        approve(waits, bert, now=late.expires_at)
    assert row().pinned == ""


@pytest.mark.slow
def test_more_than_a_hundred_numbers_take_two_and_a_hold_takes_one(settings: Settings):
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    ids = many(101)
    assert not ManyDecisions("number", "hold_number", tuple(ids)).takes_two(actor=anna, now=NOW)
    plan = ManyDecisions("number", "clear_number", tuple(ids))
    proposal = decisions.carry_out(plan=plan, actor=anna, reason="r", seen=0, now=NOW)
    assert isinstance(proposal, Proposal)
    assert proposal.foreseen[-1] == ["…", "51", ""]
    batch = approve(proposal, bert).batch
    assert batch is not None
    assert batch.actor == anna
    while batch.finished_at is None:
        batch = batches.advance(batch=batch, now=NOW, limit=200)
    assert Number.objects.filter(moderated=-1).count() == 101
    back = decisions.take_batch_back(batch=batch, actor=anna, reason="r", now=NOW)
    assert isinstance(back, Proposal)
    undoing = approve(back, bert).batch
    while undoing.finished_at is None:
        undoing = batches.advance(batch=undoing, now=NOW, limit=200)
    assert undoing.failures == {}
    assert not Number.objects.exclude(moderated=0).exists()
    liar = newcomer("liar")
    Report.objects.filter(number__in=ids).delete()
    one = say(liar).report
    own = {"id", "public_id", "number_id"}
    names = [field.attname for field in Report._meta.concrete_fields if field.attname not in own]
    fields = {name: getattr(one, name) for name in names}
    Report.objects.bulk_create(Report(number_id=pk, **fields) for pk in ids[:100])
    block = OneDecision(RULES["reporter"]["block_reporter"], liar)
    assert block.takes_two(actor=anna, now=NOW)
    settings.SECOND_MODERATOR_REQUIRED = False
    assert not block.takes_two(actor=anna, now=NOW)
    assert isinstance(
        decisions.carry_out(plan=plan, actor=anna, reason="r", seen=plan.newest(), now=NOW),
        DecisionBatch,
    )


@pytest.mark.slow
def test_many_small_batches_of_a_day_are_a_large_one():
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    ids = many(102)

    def begin(some: Sequence[int], *, by: User = anna, now: datetime = NOW) -> object:
        plan = ManyDecisions("number", "clear_number", tuple(some))
        return decisions.carry_out(plan=plan, actor=by, reason="r", seen=0, now=now)

    assert isinstance(begin(ids[:60]), DecisionBatch)
    assert isinstance(begin(ids[:100]), DecisionBatch)  # sixty of them were among the first
    assert isinstance(begin(ids[100:101]), Proposal)
    assert isinstance(begin(ids[100:101], by=bert), DecisionBatch)
    assert isinstance(begin(ids[101:], now=NOW + DAY), DecisionBatch)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_batches_begun_at_once_count_together():
    anna = staff(SENIOR, "anna")
    ids = many(120)
    halves = [ids[:60], ids[60:]]

    def begin(some: Sequence[int]) -> object:
        plan = ManyDecisions("number", "clear_number", tuple(some))
        return decisions.carry_out(plan=plan, actor=anna, reason="r", seen=0, now=NOW)

    begun = together(*(partial(begin, half) for half in halves))
    assert sorted(type(each).__name__ for each in begun) == ["DecisionBatch", "Proposal"]


def test_a_file_for_the_directory_is_taken_in_by_two():
    crowd(1)
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    plan = DirectoryImport(f"number,name\n{BAKERY.key},Bakery\n{SCAMMER.key},Bank\n")
    proposal = propose(anna, plan)
    assert proposal.about == "directory × 2"
    assert not Number.objects.filter(official=True).exists()
    batch = approve(proposal, bert).batch
    assert batch is not None
    assert batch.done == 2
    assert {row().name, row(BAKERY).name} == {"Bank", "Bakery"}


def test_of_a_taken_over_account_all_is_taken_back_but_what_others_decided_on(settings: Settings):
    settings.SECOND_MODERATOR_REQUIRED = False
    crowd(2)
    crowd(2, number=BAKERY, prefix="b")
    thief, anna = staff(SENIOR, "thief"), staff(SENIOR, "anna")
    clear_number(actor=thief, identity=SCAMMER, reason="r", now=NOW)
    clear_number(actor=thief, identity=BAKERY, reason="r", now=NOW)
    confirm_number(actor=anna, identity=BAKERY, reason="heard it", now=NOW)
    old = AuditEntry.objects.order_by("id")[1]
    found = rollback.of_account(thief, since=NOW, until=NOW)
    assert rollback.of_account(thief, since=NOW + DAY, until=NOW + 2 * DAY).entries == []
    plan = ManyDecisions("entry", "take_back", tuple(found.entries))
    seen = plan.outlook(actor=anna, now=NOW).preview
    assert seen is not None
    assert [entry.pk for entry, _why in seen.refused] == [old.pk]
    batch = decisions.carry_out(plan=plan, actor=anna, reason="stolen", seen=0, now=NOW)
    assert isinstance(batch, DecisionBatch)
    batch = batches.advance(batch=batch, now=NOW)
    assert set(batch.failures) == {str(old.pk)}
    assert (row().moderated, row(BAKERY).moderated) == (0, 1)
    # And the batch itself is undone: the thief's decision stands again, in anna's name.
    batch = batches.start_undo(actor=anna, batch=batch, reason="it was not", now=NOW)
    batch = batches.advance_undo(batch=batch, now=NOW)
    assert batch.undo_failures == {}
    assert (row().moderated, row(BAKERY).moderated) == (-1, 1)
    again = AuditEntry.objects.latest("id")
    assert (again.verb, again.actor) == ("clear_number", anna)


def test_what_takes_two_is_taken_again_by_two():
    """One person takes a pin back, and nobody alone brings it back: by no way of undoing."""
    crowd(3)
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    pinned = approve(propose(anna), bert).entry
    by: Any = {"actor": bert, "reason": "r", "now": NOW}
    assert pinned is not None
    assert decisions.take_back(entry=pinned, **by) is None
    undone = AuditEntry.objects.latest("id")
    alone = {"actor": anna, "reason": "again", "now": NOW}
    one = decisions.take_back(entry=undone, **alone)
    plan = ManyDecisions("entry", "take_back", tuple(rollback.of_account(
        bert, since=NOW, until=NOW).entries))  # fmt: skip
    assert plan.targets == (undone.pk,)
    assert decisions.carry_out(plan=plan, seen=0, **alone) == one
    assert row().pinned == ""
    assert one is not None
    batch = approve(one, bert).batch
    assert batch is not None
    assert batches.advance(batch=batch, now=NOW).failures == {}
    assert row().pinned == "allow"
    # The same of pins that a batch takes back, and of the batch that is undone.
    again = AuditEntry.objects.filter(verb="pin_number").latest("id")
    back = ManyDecisions("entry", "take_back", (again.pk,))
    begun: Any = decisions.carry_out(plan=back, seen=0, **by)
    batches.advance(batch=begun, now=NOW)
    assert row().pinned == ""
    assert isinstance(decisions.take_batch_back(batch=begun, **alone), Proposal)
    assert row().pinned == ""
    # Whatever takes one is taken again by one.
    confirm_number(actor=anna, identity=SCAMMER, reason="r", now=NOW)
    for _turn in range(2):
        assert decisions.take_back(entry=AuditEntry.objects.latest("id"), **alone) is None
    assert row().moderated == 1


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 4])
def test_taking_back_and_again_hides_no_decision_of_an_account(turns: int):
    crowd(3)
    before = row().moderated
    thief, boss = staff(SENIOR, "thief"), staff(SENIOR, "boss")
    confirm_number(actor=thief, identity=SCAMMER, reason="stolen", now=NOW)
    for _turn in range(turns):
        undo(actor=thief, entry=AuditEntry.objects.latest("id"), reason="stolen", now=NOW)
    found = rollback.of_account(thief, since=NOW, until=NOW)
    stands = turns % 2 == 0
    assert len(found.entries) == stands
    assert (row().moderated != before) == stands
    if stands:
        plan = ManyDecisions("entry", "take_back", tuple(found.entries))
        batch: Any = decisions.carry_out(plan=plan, actor=boss, reason="stolen", seen=0, now=NOW)
        assert batches.advance(batch=batch, now=NOW).failures == {}
        assert row().moderated == before


def test_an_import_of_seeds_is_taken_back_as_one():
    anna = staff(SENIOR, "anna")
    file = io.StringIO(
        f"number,verdict,reason\n{BAKERY.key},legitimate,own\n{SCAMMER.key},unwanted,own\n"
    )
    assert [row.error for row in seed(file, actor=anna, region="", now=NOW)] == ["", ""]
    batch = DecisionBatch.objects.get()
    assert (batch.verb, batch.done) == ("seed_numbers", 2)
    assert len(rollback.of_batch(batch).entries) == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_at_once_there_is_one_proposal_one_approval_and_one_decision():
    crowd(3)
    anna, bert, carol = (staff(SENIOR, name) for name in ("anna", "bert", "carol"))
    first, second = together(*[partial(propose, anna)] * 2)
    assert first == second
    assert Proposal.objects.count() == 1
    seen = decisions.review(first, now=NOW).seen
    refused = together(
        partial(refusal, partial(approve, first, bert, seen)),
        partial(refusal, partial(approve, first, carol, seen)),
    )
    assert sorted(refused) == ["", "ProposalOver"]
    assert AuditEntry.objects.filter(verb="pin_number").count() == 1

    # Approved while it is withdrawn, and while somebody decides otherwise.
    one = propose(anna, pin(Action.FLAG))
    seen = decisions.review(one, now=NOW).seen
    refused = together(
        partial(refusal, partial(approve, one, bert, seen)),
        partial(refusal, partial(decisions.withdraw, proposal=one, actor=anna, reason="", now=NOW)),
    )
    assert sorted(refused) == ["", "ProposalOver"]
    one.refresh_from_db()
    assert (one.state == "approved") == (row().pinned == "flag")

    other = propose(anna, pin(Action.BLOCK))
    seen = decisions.review(other, now=NOW).seen
    confirm = RULES["number"]["confirm_number"]
    last = meanwhile.newest(row())
    by = {"actor": carol, "reason": "r", "seen": last, "now": NOW}
    refused = together(
        partial(refusal, partial(approve, other, bert, seen)),
        partial(refusal, partial(decisions.take, rule=confirm, subject=row(), given={}, **by)),
    )
    assert set(refused) <= {"", "Stale", "DecidedMeanwhile"}
    assert refused.count("") == 1, refused
