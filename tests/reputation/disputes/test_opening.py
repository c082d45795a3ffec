"""The holder of a number is heard: codes, decisions, appeals, and what keeps abuse in bounds."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from reputation.counting import publishing, trust_pass
from reputation.counting.reassessment import reassess_due
from reputation.counting.rescoring import rescore
from reputation.disputes import (
    APPEAL_WITHIN,
    CODE_LIFETIME,
    DECIDED_WITHIN,
    IMMUNITY,
    AlreadyDisputed,
    CannotReceiveCodes,
    CodeExpired,
    CodeNotSent,
    DisputeNotFound,
    Expired,
    History,
    NoMoreAttempts,
    NotAppealable,
    NothingToDispute,
    TooManyCodes,
    TooSoon,
    WrongCode,
    appeal,
    codes,
    expire,
    find_dispute,
    histories,
    history,
    open_dispute,
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
from reputation.disputes.deciding import DecidedBefore, NotOpen, decide_dispute, reveal_contact
from reputation.disputes.histories import CONTACT_KEPT, LOSSES_COUNT_FOR, UNVERIFIED_KEPT
from reputation.disputes.opening import COOL_DOWN
from reputation.identity import Identity, identify
from reputation.lookup.single import look_up
from reputation.models import AuditEntry, Dispute, Number, Report, Reporter
from reputation.models.dispute import MAX_ATTEMPTS
from reputation.moderation import (
    ReasonMissing,
    clear_number,
    confirm_number,
    mark_reassigned,
    pin_number,
)
from reputation.scoring.policy import Action
from tests.given.messages import text
from tests.given.phone import Phone, plug_in
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    crowd,
    moderator,
    newcomer,
    reported,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
# In North America nobody can tell landlines from mobiles.
HOTLINE = identify("+14155552671")


@pytest.fixture
def phone(settings: Settings) -> Phone:
    return plug_in(settings)


def ask(number: Identity = SCAMMER, *, at: datetime = NOW, **asked: Any) -> Dispute:
    return open_dispute(
        **(
            {
                "identity": number,
                "grounds": "mistaken",
                "statement": "I am a plumber. I call people back.",
                "contact": "plumber@example.org",
                "network": "net-holder",
                "now": at,
            }
            | asked
        )
    )


def opened(
    phone: Phone, number: Identity = SCAMMER, *, at: datetime = NOW, **asked: Any
) -> Dispute:
    dispute = ask(number, at=at, **asked)
    return verify(public_id=dispute.public_id, code=phone.code, now=at)


def rejected(phone: Phone, number: Identity = SCAMMER, *, at: datetime, **asked: Any) -> Dispute:
    dispute = opened(phone, number, at=at, **asked)
    judge = moderator(f"judge {Dispute.objects.count()}")
    return decide_dispute(actor=judge, dispute=dispute, upheld=False, reason="It stands.", now=at)


def blocked(number: Identity = SCAMMER) -> Number:
    """A number that is blocked on reports alone: its gates are open and the pass promoted it."""
    crowd(6, number=number, prefix=f"crowd of {number.key} ")
    found = row(number)
    found.promoted = True
    with transaction.atomic():
        publishing.publish(found, now=NOW)
    assert found.action == "block"
    return found


def told(number: Identity = SCAMMER, *, at: datetime = NOW, attestation: str = "") -> tuple:
    answer = look_up(number, now=at, attestation=attestation)
    return answer.action, answer.status


def kept() -> dict[str, Any]:
    """The one dispute, without what differs from run to run."""
    [dispute] = Dispute.objects.values()
    for name in ("id", "public_id", "code_digest", "contact_sealed", "contact_hash"):
        del dispute[name]
    return dispute


# --- Opening ---


def test_a_code_goes_to_the_number_and_nothing_changes_yet(phone: Phone):
    number = blocked()
    dispute = ask()
    [message] = phone.got
    assert (message.to, message.via, message.language) == ("+8613812345678", "sms", "zh-hans")
    assert message.reference == f"{dispute.public_id.hex}-1"
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


@pytest.mark.parametrize(
    ("language", "via", "text"),
    [
        (
            "en",
            "sms",
            "Ringscore: 1234 5678 is your code to dispute the listing of this number, valid for 30 "
            "minutes. Give it to nobody. Not you? Ignore this.",
        ),
        (
            "en",
            "voice",
            "This is Ringscore. Your code to dispute the listing of this number is: 1, 2, 3, 4, 5, "
            "6, 7, 8. Again: 1, 2, 3, 4, 5, 6, 7, 8. Give it to nobody. If you did not ask for it, "
            "just hang up.",
        ),
        (
            "zh-hans",
            "sms",
            "【Ringscore】验证码 1234 5678，用于对本号码的标记提出异议，30 分钟内有效。"
            "请勿告诉任何人。如非本人操作，请忽略。",
        ),
        (
            "zh-hans",
            "voice",
            "这里是 Ringscore。您对本号码的标记提出异议的验证码是：1, 2, 3, 4, 5, 6, 7, 8。"
            "再读一遍：1, 2, 3, 4, 5, 6, 7, 8。请勿告诉任何人。如非本人操作，请直接挂断。",
        ),
    ],
)
def test_what_the_holder_reads_or_hears(phone, monkeypatch, language, via, text):
    monkeypatch.setattr(codes.secrets, "randbelow", lambda _: 12_345_678)
    reported(HOTLINE)
    ask(HOTLINE, language=language, via=via)
    assert [message.text for message in phone.got] == [text]
    assert language != "en" or via != "sms" or len(text) <= 160  # one message
    assert language == "en" or via != "sms" or len(text) <= 70


@pytest.mark.parametrize(
    ("number", "via", "language"),
    [
        (SCAMMER, "sms", "zh-hans"),
        (BAKERY, "voice", "en"),  # a landline
        (identify("+14155552671"), "sms", "en"),
        (identify("+85221234567"), "voice", "zh-hant"),
    ],
)
def test_what_suits_the_line_and_the_country(phone, number, via, language):
    reported(number)
    ask(number)
    assert (phone.got[0].via, phone.got[0].language) == (via, language)


def test_a_mobile_gets_a_text_whatever_is_wished(phone: Phone):
    """Calls cost more, and whoever asks need not be the holder."""
    reported()
    dispute = ask(via="voice")
    assert (phone.got[0].via, dispute.via) == ("sms", "sms")


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
    assert records == [f"code {dispute.public_id.hex}-2 not sent by sms: the gateway answered 502"]
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


def test_other_words_are_another_dispute(phone: Phone):
    reported()
    assert ask().pk != ask(statement="Not me.").pk
    assert Dispute.objects.count() == 2


def test_another_code_on_request(phone: Phone):
    reported()
    dispute = ask()
    send_again(public_id=dispute.public_id, now=NOW + 0.9 * MINUTE)
    assert len(phone.got) == 1
    send_again(public_id=dispute.public_id, now=NOW + MINUTE)
    assert len(phone.got) == 2
    assert verify(public_id=dispute.public_id, code=phone.code, now=NOW + MINUTE).held
    with pytest.raises(CodeExpired):
        send_again(public_id=dispute.public_id, now=NOW + 3 * MINUTE)


def test_a_dispute_is_not_kept_alive_by_asking_for_codes(phone: Phone):
    """Else its codes would count no more against the day's limit."""
    reported()
    dispute = ask()
    Dispute.objects.update(opened_at=NOW - LIMITED_FOR)
    with pytest.raises(CodeExpired):
        send_again(public_id=dispute.public_id, now=NOW + MINUTE)


