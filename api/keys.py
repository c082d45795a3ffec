"""API keys: making one, finding it in a request, checking it."""

import base64
import hashlib
import hmac
import ipaddress
import logging
import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from api.models import MODERATE, SCOPES, ApiKey, IdempotencyRecord
from edge import UNREADABLE, is_outage
from reputation import rights
from reputation.identity import InvalidNumber, read_region
from reputation.lists import Rule
from reputation.models import KeyGrant, Prepared, Reporter

logger = logging.getLogger(__name__)

# `rsk_`, eight visible characters, 43 secret ones (256 bits). No colon: some clients split there.
PATTERN = re.compile(r"rsk_([a-z0-9]{8})_[A-Za-z0-9]{43}")
LOWER = string.ascii_lowercase + string.digits
ALPHABET = string.ascii_letters + string.digits

LAST_USED_EVERY = timedelta(minutes=1)
NEVER = datetime.min.replace(tzinfo=UTC)
REVOKED = "This key has been revoked. Ask for a new one."


class KeyRefused(Exception):
    """The request shows a key that opens nothing. The message says why, never how near it was."""


class KeyRequired(Exception):
    """The request shows no key, and this needs one."""


class ScopeMissing(Exception):
    """The key is good, but not for this."""


class UnknownScope(ValueError):
    """A scope that does not exist."""


class UnknownRegion(ValueError):
    """A region without a numbering plan."""


class KeyNotFound(LookupError):
    """No working key of this reporter has this prefix."""


class KeyNotYours(Exception):
    """A key may close itself and the keys that were made with it, and no others."""


class NothingGranted(Exception):
    """The organisation was not granted a key, or no longer."""


class TooManyKeys(Exception):
    """The reporter has MOST working keys. Revoke one."""


# Working keys of one reporter.
MOST = 20
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as the API cares: the part of a key's row that requests need.

    `rules`: the own list of its reporter. `grant`: the id of its organisation's, 0 for none; with
    its lookups a minute, and the networks from which alone it may ask.
    """

    key_id: int
    prefix: str
    scopes: tuple[str, ...]
    region: str
    reporter_id: int
    last_used_at: datetime | None
    verifies_attestation: bool
    personal: bool = False
    rules: tuple[Rule, ...] = ()
    grant: int = 0
    lookups_per_minute: int = 0
    networks: tuple[str, ...] = ()

    # Django REST framework asks these of a user.
    is_authenticated = True
    is_active = True


_COLUMNS = (
    *("k.id", "k.prefix", "k.digest", "k.scopes", "k.region", "k.reporter_id"),
    *("k.last_used_at", "k.verifies_attestation", "k.personal", "k.expires_at", "k.revoked_at"),
    "ARRAY(SELECT r.action || ' ' || r.pattern FROM reputation_ownrule r"
    " WHERE r.reporter_id = k.reporter_id)",
    # Of an organisation's key: read at each request, so that what ends there ends here at once.
    "CASE WHEN k.grant_id IS NOT NULL THEN"
    " (SELECT json_build_array(g.id, g.granted_at IS NOT NULL AND g.ended_at IS NULL,"
    " date_part('epoch', g.expires_at), g.scopes, g.verifies_attestation, g.lookups_per_minute,"
    " g.networks)::text FROM reputation_keygrant g WHERE g.id = k.grant_id) END",
)
CALLER_COLUMNS = ", ".join(_COLUMNS)
CALLER_WIDTH = len(_COLUMNS)
TOUCH = """
UPDATE api_apikey SET last_used_at = %s WHERE id = (
    SELECT id FROM api_apikey WHERE id = %s AND (last_used_at < %s OR last_used_at IS NULL)
    FOR NO KEY UPDATE SKIP LOCKED)
