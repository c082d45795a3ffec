"""Requests for an organisation's key, the people who look after it, and its end by their hand."""

import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from reputation.models import KeyContact, KeyGrant, take_turn
from reputation.privacy import retention

# Requests that wait at one time, of one account and of one network.
MOST_WAITING: Final = 3
MOST_OF_NETWORK: Final = 5
MOST_CONTACTS: Final = 10
MOST_NETWORKS: Final = 20
# A list of more addresses than a company has is no bound: a /8 and a /19.
WIDEST: Final = {4: 8, 6: 19}


class TooManyRequests(Exception):
    """Too many requests of this account, or from this network, wait already."""


class TooManyContacts(Exception):
    """The key has MOST_CONTACTS contacts."""


class LastContact(Exception):
    """The last contact ends the key, or names another one first."""


class NotGranted(Exception):
    """The request was not granted, or the grant has ended."""


class UnreadableNetwork(ValueError):
    """No address and no network. `written` is what was typed."""

    def __init__(self, written: str) -> None:
        super().__init__(f"{written!r} is no network: write 192.0.2.0/24 or 2001:db8::/32.")
        self.written = written


def read_networks(text: str) -> list[str]:
    """The networks that somebody typed, in lines or between commas, in canonical form.

    Raises UnreadableNetwork, also for one that is wider than an organisation's.
    """
    found: list[str] = []
    for written in filter(None, re.split(r"[\s,;]+", text)):
        try:
            network = ipaddress.ip_network(written, strict=False)
        except ValueError:
            raise UnreadableNetwork(written) from None
        # Requests show neither a zone nor an IPv4 address in IPv6: such a network has no caller.
        odd = "%" in written or getattr(network.network_address, "ipv4_mapped", None)
        if odd or network.prefixlen < WIDEST[network.version]:
            raise UnreadableNetwork(written)
        found.append(str(network))
    return list(dict.fromkeys(found))


@transaction.atomic
def ask(
    *,
    user: User,
    organisation: str,
    contact: str,
    purpose: str,
    calls_per_day: int,
    scopes: Sequence[str],
    verifies_attestation: bool,
    networks: Sequence[str],
    region: str,
    language: str,
    asked_from: str,
    now: datetime,
) -> KeyGrant:
    """Asks for a key, which a moderator grants or refuses. `user` becomes its first contact.

    The same once more, while it waits, is the same request. `asked_from`: keyed hash of the
    network. Raises TooManyRequests.
    """
    User.objects.select_for_update().get(pk=user.pk)
    take_turn(f"key requests {asked_from}")
    waiting = KeyGrant.objects.in_state(KeyGrant.State.WAITING, now)
    said = {
        "organisation": organisation,
        "contact": contact,
        "purpose": purpose,
        "calls_per_day": calls_per_day,
        "asked_scopes": sorted(set(scopes)),
        "asked_attestation": verifies_attestation,
        "networks": list(networks),
        "region": region,
    }
    known = waiting.filter(asked_by=user, **said).order_by("pk").first()
    if known is not None:
        return known
    if waiting.filter(asked_by=user).count() >= MOST_WAITING or (
        asked_from and waiting.filter(asked_from=asked_from).count() >= MOST_OF_NETWORK
    ):
        raise TooManyRequests
    grant = KeyGrant.objects.create(
        **said,
        language=language,
        asked_by=user,
        asked_from=asked_from,
        asked_at=now,
        told=KeyGrant.State.WAITING,
    )
    KeyContact.objects.create(grant=grant, user=user, added_at=now, accepted_at=now)
    return grant


def grants_of(user: User) -> QuerySet[KeyGrant]:
    """The grants of which this person is a contact, newest first."""
    return KeyGrant.objects.filter(contacts__user=user).order_by("-asked_at", "-pk")


@transaction.atomic
def end(*, grant: KeyGrant, now: datetime) -> None:
    """A contact takes the request back, or ends the key: moderators cannot undo that.

    Its keys open nothing from now on; to lookups, within a second. What has ended stays as it is.
    """
    KeyGrant.objects.filter(pk=grant.pk, ended_at=None).update(
        ended_at=now, ended_by_contact=True, told=KeyGrant.State.ENDED
    )


def ask_renewal(*, grant: KeyGrant, now: datetime) -> None:
    """Puts the key before a moderator, who renews it or leaves it. Raises NotGranted."""
    granted = KeyGrant.objects.filter(pk=grant.pk, granted_at__isnull=False, ended_at=None)
    if not granted.update(renewal_asked_at=now):
        raise NotGranted


@transaction.atomic
def add_contact(*, grant: KeyGrant, user: User | None, now: datetime) -> None:
    """Lets another person look after a granted key. No mail goes to them before they came to see.

    `user`: None if the person may not be named, who is then refused like anybody else. Raises
    NotGranted, TooManyContacts.
    """
    locked = KeyGrant.objects.select_for_update().get(pk=grant.pk)
    if locked.state(now) not in (KeyGrant.State.GRANTED, KeyGrant.State.EXPIRED):
        raise NotGranted
    others = KeyContact.objects.filter(grant=grant).exclude(user=user)
    if others.count() >= MOST_CONTACTS:
        raise TooManyContacts
    if user is not None:
        KeyContact.objects.get_or_create(grant=grant, user=user, defaults={"added_at": now})


def accept(*, grant: KeyGrant, user: User, now: datetime) -> None:
    """Notes that a contact came to see what they look after."""
    KeyContact.objects.filter(grant=grant, user=user, accepted_at=None).update(accepted_at=now)


@transaction.atomic
def remove_contact(*, grant: KeyGrant, contact_id: int) -> None:
    """Raises LastContact. A contact that is gone already is no error."""
    KeyGrant.objects.select_for_update().get(pk=grant.pk)
    contacts = KeyContact.objects.filter(grant=grant)
    if not contacts.exclude(pk=contact_id).filter(accepted_at__isnull=False).exists():
        raise LastContact
    contacts.filter(pk=contact_id).delete()


def clear_contact_of(user: User) -> None:
    """Removes what a person who leaves wrote of themselves; the organisation's key stays."""
    KeyGrant.objects.filter(asked_by=user).update(contact="", asked_from="")


def kept_of(user: User) -> list[dict[str, Any]]:
    """A person's requests, and the grants of which they are a contact, for the copy of their
    data."""
    grants = KeyGrant.objects.filter(Q(asked_by=user) | Q(contacts__user=user)).distinct()
    return list(
        grants.order_by("pk").values(
            *("organisation", "contact", "purpose", "calls_per_day", "asked_scopes"),
            *("asked_attestation", "networks", "asked_at", "granted_at", "refused_at", "ended_at"),
        )
    )


def forget(*, now: datetime) -> int:
    """Clears contact and purpose of requests that came to nothing, and of keys that ended."""
    before = now - retention.KEY_REQUESTS.kept
    over = KeyGrant.objects.filter(
        Q(ended_at__lte=before) | Q(granted_at=None, refused_at__lte=before)
    )
    return over.exclude(contact="", purpose="", asked_from="").update(
        contact="", purpose="", asked_from=""
    )
