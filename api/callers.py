"""The callers of the API: the key that a request shows, and what it permits."""

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
from edge import UNREADABLE, is_outage, is_within
from reputation.lists import Rule
from reputation.models import Prepared

logger = logging.getLogger(__name__)

# `rsk_`, eight visible characters, 43 secret ones (256 bits). No colon: some clients split there.
PATTERN = re.compile(r"rsk_([a-z0-9]{8})_[A-Za-z0-9]{43}")
NO_KEY = "This is not a Ringscore key: keys look like rsk_xxxxxxxx_…, with 56 characters in all."
# A key in a query string, whatever its name, or something else under the usual names.
_IN_QUERY = re.compile(r"=rsk_|(?:^|&)(?:api[-_]?key|access_token)=[^&]", re.IGNORECASE)
LAST_USED_EVERY = timedelta(minutes=1)
NEVER = datetime.min.replace(tzinfo=UTC)
REVOKED = "This key has been revoked. Ask for a new one."


class KeyRefused(Exception):
    """The request shows an invalid key. The message says why, but not how close it came."""


class KeyRequired(Exception):
    """The request shows no key, but needs one."""


class ScopeMissing(Exception):
    """The key is valid, but lacks the scope for this request."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The part of a key's row that requests need.

    `rules`: the own list of its reporter. `grant`: the id of its organisation's grant, 0 for none;
    with the grant's lookups a minute, and the only networks from which it may be used.
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

    # Django REST framework reads these attributes of a user.
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
# For many prefixes, a line each.
MANY = Prepared(
    f"SELECT {COLUMNS} FROM api_apikey k"  # noqa: S608 -- constants
    " WHERE k.prefix = ANY(string_to_array(%s, E'\\n'))"
)


def presented(headers: Mapping[str, str]) -> str:
    """The key that a request shows, from a WSGI environment; "" if it shows none.

    Bearer, X-Api-Key, or the password of HTTP Basic. Never the query string, which is logged.
    Raises KeyRefused if the credentials contain no key, or the key is in the query string: treating
    such a request as one without a key would hide the mistake until the lower limits take effect.
    """
    authorization = headers.get("HTTP_AUTHORIZATION", "")
    if not authorization:
        token = headers.get("HTTP_X_API_KEY", "").strip()
        if not token and _IN_QUERY.search(headers.get("QUERY_STRING", "")):
            raise KeyRefused(
                "A key is not read from the address, since proxies log addresses. Send it as "
                "`Authorization: Bearer <key>`, and replace this one."
            )
        return token
    if authorization == UNREADABLE:
        return authorization  # which is not a key
    kind, _, value = authorization.partition(" ")
    value = value.strip()
    if kind.lower() == "basic":
        try:
            # The user is anybody, in any encoding: routers send umlauts in that of their country.
            value = base64.b64decode(value, validate=True).partition(b":")[2].decode()
        except ValueError:  # not base64, not ASCII, or the password not UTF-8
            raise KeyRefused("The Basic credentials are not valid base64.") from None
    elif kind.lower() != "bearer":
        value = ""
    if not value:
        raise KeyRefused("Authorization must be `Bearer <key>`, or Basic with the key as password.")
    return value


def prefix_of(token: str) -> str:
    """The part of a key by which its row is found. Raises KeyRefused if it does not look like a
    key."""
    match = PATTERN.fullmatch(token)
    if match is None:
        raise KeyRefused(NO_KEY)
    return match[1]


def of(headers: Mapping[str, str], *, now: datetime) -> Caller | None:
    """The caller whose key a request shows (`presented`); None if it shows none. Raises
    KeyRefused."""
    token = presented(headers)
    return find(token, now=now) if token else None


def find(token: str, *, now: datetime) -> Caller:
    """The caller with this key. Raises KeyRefused."""
    return check(KEY.one(prefix_of(token)), token, now=now)


def check(row: tuple[Any, ...] | None, token: str, *, now: datetime) -> Caller:
    """The caller of a row of COLUMNS, if the token is its key. Raises KeyRefused."""
    if row is None or not hmac.compare_digest(bytes(row[2]), digest_of(token)):
        raise KeyRefused("This key is not known.")
    return of_row(row, now=now)


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def of_row(row: tuple[Any, ...], *, now: datetime) -> Caller:
    """The caller of a row of COLUMNS whose key was checked. Raises KeyRefused."""
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
    """The caller within the limits of its organisation's grant. Raises KeyRefused."""
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
    """Raises KeyRefused if an organisation's key is used from another network: it may be stolen."""
    if caller is None or not caller.networks:
        return
    if not is_within(address, map(ipaddress.ip_network, caller.networks)):
        raise KeyRefused("This key may not ask from this network. Its organisation named others.")


def believed_attestation(stated: str, *, verifies: bool) -> str:
    """The attestation to store for a report that states one.

    A and B open block during a burst of reports, so they are stored only for keys marked by
    `verifies`, and as "" (unknown) for others. C, failed and none only lower a report's weight.
    """
    return "" if stated in ("A", "B") and not verifies else stated


def touch(caller: Caller, *, now: datetime) -> None:
    """Notes the use of the key, at most once a minute, so that not every read becomes a write.

    Never waits for a row that is locked, and never fails: a lookup is worth more than the note, and
    a database that refuses the note may still answer.
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
    """Whether the last note of the key's use is less than a minute old."""
    return noted_until(caller) >= now


def noted_until(caller: Caller) -> datetime:
    """The time until which no further use of the key is noted."""
    return NEVER if caller.last_used_at is None else caller.last_used_at + LAST_USED_EVERY


def require(caller: Caller | None, scope: str = "") -> Caller:
    """The caller, if its key has `scope` ("": any key is enough).

    Raises KeyRequired, ScopeMissing.
    """
    if caller is None:
        raise KeyRequired("This needs an API key: send `Authorization: Bearer <key>`.")
    if scope and scope not in caller.scopes:
        raise ScopeMissing(f"This key lacks the scope `{scope}`. Use a key that was made with it.")
    return caller


def moderator_of(caller: Caller) -> User:
    """The moderator for whom a key with the scope `moderate` decides.

    Raises ScopeMissing if the moderator's account is closed.
    """
    moderator = ApiKey.objects.select_related("moderator").get(pk=caller.key_id).moderator
    if moderator is None or not (moderator.is_active and moderator.is_staff):
        raise ScopeMissing("The moderator of this key no longer works here.")
    return moderator