"""
KEY = Prepared(
    f"SELECT {CALLER_COLUMNS} FROM api_apikey k WHERE k.prefix = %s"  # noqa: S608 -- constants
)
# By prefixes, a line each.
MANY = Prepared(
    f"SELECT {CALLER_COLUMNS} FROM api_apikey k"  # noqa: S608 -- constants
    " WHERE k.prefix = ANY(string_to_array(%s, E'\\n'))"
)


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
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which cannot be shown again.

    `reporter`: in whose voice it reports; None: it is a reporter of its own.

    `made_with`: the id of the key that asks for it, which takes it along when it is revoked.

    `moderator`: in whose name it also decides, by the scope `moderate`.

    `grant`: what its organisation was granted; what is made with such a key has the same bounds.

    `verifies_attestation`: it belongs to a carrier or a PBX that verifies calls (see
    `believed_attestation`).

    Raises UnknownScope, UnknownRegion, TooManyKeys; KeyRefused if `made_with` is revoked meanwhile.
    """
    try:
        region = read_region(region)
    except InvalidNumber:
        raise UnknownRegion("pass an ISO 3166 code, such as CN or US.") from None
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not (scopes or moderator):
        raise UnknownScope(f"Unknown scopes {unknown}. Choose from: {', '.join(SCOPES)}.")
    prefix = "".join(secrets.choice(LOWER) for _ in range(8))
    token = f"rsk_{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(43))
    if reporter is None:
        reporter = Reporter.objects.create(kind=Reporter.Kind.KEY, handle=prefix, created_at=now)
    else:
        _lock_voice(reporter.pk)  # two requests are not one too many
        working = set(keys_of(reporter.pk, now=now).values_list("pk", flat=True))
        if made_with is not None and made_with not in working:
            raise KeyRefused(REVOKED)
        if len(working) >= MOST:
            raise TooManyKeys(f"There are {MOST} keys. Revoke one that you no longer use.")
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


def moderator_of(caller: Caller) -> User:
    """The moderator in whose name a key with the scope `moderate` decides.

    Raises ScopeMissing for one whose account is closed.
    """
    moderator = ApiKey.objects.select_related("moderator").get(pk=caller.key_id).moderator
    if moderator is None or not (moderator.is_active and moderator.is_staff):
        raise ScopeMissing("The moderator of this key no longer works here.")
    return moderator


def keys_of(reporter_id: int, *, now: datetime) -> QuerySet[ApiKey]:
    """The working keys of a reporter, newest first."""
    working = ApiKey.objects.filter(reporter=reporter_id, revoked_at=None)
    return working.exclude(expires_at__lte=now).order_by("-pk")


@transaction.atomic
def revoke_own(
    *, reporter_id: int, prefix: str, asking: int | None = None, now: datetime
) -> list[ApiKey]:
    """Closes a key of this reporter, and returns all that it closed, this key first.

    `asking`: the id of the key that asks, if it is not the person: somebody who stole one key must
    not close the others.

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
    """Closes all keys of a reporter, who leaves."""
    _lock_voice(reporter_id)
    keys_of(reporter_id, now=now).update(revoked_at=now)


@transaction.atomic
def revoke_key(*, key: ApiKey, now: datetime) -> list[ApiKey]:
    """Closes a key and all keys that were made with it: at once, since requests read its row each
    time, and for lookups within a second (api.remembered).

    Returns those that worked until now, this key first.
    """
    _lock_voice(key.reporter_id)  # against a key that is being made with it
    closed = [one for one in [key, *_made_with(key.pk)] if one.revoked_at is None]
    ApiKey.objects.filter(pk__in=[one.pk for one in closed], revoked_at=None).update(revoked_at=now)
    return closed


def _made_with(key_id: int) -> list[ApiKey]:
    """The keys that were made with this one, with those, and so on."""
    found: list[ApiKey] = []
    last = [key_id]
    while last:
        some = list(ApiKey.objects.filter(made_with__in=last).order_by("pk"))
        found += some
        last = [key.pk for key in some]
    return found


def _lock_voice(reporter_id: int) -> None:
    """Makes what changes the keys of a reporter wait for one another."""
    Reporter.objects.select_for_update(no_key=True).get(pk=reporter_id)


@transaction.atomic
def close_erased(*, now: datetime) -> int:
    """Closes the keys of erased reporters, without names and kept answers. Returns how many."""
    of_nobody = ApiKey.objects.filter(reporter__handle__startswith=rights.NOBODY).exclude(name="")
    IdempotencyRecord.objects.filter(api_key__in=of_nobody).delete()
    of_nobody.filter(revoked_at=None).update(revoked_at=now)
    return of_nobody.update(name="")


def presented(headers: Mapping[str, str]) -> str:
    """The key that a request shows, from a WSGI environment; empty when it shows none.

    Bearer, X-Api-Key, or the password of HTTP Basic. Never the query string: those end up in logs.
    Raises KeyRefused when there are credentials without a key in them: taking such a request for
    one without a key would hide the mistake until the lower limits bite.
    """
    authorization = headers.get("HTTP_AUTHORIZATION", "")
    if not authorization:
        return headers.get("HTTP_X_API_KEY", "").strip()
    if authorization == UNREADABLE:
        return authorization  # which is no key
    kind, _, value = authorization.partition(" ")
    value = value.strip()
    if kind.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:  # not base64, not ASCII, or not UTF-8 inside
            raise KeyRefused("The Basic credentials are not valid base64.") from None
    elif kind.lower() != "bearer":
        value = ""
    if not value:
        raise KeyRefused("Authorization must be `Bearer <key>`, or Basic with the key as password.")
    return value


def prefix_of(token: str) -> str:
    """The part of a key by which its row is found. Raises KeyRefused when it has no key's shape."""
    match = PATTERN.fullmatch(token)
    if match is None:
        raise KeyRefused("This is not a Ringscore key: keys look like rsk_xxxxxxxx_….")
    return match[1]


