"""A holder opens a dispute: with a code to the number; and what is forgotten."""

import uuid
from collections.abc import Callable

import pytest
from pytest_django import Settings

from reputation.counting import trust_pass
from reputation.disputes import (
    APPEAL_WITHIN,
    CODE_LIFETIME,
    DECIDED_WITHIN,
    AlreadyDisputed,
    CannotReceiveCodes,
    CodeExpired,
    CodeNotSent,
    DisputeNotFound,
    Expired,
    NothingToDispute,
    WrongCode,
    appeal,
    expire,
    find_dispute,
    histories,
    refusal,
    send_again,
    verify,
)
from reputation.disputes.deciding import reveal_contact
from reputation.disputes.histories import CONTACT_KEPT, LOSSES_COUNT_FOR, UNVERIFIED_KEPT
from reputation.identity import Identity, identify
from reputation.lookup.single import look_up
from reputation.models import AuditEntry, Dispute
from reputation.models.dispute import MAX_ATTEMPTS
from reputation.moderation import ReasonMissing, clear_number, confirm_number
from tests.given.disputes import MINUTE, ask, blocked, decide, kept, opened, rejected, told
from tests.given.phone import Phone
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    moderator,
    newcomer,
    reported,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db


# --- Opening ---


def test_a_code_goes_to_the_number_and_nothing_changes_yet(phone: Phone):
    number = blocked()
    dispute = ask()
    [message] = phone.got
    assert (message.to, message.via, message.language) == ("+8613812345678", "sms", "zh-hans")
    assert message.reference == f"{dispute.public_id.hex}-1-sms"
    assert kept() == {
        "number_id": number.pk,
        "status": "awaiting_code",
        "grounds": "mistaken",
        "statement": "I am a plumber. I call people back.",
        "network": "net-holder",
        "via": "sms",
        "noticed": "",
        "language": "zh-hans",
        "code_expires_at": NOW + CODE_LIFETIME,
        "codes_sent": 1,
        "attempts": 0,
        "opened_at": NOW,
        "verified_at": None,
        "deadline_at": None,
        "held": False,
        "hold_extended_to": None,
        "decided_at": None,
        "decided_by_id": None,
        "reason": "",
        "appeal_of_id": None,
        "barred_id": None,
    }
    assert told() == ("block", "listed")


def test_the_contact_is_sealed_and_reading_it_is_on_record(phone: Phone):
    reported()
    dispute = ask()
    stored = Dispute.objects.values().get()
    assert "plumber@example.org" not in repr(stored)
    assert b"plumber" not in bytes(stored["contact_sealed"])
    judge = moderator()
    with pytest.raises(ReasonMissing):
        reveal_contact(actor=judge, dispute=dispute, reason=" ", now=NOW)
    assert not AuditEntry.objects.exists()
    contact = reveal_contact(actor=judge, dispute=dispute, reason="to ask back", now=NOW)
    assert contact == "plumber@example.org"
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.reason, entry.actor) == ("reveal_contact", "to ask back", judge)
    assert entry.after == {"dispute": str(dispute.public_id), "found": True}
    # Sealed for this dispute: in another row it does not open.
    other = ask(network="another")
    other.contact_sealed = dispute.contact_sealed
    assert histories.contact_of(other) == ""


def test_neither_number_nor_code_nor_contact_is_logged(phone: Phone, caplog, settings: Settings):
    reported()
    caplog.set_level("DEBUG")
    dispute = ask()
    phone.broken = True
    with pytest.raises(CodeNotSent):
        ask(at=NOW + MINUTE)
    with pytest.raises(WrongCode):
        verify(public_id=dispute.public_id, code="87654321", now=NOW)
    records = [r.getMessage() for r in caplog.records if r.name.startswith("reputation")]
    assert records == [
        f"code {dispute.public_id.hex}-2-sms not sent by sms: the gateway answered 502"
    ]
    assert "13812345678" not in repr(phone.got[0])
    assert phone.code not in repr(phone.got[0])


def nothing_known() -> None:
    pass


