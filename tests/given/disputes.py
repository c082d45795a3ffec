"""Disputes: as a moderator finds one, and as holders open them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from reputation.counting import publishing
from reputation.disputes import open_dispute, verify
from reputation.disputes.deciding import decide_dispute
from reputation.identity import Identity, identify
from reputation.lookup.single import look_up
from reputation.models import Dispute, Number
from tests.given.phone import Phone
from tests.given.reporters import DAY, NOW, SCAMMER, crowd, moderator, row

MINUTE = timedelta(minutes=1)
# In North America nobody can tell landlines from mobiles.
HOTLINE = identify("+14155552671")


def a_dispute(**more: Any) -> Dispute:
    """An open, verified one about the number that `reporters.crowd` reports."""
    return Dispute.objects.create(
        **{
            "number": more.get("number") or row(),
            "status": "open",
            "grounds": "mistaken",
            "statement": "I am a bakery, call 13800138000",
            "network": "n",
            "via": "sms",
            "language": "en",
            "opened_at": NOW,
            "verified_at": NOW,
            "deadline_at": NOW + 14 * DAY,
        }
        | more
    )


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


def decide(dispute: Dispute, *, upheld: bool, at: datetime = NOW + DAY, name: str = "judge"):
    judge = moderator(name)
    reason = "Two recordings and the register." if upheld else "It stands."
    return decide_dispute(actor=judge, dispute=dispute, upheld=upheld, reason=reason, now=at)
