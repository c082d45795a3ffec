"""Makes and revokes API keys."""

import re
import secrets
import string
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from api.callers import REVOKED, KeyRefused, digest_of
from api.models import MODERATE, SCOPES, ApiKey, IdempotencyRecord
from reputation.identity import InvalidNumber, read_region
from reputation.models import NOBODY, KeyGrant, Reporter

LOWER = string.ascii_lowercase + string.digits
ALPHABET = string.ascii_letters + string.digits


class UnknownScope(ValueError):
    """A scope that does not exist."""


class UnknownRegion(ValueError):
    """A region without a numbering plan."""


class KeyNotFound(LookupError):
    """The key does not exist, is another reporter's, or is no longer valid."""


class KeyNotYours(Exception):
    """A key may revoke only itself and the keys that were made with it."""


class NothingGranted(Exception):
    """The organisation has no grant, or its grant has ended."""


class NoPrefix(ValueError):
    """The text has no prefix of a key. The message names the remedy."""


class TooManyKeys(Exception):
    """The reporter has MOST valid keys. One has to be revoked first."""


_WRITTEN = re.compile(r"(?:rsk_)?([a-z0-9]{8})(?:[_…].*)?")
# The most valid keys of one reporter.
MOST = 20
NAME_LENGTH = 60


@transaction.atomic
def create_key(
    *,
    name: str,
    scopes: list[str],
    region: str = "",
    verifies_attestation: bool = False,
    expires_at: datetime | None = None,
    reporter: Reporter | None = None,
    made_with: int | None = None,
    moderator: User | None = None,
    grant: KeyGrant | None = None,
    token: str | None = None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which cannot be shown again.

    `reporter`: the voice in which the key reports; None: a voice of its own.
    `made_with`: the id of the key that asks for this one; revoking that one revokes this one.
    `moderator`: for whom the key also decides, by the scope `moderate`.
    `grant`: that of its organisation; keys made with this one have the same limits.
    `verifies_attestation`: the key belongs to a carrier or a PBX that verifies calls (see
    `believed_attestation`).
    `token`: the secret, of `token_from`; None: one drawn at random.

    Raises UnknownScope, UnknownRegion, TooManyKeys; KeyRefused if `made_with` is revoked meanwhile,
    or the reporter erased.
    """
    region = _known_region(region)
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not (scopes or moderator):
        wrong = f"Unknown scopes {unknown}." if unknown else "No scope is named."
        raise UnknownScope(f"{wrong} Choose from: {', '.join(SCOPES)}.")
    token = token or token_from(secrets.token_bytes(64))
    prefix = read_prefix(token)
    if reporter is None:
        reporter = Reporter.objects.create(kind=Reporter.Kind.KEY, handle=prefix, created_at=now)
    else:
        _require_room(reporter, made_with, now)
    key = ApiKey.objects.create(
        prefix=prefix,
        digest=digest_of(token),
        name=name,
        scopes=sorted({*scopes, MODERATE} if moderator else set(scopes)),
        moderator=moderator,
        region=region,
        reporter=reporter,
        created_at=now,
        verifies_attestation=verifies_attestation,
        expires_at=expires_at,
        personal=reporter.kind == Reporter.Kind.PERSON,
        made_with_id=made_with,
        grant_id=_grant_of(grant, made_with),
    )
    return key, token


def _known_region(region: str) -> str:
    """The region in capitals. Raises UnknownRegion."""
    try:
        return read_region(region)
    except InvalidNumber:
        raise UnknownRegion("pass an ISO 3166 code, such as CN or GB.") from None


def token_from(drawn: bytes) -> str:
    """The secret of a key, made from 64 random bytes."""
    number = int.from_bytes(drawn)
    prefix, number = _letters(number, LOWER, 8)
    rest, _left = _letters(number, ALPHABET, 43)
    return f"rsk_{prefix}_{rest}"


def read_prefix(written: str) -> str:
    """The prefix in what people write for a key: alone, after `rsk_`, or with more of the key.

    Raises NoPrefix.
    """
    match = _WRITTEN.fullmatch(written.strip())
    if match is None:
        raise NoPrefix(f"{written} is no prefix: pass the eight characters after rsk_.")
    return match[1]


def find_key(written: str) -> ApiKey:
    """The key that people name, perhaps a revoked one. Raises NoPrefix, KeyNotFound."""
    prefix = read_prefix(written)
    key = ApiKey.objects.select_related("reporter").filter(prefix=prefix).first()
    if key is None:
        raise KeyNotFound(f"There is no key rsk_{prefix}….")
    return key


def _letters(number: int, alphabet: str, count: int) -> tuple[str, int]:
    """The number's last `count` digits in the alphabet, the lowest first, and what is left."""
    written = ""
    for _place in range(count):
        number, digit = divmod(number, len(alphabet))
        written += alphabet[digit]
    return written, number


def _require_room(reporter: Reporter, made_with: int | None, now: datetime) -> None:
    """Raises KeyRefused, TooManyKeys. Locks the reporter, so that simultaneous requests count each
    other."""
    voice = _lock_voice(reporter.pk)
    if voice.handle.startswith(NOBODY):
        raise KeyRefused(REVOKED)
    working = set(keys_of(reporter.pk, now=now).values_list("pk", flat=True))
    if made_with is not None and made_with not in working:
        raise KeyRefused(REVOKED)
    if len(working) >= MOST:
        raise TooManyKeys(f"There are {MOST} keys. Revoke one that you no longer use.")


def _grant_of(grant: KeyGrant | None, made_with: int | None) -> int | None:
    if made_with is not None:
        return ApiKey.objects.get(pk=made_with).grant_id
    return grant.pk if grant is not None else None


@transaction.atomic
def key_for_organisation(*, grant: KeyGrant, now: datetime) -> tuple[ApiKey, str]:
    """A key of an organisation and its secret, which cannot be shown again.

    It reports in the organisation's voice. Raises NothingGranted, TooManyKeys.
    """
    grant = KeyGrant.objects.select_for_update().get(pk=grant.pk)
    if grant.state(now) != KeyGrant.State.GRANTED:
        raise NothingGranted("Nothing is granted to this organisation at the moment.")
    return create_key(
        name=grant.organisation[:NAME_LENGTH],
        scopes=grant.scopes,
        region=grant.region,
        reporter=grant.voice,
        grant=grant,
        now=now,
    )


def keys_of(reporter_id: int, *, now: datetime) -> QuerySet[ApiKey]:
    """The valid keys of a reporter, newest first."""
    working = ApiKey.objects.filter(reporter=reporter_id, revoked_at=None)
    return working.exclude(expires_at__lte=now).order_by("-pk")


@transaction.atomic
def revoke_own(
    *, reporter_id: int, prefix: str, asking: int | None = None, now: datetime
) -> list[ApiKey]:
    """Revokes a key of this reporter; returns all keys that this revoked, this key first.

    `asking`: the id of the key that asks, if it is not the person: the thief of one key must not
    revoke the others.

    Raises KeyNotFound, also for keys of others; KeyNotYours.
    """
    _lock_voice(reporter_id)
    key = keys_of(reporter_id, now=now).filter(prefix=prefix).first()
    if key is None:
        raise KeyNotFound("No key of yours begins like this.")
    if asking is not None and key.pk not in [asking, *(made.pk for made in _made_with(asking))]:
        raise KeyNotYours(
            "A key revokes itself and the keys that were made with it. Revoke others at /my/keys."
        )
    return revoke_key(key=key, now=now)


@transaction.atomic
def revoke_all(*, reporter_id: int, now: datetime) -> None:
    """Revokes all keys of a reporter who leaves."""
    _lock_voice(reporter_id)
    keys_of(reporter_id, now=now).update(revoked_at=now)


@transaction.atomic
def revoke_key(*, key: ApiKey, now: datetime) -> list[ApiKey]:
    """Revokes a key and all keys that were made with it: at once, since requests read its row each
    time, and for lookups within a second (api.remembered).

    Returns those that were valid until now, this key first.
    """
    _lock_voice(key.reporter_id)  # so that no key is made with it meanwhile
    closed = [one for one in [key, *_made_with(key.pk)] if one.revoked_at is None]
    ApiKey.objects.filter(pk__in=[one.pk for one in closed], revoked_at=None).update(revoked_at=now)
    return closed


def _made_with(key_id: int) -> list[ApiKey]:
    """The keys that were made with this key, or with those keys, and so on."""
    found: list[ApiKey] = []
    last = [key_id]
    while last:
        some = list(ApiKey.objects.filter(made_with__in=last).order_by("pk"))
        found += some
        last = [key.pk for key in some]
    return found


def _lock_voice(reporter_id: int) -> Reporter:
    """Locks the reporter, so that changes of its keys wait for one another."""
    return Reporter.objects.select_for_update(no_key=True).get(pk=reporter_id)


@transaction.atomic
def close_erased(*, now: datetime) -> int:
    """Revokes the keys of erased reporters, and deletes their names and kept answers. Returns how
    many keys."""
    of_nobody = ApiKey.objects.filter(reporter__handle__startswith=NOBODY).exclude(name="")
    IdempotencyRecord.objects.filter(api_key__in=of_nobody).delete()
    of_nobody.filter(revoked_at=None).update(revoked_at=now)
    return of_nobody.update(name="")
