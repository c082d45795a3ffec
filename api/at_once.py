"""Single lookups with a key, answered on the server's event loop from the process's memory.

A thread answers everything else (api.wsgi): requests without a key, keys that were not used lately,
all errors. So this module words no errors. Its answers have the same bytes as a thread's
(tests/api/test_at_once.py), since the same functions make them.
"""

from datetime import UTC, datetime
from time import perf_counter, time
from typing import Any, Final

from django.conf import settings

from api import bodies, browsers, callers, limits, lookup, metrics, wsgi
from api.errors import InvalidField
from api.remembered import Kept, Memory
from api.replies import Reply
from edge import (
    UNREADABLE,
    client_address,
    has_at_once,
    remote_address,
    request_ids,
    spend_at_once,
)
from reputation.identity import Identity, InvalidNumber, identify
from reputation.lookup import TTL, Missing, answer, traffic
from reputation.scoring import to_days

# As in api.urls, in the form that nearly all clients use.
PATH: Final = "/v1/numbers/"
BULK: Final = "lookup"
# Headers, with their names in a WSGI environment.
KEYS: Final = (("authorization", "HTTP_AUTHORIZATION"), ("x-api-key", "HTTP_X_API_KEY"))
ADDRESS: Final = (("x-forwarded-for", "HTTP_X_FORWARDED_FOR"),)
HELD: Final = "if-none-match"

type Headers = list[tuple[str, str]]
# Content type, body, seconds for which it may be kept, and whether the number has a row.
type _Answered = tuple[str, bytes, int, bool]


class AtOnce:
    """The answering function of one process for `edge.Server`. Reads the settings once."""

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
        self.second, self.days = -1, 0.0

    async def __call__(self, scope: Any) -> tuple[int, Headers, bytes] | None:
        """Status, headers and body; None if a thread has to answer."""
        path: str = scope.path
        raw, headers = path[len(PATH) :], scope.headers
        if not path.startswith(PATH) or "/" in raw or raw == BULK or scope.method != "GET":
            return None
        start, memory = perf_counter(), self.memory
        for_browsers = self.for_browsers.get(self._scheme(scope))
        try:
            digest = callers.digest_of(callers.presented(_given(headers, KEYS)))
            guest = memory.guest(digest)
            if guest is None or for_browsers is None or not raw.isascii():
                return None
            asked, caller = lookup.question(scope.query_string), guest.caller
            if caller.networks:
                address = {"REMOTE_ADDR": remote_address(scope), **_given(headers, ADDRESS)}
                callers.require_network(caller, client_address(address))
            region = asked.region or ("" if raw[:1] == "+" else caller.region)
            identity = identify(raw, region=region, allow_fictional=True)
        except (callers.KeyRefused, InvalidField, InvalidNumber):
            return None
        kept = memory.row(identity.key)
        answered: _Answered | Missing
        if not isinstance(kept, Missing):
            answered = self._answer(kept, identity, asked)
        else:
            if guest.count is not None and not has_at_once(guest.count):
                return None  # the thread that counts the request also reads the row
            answered = await memory.read(
                identity.key, lambda kept: self._answer(kept, identity, asked)
            )
            if isinstance(answered, Missing):
                return None
            still = memory.guest(digest)  # the wait took time
            if still is not guest and still != guest:
                return None
        usage = None
        if guest.count is not None:
            usage = spend_at_once(guest.count)
            if usage is None or usage.exceeded:
                return None
        content_type, body, ttl, is_stored = answered
        if is_stored:
            traffic.note(identity.key, by=caller.reporter_id, personal=caller.personal)
        limit_headers = limits.headers_of(usage) if usage is not None else {}
        reply = lookup.found(
            content_type, body, ttl, limit_headers, ",".join(headers.get_all(HELD))
        )
        metrics.lookup_answered(reply.status, perf_counter() - start)
        return reply.status, self._headers(reply, for_browsers, headers), reply.body

    def _scheme(self, scope: Any) -> str:
        own: str = scope.scheme
        if not self.proxied:
            return own
        return wsgi.scheme({"wsgi.url_scheme": own, **_given(scope.headers, self.proxied)})

    def _answer(self, kept: Kept, identity: Identity, asked: lookup.Question) -> _Answered:
        """The answer, which is the same within a second."""
        second, is_stored = int(time()), kept.row is not None
        if second != self.second:
            self.second, self.days = second, to_days(datetime.fromtimestamp(second, UTC))
        if asked is lookup.PLAIN and kept.at == second:
            return bodies.JSON, kept.body, kept.ttl, is_stored
        if asked is lookup.PLAIN and not is_stored and identity.kind == "e164":
            body = bodies.of_nobody(identity.key, self.public_url).encode()
            return bodies.JSON, body, TTL, is_stored
        found = answer(kept.row, identity, now=self.days, attestation=asked.attestation)
        content_type, body = bodies.body_of(found, asked.form, self.public_url)
        if asked is lookup.PLAIN and is_stored:
            kept.at, kept.body, kept.ttl = second, body, found.ttl
        return content_type, body, found.ttl, is_stored

    def _headers(self, reply: Reply, for_browsers: Headers, headers: Any) -> Headers:
        """The answer's headers in the order of config.wsgi."""
        shown = (
            browsers.shown_to(",".join(headers.get_all("origin"))) if self.open_to_browsers else ()
        )
        return [
            *reply.headers.items(),
            ("Content-Length", str(len(reply.body))),
            *for_browsers,
            *shown,
            (request_ids.HEADER, request_ids.new()),
        ]


def _given(headers: Any, names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """These headers, as in a WSGI environment."""
    return {
        name: ",".join(headers.get_all(header) or [UNREADABLE])
        for header, name in names
        if header in headers
    }