def find(token: str, *, now: datetime) -> Caller:
    """The caller whose key this is. Raises KeyRefused."""
    return check(KEY.one(prefix_of(token)), token, now=now)


def check(row: tuple[Any, ...] | None, token: str, *, now: datetime) -> Caller:
    """The caller behind a row of CALLER_COLUMNS, if the token is its key. Raises KeyRefused."""
    if row is None or not hmac.compare_digest(bytes(row[2]), digest_of(token)):
        raise KeyRefused("This key is not known.")
    return caller_of(row, now=now)


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def caller_of(row: tuple[Any, ...], *, now: datetime) -> Caller:
    """The caller behind a row of CALLER_COLUMNS, whose key it has. Raises KeyRefused."""
    key_id, prefix, _, scopes, region, reporter_id, last_used_at, *rest = row
    verifies_attestation, personal, expires_at, revoked_at, rules, granted = rest
    if revoked_at is not None:
        raise KeyRefused(REVOKED)
    if expires_at is not None and expires_at <= now:
        raise KeyRefused("This key has expired. Ask for a new one.")
    caller = Caller(
        *(key_id, prefix, tuple(scopes), region, reporter_id, last_used_at),
        *(verifies_attestation, personal, tuple(Rule(*rule.split(" ", 1)) for rule in rules)),
    )
    return caller if granted is None else _bounded(caller, granted, now=now)


def _bounded(caller: Caller, granted: str, *, now: datetime) -> Caller:
    """The caller within what its organisation was granted. Raises KeyRefused."""
    grant, lasts, until, scopes, verifies, lookups, networks = orjson.loads(granted)
    if not lasts:
        raise KeyRefused(REVOKED)
    if until <= now.timestamp():
        raise KeyRefused("This key has expired. Ask for it to be renewed.")
    return replace(
        caller,
        scopes=tuple(scope for scope in caller.scopes if scope in scopes),
        verifies_attestation=verifies,
        grant=grant,
        lookups_per_minute=lookups,
        networks=tuple(networks),
    )


def require_network(caller: Caller | None, address: str) -> None:
    """Raises KeyRefused for an organisation's key that asks from elsewhere: it may be stolen."""
    if caller is None or not caller.networks:
        return
    try:
        asks = ipaddress.ip_address(address)
        asks = getattr(asks, "ipv4_mapped", None) or asks
    except ValueError:
        asks = None
    if asks is None or not any(asks in ipaddress.ip_network(each) for each in caller.networks):
        raise KeyRefused("This key may not ask from this network. Its organisation named others.")


def believed_attestation(stated: str, *, verifies: bool) -> str:
    """What is kept of the attestation that a report states.

    A and B open block during a burst of reports, so they count from keys that `verifies` marks; of
    others they are kept as "", not known. C, failed and none only make a report weigh less.
    """
    return "" if stated in ("A", "B") and not verifies else stated


def touch(caller: Caller, *, now: datetime) -> None:
    """Notes the use, at most once a minute, so that reading does not become writing.

    Never waits for a row that somebody else has locked, and never fails: a lookup is worth more
    than the note, and a database that refuses the note may still answer.
    """
    if lately_noted(caller, now=now):
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TOUCH, [now, caller.key_id, now - LAST_USED_EVERY])
    except DatabaseError as error:
        if not is_outage(error):
            raise
        logger.warning("the use of a key was not noted: %s", error)


def lately_noted(caller: Caller, *, now: datetime) -> bool:
    """Whether a note of the key's use is less than a minute old."""
    return noted_until(caller) >= now


def noted_until(caller: Caller) -> datetime:
    """Until when no use of the key is noted."""
    return NEVER if caller.last_used_at is None else caller.last_used_at + LAST_USED_EVERY


def require(caller: Caller | None, scope: str = "") -> Caller:
    """The caller, when there is one and its key has `scope` (an empty one asks for any key).

    Raises KeyRequired, ScopeMissing.
    """
    if caller is None:
        raise KeyRequired("This needs an API key: send `Authorization: Bearer <key>`.")
    if scope and scope not in caller.scopes:
        raise ScopeMissing(f"This key lacks the scope `{scope}`. Use a key that was made with it.")
    return caller