def test_the_gateway_is_away_and_nothing_is_lost(phone: Phone):
    reported()
    phone.broken = True
    with pytest.raises(CodeNotSent) as error:
        ask()
    kept_one = Dispute.objects.get()
    assert error.value.dispute == kept_one
    assert (kept_one.status, kept_one.codes_sent) == ("awaiting_code", 0)
    for _ in range(CODES_PER_NETWORK):  # what was not sent does not count
        with pytest.raises(CodeNotSent):
            ask()
    phone.broken = False
    assert ask().pk == kept_one.pk
    assert verify(public_id=kept_one.public_id, code=phone.code, now=NOW).statement == (
        "I am a plumber. I call people back."
    )


def test_a_second_code_that_could_not_be_sent_may_be_asked_for_at_once(phone: Phone):
    reported()
    dispute = ask()
    phone.broken = True
    with pytest.raises(CodeNotSent):
        send_again(public_id=dispute.public_id, now=NOW + MINUTE)
    phone.broken = False
    assert send_again(public_id=dispute.public_id, now=NOW + MINUTE).codes_sent == 2


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


# --- Deciding ---


def decide(dispute: Dispute, *, upheld: bool, at: datetime = NOW + DAY, name: str = "judge"):
    judge = moderator(name)
    reason = "Two recordings and the register." if upheld else "It stands."
    return decide_dispute(actor=judge, dispute=dispute, upheld=upheld, reason=reason, now=at)


