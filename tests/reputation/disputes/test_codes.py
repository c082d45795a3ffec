"""Codes for holders: how many are sent, what a guesser gets, and disputes without one."""

import pytest

from reputation.disputes import (
    CODE_LIFETIME,
    DECIDED_WITHIN,
    AlreadyDisputed,
    CodeExpired,
    NoMoreAttempts,
    NothingToDispute,
    TooManyCodes,
    WrongCode,
    find_dispute,
    histories,
    open_for_holder,
    send_again,
    verify,
)
from reputation.disputes.codes import (
    CODES_PER_NETWORK,
    CODES_PER_NUMBER,
    LIMITED_FOR,
    RESERVED_CODES,
)
from reputation.identity import identify
from reputation.models import AuditEntry, Dispute
from reputation.models.dispute import MAX_ATTEMPTS
from reputation.moderation import ReasonMissing, confirm_number
from tests.given.disputes import MINUTE, ask, decide, kept, told
from tests.given.phone import Phone
from tests.given.reporters import DAY, NOW, SCAMMER, moderator, reported, row

pytestmark = pytest.mark.django_db


# --- Limits ---


def test_a_number_gets_only_so_many_codes_a_day(phone: Phone):
    reported()
    for n in range(CODES_PER_NUMBER):
        ask(network=f"net{n}", at=NOW + n * MINUTE)
    with pytest.raises(TooManyCodes) as error:
        ask(network="one more", at=NOW + 60 * MINUTE)
    assert error.value.wait == 23 * 3600
    assert len(phone.got) == CODES_PER_NUMBER
    assert error.value.dispute is not None  # kept, for a code that the holder asks for by text
    ask(network="one more", at=NOW + LIMITED_FOR)
    assert len(phone.got) == CODES_PER_NUMBER + 1


def test_a_stranger_cannot_use_up_the_codes_of_a_number(phone: Phone):
    reported()
    for n in range(CODES_PER_NUMBER - RESERVED_CODES):
        ask(statement=f"Not me {n}.", network="stranger", at=NOW + n * MINUTE)
    at = NOW + 60 * MINUTE
    with pytest.raises(TooManyCodes):
        ask(network="stranger", at=at)
    # The holder, elsewhere, gets one at once; the reserve is for those who asked for none.
    dispute = ask(at=at)
    assert dispute.codes_sent == 1
    with pytest.raises(TooManyCodes):
        send_again(public_id=dispute.public_id, now=at + MINUTE)
    assert ask(network="a third", at=at).codes_sent == 1
    with pytest.raises(TooManyCodes):
        ask(network="a fourth", at=at)
    assert len(phone.got) == CODES_PER_NUMBER


@pytest.mark.slow
def test_a_network_rings_only_so_many_telephones_a_day(phone: Phone):
    numbers = [identify(f"+861381234{n:04}") for n in range(CODES_PER_NETWORK + 1)]
    for number in numbers:
        reported(number)
    for number in numbers[:-1]:
        ask(number)
    with pytest.raises(TooManyCodes):
        ask(numbers[-1])
    ask(numbers[-1], network="another")
    assert len(phone.got) == CODES_PER_NETWORK + 1


# --- The code ---


def test_a_guesser_has_five_attempts(phone: Phone):
    reported()
    dispute = ask()
    right = phone.code
    wrong = f"{(int(right) + 1) % 10**8:08}"
    said = []
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(WrongCode) as error:
            verify(public_id=dispute.public_id, code=wrong, now=NOW)
        said.append(str(error.value))
    assert said[0] == "This is not the code that was sent. You have 4 attempts left."
    assert said[-1] == "This is not the code that was sent. You have 1 attempt left."
    with pytest.raises(NoMoreAttempts):
        verify(public_id=dispute.public_id, code=wrong, now=NOW)
    with pytest.raises(NoMoreAttempts):  # the right one comes too late
        verify(public_id=dispute.public_id, code=right, now=NOW)
    with pytest.raises(NoMoreAttempts):
        send_again(public_id=dispute.public_id, now=NOW + MINUTE)
    assert (kept()["status"], kept()["attempts"]) == ("awaiting_code", MAX_ATTEMPTS)
    assert told() == ("flag", "listed")