def cleared_without_reports() -> None:
    clear_number(actor=moderator(), identity=SCAMMER, reason="a plumber", now=NOW)


def praised() -> None:
    say(newcomer("a"), "legitimate")


@pytest.mark.parametrize("world", [nothing_known, cleared_without_reports, praised])
def test_nothing_to_dispute(phone: Phone, world: Callable[[], None]):
    world()
    with pytest.raises(NothingToDispute) as error:
        ask()
    assert error.value.field == "number"
    assert (phone.got, Dispute.objects.count()) == ([], 0)


def test_two_reports_may_be_disputed(phone: Phone):
    reported()
    assert told() == ("flag", "listed")
    opened(phone)
    assert told() == ("flag", "disputed")


def twice_from_one_network() -> None:
    for handle in ("a", "b"):
        say(newcomer(handle), network="the same")


def test_one_network_does_not_make_us_send_a_code(phone: Phone):
    """Else whoever earns by our calls reports the number first, and then disputes it."""
    twice_from_one_network()
    with pytest.raises(NothingToDispute):
        ask()
    assert (phone.got, Dispute.objects.count()) == ([], 0)
    say(newcomer("c"), network="another")
    assert ask().codes_sent == 1


def test_a_refusal_is_known_before_anything_is_said(phone: Phone, settings: Settings):
    def refused() -> type | None:
        error = refusal(identity=SCAMMER, by_text=False, now=NOW)
        return error and type(error)

    assert refused() is NothingToDispute
    reported()
    assert refused() is None
    settings.CODE_COUNTRIES = ("US",)
    assert refused() is CannotReceiveCodes
    settings.CODE_COUNTRIES = ("*",)
    opened(phone)
    assert refused() is AlreadyDisputed


def test_a_listed_number_gets_a_code_whoever_listed_it(phone: Phone):
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    assert ask().codes_sent == 1


@pytest.mark.parametrize(
    "number",
    [identify("95533", region="CN"), identify("BANKNAME", region="CN"), identify("+19005550000")],
)
def test_numbers_that_get_no_code(phone: Phone, number: Identity):
    """Premium-rate lines too: a stranger could make us pay for each call."""
    reported(number)
    with pytest.raises(CannotReceiveCodes):
        ask(number)
    assert (phone.got, Dispute.objects.count()) == ([], 0)


def test_the_same_again_is_the_same_dispute(phone: Phone):
    reported()
    first = ask()
    again = ask(at=NOW + 0.5 * MINUTE)
    assert (again.pk, len(phone.got)) == (first.pk, 1)
    # After a minute it means: the code did not come.
    old = phone.code
    later = ask(at=NOW + MINUTE)
    assert (later.pk, len(phone.got), later.codes_sent) == (first.pk, 2, 2)
    with pytest.raises(WrongCode):
        verify(public_id=first.public_id, code=old, now=NOW + MINUTE)
    assert verify(public_id=first.public_id, code=phone.code, now=NOW + MINUTE).status == "open"
    assert Dispute.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"statement": "Not me."},
        {"grounds": "spoofed"},
        {"contact": "another@example.org"},
        {"network": "net-other"},
    ],
)
def test_whatever_is_said_otherwise_is_another_dispute(phone: Phone, other: dict[str, str]):
    reported()
    assert ask().pk != ask(**other).pk
    assert Dispute.objects.count() == 2


@pytest.mark.parametrize(
    "since",
    [{"code_expires_at": NOW + MINUTE}, {"attempts": MAX_ATTEMPTS}, {"status": "expired"}],
)
def test_a_dispute_that_takes_no_code_any_more_is_not_taken_up_again(phone: Phone, since: dict):
    reported()
    first = ask()
    Dispute.objects.update(**since)
    assert ask(at=NOW + MINUTE).pk != first.pk


# --- Verified ---


