"""Who calls: the key that a request shows, and what it may do."""

import base64
import hashlib
import hmac
import ipaddress
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from api.models import ApiKey
from edge import UNREADABLE, is_outage
from reputation.lists import Rule
from reputation.models import Prepared

logger = logging.getLogger(__name__)

# `rsk_`, eight visible characters, 43 secret ones (256 bits). No colon: some clients split there.
PATTERN = re.compile(r"rsk_([a-z0-9]{8})_[A-Za-z0-9]{43}")
LAST_USED_EVERY = timedelta(minutes=1)
NEVER = datetime.min.replace(tzinfo=UTC)
REVOKED = "This key has been revoked. Ask for a new one."


class KeyRefused(Exception):
    """The request shows a key that opens nothing. The message says why, never how near it was."""


class KeyRequired(Exception):
    """The request shows no key, and this needs one."""


class ScopeMissing(Exception):
    """The key is good, but not for this."""


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
COLUMNS = ", ".join(_COLUMNS)
WIDTH = len(_COLUMNS)
TOUCH = """
UPDATE api_apikey SET last_used_at = %s WHERE id = (
    SELECT id FROM api_apikey WHERE id = %s AND (last_used_at < %s OR last_used_at IS NULL)
    FOR NO KEY UPDATE SKIP LOCKED)
"""
KEY = Prepared(
    f"SELECT {COLUMNS} FROM api_apikey k WHERE k.prefix = %s"  # noqa: S608 -- constants
)
# By prefixes, a line each.
MANY = Prepared(
    f"SELECT {COLUMNS} FROM api_apikey k"  # noqa: S608 -- constants
    " WHERE k.prefix = ANY(string_to_array(%s, E'\\n'))"
)


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
    """The caller behind a row of COLUMNS, if the token is its key. Raises KeyRefused."""
    if row is None or not hmac.compare_digest(bytes(row[2]), digest_of(token)):
        raise KeyRefused("This key is not known.")
    return of_row(row, now=now)


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def of_row(row: tuple[Any, ...], *, now: datetime) -> Caller:
    """The caller behind a row of COLUMNS, whose key it has. Raises KeyRefused."""
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


def moderator_of(caller: Caller) -> User:
    """The moderator in whose name a key with the scope `moderate` decides.

    Raises ScopeMissing for one whose account is closed.
    """
    moderator = ApiKey.objects.select_related("moderator").get(pk=caller.key_id).moderator
    if moderator is None or not (moderator.is_active and moderator.is_staff):
        raise ScopeMissing("The moderator of this key no longer works here.")
    return moderator
