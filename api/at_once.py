"""Single lookups with a key, answered from what the process remembers, without a thread of a lane.

What this module does not answer, a thread does (api.wsgi): requests without a key, keys that were
not used lately, all that is refused. So it words no errors. What it answers has the bytes of the
other way (tests/api/test_remembered.py), and is put together by the same functions.

It runs in granian's own thread (edge.early), and waits for nothing there: a row that is not kept is
asked for, and the thread that reads it goes on with the answer.
"""

import logging
from datetime import UTC, datetime
from functools import partial
from time import perf_counter, time
from typing import Any, Final, NamedTuple

from django.conf import settings

from api import bodies, browsers, keys, limits, lookup, metrics, wsgi
from api.errors import InvalidField
from api.remembered import Guest, Kept, Memory
from api.rendering import tag_of
from edge import (
    Answer,
    Then,
    client_address,
    has_at_once,
    remote_address,
    request_ids,
    spend_at_once,
)
from reputation.identity import Identity, InvalidNumber, identify
from reputation.lookup import TTL, Missing, answer, traffic
from reputation.models import Row
from reputation.scoring import to_days

logger = logging.getLogger(__name__)

# As in api.urls, in the way of writing that nearly all clients use.
PATH: Final = "/v1/numbers/"
BULK: Final = "lookup"
# Headers, with their names in a WSGI environment.
KEYS: Final = (("authorization", "HTTP_AUTHORIZATION"), ("x-api-key", "HTTP_X_API_KEY"))
ADDRESS: Final = (("x-forwarded-for", "HTTP_X_FORWARDED_FOR"),)
HELD: Final = "if-none-match"

type Headers = list[tuple[str, str]]


class _Asked(NamedTuple):
    """A request that may be answered. `start`: of perf_counter()."""

    start: float
    headers: Any
    for_browsers: Headers
    token: str
    guest: Guest
    identity: Identity
    question: lookup.Question


class AtOnce:
    """For `edge.Server`, of one process. Reads the settings once."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.public_url = settings.PUBLIC_URL
        schemes = ["https"] if settings.SECURE_SSL_REDIRECT else ["http", "https"]
        self.for_browsers = {scheme: wsgi.browser_headers(scheme) for scheme in schemes}
        self.proxied: tuple[tuple[str, str], ...] = ()
        if settings.SECURE_PROXY_SSL_HEADER:
            name = settings.SECURE_PROXY_SSL_HEADER[0]
            self.proxied = ((name.removeprefix("HTTP_").replace("_", "-").lower(), name),)
        self.open_to_browsers = bool(settings.BROWSER_ORIGINS)
        # A second, and the same in days: one value, since two threads use it.
        self.moment = (-1, 0.0)

    def __call__(self, scope: Any, then: Then) -> None:
        """Calls `then` with the answer, or with None where a thread has to answer."""
        asked = self._asked(scope)
        if asked is None:
            then(None)
            return
        kept, count = self.memory.row(asked.identity.key), asked.guest.count
        if not isinstance(kept, Missing):
            then(self._answer(asked, kept))
        # Who would be counted by a thread has the row read there, too.
        elif (count is not None and not has_at_once(count)) or not self.memory.awaited.row(
            asked.identity.key, partial(self._found, asked, then)
        ):
            then(None)

    def _asked(self, scope: Any) -> _Asked | None:
        path: str = scope.path
        raw, headers = path[len(PATH) :], scope.headers
        if not path.startswith(PATH) or "/" in raw or raw == BULK or scope.method != "GET":
            return None
        start, for_browsers = perf_counter(), self.for_browsers.get(self._scheme(scope))
        try:
            token = keys.presented(_given(headers, KEYS))
            guest = self.memory.guest(token) if token else None
            if guest is None or for_browsers is None or not raw.isascii():
                return None
            question, caller = lookup.question(scope.query_string), guest.caller
            if caller.networks:
                address = {"REMOTE_ADDR": remote_address(scope), **_given(headers, ADDRESS)}
                keys.require_network(caller, client_address(address))
            region = question.region or ("" if raw[:1] == "+" else caller.region)
            identity = identify(raw, region=region, allow_fictional=True)
        except (keys.KeyRefused, InvalidField, InvalidNumber):
            return None
        return _Asked(start, headers, for_browsers, token, guest, identity, question)

    def _found(self, asked: _Asked, then: Then, row: Row | Missing | None) -> None:
        """Goes on when the row was read: `row`, which is kept now."""
        found = None
        try:
            kept = self.memory.rows.get(asked.identity.key)
            # Time has passed: the key may have ended, and its owner may have written.
            unchanged = self.memory.guest(asked.token) == asked.guest
            if not isinstance(row, Missing) and not isinstance(kept, Missing) and unchanged:
                found = self._answer(asked, kept)
        except Exception:
            logger.exception("an answer at once failed")
        then(found)

    def _answer(self, asked: _Asked, kept: Kept) -> Answer | None:
        usage, guest, identity = None, asked.guest, asked.identity
        if guest.count is not None:
            usage = spend_at_once(guest.count)
            if usage is None or usage.exceeded:
                return None
        content_type, body, tag, ttl = self._body(kept, identity, asked.question)
        if kept.row is not None:
            traffic.note(identity.key, by=guest.caller.reporter_id)
        limit_headers = limits.headers_of(usage) if usage is not None else {}
        held = ",".join(asked.headers.get_all(HELD))
        reply = lookup.found(content_type, body, tag, ttl, limit_headers, held)
        metrics.lookup_answered(reply.status, perf_counter() - asked.start)
        return reply.status, self._headers(reply, asked), reply.body

    def _scheme(self, scope: Any) -> str:
        forwarded = _given(scope.headers, self.proxied) if self.proxied else {}
        return wsgi.scheme({"wsgi.url_scheme": scope.scheme, **forwarded})

    def _body(
        self, kept: Kept, identity: Identity, asked: lookup.Question
    ) -> tuple[str, bytes, str, int]:
        """Content type, body, its tag, and for how long it may be kept. Within a second it is the
        same."""
        now = int(time())
        second, days = self.moment
        if now != second:
            second, days = self.moment = now, to_days(datetime.fromtimestamp(now, UTC))
        if asked is lookup.PLAIN:
            at, body, tag, ttl = kept.plain
            if at == second:
                return bodies.JSON, body, tag, ttl
            if kept.row is None and identity.kind == "e164":
                body = bodies.of_nobody(identity.key, self.public_url).encode()
                return bodies.JSON, body, tag_of(body), TTL
        found = answer(kept.row, identity, now=days, attestation=asked.attestation)
        content_type, body = bodies.body_of(found, asked.form, self.public_url)
        tag = tag_of(body)
        if asked is lookup.PLAIN and kept.row is not None:
            kept.plain = second, body, tag, found.ttl
        return content_type, body, tag, found.ttl

    def _headers(self, reply: lookup.Reply, asked: _Asked) -> Headers:
        """The answer's headers in the order of config.wsgi."""
        shown = (
            browsers.shown_to(",".join(asked.headers.get_all("origin")))
            if self.open_to_browsers
            else ()
        )
        return [
            *reply.headers.items(),
            ("Content-Length", str(len(reply.body))),
            *asked.for_browsers,
            *shown,
            (request_ids.HEADER, request_ids.new()),
        ]


def _given(headers: Any, names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """These headers as a WSGI environment has them."""
    return {name: ",".join(values) for header, name in names if (values := headers.get_all(header))}