def test_a_verified_dispute_shows_and_holds_block_at_flag(phone: Phone):
    blocked()
    dispute = opened(phone)
    assert (dispute.status, dispute.verified_at, dispute.deadline_at, dispute.held) == (
        "open",
        NOW,
        NOW + DECIDED_WITHIN,
        True,
    )
    assert told() == ("flag", "disputed")
    assert row().status == "disputed"
    assert look_up(SCAMMER, now=NOW).reasons[-1] == (
        "Blocking needs a decision on the holder's dispute."
    )
    # Neither reports nor the pass nor a confirmation block it meanwhile.
    for n in range(3):
        say(veteran(f"more{n}"), at=NOW + DAY)
    trust_pass.learn_trust()
    trust_pass.reweigh(now=NOW + DAY)
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW + DAY)
    assert told(at=NOW + DAY) == ("flag", "disputed")
    # The deadline passes: the holder does not pay for that.
    assert list(Dispute.objects.overdue(NOW + DECIDED_WITHIN)) == [dispute]
    assert not Dispute.objects.overdue(NOW + DECIDED_WITHIN - MINUTE).exists()
    assert told(at=NOW + DECIDED_WITHIN) == ("flag", "disputed")


def test_verifying_twice_is_verifying_once(phone: Phone):
    reported()
    dispute = opened(phone)
    again = verify(public_id=dispute.public_id, code=phone.code, now=NOW + DAY)
    assert (again.status, again.verified_at) == ("open", NOW)
    with pytest.raises(CodeExpired):
        verify(public_id=dispute.public_id, code="0", now=NOW + DAY)
    assert kept()["attempts"] == 0


def test_one_open_dispute_a_number(phone: Phone):
    reported()
    one = ask()
    code = phone.code
    opened(phone, network="another")
    with pytest.raises(AlreadyDisputed):
        verify(public_id=one.public_id, code=code, now=NOW)
    with pytest.raises(AlreadyDisputed):
        send_again(public_id=one.public_id, now=NOW + MINUTE)
    with pytest.raises(AlreadyDisputed):
        ask(network="a third")
    assert Dispute.objects.open().count() == 1


# --- Forgetting ---


def test_what_has_no_use_is_forgotten(phone: Phone):
    reported()
    reported(BAKERY)
    unverified = ask()
    decided = rejected(phone, BAKERY, at=NOW)
    assert expire(now=NOW) == Expired(0, 0, 0)
    assert expire(now=NOW + CODE_LIFETIME) == Expired(codes=1, contacts=0, forgotten=0)
    unverified.refresh_from_db()
    assert (unverified.status, bytes(unverified.contact_sealed), unverified.contact_hash) == (
        "expired",
        b"",
        "",
    )
    with pytest.raises(CodeExpired):
        verify(public_id=unverified.public_id, code=phone.code, now=NOW)
    assert expire(now=NOW + UNVERIFIED_KEPT) == Expired(0, 0, forgotten=1)
    with pytest.raises(DisputeNotFound):
        find_dispute(public_id=unverified.public_id)
    # The contact waits for the appeal.
    second = appeal(public_id=decided.public_id, statement="No.", now=NOW + APPEAL_WITHIN)
    assert expire(now=NOW + CONTACT_KEPT) == Expired(0, 0, 0)
    decide(second, upheld=False, at=NOW + CONTACT_KEPT, name="another")
    assert expire(now=NOW + CONTACT_KEPT) == Expired(0, contacts=1, forgotten=0)
    assert histories.contact_of(find_dispute(public_id=second.public_id)) == ""
    decided.refresh_from_db()
    assert decided.contact_hash != ""
    expire(now=NOW + CONTACT_KEPT + LOSSES_COUNT_FOR)
    assert set(Dispute.objects.values_list("contact_hash", flat=True)) == {""}


@pytest.mark.parametrize("verb", ["find", "verify", "again", "appeal"])
def test_no_such_dispute(verb: str):
    nobodys = uuid.uuid4()
    verbs: dict[str, Callable[[], object]] = {
        "find": lambda: find_dispute(public_id=nobodys),
        "verify": lambda: verify(public_id=nobodys, code="1", now=NOW),
        "again": lambda: send_again(public_id=nobodys, now=NOW),
        "appeal": lambda: appeal(public_id=nobodys, statement="No.", now=NOW),
    }
    with pytest.raises(DisputeNotFound):
        verbs[verb]()
