"""Block is held at flag for a holder: for whom, how many at a time, and until when."""

from datetime import timedelta

import pytest

from reputation.decisions import offered
from reputation.disputes import DECIDED_WITHIN, HOLD_GRACE, appeal, end_holds, hold_dispute
from reputation.disputes.deciding import DecidedBefore, NotOpen
from reputation.disputes.histories import contact_hash
from reputation.disputes.holds import HOLDS_PER_BLOCK, HOLDS_PER_NETWORK, PROVEN_BY
from reputation.identity import Identity, identify
from reputation.models import AuditEntry, Dispute
from reputation.moderation import ReasonMissing, confirm_number, mark_reassigned, undo
from reputation.rights import DataSubject, erase
from tests.given.disputes import a_dispute, blocked, decide, opened, told
from tests.given.phone import Phone
from tests.given.reporters import DAY, NOW, SCAMMER, moderator, reported, row

pytestmark = pytest.mark.django_db

END = NOW + DECIDED_WITHIN + HOLD_GRACE
MINUTE = timedelta(minutes=1)


def known(key: str) -> Identity:
    number = identify(key)
    reported(number)
    return number


def confirmed() -> None:
    blocked()
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    assert told() == ("block", "listed")


def test_a_dispute_does_not_unblock_what_a_moderator_confirmed(phone: Phone):
    confirmed()
    dispute = opened(phone)
    assert (dispute.status, dispute.held) == ("open", False)
    assert told() == ("block", "listed")


def test_a_moderator_who_looked_holds_it(phone: Phone):
    confirmed()
    dispute = opened(phone)
    clerk = moderator("clerk")
    with pytest.raises(ReasonMissing):
        hold_dispute(actor=clerk, dispute=dispute, reason=" ", now=NOW + DAY)
    held = hold_dispute(actor=clerk, dispute=dispute, reason="A plausible letter.", now=NOW + DAY)
    assert held.held
    assert told(at=NOW + DAY) == ("flag", "disputed")
    entry = AuditEntry.objects.get(verb="hold_dispute")
    named = {"dispute": str(dispute.public_id)}
    until = NOW + DAY + DECIDED_WITHIN
    assert (entry.actor, entry.reason) == (clerk, "A plausible letter.")
    assert entry.before == named | {"held": False, "disputed": False}
    assert entry.after == named | {"held": True, "until": until.isoformat(), "disputed": True}
    decide(held, upheld=False, at=NOW + 2 * DAY)
    assert told(at=NOW + 2 * DAY) == ("block", "listed")
    with pytest.raises(NotOpen):
        hold_dispute(actor=clerk, dispute=dispute, reason="Again.", now=NOW + 3 * DAY)


def test_who_rejected_a_dispute_does_not_hold_block_for_its_appeal(phone: Phone):
    blocked()
    dispute = decide(opened(phone), upheld=False)
    first, at = dispute.decided_by, NOW + 2 * DAY
    assert first is not None
    second = appeal(public_id=dispute.public_id, statement="You heard another voice.", now=at)
    with pytest.raises(DecidedBefore):
        hold_dispute(actor=first, dispute=second, reason="Perhaps.", now=at)
    assert told(at=at) == ("block", "listed")
    first.is_superuser = True
    assert "hold_dispute" not in {rule.verb for rule in offered(first, "dispute", second)}
    assert hold_dispute(actor=moderator("b"), dispute=second, reason="Perhaps.", now=at).held


@pytest.mark.parametrize(
    ("upheld", "network", "held"),
    [
        (PROVEN_BY, "net-holder", True),
        (PROVEN_BY - 1, "net-holder", False),
        # Whoever has read the address of an honest firm is not that firm.
        (PROVEN_BY, "another", False),
    ],
)
def test_a_contact_that_was_right_before_is_held_even_so(phone: Phone, upheld, network, held):
    for n in range(upheld):
        dispute = opened(phone, known(f"+86138123{n}0001"))
        decide(dispute, upheld=True, at=NOW, name=f"judge {n}")
    confirmed()
    assert opened(phone, network=network).held is held


