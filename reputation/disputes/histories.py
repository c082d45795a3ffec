"""The history of disputes: earlier losses, and the holder's contact, as long as each is kept."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from reputation.models import Dispute
from reputation.privacy import SealBroken, pseudonym, retention, seal, unseal

# A network or a contact that lost so many disputes within a year gets nothing held either.
REPEATED_LOSSES: Final = 3
LOSSES_COUNT_FOR: Final = timedelta(days=365)

# Personal data goes when it has no use: the contact of a decided dispute when the time for an
# appeal is long over, its hash when losses count no more, and all of one that nobody verified.
CONTACT_KEPT: Final = retention.CONTACTS.kept
UNVERIFIED_KEPT: Final = retention.UNVERIFIED_DISPUTES.kept


@dataclass(frozen=True, slots=True)
class History:
    """Earlier disputes of the same person, for moderators and for the decision on a hold.

    Losses are rejected disputes within a year that no appeal turned round: of this number (by its
    present holder), from this network, with this contact. `numbers_*`: how many other numbers were
    disputed from there, with that contact.
    """

    lost_by_number: int
    lost_by_network: int
    lost_by_contact: int
    numbers_by_network: int
    numbers_by_contact: int

    @property
    def has_lost_before(self) -> bool:
        return (
            self.lost_by_number > 0
            or self.lost_by_network >= REPEATED_LOSSES
            or self.lost_by_contact >= REPEATED_LOSSES
        )


def history(dispute: Dispute, *, now: datetime) -> History:
    """Counts of other disputes and losses of the number, from the network and with the contact."""
    of_number = Q(number=dispute.number_id)
    if (epoch := dispute.number.epoch_at) is not None:
        of_number &= Q(opened_at__gte=epoch)
    of_network = Q(network=dispute.network) & ~Q(network="")
    of_contact = Q(contact_hash=dispute.contact_hash) & ~Q(contact_hash="")
    elsewhere = Q(verified_at__isnull=False) & ~Q(number=dispute.number_id)
    lost = Q(lost=True)
    counted = (
        Dispute.objects.filter(of_number | of_network | of_contact)
        .filter(opened_at__gte=now - LOSSES_COUNT_FOR)
        # The appeal's own first instance is no earlier loss.
        .exclude(pk__in=[dispute.pk, dispute.appeal_of_id or 0])
        .annotate(lost=Exists(Dispute.objects.lost().filter(pk=OuterRef("pk"))))
        .aggregate(
            lost_by_number=Count("pk", filter=lost & of_number),
            lost_by_network=Count("pk", filter=lost & of_network),
            lost_by_contact=Count("pk", filter=lost & of_contact),
            numbers_by_network=Count("number", distinct=True, filter=elsewhere & of_network),
            numbers_by_contact=Count("number", distinct=True, filter=elsewhere & of_contact),
        )
    )
    return History(**counted)


def seal_contact(dispute: Dispute, contact: str) -> None:
    """Puts the contact into a dispute that is not saved yet, so that only `contact_of` reads it."""
    if contact:
        dispute.contact_sealed = seal(contact.encode(), bound=dispute.bound)
    dispute.contact_hash = contact_hash(contact)


def contact_hash(contact: str) -> str:
    """The keyed hash of a contact, independent of its spelling; empty for none."""
    return pseudonym("contact", _folded(contact)) if contact else ""


def has_contact(dispute: Dispute) -> bool:
    """Whether there is a contact that `contact_of` can read."""
    return bool((dispute.appeal_of or dispute).contact_sealed)


def contact_of(dispute: Dispute) -> str:
    """The contact in clear; empty if there is none, or none that can still be read. An appeal has
    the contact of its dispute. For `reveal_contact`, which puts that on record, and for mail to the
    holder.
    """
    dispute = dispute.appeal_of or dispute
    try:
        return unseal(bytes(dispute.contact_sealed), bound=dispute.bound).decode()
    except SealBroken:
        return ""


@dataclass(frozen=True, slots=True)
class Expired:
    """`codes` ran out, `contacts` were erased, `forgotten` disputes had never been verified."""

    codes: int
    contacts: int
    forgotten: int


@transaction.atomic
def expire(*, now: datetime) -> Expired:
    """Notes codes that ran out and forgets personal data that has no use any more."""
    ran_out = Dispute.objects.filter(status=Dispute.Status.AWAITING_CODE, code_expires_at__lte=now)
    codes = ran_out.update(
        status=Dispute.Status.EXPIRED, contact_sealed=b"", contact_hash="", code_digest=""
    )
    decided = Dispute.objects.filter(decided_at__lte=now - CONTACT_KEPT).exclude(contact_sealed=b"")
    pending = Dispute.objects.open().filter(appeal_of__isnull=False).values("appeal_of")
    contacts = decided.exclude(pk__in=pending).update(contact_sealed=b"")
    Dispute.objects.filter(decided_at__lte=now - LOSSES_COUNT_FOR).exclude(contact_hash="").update(
        contact_hash=""
    )
    forgotten, _each = Dispute.objects.filter(
        status=Dispute.Status.EXPIRED, opened_at__lte=now - UNVERIFIED_KEPT
    ).delete()
    return Expired(codes, contacts, forgotten)


def _folded(contact: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", contact).casefold().split())
