"""Twenty at once, each in a thread and a connection of its own, end as if they had queued."""

from collections import Counter
from collections.abc import Callable

import pytest

from reputation.disputes import AlreadyDisputed, DisputeError, open_dispute, verify
from reputation.disputes.codes import CODES_PER_NETWORK, CODES_PER_NUMBER
from reputation.disputes.deciding import NotOpen, decide_dispute
from reputation.identity import Identity, identify
from reputation.models import AuditEntry, Dispute
from reputation.models.dispute import MAX_ATTEMPTS
from tests.given.concurrency import together
from tests.given.phone import Phone
from tests.given.reporters import NOW, SCAMMER, moderator, reported, row

pytestmark = pytest.mark.django_db(transaction=True)


def ask(number: Identity = SCAMMER, *, network: str = "n", statement: str = "No.") -> Dispute:
    return open_dispute(
        identity=number,
        grounds="mistaken",
        statement=statement,
        contact="holder@example.org",
        network=network,
        now=NOW,
    )


def outcome(act: Callable[[], Dispute]) -> Callable[[], str]:
    def tried() -> str:
        try:
            return act().status
        except (DisputeError, NotOpen) as error:
            return type(error).__name__

    return tried


@pytest.mark.slow
def test_twenty_strangers_open_disputes_of_one_number(phone: Phone):
    reported()
    found = together(*[outcome(lambda n=n: ask(network=f"net{n}")) for n in range(20)])
    assert Counter(found) == {
        "awaiting_code": CODES_PER_NUMBER,
        "TooManyCodes": 20 - CODES_PER_NUMBER,
    }
    assert len(phone.got) == CODES_PER_NUMBER
    assert Dispute.objects.count() == 20  # those without a code wait for a text from the number


@pytest.mark.slow
def test_twenty_times_the_same_dispute(phone: Phone):
    reported()
    found = together(*[lambda: ask().pk for _ in range(20)])
    assert len(set(found)) == len(phone.got) == Dispute.objects.count() == 1
    assert Dispute.objects.get().codes_sent == 1


@pytest.mark.slow
def test_one_network_asks_for_twenty_numbers(phone: Phone):
    numbers = [identify(f"+86138123400{n:02}") for n in range(20)]
    for number in numbers:
        reported(number)
    found = together(*[outcome(lambda number=number: ask(number)) for number in numbers])
    assert Counter(found) == {
        "awaiting_code": CODES_PER_NETWORK,
        "TooManyCodes": 20 - CODES_PER_NETWORK,
    }


def test_twenty_times_the_right_code(phone: Phone):
    reported()
    dispute = ask()
    code = phone.code_of(dispute)
    found = together(
        *[
            outcome(lambda: verify(public_id=dispute.public_id, code=code, now=NOW))
            for _ in range(20)
        ]
    )
    assert found == ["open"] * 20
    assert (row().disputed, row().status) == (True, "disputed")
    dispute.refresh_from_db()
    assert (dispute.status, dispute.attempts) == ("open", 0)


def test_twenty_guesses_at_once_are_five(phone: Phone):
    reported()
    dispute = ask()
    right = int(phone.code_of(dispute))
    found = together(
        *[
            outcome(
                lambda n=n: verify(
                    public_id=dispute.public_id, code=f"{(right + 1 + n) % 10**8:08}", now=NOW
                )
            )
            for n in range(20)
        ]
    )
    assert Counter(found) == {
        "WrongCode": MAX_ATTEMPTS - 1,
        "NoMoreAttempts": 20 - MAX_ATTEMPTS + 1,
    }
    dispute.refresh_from_db()
    assert (dispute.status, dispute.attempts) == ("awaiting_code", MAX_ATTEMPTS)


@pytest.mark.slow
def test_of_several_disputes_of_one_number_one_opens(phone: Phone):
    reported()
    waiting = [ask(network=f"net{n}") for n in range(CODES_PER_NUMBER)]
    found = together(
        *[
            outcome(lambda d=dispute: verify(public_id=d.public_id, code=phone.code_of(d), now=NOW))
            for dispute in waiting
            for _ in range(4)
        ]
    )
    assert Counter(found) == {"open": 4, AlreadyDisputed.__name__: 16}
    assert Dispute.objects.open().count() == 1


def test_two_moderators_decide_at_once(phone: Phone):
    reported()
    dispute = ask()
    dispute = verify(public_id=dispute.public_id, code=phone.code_of(dispute), now=NOW)
    judges = [moderator("one"), moderator("another")]
    found = together(
        *[
            outcome(
                lambda judge=judge, upheld=upheld: decide_dispute(
                    actor=judge, dispute=dispute, upheld=upheld, reason="Because.", now=NOW
                )
            )
            for judge, upheld in zip(judges, (True, False), strict=True)
        ]
    )
    assert sorted(found)[0] == "NotOpen"
    assert AuditEntry.objects.count() == 1
    dispute.refresh_from_db()
    assert dispute.status in found
    assert row().disputed is False
    assert (row().immune_until is not None) == (dispute.status == "upheld")
