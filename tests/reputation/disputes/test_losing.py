"""Who lost disputes waits, gets nothing held, and for how long losses count."""

import pytest

from reputation.disputes import IMMUNITY, History, TooSoon, appeal, disputable_from, history
from reputation.disputes.disputable import COOL_DOWN, LONGEST_COOL_DOWN
from reputation.disputes.histories import LOSSES_COUNT_FOR
from reputation.identity import identify
from reputation.moderation import confirm_number, mark_reassigned
from tests.given.disputes import MINUTE, a_dispute, ask, blocked, decide, opened, rejected, told
from tests.given.phone import Phone
from tests.given.reporters import DAY, NOW, SCAMMER, moderator, newcomer, reported, row, say

pytestmark = pytest.mark.django_db


def test_who_lost_waits_and_gets_nothing_held(phone: Phone):
    blocked()
    rejected(phone, at=NOW)
    with pytest.raises(TooSoon) as error:
        ask(at=NOW + COOL_DOWN - MINUTE)
    assert error.value.retry_at == NOW + COOL_DOWN
    assert str(error.value).endswith("The next may be opened on 2026-12-25.")
    at = NOW + COOL_DOWN
    confirm_number(actor=moderator("confirms"), identity=SCAMMER, reason="heard it", now=at)
    dispute = opened(phone, at=at)
    assert (dispute.status, dispute.held) == ("open", False)
    assert told(at=at) == ("block", "listed")
    decide(dispute, upheld=False, at=at, name="second")
    with pytest.raises(TooSoon) as error:
        ask(at=at + DAY)
    assert error.value.retry_at == at + 2 * COOL_DOWN
    # A new holder is not made to wait for the old one's losses that long.
    with pytest.raises(TooSoon) as error:
        ask(at=at + DAY, grounds="new_holder")
    assert error.value.retry_at == at + COOL_DOWN


def test_a_known_new_holder_has_lost_nothing(phone: Phone):
    reported()
    rejected(phone, at=NOW)
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="carrier", now=NOW + DAY)
    for handle in ("c", "d"):
        say(newcomer(handle), at=NOW + 2 * DAY)
    assert opened(phone, at=NOW + 2 * DAY).held


def test_an_appeal_that_is_upheld_leaves_no_loss(phone: Phone):
    reported()
    dispute = rejected(phone, at=NOW)
    second = appeal(public_id=dispute.public_id, statement="No.", now=NOW)
    decide(second, upheld=True, at=NOW, name="another")
    again = ask(at=NOW + IMMUNITY)
    assert history(again, now=NOW + IMMUNITY).lost_by_number == 0


def test_the_decision_that_is_appealed_against_is_no_loss_before_it(phone: Phone):
    reported()
    dispute = rejected(phone, at=NOW, network="clinic", contact="boss@example.org")
    second = appeal(public_id=dispute.public_id, statement="No.", now=NOW)
    assert history(second, now=NOW) == History(0, 0, 0, 0, 0)
    assert (second.network, second.contact_hash) == (dispute.network, dispute.contact_hash)


@pytest.mark.slow
@pytest.mark.parametrize("same", ["network", "contact"])
def test_a_network_or_contact_that_keeps_losing_gets_nothing_held(
    phone: Phone, same: str, django_assert_num_queries
):
    numbers = [identify(f"+861381234000{n}") for n in range(5)]
    for number in numbers:
        reported(number)
    # The same mailbox, however it is written.
    who = [
        {"network": "clinic", "contact": f"{n}@example.org"}
        if same == "network"
        else {"network": f"net{n}", "contact": "Boss@Example.org" if n % 2 else "boss@example.org "}
        for n in range(5)
    ]
    for n in range(3):
        rejected(phone, numbers[n], at=NOW, **who[n])
    dispute = opened(phone, numbers[3], at=NOW, **who[3])
    assert not dispute.held
    lost = {"network": (3, 0), "contact": (0, 3)}[same]
    with django_assert_num_queries(1):
        known = history(dispute, now=NOW)
    assert known == History(
        lost_by_number=0,
        lost_by_network=lost[0],
        lost_by_contact=lost[1],
        numbers_by_network=lost[0],
        numbers_by_contact=lost[1],
    )
    # A year later it is forgotten.
    assert opened(phone, numbers[4], at=NOW + LOSSES_COUNT_FOR + DAY, **who[4]).held


def test_the_wait_doubles_with_each_loss_up_to_a_bound(phone: Phone):
    reported()
    lost = {"status": "rejected", "decided_at": NOW, "decided_by": moderator(), "reason": "No."}
    for losses, wait in enumerate((1, 2, 4, 8, 8), 1):
        a_dispute(**lost)
        assert (losses, disputable_from(row(), "mistaken")) == (losses, NOW + wait * COOL_DOWN)
    assert LONGEST_COOL_DOWN == 8 * COOL_DOWN


def test_losses_count_by_network_and_contact_for_a_time(phone: Phone):
    other = identify("+8613812345679")
    reported()
    reported(other)
    who = {"network": "clinic", "contact": "boss@example.org"}
    rejected(phone, at=NOW, **who)
    mine = opened(phone, other, at=NOW + DAY, **who)
    assert history(mine, now=NOW + LOSSES_COUNT_FOR) == History(
        lost_by_number=0,
        lost_by_network=1,
        lost_by_contact=1,
        numbers_by_network=1,
        numbers_by_contact=1,
    )
    assert history(mine, now=NOW + LOSSES_COUNT_FOR + MINUTE) == History(0, 0, 0, 0, 0)