def test_rejected_it_is_what_its_evidence_says(phone: Phone):
    blocked()
    dispute = opened(phone)
    decided = decide(dispute, upheld=False)
    assert (decided.status, decided.reason, decided.decided_at) == (
        "rejected",
        "It stands.",
        NOW + DAY,
    )
    assert told(at=NOW + DAY) == ("block", "listed")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.number) == ("reject_dispute", decided.decided_by, row())
    named = {"dispute": str(dispute.public_id)}
    assert entry.before == named | {"dispute_status": "open", "disputed": True}
    assert entry.after == named | {"dispute_status": "rejected", "disputed": False}


def test_upheld_the_number_stays_off_the_list_for_a_time(phone: Phone):
    reporters = [report.reporter for report in crowd(6)]
    trusted = [r.fp for r in Reporter.objects.order_by("pk")]
    decide(opened(phone), upheld=True)
    day = NOW + DAY
    assert told(at=day) == ("allow", "clear")
    # The reports were wrong, which costs whoever made them early.
    assert sum(r.fp for r in Reporter.objects.order_by("pk")) > sum(trusted)
    assert len(reporters) == 6
    assert AuditEntry.objects.get().verb == "uphold_dispute"
    # More reports do not list it while it is immune; a failed attestation inherits nothing.
    for n in range(12):
        say(veteran(f"more{n}"), at=day + n % 4 * DAY)
    at = day + 4 * DAY
    assert told(at=at) == ("allow", "clear")
    assert told(at=at, attestation="failed") == ("flag", "listed")
    assert look_up(SCAMMER, now=at).reasons[2] == (
        f"The holder's dispute was upheld: reports alone do not list the number before "
        f"{(day + IMMUNITY).date()}."
    )
    with pytest.raises(NothingToDispute):
        ask(at=at)
    # The day on which evidence counts as always again is on the calendar of the worker.
    end = day + IMMUNITY
    reassess_due(now=end - MINUTE)
    assert row().reassess_at == end


def test_a_moderator_overrules_immunity(phone: Phone):
    blocked()
    decide(opened(phone), upheld=True)
    confirm_number(actor=moderator(), identity=SCAMMER, reason="it is a scam", now=NOW + 2 * DAY)
    assert told(at=NOW + 2 * DAY) == ("block", "listed")


def test_upheld_for_spoofing_blames_nobody(phone: Phone):
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    crowd(6)
    before = list(Reporter.objects.order_by("pk").values("tp", "fp"))
    decide(opened(phone, grounds="spoofed"), upheld=True)
    assert list(Reporter.objects.order_by("pk").values("tp", "fp")) == before
    number = row()
    assert (number.spoofed, number.moderated, number.holder_verified) == (True, 0, True)
    assert told(at=NOW + DAY) == ("allow", "spoofed")
    end = NOW + DAY + IMMUNITY
    crowd(6, prefix="later", at=end - MINUTE)
    assert (row().action, row().status) == told(at=end - MINUTE) == ("allow", "spoofed")
    reassess_due(now=end)
    assert (row().action, row().status) == told(at=end) == ("flag", "spoofed")


