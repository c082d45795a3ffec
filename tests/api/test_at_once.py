"""What the event loop answers without a thread: what a thread would have answered, or nothing."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from api import bodies, callers, remembered
from api.at_once import AtOnce
from api.bodies import flat
from api.rendering import dump
from api.wsgi import lookups_first
from reputation import lookup
from reputation.identity import identify
from tests.given.api_requests import NOW, ask, holder
from tests.given.at_once import at_once, served
from tests.given.reporters import SCAMMER, newcomer, say
from tests.given.rows import a_key_grant

pytestmark = pytest.mark.django_db
PATH = f"/v1/numbers/{SCAMMER.key}"


TARGETS = [
    *(PATH, f"{PATH}?format=text", f"{PATH}?format=pairs", f"{PATH}?attestation=failed"),
    *("/v1/numbers/13812345678", "/v1/numbers/+49301234567", "/v1/numbers/%2B49301234567"),
    *("/v1/numbers/030901820?region=DE", "/v1/numbers/+4930901820?format=text&region=CN"),
    *("/v1/numbers/95533", "/v1/numbers/BANKNAME", "/v1/numbers/sip:+8613812345678@host"),
    *("/v1/numbers/%E9%93%B6", "/v1/numbers/", "/v1/numbers/lookup", "/v1/numbers/110"),
    *(f"{PATH}?format=xml", f"{PATH}/", f"/{PATH}", "/v1/numbers/+1", "/v1/numbers/1?region=XX"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_the_loop_answers_as_a_thread_does(memory, settings, target):
    """With all headers, or not at all."""
    settings.BROWSER_ORIGINS = ["https://a.example"]
    by, sent = holder("lookup"), {"origin": "https://a.example"}
    say(newcomer("a"))
    memory.known.follow()
    by_thread = ask("GET", target, by=by, **sent)
    for headers in (sent, sent | {"if_none_match": by_thread.headers.get("ETag", "")}):
        by_loop = at_once(target, by, for_browsers=True, **headers)
        by_thread = ask("GET", target, by=by, for_browsers=True, **headers)
        if by_loop is not None:
            assert (by_loop.status, by_loop.body) == (by_thread.status, by_thread.body)
            by_loop.headers.pop("RateLimit-Remaining")
            by_thread.headers.pop("RateLimit-Remaining")
            assert [*by_loop.headers.items()] == [*by_thread.headers.items()]
    assert (by_loop is not None) == (TARGETS.index(target) < 12)


def test_numbers_of_nobody_have_the_same_answers_but_for_their_digits(memory):
    by, loop = holder("lookup"), AtOnce(memory)
    memory.known.follow()
    ask("GET", PATH, by=by)
    for start in ("+861381234", "+49301234", "+1202555", "+8525123", "+39061234"):
        for place in range(1000, 1005):
            identity = identify(f"{start}{place}", allow_fictional=True)
            found = lookup.answer(None, identity, now=0.0)
            by_loop = at_once(f"/v1/numbers/{identity.key}", by, loop=loop)
            assert by_loop is not None
            assert by_loop.body == dump(flat(found, settings.PUBLIC_URL))
    assert len(bodies._around) > 3


@pytest.mark.parametrize("proto", ["https", "https, http", "http", ""])
@pytest.mark.parametrize("redirects", [True, False])
def test_the_loop_asks_for_tls_as_a_thread_does(memory, settings, redirects, proto):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = redirects, 3600
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    by, sent = holder("lookup"), {"x_forwarded_proto": proto}
    memory.known.follow()
    by_thread = ask("GET", PATH, by=by, app=lookups_first(WSGIHandler()), for_browsers=True, **sent)
    by_loop = at_once(PATH, by, for_browsers=True, **sent)
    if by_thread.status == 301:
        assert by_loop is None
    else:
        assert by_loop is not None
        for each in (by_loop, by_thread):
            each.headers.pop("RateLimit-Remaining")
        assert by_loop.headers == by_thread.headers


def test_a_key_of_a_network_is_answered_there_alone(memory, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    grant = a_key_grant(
        voice=newcomer("an organisation"),
        granted_at=NOW,
        expires_at=NOW + timedelta(days=1),
        scopes=["lookup"],
        lookups_per_minute=600,
        networks=["198.51.100.0/24"],
    )
    by = holder("lookup", grant=grant)
    memory.known.follow()
    ask("GET", PATH, by=by, x_forwarded_for="198.51.100.7")
    assert at_once(PATH, by, x_forwarded_for="198.51.100.7") is not None
    assert at_once(PATH, by, x_forwarded_for="198.51.100.7, 203.0.113.1") is None
    assert at_once(PATH, by) is None
    # What the client wrote made the header unreadable: it does not become the proxy, which is near.
    near = "198.51.100.9:5"
    assert at_once(PATH, by, client=near) is not None
    assert at_once(PATH, by, client=near, x_forwarded_for="é, 203.0.113.1") is None


@pytest.mark.parametrize("scopes", [("report",), ("lookup",)])
def test_who_may_not_look_up_is_refused_by_a_thread(memory, scopes):
    by = holder(*scopes)
    memory.known.follow()
    for _ in range(2):
        assert (served(PATH, by).status == 200) == (scopes == ("lookup",))
    assert (at_once(PATH, by) is None) == (scopes == ("report",))


def test_terms_that_changed_while_the_row_was_read_hold(memory, clock, monkeypatch):
    say(newcomer("a"))
    by = holder("lookup")
    ask("GET", PATH, by=by)  # and its use is noted
    since, digest = clock.now.timestamp(), callers.digest_of(by.token)
    caller = callers.find(by.token, now=clock.now)
    memory.keep_caller(digest, caller, since=since)

    async def read(key: str, make: Callable[[remembered.Kept], Any]) -> Any:
        narrower = dataclasses.replace(caller, networks=("192.0.2.0/24",))
        memory.keep_caller(digest, narrower, since=since)
        return make(remembered.Kept(lookup.ONE.one(key)))

    memory.rows.clear()
    with monkeypatch.context() as patched:
        patched.setattr(memory, "read", read)
        assert at_once(PATH, by) is None, "from another network"
    memory.keep_caller(digest, caller, since=since)
    memory.keep_row(SCAMMER.key, lookup.ONE.one(SCAMMER.key), since)
    assert at_once(PATH, by) is not None, "with the terms of before"


@pytest.mark.parametrize(("limit", "reads"), [("199/m", 0), ("200/m", 1)])
def test_a_row_is_read_once_whoever_counts(memory, settings, monkeypatch, limit, reads):
    """Small limits are not counted in blocks: a thread counts them, and reads the row."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"lookup": {"key": limit, "anonymous": "9/m"}}
    by, asked = holder("lookup"), list[str]()
    say(newcomer("a"))
    ask("GET", PATH, by=by)
    memory.rows.clear()

    async def read(key: str, make: object) -> lookup.Missing:
        asked.append(key)
        return lookup.MISSING

    monkeypatch.setattr(memory, "read", read)
    assert at_once(PATH, by) is None
    assert len(asked) == reads


def test_beyond_the_limit_the_loop_answers_nothing(memory, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"lookup": {"key": "200/m", "anonymous": "9/m"}}
    by = holder("lookup")
    memory.known.follow()
    assert [served(PATH, by).status for _ in range(201)] == [200] * 200 + [429]
    assert at_once(PATH, by) is None
