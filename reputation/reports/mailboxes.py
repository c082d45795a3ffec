"""One mailbox speaks with one voice: by its account, by the account's keys, and by e-mail."""

from datetime import datetime

from django.db import transaction

from reputation.models import Erasure, Reporter, take_turn
from reputation.privacy import canonical_address, pseudonym

ACCOUNT, MAIL = Reporter.Kind.PERSON, Reporter.Kind.EMAIL


def names_of_mailbox(address: str) -> list[tuple[str, str]]:
    """Kind and handle under which a mailbox's voice is found: with an account, and without one."""
    if "@" not in address:
        return []
    canonical = canonical_address(address)
    return [
        (ACCOUNT.value, pseudonym("mailbox", canonical)),
        (MAIL.value, pseudonym("email", canonical)),
    ]


@transaction.atomic
def voice_of_account(address: str, *, crowd: str, now: datetime) -> Reporter:
    """The voice of the account with this address: the one in which its mailbox wrote to us before,
    or a new one. A voice that a code linked to another one stays with that one.

    `crowd`: the network in which it counts from now on; empty for its own (AccountOpening).
    """
    (kind, handle), (_, written) = names = names_of_mailbox(address)
    take_turn(handle)
    known = Reporter.objects.filter(kind=kind, handle=handle).first()
    if known is not None:
        return known
    days = Erasure.days_of(names)
    # Others change this row too: a block, the trust pass, a link, an erasure.
    mails = Reporter.objects.select_for_update().filter(kind=MAIL, handle=written, merged_into=None)
    if (voice := mails.first()) is None:
        return Reporter.objects.create(
            kind=kind, handle=handle, crowd=crowd, created_at=now, erased_on=days
        )
    voice.kind, voice.handle, voice.crowd = kind, handle, crowd
    voice.erased_on = sorted({*voice.erased_on, *days})
    voice.save(update_fields=["kind", "handle", "crowd", "erased_on"])
    return voice


@transaction.atomic
def voice_of_letters(address: str, *, now: datetime) -> Reporter:
    """The voice in which e-mails from this address speak: its account's, if that has one."""
    (kind, handle), (mail, written) = names = names_of_mailbox(address)
    take_turn(handle)
    known = Reporter.objects.filter(kind=kind, handle=handle).first()
    if known is not None:
        return known
    voice, _ = Reporter.objects.get_or_create(
        kind=mail,
        handle=written,
        defaults={"created_at": now, "erased_on": Erasure.days_of(names)},
    )
    return voice