@pytest.mark.parametrize(
    ("places", "days", "held"), [((0, 1), 364, True), ((0, 1), 366, False), ((0, 0), 1, False)]
)
def test_a_contact_is_proven_by_two_numbers_within_a_year(phone: Phone, places, days, held):
    then = dict.fromkeys(("opened_at", "verified_at", "decided_at"), NOW - days * DAY)
    who = {"contact_hash": contact_hash("plumber@example.org"), "network": "net-holder"}
    judged = {"status": "upheld", "decided_by": moderator("judge"), "reason": "Right."}
    numbers = {place: known(f"+86138123{place}0001") for place in set(places)}
    for place in places:
        a_dispute(number=row(numbers[place]), **then, **who, **judged)
    confirmed()
    assert opened(phone).held is held


def test_no_contact_no_hold(phone: Phone):
    blocked()
    dispute = opened(phone, contact=" ")
    assert (dispute.status, dispute.held) == ("open", False)
    assert told() == ("block", "listed")


def test_holds_at_a_time_in_one_block_of_numbers(phone: Phone):
    keys = [f"+861381234500{n}" for n in range(HOLDS_PER_BLOCK + 1)]
    asked = [
        opened(phone, known(key), network=f"net{n}", contact=f"{n}@example.org")
        for n, key in enumerate(keys)
    ]
    assert [dispute.held for dispute in asked] == [True] * HOLDS_PER_BLOCK + [False]
    # Another block has room, and so has this one when one is decided.
    elsewhere = known("+8613812346000")
    assert opened(phone, elsewhere, network="n", contact="n@example.org").held
    decide(asked[0], upheld=True)
    assert opened(phone, known("+8613812345999"), network="m", contact="m@example.org").held


def test_holds_at_a_time_of_one_network(phone: Phone):
    held = [
        opened(phone, known(f"+86138123{n}0001"), contact=f"{n}@example.org").held
        for n in range(HOLDS_PER_NETWORK + 1)
    ]
    assert held == [True] * HOLDS_PER_NETWORK + [False]


def test_who_erases_what_they_disputed_gets_no_further_holds(phone: Phone):
    for n in range(HOLDS_PER_NETWORK):
        opened(phone, known(f"+86138123{n}0001"), contact=f"{n}@example.org")
        erase(who=DataSubject([], contacts=[f"{n}@example.org"]), now=NOW)
    assert not Dispute.objects.exclude(contact_hash="").exists()
    assert not opened(phone, known("+8613812390001"), contact="9@example.org").held


@pytest.mark.parametrize("opens_first", [True, False])
def test_what_another_decision_changed_comes_back_as_the_dispute_has_it(phone: Phone, opens_first):
    """A hold that was decided does not come back, and one that began since does not end."""
    blocked()
    dispute = opened(phone) if opens_first else None
    by = {"reason": "r", "now": NOW}
    # Before all reports, so that these still count.
    mark_reassigned(actor=moderator("a"), identity=SCAMMER, since=NOW - 30 * DAY, **by)
    marked = AuditEntry.objects.latest("pk")
    if dispute is None:
        assert opened(phone).held
    else:
        decide(dispute, upheld=False)
    undo(actor=moderator("b"), entry=marked, **by)
    assert told() == (("block", "listed") if opens_first else ("flag", "disputed"))


def test_a_hold_ends_by_itself(phone: Phone):
    blocked()
    dispute = opened(phone)
    assert end_holds(now=END - MINUTE) == 0
    assert told(at=END - MINUTE) == ("flag", "disputed")
    assert end_holds(now=END) == 1
    dispute.refresh_from_db()
    # It still waits for its decision, and gets one.
    assert (dispute.status, dispute.held) == ("open", False)
    assert told(at=END) == ("block", "listed")
    assert end_holds(now=END) == 0
    decide(dispute, upheld=True, at=END)
    assert told(at=END) == ("allow", "clear")


def test_a_moderator_extends_a_hold(phone: Phone):
    blocked()
    dispute = opened(phone)
    hold_dispute(actor=moderator(), dispute=dispute, reason="Papers come.", now=END - MINUTE)
    assert end_holds(now=END + DECIDED_WITHIN - 2 * MINUTE) == 0
    assert end_holds(now=END + DECIDED_WITHIN - MINUTE) == 1


def test_a_decided_dispute_has_no_hold_to_end(phone: Phone):
    blocked()
    decide(opened(phone), upheld=False)
    assert end_holds(now=END) == 0
    assert Dispute.objects.get().held  # what was, stays on record