def test_upheld_for_a_new_holder_begins_anew(phone: Phone):
    blocked()
    pin_number(
        actor=moderator("pins"),
        identity=SCAMMER,
        action=Action.BLOCK,
        until=NOW + 90 * DAY,
        reason="urgent",
        now=NOW,
    )
    decide(opened(phone, grounds="new_holder"), upheld=True)
    number = row()
    assert (number.epoch_at, number.reports, number.pinned) == (NOW + DAY, 0, "")
    assert told(at=NOW + DAY)[0] == "allow"
    assert Report.objects.live().count() == 6


@pytest.mark.slow
def test_decisions_and_rebuilds_agree(phone: Phone):
    """Rescoring and the pass change nothing that a decision, or a dispute, left."""
    at = NOW + DAY
    grounds = ["mistaken", "spoofed", "new_holder", "other"]
    numbers = [identify(f"+861381234000{n}") for n in range(8)]
    for n, number in enumerate(numbers):
        crowd(4, number=number, prefix=f"{n} ")
        dispute = opened(phone, number, grounds=grounds[n % 4], network=f"net{n}")
        if n not in (3, 7):  # two stay open
            decide(dispute, upheld=n % 2 == 0, at=at, name=f"judge {n}")
    public = ("key", "action", "status", "score", "reassess_at")
    with transaction.atomic():
        # Published at the decision's moment, for the comparison.
        publishing.publish_all(list(Number.objects.select_for_update()), now=at)
    before = list(Number.objects.order_by("key").values(*public))
    assert rescore(limit=100, now=at).differences == []
    assert list(Number.objects.order_by("key").values(*public)) == before
    trust_pass.learn_trust()
    trust_pass.reweigh(now=at)
    standing = ("disputed", "immune_until", "holder_verified", "spoofed", "moderated")
    told_of = {number["key"]: number for number in Number.objects.values("key", *public, *standing)}
    for n, number in enumerate(numbers):
        found = told_of[number.key]
        assert found["disputed"] == (n in (3, 7))
        assert (found["immune_until"] is not None) == (n % 2 == 0)
        assert found["action"] == ("allow" if n % 2 == 0 else found["action"])
        assert found["action"] != "block" or n not in (3, 7)
    # What the pass learnt, a rebuild lands on as well.
    assert rescore(limit=100, now=at).differences == []


@pytest.mark.parametrize("reason", ["", " \n"])
def test_no_decision_without_a_reason(phone: Phone, reason: str):
    reported()
    dispute = opened(phone)
    with pytest.raises(ReasonMissing):
        decide_dispute(actor=moderator(), dispute=dispute, upheld=True, reason=reason, now=NOW)
    assert (kept()["status"], told()) == ("open", ("flag", "disputed"))


def test_only_open_disputes_are_decided(phone: Phone):
    reported()
    waiting = ask()
    with pytest.raises(NotOpen):
        decide(waiting, upheld=True)
    dispute = verify(public_id=waiting.public_id, code=phone.code, now=NOW)
    decide(dispute, upheld=False, name="one")
    with pytest.raises(NotOpen):
        decide(dispute, upheld=True, name="another")
    assert AuditEntry.objects.count() == 1


# --- Appeals ---