@pytest.mark.parametrize("code", ["", "0", "１", "no digits", "1" * 400, "\0"])
def test_what_is_no_code_counts_as_an_attempt(phone: Phone, code: str):
    reported()
    dispute = ask()
    with pytest.raises(WrongCode):
        verify(public_id=dispute.public_id, code=code, now=NOW)
    assert kept()["attempts"] == 1


def test_a_code_may_be_typed_as_people_type(phone: Phone):
    reported()
    dispute = ask()
    wide = phone.code.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert verify(public_id=dispute.public_id, code=f" {wide[:4]}-{wide[4:]}", now=NOW).held


def test_a_code_runs_out(phone: Phone):
    reported()
    dispute = ask()
    last = NOW + CODE_LIFETIME
    assert find_dispute(public_id=dispute.public_id).status_at(last - MINUTE) == "awaiting_code"
    assert find_dispute(public_id=dispute.public_id).status_at(last) == "expired"
    with pytest.raises(CodeExpired):
        verify(public_id=dispute.public_id, code=phone.code, now=last)
    assert ask(at=last).pk != dispute.pk


def test_a_code_opens_its_own_dispute_only(phone: Phone):
    reported()
    one = ask()
    code = phone.code
    other = ask(network="another")
    with pytest.raises(WrongCode):
        verify(public_id=other.public_id, code=code, now=NOW)
    assert verify(public_id=one.public_id, code=code, now=NOW).status == "open"


def test_codes_are_not_kept(phone: Phone):
    reported()
    ask()
    assert phone.code not in repr(Dispute.objects.values().get())


# --- Without a code ---


def test_a_moderator_opens_one_for_a_number_that_gets_no_codes():
    bank = identify("95533", region="CN")
    confirm_number(actor=moderator(), identity=bank, reason="heard it", now=NOW)
    judge = moderator("clerk")
    dispute = open_for_holder(
        actor=judge,
        identity=bank,
        grounds="mistaken",
        statement=" We are a bank. ",
        contact="press@bank.example",
        reason="A letter with their seal.",
        now=NOW + DAY,
    )
    assert (dispute.status, dispute.via, dispute.held, dispute.statement) == (
        "open",
        "panel",
        True,
        "We are a bank.",
    )
    assert dispute.deadline_at == NOW + DAY + DECIDED_WITHIN
    assert told(bank, at=NOW + DAY) == ("flag", "disputed")
    assert histories.contact_of(dispute) == "press@bank.example"
    entry = AuditEntry.objects.get(verb="open_dispute")
    assert (entry.actor, entry.reason, entry.number) == (
        judge,
        "A letter with their seal.",
        row(bank),
    )
    assert entry.after == {"dispute": str(dispute.public_id), "held": True}
    with pytest.raises(AlreadyDisputed):
        open_for_holder(
            actor=judge, identity=bank, grounds="other", statement="No.", reason="x", now=NOW + DAY
        )
    decide(dispute, upheld=False, at=NOW + DAY)
    assert told(bank, at=NOW + DAY) == ("block", "listed")


def test_a_moderator_needs_a_reason_and_something_to_dispute():
    judge = moderator()
    said = {"identity": SCAMMER, "grounds": "other", "statement": "No.", "now": NOW}
    with pytest.raises(NothingToDispute):
        open_for_holder(actor=judge, reason="a letter", **said)
    reported()
    with pytest.raises(ReasonMissing):
        open_for_holder(actor=judge, reason=" ", **said)
    assert (Dispute.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_disputes_that_moderators_open_have_no_network_in_common():
    numbers = [identify(f"+861381234000{n}") for n in range(5)]
    judge = moderator("clerk")
    for n, number in enumerate(numbers):
        reported(number)
        dispute = open_for_holder(
            actor=judge, identity=number, grounds="other", statement="No.", reason="x", now=NOW
        )
        assert dispute.held
        decide(dispute, upheld=False, at=NOW, name=f"judge {n}")
