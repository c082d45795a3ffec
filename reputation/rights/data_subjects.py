"""Persons whose data is kept: which voices, senders and disputes are theirs."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from reputation.disputes import contact_hash
from reputation.models import (
    Dispute,
    IntakeSender,
    Number,
    Reporter,
    hold_voices,
)
from reputation.privacy import pseudonym

# The kind and handle of a voice, which need not have spoken yet.
type Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DataSubject:
    """A person: the names of their voices, the contacts that they gave in disputes, and the numbers
    (keys) that they hold."""

    names: Collection[Name]
    contacts: Collection[str] = ()
    phones: Collection[str] = ()


def voices_of(names: Iterable[Name]) -> list[Reporter]:
    """The voices of these names and all that are linked to them: one person, in ids' order."""
    wanted = Q(pk=None)
    for kind, handle in names:
        wanted |= Q(kind=kind, handle=handle)
    roots = {voice.merged_into_id or voice.pk for voice in Reporter.objects.filter(wanted)}
    found = Reporter.objects.filter(Q(pk__in=roots) | Q(merged_into__in=roots))
    return list(found.order_by("pk"))


def hold(who: DataSubject) -> None:
    """Locks a person's senders and voices, in the order of `erasing.erase`, before any number."""
    hold_voices_and_senders([voice.pk for voice in voices_of(who.names)])


def hold_voices_and_senders(voices: Collection[int]) -> list[IntakeSender]:
    """Locks the senders of these voices, then the voices; returns the senders."""
    senders = IntakeSender.objects.select_for_update(of=("self",)).select_related("reporter")
    locked = list(senders.filter(reporter__in=voices).order_by("pk"))
    hold_voices(voices)
    return locked


def disputes_of(who: DataSubject) -> QuerySet[Dispute]:
    """The disputes of a person: with their contacts, or verified about their numbers, those from
    which they text among them. What a former holder disputed, or gave as contact, is not theirs."""
    phones = {*who.phones, *_numbers_of(voices_of(who.names))}
    own = Dispute.objects.of_present_holder().filter(number__key__in=phones)
    theirs = Q(pk__in=own.exclude(verified_at=None)) | _with_contacts(who.contacts)
    held = Number.objects.filter(key__in=phones).exclude(epoch_at=None)
    for phone, since in held.values_list("key", "epoch_at"):
        theirs |= _with_contacts([phone]) & Q(opened_at__gte=since)
        phones.remove(phone)
    return Dispute.objects.filter(theirs | _with_contacts(phones))


def _with_contacts(contacts: Iterable[str]) -> Q:
    return Q(contact_hash__in=list(filter(None, map(contact_hash, contacts))))


def _numbers_of(voices: Iterable[Reporter]) -> Iterator[str]:
    """Which numbers that were disputed send text messages in these voices. Nothing else tells: a
    voice is a keyed hash of its number."""
    handles = {voice.handle for voice in voices if voice.kind == Reporter.Kind.SMS}
    if not handles:
        return
    verified = Dispute.objects.exclude(verified_at=None).order_by("number").distinct("number")
    for key in verified.values_list("number__key", flat=True).iterator():
        if pseudonym(Reporter.Kind.SMS.value, key) in handles:
            yield key
