"""What one moderator may decide alone within a day, by whatever way."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from api.keys import create_key
from reputation import decisions
from reputation.decisions import RULES, ManyDecisions, OneDecision
from reputation.identity import identify
from reputation.models import AuditEntry, DecisionBatch, Number, Proposal, QueueItem, Reporter
from reputation.moderation import batches, clear_number, queue
from reputation.moderation.roles import MODERATOR, SENIOR
from tests.given.api_requests import Holder, ask
from tests.given.concurrency import together
from tests.given.reporters import DAY, NOW, newcomer, row, say
from tests.given.rows import a_queue_item
from tests.given.staff import signed_in, staff, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two(settings: Settings) -> None:
    settings.SECOND_MODERATOR_REQUIRED = True
    settings.SECOND_MODERATOR_BEYOND = 3


@pytest.fixture
def numbers() -> list[Number]:
    """Six numbers, each of which one newcomer reported."""
    found = [identify(f"+861381234567{n}") for n in range(6)]
    for identity in found:
        say(newcomer(identity.key), number=identity)
    return [row(identity) for identity in found]


def decide(actor: User, subject: Any, verb: str = "confirm_number", now: Any = NOW) -> object:
    rule = RULES[subject._meta.model_name][verb]
    by: Any = {"actor": actor, "reason": "heard it", "now": now}
    return decisions.decide(rule=rule, subject=subject, given={}, seen=2**60, **by)


def many(actor: User, subject: str, verb: str, targets: Sequence[Any]) -> object:
    plan = ManyDecisions(subject, verb, tuple(target.pk for target in targets))
    done = decisions.carry_out(plan=plan, actor=actor, reason="heard it", seen=2**60, now=NOW)
    return done if isinstance(done, Proposal) else batches.advance(batch=done, now=NOW)


def approve(proposal: object, by: User) -> Proposal:
    assert isinstance(proposal, Proposal)
    seen = decisions.review(proposal, now=NOW).seen
    return decisions.approve(proposal=proposal, actor=by, seen=seen, reason="", now=NOW)


def take_back(actor: User, entry: AuditEntry) -> object:
    return decisions.take_one_back(entry=entry, actor=actor, reason="a slip", now=NOW)


def proposes(done: object) -> bool:
    return isinstance(done, Proposal)


def test_one_by_one_as_many_at_once(numbers: list[Number]):
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    assert [proposes(decide(anna, number)) for number in numbers[:4]] == [False] * 3 + [True]
    assert [number.moderated for number in Number.objects.order_by("key")] == [1, 1, 1, 0, 0, 0]
    # About the same numbers as often as need be; and by others as before.
    numbers[0].refresh_from_db()
    assert not proposes(decide(anna, numbers[0], "clear_number"))
    assert not proposes(decide(bert, numbers[4]))
    # What another approved does not count, and after a day nothing does.
    approve(Proposal.objects.get(), bert)
    assert Number.objects.get(pk=numbers[3].pk).moderated == 1
    later = NOW + DAY
    assert [proposes(decide(anna, each, now=later)) for each in numbers[4:]] == [False, False]


def test_a_hold_and_what_decides_nothing_take_one(numbers: list[Number]):
    anna = staff(MODERATOR, "anna")
    for number in numbers[:3]:
        decide(anna, number)
    Number.objects.update(action="block")
    last = Number.objects.get(pk=numbers[5].pk)
    assert not proposes(decide(anna, last, "hold_number"))
    dispute = {"grounds": "not_me", "statement": "It is ours.", "contact": ""}
    opens = OneDecision(RULES["number"]["open_dispute"], last, dispute)
    assert not opens.takes_two(actor=anna, now=NOW)


def test_no_second_person_where_none_is_required(numbers: list[Number], settings: Settings):
    settings.SECOND_MODERATOR_REQUIRED = False
    anna = staff(MODERATOR, "anna")
    assert not any(proposes(decide(anna, number)) for number in numbers)


def test_single_decisions_and_batches_count_together(numbers: list[Number]):
    anna = staff(SENIOR, "anna")
    assert not proposes(many(anna, "number", "confirm_number", numbers[:2]))
    assert not proposes(decide(anna, numbers[2]))
    assert proposes(decide(anna, numbers[3]))
    assert proposes(many(anna, "number", "confirm_number", numbers[3:4]))


def test_a_batch_that_did_not_run_yet_counts(numbers: list[Number]):
    anna = staff(SENIOR, "anna")
    plan = ManyDecisions("number", "confirm_number", tuple(each.pk for each in numbers[:3]))
    decisions.carry_out(plan=plan, actor=anna, reason="r", seen=0, now=NOW)
    assert proposes(decide(anna, numbers[3]))


def test_a_batch_of_holds_and_one_that_another_approved_do_not_count(numbers: list[Number]):
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    Number.objects.update(action="block")
    targets = tuple(each.pk for each in numbers[:4])
    for verb in ("hold_number", "confirm_number"):
        plan = ManyDecisions("number", verb, targets)
        begun = decisions.carry_out(plan=plan, actor=anna, reason="r", seen=0, now=NOW)
    approve(begun, bert)
    assert DecisionBatch.objects.filter(finished_at=None).count() == 2
    assert not proposes(decide(anna, numbers[5]))


def test_the_numbers_of_blocked_and_unlinked_reporters_count(numbers: list[Number]):
    anna = staff(SENIOR, "anna")
    liars = list(Reporter.objects.filter(kind="person").order_by("pk"))
    assert not proposes(many(anna, "reporter", "block_reporter", liars[:2]))
    assert not proposes(decide(anna, liars[2], "block_reporter"))
    assert proposes(decide(anna, liars[3], "block_reporter"))
    assert proposes(many(anna, "reporter", "block_reporter", liars[3:4]))


def test_taking_back_counts_and_is_proposed_by_whoever_may_take_one_back(numbers: list[Number]):
    thief, anna, bert = (staff(MODERATOR, name) for name in ("thief", "anna", "bert"))
    for number in numbers:
        clear_number(actor=anna, identity=number.identity, reason="ours", now=NOW - 2 * DAY)
    entries = list(AuditEntry.objects.order_by("id"))
    assert [proposes(take_back(thief, entry)) for entry in entries[:4]] == [False] * 3 + [True]
    batch = approve(Proposal.objects.get(), bert).batch
    assert batch is not None
    assert (batch.actor, batch.failures, batch.finished_at) == (thief, {}, NOW)
    assert Number.objects.get(pk=numbers[3].pk).moderated == 0
    # One's own slip is about a number that counts already.
    for number in numbers[3:]:
        decide(anna, number)
    assert not proposes(take_back(anna, AuditEntry.objects.latest("id")))


def test_blocking_again_counts_what_was_reported_meanwhile(numbers: list[Number]):
    """Whoever takes an unblocking back blocks, as if for the first time."""
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    liar = newcomer("liar")
    for verb in ("block_reporter", "unblock_reporter"):
        assert not proposes(decide(anna, liar, verb))
        liar.refresh_from_db()
    unblocking = AuditEntry.objects.latest("id")
    for number in numbers[:4]:
        say(liar, number=number.identity)
    assert proposes(take_back(bert, unblocking))
    # To have unblocked somebody is no decision about what they report afterwards.
    assert not proposes(decide(anna, numbers[5]))


def test_batches_taken_back_count_together(numbers: list[Number]):
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    first = many(anna, "number", "confirm_number", numbers[:2])
    second = many(staff(SENIOR, "carol"), "number", "confirm_number", numbers[2:4])
    by: Any = {"actor": bert, "reason": "no", "now": NOW}
    assert not proposes(decisions.take_batch_back(batch=first, **by))
    assert proposes(decisions.take_batch_back(batch=second, **by))
    done = batches.advance_undo(batch=first, now=NOW)
    assert done.undo_finished_at == NOW
    assert proposes(decisions.take_batch_back(batch=second, **by))


def test_the_same_by_a_key_and_in_the_panel(numbers: list[Number]):
    anna = staff(MODERATOR, "anna")
    key, token = create_key(name="tool", scopes=[], moderator=anna, region="US", now=NOW)
    by, page = Holder(key, token), signed_in(anna)

    def body(number: Number) -> dict[str, Any]:
        about = {"kind": "number", "id": number.key}
        return {"subject": about, "decision": "confirm_number", "reason": "Called it.", "seen": 0}

    def decide_view(number: Number) -> str:
        return f"/admin/reputation/number/{number.pk}/decide/confirm_number/"

    for number in numbers[:2]:
        assert ask("POST", "/v1/moderation/decisions", by=by, body=body(number)).status == 201
    assert "second moderator" not in text(page.get(decide_view(numbers[2])))
    page.post(decide_view(numbers[2]), {"reason": "Called it.", "seen": "0"})
    assert Number.objects.filter(moderated=1).count() == 3

    assert "about more than 3 numbers within a day." in text(page.get(decide_view(numbers[3])))
    answer = page.post(decide_view(numbers[3]), {"reason": "Called it.", "seen": "0"}, follow=True)
    assert "Another moderator has to approve it" in text(answer)
    asked = {"subject": body(numbers[4])["subject"], "decision": "confirm_number"}
    preview = ask("POST", "/v1/moderation/previews", by=by, body=asked)
    assert preview.json["two_persons"] is True
    assert ask("POST", "/v1/moderation/decisions", by=by, body=body(numbers[4])).status == 202
    assert Number.objects.filter(moderated=1).count() == 3


def test_the_queue_offers_what_was_proposed_to_others_alone(numbers: list[Number]):
    now = timezone.now()
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    for number in numbers[:3]:
        decide(anna, number, now=now)
    for number in numbers[3:5]:
        a_queue_item(number=number)
    first = queue.claim_next(actor=anna, now=now)
    assert first is not None
    decide(anna, first.number, now=now)
    second = queue.claim_next(actor=anna, now=now)
    assert second is not None
    assert second.number != first.number
    assert queue.claim_next(actor=bert, now=now) == first
    # Declined, it waits for its proposer as well.
    queue.release(actor=bert, item=first)
    queue.release(actor=anna, item=second)
    decisions.decline(proposal=Proposal.objects.get(), actor=bert, reason="no", now=now)
    assert QueueItem.objects.count() == 2
    assert queue.claim_next(actor=anna, now=now) == first


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_at_once_no_more_than_one_by_one(numbers: list[Number]):
    anna = staff(MODERATOR, "anna")
    done = together(*(partial(decide, anna, number) for number in numbers))
    assert sorted(map(proposes, done)) == [False] * 3 + [True] * 3
    assert Number.objects.filter(moderated=1).count() == 3
