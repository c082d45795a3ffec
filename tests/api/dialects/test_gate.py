"""Keys, limits, methods, addresses and errors, whichever protocol."""

import base64
import gzip

import pytest
from django.db import OperationalError
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory

from api.keys import create_key, revoke_key
from api.models import ApiKey
from reputation import lookup
from tests.given.api_requests import NOW
from tests.given.dialects import Reply, get, new_key, sha

pytestmark = pytest.mark.django_db

TEXT = "text/plain; charset=utf-8"
CHECK = f"/phoneblock/api/check?sha1={sha('+12025550123')}"
OK = Reply(200, {}, TEXT, b"ok")
BASIC = 'Basic realm="ringscore", charset="UTF-8"'


def basic(user: str, password: str) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_a_key_in_each_place(send, token):
    test = "/phoneblock/api/test"
    assert send(get(test, token)) == OK
    assert send(get(test, "", basic("anybody", token))) == OK
    assert send(get(test, "", f"X-Api-Key: {token}")) == OK
    # As PhoneBlock's app wrote it for years.
    assert send(get(test, "", f"Authorization: Bearer: {token}")) == OK


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ((), b"This needs an API key: send `Authorization: Bearer <key>`."),
        (("Authorization: Bearer nonsense",), b"This is not a Ringscore key: keys look like "),
        (("Authorization: Bearer: nonsense",), b"This is not a Ringscore key: keys look like "),
        (("Authorization: Digest x",), b"Authorization must be `Bearer <key>`, or Basic "),
        (("Authorization: Basic !",), b"The Basic credentials are not valid base64."),
        (("Authorization: Bearer rsk_abcdefgh_" + 43 * "x",), b"This key is not known."),
    ],
)
def test_without_a_good_key(send, more, detail):
    reply = send(get("/phoneblock/api/test", "", *more))
    assert (reply.status, reply.type) == (401, TEXT)
    assert reply.headers["WWW-Authenticate"] == BASIC
    assert reply.body.startswith(detail)


def test_a_national_number_without_a_country(send, token):
    """The remedy is one that the protocol has: no parameter names a region."""
    reply = send(get("/phoneblock/api/num/030901820", token))
    assert (reply.status, reply.type) == (400, TEXT)
    assert reply.body.endswith(b"calling code, or use a key that has a country.")


def test_closed_keys(send, db):
    key, revoked = create_key(name="revoked", scopes=["compat"], now=NOW)
    revoke_key(key=key, now=NOW)
    _, expired = create_key(name="expired", scopes=["compat"], expires_at=NOW, now=NOW)
    for token, why in ((revoked, b"been revoked"), (expired, b"expired")):
        reply = send(get("/phoneblock/api/test", token))
        assert reply == Reply(401, {}, TEXT, b"This key has %s. Ask for a new one." % why)


def test_a_key_without_the_scope(send, db):
    token = new_key("lookup", "report", "bulk", "feed", "intake")
    detail = b"This key lacks the scope `compat`. Use a key that was made with it."
    for target in (CHECK, "/phoneblock/api/test"):
        assert send(get(target, token)) == Reply(403, {}, TEXT, detail)
    assert send(get("/compat/cidlookup/+12025550123", token)) == Reply(403, {}, TEXT, b"")
    assert send(get("/compat/tellows/basic/num/+12025550123", token)) == Reply(
        403, {}, TEXT, detail
    )


def test_a_key_in_the_query_only_where_nothing_else_is_left(send, token):
    assert send(get(f"/phoneblock/api/test?key={token}&apikey={token}")).status == 401
    for target in ("/compat/cidlookup/+12025550123", "/compat/tellows/basic/num/+12025550123"):
        for name in ("key", "apikey", "apikeyMd5"):
            reply = send(get(f"{target}?{name}={token}"))
            assert (reply.status, reply.headers["RateLimit-Limit"]) == (200, "6000")
        reply = send(get(target, "", f"X-Auth-Token: {token}"))
        assert reply.headers["RateLimit-Limit"] == "6000"
        assert send(get(target)).headers["RateLimit-Limit"] == "60"
        assert send(get(f"{target}?key=wrong")).status == 401
        # An address ends in logs: there a key must open nothing else.
        able = new_key("compat", "report")
        assert send(get(f"{target}?key={able}")).status == 401
        assert send(get(target, able)).status == 200


def test_a_key_that_is_used_is_seen_to_be(send, token):
    send(get("/phoneblock/api/test", token))
    assert ApiKey.objects.get().last_used_at is not None


def limited(settings, group: str, kind: str) -> None:
    settings.RATE_LIMITS = {
        **settings.RATE_LIMITS,
        group: {**settings.RATE_LIMITS[group], kind: "1/m"},
    }


