"""Moderators' decisions about organisations' keys: granted with limits, refused, changed, ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Unpack

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation.models import KeyGrant, Reporter
from reputation.moderation.recording import (
    By,
    DecisionError,
    ParticularWrong,
    record,
    require_reason,
)

# The scopes that an organisation may be granted; the scope intake is for the operator's own
# gateways.
SCOPES: Final = ("lookup", "report", "bulk", "feed", "compat")
LONGEST: Final = timedelta(days=3 * 366)
GRANTED_FOR: Final = timedelta(days=366)
# Lookups a minute; a key that the operator makes has 6,000 (settings.RATE_LIMITS).
MOST_LOOKUPS: Final = 60_000


def grant_key(
    *,
    grant: KeyGrant,
    scopes: Sequence[str],
    lookups_per_minute: int,
    verifies_attestation: bool,
    until: datetime,
    **by: Unpack[By],
) -> KeyGrant:
    """Grants the key that an organisation asked for, on these terms. A contact then makes the key,
    which nobody else sees.

    `verifies_attestation`: A and B count in its reports (api.keys.believed_attestation). Raises
    ParticularWrong.
    """
    terms = _terms(scopes, lookups_per_minute, verifies_attestation, until, by["now"])
    granted = {**terms, "granted_at": by["now"], "refused_at": None}
    return _decide("grant_key", grant, granted, by)


def refuse_key(*, grant: KeyGrant, **by: Unpack[By]) -> KeyGrant:
    """Refuses a request; the contact who asked can read the reason."""
    return _decide("refuse_key", grant, {"refused_at": by["now"]}, by)


def change_key(
    *,
    grant: KeyGrant,
    scopes: Sequence[str],
    lookups_per_minute: int,
    verifies_attestation: bool,
    until: datetime,
    **by: Unpack[By],
) -> KeyGrant:
    """Renews the grant on these terms.

    The terms limit all its keys, for lookups within a second. A key made earlier gets no wider
    scope: a contact has to make a new one.
    """
    terms = _terms(scopes, lookups_per_minute, verifies_attestation, until, by["now"])
    return _decide("change_key", grant, {**terms, "renewal_asked_at": None}, by)


def end_key(*, grant: KeyGrant, **by: Unpack[By]) -> KeyGrant:
    """Ends the grant: its keys stop working, for lookups within a second."""
    return _decide("end_key", grant, {"ended_at": by["now"]}, by)


def require_not_own(actor: User, grant: KeyGrant) -> None:
    """Raises DecisionError for a contact of the organisation, who also may not take decisions about
    it back."""
    if grant.contacts.filter(user=actor).exists():
        raise DecisionError(
            _("You are a contact of this key yourself: let another moderator decide.")
        )


def lock(grant: KeyGrant) -> KeyGrant:
    return KeyGrant.objects.select_for_update().get(pk=grant.pk)


def _terms(
    scopes: Sequence[str],
    lookups_per_minute: int,
    verifies_attestation: bool,
    until: datetime,
    now: datetime,
) -> dict[str, Any]:
    if not scopes or not set(scopes) <= set(SCOPES):
        raise ParticularWrong("scopes", _("Choose what the key may do."))
    if not 1 <= lookups_per_minute <= MOST_LOOKUPS:
        limit = _("Give a limit from 1 to %(most)d.") % {"most": MOST_LOOKUPS}
        raise ParticularWrong("lookups_per_minute", limit)
    if not now < until <= now + LONGEST:
        raise ParticularWrong(
            "until", _("A key ends within three years from now. Give its last day.")
        )
    return {
        "scopes": sorted(set(scopes)),
        "lookups_per_minute": lookups_per_minute,
        "verifies_attestation": verifies_attestation,
        "expires_at": until,
    }


@transaction.atomic
def _decide(verb: str, grant: KeyGrant, values: dict[str, Any], by: By) -> KeyGrant:
    require_reason(by["reason"])
    grant = lock(grant)
    require_not_own(by["actor"], grant)
    if grant.ended_at is not None:
        raise DecisionError(_("A contact of the organisation has ended this."))
    values |= {"reason": by["reason"].strip()}
    before = {name: getattr(grant, name) for name in values}
    if verb == "grant_key" and grant.voice_id is None:
        grant.voice = Reporter.objects.create(
            kind=Reporter.Kind.KEY, handle=f"org-{grant.public_id.hex[:12]}", created_at=by["now"]
        )
    put(grant, values)
    record(verb=verb, before=before, after=values, key_grant=grant, **by)
    return grant


def put(grant: KeyGrant, values: dict[str, Any]) -> None:
    """Sets these values on a locked grant; its contacts will be told."""
    for name, value in {**values, "told": ""}.items():
        setattr(grant, name, value)
    grant.save(update_fields=[*values, "told", "voice"])
