"""Lookups over HTTP, from a WSGI environment to bytes, without a framework in between.

A phone waits for this answer. Both the application server (api.wsgi) and Django's URL tree, which
documents the endpoints, call this module. A single lookup reads key, number and all its data in one
round trip to the database. api.at_once, which answers before, uses these functions too.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

import orjson
from django.conf import settings

from api import bodies, bulk_bodies, callers, remembered
from api.admission import Admission
from api.bodies import FORMATS, JSON, TEXT
from api.errors import InvalidField
from api.problems import CONTENT_TYPE as PROBLEM
from api.problems import named
from api.rendering import dump, format_in, is_held, tag_of
from api.replies import Reply, problem_of, read_body
from api.shapes.lookup import BULK_LOOKUP
from reputation import lookup
from reputation.identity import Identity, InvalidNumber, identify, read_region
from reputation.lists import Rule
from reputation.lookup import traffic
from reputation.models import Prepared, Row, replicas
from reputation.scoring import to_days

# The key's row and the number's row in one round trip; either may be missing.
KEY_AND_NUMBER = Prepared(
    f"SELECT {callers.COLUMNS}, {lookup.COLUMNS} FROM api_apikey k"  # noqa: S608 -- constants
    " LEFT JOIN reputation_number n ON n.key = %s WHERE k.prefix = %s",
    counted_from=callers.WIDTH,
)


class Question(NamedTuple):
    """How a number is requested. `form`: one of FORMATS."""

    form: str = "json"
    attestation: str = ""
    region: str = ""
    caller_name: str = ""


PLAIN: Final = Question()


def question(query_string: str) -> Question:
    """The parameters of a lookup. Raises InvalidField."""
    if not query_string:
        return PLAIN
    query = dict(parse_qsl(query_string, keep_blank_values=True))
    form = format_in(query, "json")
    if form not in FORMATS:
        raise InvalidField("format", "format is json, text or pairs.", "invalid-format")
    attestation = lookup.attestation_of(query.get("attestation", ""))
    return Question(form, attestation, query.get("region", ""), query.get("caller_name", ""))


def moment(now: datetime) -> float:
    """The time of an answer in days, as a whole second, so that the answer can be used again."""
    return to_days(now.replace(microsecond=0))


def reply(environ: dict[str, Any], raw: str, *, now: datetime) -> Reply:
    """The answer to GET /v1/numbers/{raw}. Errors become answers too, in the requested format."""
    asked, memory = PLAIN, remembered.memory()
    admission = Admission("lookup", "lookup", anonymous=True, in_blocks=memory is not None)
    try:
        asked = question(environ.get("QUERY_STRING", ""))
        _require_in_path(raw, environ)
        token = callers.presented(environ)
        since = monotonic()
        if token:
            caller, identity, row = _read_with_key(token, raw, asked.region, now)
        else:
            caller, identity, row = None, _identity_or_error(raw, asked.region), None
        if memory is not None and caller is not None:
            memory.keep_caller(callers.digest_of(token), caller, since=since)
            if isinstance(identity, Identity):
                memory.keep_row(identity.key, row, since)
        admission.admit(caller, environ, now=now)
        if isinstance(identity, InvalidNumber):
            raise identity
        if caller is None:
            row = lookup.ONE.one(identity.key)
        answer = lookup.answer(row, identity, now=moment(now), attestation=asked.attestation)
        if row is not None and caller is not None:
            traffic.note(identity.key, by=caller.reporter_id, personal=caller.personal)
        if caller is not None and caller.rules:
            answer = lookup.with_own(answer, caller.rules, asked.caller_name)
    except Exception as error:
        return _failed(error, environ, asked.form, admission.headers)
    content_type, body = bodies.body_of(answer, asked.form, settings.PUBLIC_URL)
    held = environ.get("HTTP_IF_NONE_MATCH", "")
    return found(content_type, body, answer.ttl, admission.headers, held)


def reply_to_many(environ: dict[str, Any], *, now: datetime) -> Reply | None:
    """The answer to POST /v1/numbers/lookup; None if the body may be invalid.

    REST framework takes longer to check a thousand texts than the database to find them. It gets
    any body that may be invalid, and words the error: `environ` then holds the unread body.
    """
    admission = Admission("bulk_lookup", "lookup")
    try:
        caller = admission.admit(callers.of(environ, now=now), environ, now=now)
        caller = callers.require(caller)
        plain = _asked(environ)
        if plain is None:
            return None
        numbers, region = plain
        with _reading(caller):
            body = reply_many(numbers, region or caller.region, rules=caller.rules, now=now)
    except Exception as error:
        return _failed(error, environ, "json", admission.headers)
    return Reply(200, admission.headers | {"Content-Type": JSON}, body)


def reply_many(
    numbers: list[str], region: str, *, rules: Sequence[Rule] = (), now: datetime
) -> bytes:
    """The body of a bulk lookup: an answer or an error for each number, in the given order.

    `rules`: the caller's own list.
    """
    keys = lookup.read_many_keys(numbers, region)
    wanted, memory = [key for key in keys if type(key) is str], remembered.memory()
    places = memory.places if memory is not None else None
    stored = lookup.find_many(wanted, at=moment(now), places=places)
    return bulk_bodies.body_of(numbers, keys, stored, settings.PUBLIC_URL, rules=rules)


def _asked(environ: dict[str, Any]) -> tuple[list[str], str] | None:
    """Numbers and region of a bulk lookup as BulkLookupRequest reads them; None when in doubt."""
    body = read_body(environ)
    if body is None:
        return None
    try:
        match orjson.loads(body):
            case {"numbers": list(numbers), **others} if not others:
                region = ""
            case {"numbers": list(numbers), "region": str(region), **others} if not others:
                if not read_region(region):
                    return None
            case _:
                return None
        together = "".join(numbers)
    except (orjson.JSONDecodeError, TypeError, InvalidNumber):
        return None
    if not 0 < len(numbers) <= BULK_LOOKUP or "\0" in together:
        return None
    return numbers, region


def _require_in_path(raw: str, environ: dict[str, Any]) -> None:
    if not raw and re.search(r"(?:^|&)number=[^&]", environ.get("QUERY_STRING", "")):
        detail = "Write the number into the path, as /v1/numbers/+8615400001234."
        raise InvalidField("number", detail, "invalid-number")


def _read_with_key(
    token: str, raw: str, region: str, now: datetime
) -> tuple[callers.Caller, Identity | InvalidNumber, Row | None]:
    if region or raw.startswith("+"):
        identity = _identity_or_error(raw, region)
        wanted = "" if isinstance(identity, InvalidNumber) else identity.key
        if settings.REPLICAS:
            caller = callers.find(token, now=now)
            with _reading(caller):
                return caller, identity, lookup.ONE.one(wanted)
        both = KEY_AND_NUMBER.one(wanted, callers.prefix_of(token))
        caller = callers.check(both and both[: callers.WIDTH], token, now=now)
        row = both[callers.WIDTH :] if both and both[callers.WIDTH] is not None else None
        return caller, identity, row
    # A national format is read in the key's region, so the key comes first.
    caller = callers.find(token, now=now)
    identity = _identity_or_error(raw, caller.region)
    if isinstance(identity, InvalidNumber):
        return caller, identity, None
    with _reading(caller):
        return caller, identity, lookup.ONE.one(identity.key)


def _reading(caller: callers.Caller) -> replicas.reading:
    """Within it a replica may answer, unless the caller reported a moment ago."""
    return replicas.reading(by=caller.reporter_id if "report" in caller.scopes else None)


def _identity_or_error(raw: str, region: str) -> Identity | InvalidNumber:
    """The identity, or the error, which is only raised after the checks of key and limits."""
    try:
        return identify(raw, region=region, allow_fictional=True)
    except InvalidNumber as error:
        return error


def found(
    content_type: str, body: bytes, ttl: int, headers: dict[str, str], if_none_match: str
) -> Reply:
    """The reply with `body`, or without it for a client that holds it."""
    tag = tag_of(body)
    headers |= {"ETag": tag, "Cache-Control": f"private, max-age={ttl}"}
    if is_held(if_none_match, tag):
        return Reply(304, headers, b"")
    headers["Content-Type"] = content_type
    return Reply(200, headers, body)


def _failed(error: Exception, environ: dict[str, Any], form: str, headers: dict[str, str]) -> Reply:
    body, more = problem_of(error, environ, during="a lookup")
    return _error(form, body, headers | more)


def _error(form: str, body: dict[str, Any], headers: dict[str, str]) -> Reply:
    if form == "json":
        return Reply(body["status"], headers | {"Content-Type": PROBLEM}, dump(body))
    code = body["type"].rpartition(":")[2]
    text = (
        f"ERROR {code}: {body['detail']}\n"
        if form == "text"
        else urlencode(named({"error": code, "detail": body["detail"]}))
    )
    return Reply(body["status"], headers | {"Content-Type": TEXT}, text.encode())