def test_who_asks_too_often_is_told_in_the_dialect(send, token, settings):
    limited(settings, "lookup", "key")
    first = send(get(CHECK, token))
    assert first.status == 200
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("1", "0")
    second = send(get(CHECK, token))
    assert (second.status, second.type) == (429, TEXT)
    assert second.body.startswith(b"Too many requests. Try again in ")
    assert int(second.headers["Retry-After"]) >= 1


def test_too_many_without_a_key(send, settings):
    limited(settings, "lookup", "anonymous")
    assert send(get("/compat/cidlookup/+12025550123")).status == 200
    assert send(get("/compat/cidlookup/+12025550123")) == Reply(429, {}, TEXT, b"")


def test_guessing_keys(send, settings):
    limited(settings, "failed_auth", "anonymous")
    assert send(get("/phoneblock/api/test", "guess")).status == 401
    assert send(get("/phoneblock/api/test", "guess")).status == 429


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("POST", CHECK, "GET"),
        ("GET", "/phoneblock/api/rate", "POST"),
        ("GET", "/phoneblock/api/report-call/0012025550123", "POST"),
        ("POST", "/phoneblock/api/check-prefix", "GET"),
    ],
)
def test_other_methods(send, token, method, target, allowed):
    reply = send(get(target, token, method=method))
    assert reply == Reply(405, {}, TEXT, f"Use {allowed} here.".encode())
    assert reply.headers["Allow"] == {"GET": "GET, HEAD"}.get(allowed, allowed)


def test_an_encoded_body_is_sent_as_it_is(send, token):
    body = gzip.compress(b'{"phone":"0012025550123","rating":"G_FRAUD","comment":""}')
    raw = get(*("/phoneblock/api/rate", token, "Content-Encoding: gzip"), method="POST", body=body)
    assert send(raw) == Reply(400, {}, TEXT, b"The body is encoded (gzip): send it as it is.")


def test_head_is_answered_like_get(send, token):
    assert send(get("/phoneblock/api/test", token, method="HEAD")).status == 200


@pytest.mark.parametrize(
    "target",
    [
        "/phoneblock",
        "/phoneblock/",
        "/phoneblock/api",
        "/phoneblock/api/num",
        "/phoneblock/api/num/1/x",
        "/phoneblock/api/dongle",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_addresses_that_are_not_there(send, token, target, method):
    nothing = Reply(404, {}, TEXT, b"There is nothing at this address.")
    assert send(get(target, token, method=method)) == nothing
    assert send(get(target, method=method)) == nothing


@pytest.mark.parametrize(
    "target", ["/compat", "/compat/", "/compat/cidlookup/1/x", "/compat/tellows", "/compat/x/y"]
)
def test_addresses_under_compat_that_are_not_there(send, target):
    assert send(get(target)) == Reply(404, {}, TEXT, b"")


def test_a_host_that_is_not_allowed_has_no_name(send):
    raw = b"GET /compat/cidlookup/+12025550123 HTTP/1.1\r\nHost: pbx.example.org\r\n\r\n"
    assert send(raw) == Reply(400, {}, TEXT, b"")


def test_nothing_redirects_over_https(send, token, settings):
    settings.SECURE_SSL_REDIRECT = True
    middleware = SecurityMiddleware(lambda request: None)
    for target in ("/phoneblock/api/test", "/compat/cidlookup/1", "/phoneblock"):
        assert middleware.process_request(RequestFactory().get(target)) is None


@pytest.mark.parametrize(
    ("target", "kind", "body"),
    [
        (CHECK, TEXT, b"The database is unavailable. Try again in 5 seconds."),
        ("/phoneblock/api/num/+12025550123", TEXT, b"The database is unavailable. Try again "),
        ("/compat/cidlookup/+12025550123", TEXT, b""),
        (
            "/compat/tellows/basic/num/+12025550123?json=1",
            "application/json",
            b'{"error":"503","message":"The database is unavailable. Try again in 5 seconds."}',
        ),
    ],
)
def test_without_a_database(send, token, monkeypatch, target, kind, body):
    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(lookup, "look_up", gone)
    monkeypatch.setattr("api.dialects.hashes.catch_up", gone)
    reply = send(get(target, token))
    assert (reply.status, reply.type, reply.headers["Retry-After"]) == (503, kind, "5")
    assert reply.body.startswith(body)


def test_a_bug_of_ours(send, token, monkeypatch, caplog):
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(lookup, "look_up", broken)
    sorry = b"Something broke on our side."
    assert send(get("/phoneblock/api/num/+12025550123", token)) == Reply(500, {}, TEXT, sorry)
    assert send(get("/compat/cidlookup/+12025550123", token)) == Reply(500, {}, TEXT, b"")
    told = [record.getMessage() for record in caplog.records if record.name == "api.dialects.gate"]
    # The route, not the path: that holds a telephone number.
    assert told == [
        "phoneblock/api/num/<number:number> failed",
        "compat/cidlookup/<number:number> failed",
    ]