def test_an_appeal_goes_to_another_moderator_and_the_decision_stands_meanwhile(phone: Phone):
    blocked()
    dispute = decide(opened(phone), upheld=False)
    at = NOW + 2 * DAY
    second = appeal(public_id=dispute.public_id, statement="You heard another voice.", now=at)
    assert (second.status, second.appeal_of, second.held) == ("open", dispute, False)
    assert (second.deadline_at, second.barred) == (at + DECIDED_WITHIN, dispute.decided_by)
    assert told(at=at) == ("block", "listed")
    assert dispute.decided_by is not None
    with pytest.raises(DecidedBefore):
        decide_dispute(
            actor=dispute.decided_by, dispute=second, upheld=False, reason="As before.", now=at
        )
    # The contact is the first dispute's.
    assert histories.contact_of(second) == "plumber@example.org"
    decided = decide(second, upheld=True, at=at, name="another")
    assert decided.status == "upheld"
    assert told(at=at) == ("allow", "clear")
    assert find_dispute(public_id=dispute.public_id).appeals.get() == decided


def test_one_appeal(phone: Phone):
    reported()
    dispute = decide(opened(phone), upheld=False)
    second = appeal(public_id=dispute.public_id, statement="No.", now=NOW + DAY)
    assert appeal(public_id=dispute.public_id, statement="No. ", now=NOW + DAY) == second
    with pytest.raises(NotAppealable, match="appealed before"):
        appeal(public_id=dispute.public_id, statement="No, no.", now=NOW + DAY)
    decide(second, upheld=False, name="another")
    with pytest.raises(NotAppealable, match="final"):
        appeal(public_id=second.public_id, statement="No!", now=NOW + DAY)
    assert Dispute.objects.count() == 2


def test_what_cannot_be_appealed(phone: Phone):
    reported()
    dispute = ask()
    with pytest.raises(NotAppealable, match="Only a rejected dispute"):
        appeal(public_id=dispute.public_id, statement="No.", now=NOW)
    dispute = verify(public_id=dispute.public_id, code=phone.code, now=NOW)
    with pytest.raises(NotAppealable, match="Only a rejected dispute"):
        appeal(public_id=dispute.public_id, statement="No.", now=NOW)
    decide(dispute, upheld=True)
    with pytest.raises(NotAppealable, match="Only a rejected dispute"):
        appeal(public_id=dispute.public_id, statement="No.", now=NOW + DAY)


def test_an_appeal_is_due_in_time(phone: Phone):
    reported()
    dispute = decide(opened(phone), upheld=False)
    with pytest.raises(NotAppealable, match="within 30 days"):
        appeal(public_id=dispute.public_id, statement="No.", now=NOW + DAY + APPEAL_WITHIN + MINUTE)
    assert appeal(public_id=dispute.public_id, statement="No.", now=NOW + DAY + APPEAL_WITHIN).pk


# --- Abuse ---


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


def test_by_the_file_sender(settings: Settings, tmp_path: Path):
    settings.CODE_SENDER = f"file:{tmp_path}/codes"
    reported()
    dispute = ask(language="en")
    [line] = (tmp_path / "codes" / "codes.jsonl").read_text().splitlines()
    sent = json.loads(line)
    assert (sent["to"], sent["via"], sent["language"]) == ("+8613812345678", "sms", "en")
    code = "".join(filter(str.isdecimal, sent["text"].split(" is ")[0]))
    assert verify(public_id=dispute.public_id, code=code, now=NOW).held


def test_a_text_from_the_number_itself_always_has_a_code(phone: Phone, settings: Settings):
    settings.CODE_COUNTRIES = ("*",)
    reported(SCAMMER)
    for stranger in range(CODES_PER_NUMBER):
        ask(network=f"net-{stranger}")
    with pytest.raises(TooManyCodes) as refused:
        ask()
    kept = refused.value.dispute
    assert kept is not None
    reply = text("申诉", sender=SCAMMER.key, at=NOW).reply
    code = re.search(r"(\d{5} \d{5})", reply)
    assert code
    other = text("DISPUTE", sender="+8613987654399", at=NOW).reply
    assert code[1] not in other  # another number's code is another one
    assert f"/numbers/{SCAMMER.key}/dispute" in reply
    later = NOW + CODE_LIFETIME - timedelta(seconds=1)
    with pytest.raises(WrongCode):
        verify(public_id=kept.public_id, code="00000 00000", now=later)
    assert verify(public_id=kept.public_id, code=code[1], now=later).held
