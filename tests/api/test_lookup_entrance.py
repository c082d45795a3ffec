"""The lookup's own way in answers byte for byte what Django's URL tree answers."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from pytest_django import Settings

from api.wsgi import lookups_first
from reputation.moderation import mark_official
from tests.api.test_lookup import listed
from tests.given.api_requests import NOW, ask, holder, only_django
from tests.given.reporters import BAKERY, moderator

pytestmark = pytest.mark.django_db

FORWARDED = "HTTP_X_FORWARDED_PROTO"
NUMBER = "/v1/numbers/+8613812345678"
UNKNOWN_KEY = f"rsk_abcdefgh_{'a' * 43}"

REQUESTS: list[tuple[str, dict[str, Any]]] = [
    # what is known and what is not
    (NUMBER, {}),
    ("/v1/numbers/+4930901820", {}),
    ("/v1/numbers/+8613800138000", {}),
    # how it is written
    ("//v1//numbers//+8613812345678//", {}),
    ("/v1/numbers/%2B86%20138%201234%205678/", {}),
    ("/v1/numbers/sip:+8613812345678@host;user=phone", {}),
    ("/v1/numbers/%EF%BC%8B8613812345678", {}),
    ("/v1/numbers/%E9%93%B6%E8%A1%8C?region=CN", {}),
    ("/v1/numbers/13812345678?region=CN", {}),
    # how it is asked for
    (NUMBER + "?format=text", {}),
    (NUMBER + "?format=pairs", {}),
    (NUMBER + "?format=xml", {}),
    (NUMBER + "?format=text&format=json", {}),
    (NUMBER, {"accept": "text/html"}),
    (NUMBER, {"accept": "text/plain"}),
    (NUMBER + "?attestation=failed", {}),
    (NUMBER + "?attestation=TN-Validation-Passed", {}),
    ("/v1/numbers/+4930901820?attestation=failed", {}),
    (NUMBER + "?attestation=D", {}),
    (NUMBER + "?attestation=D&format=text", {}),
    (NUMBER + "?a%00b=%FF&region=", {}),
    # what is no number
    ("/v1/numbers/", {}),
    ("//v1//numbers?format=text", {}),
    ("/v1/numbers/?format=pairs", {}),
    ("/v1/numbers/%00", {}),
    ("/v1/numbers/%FF", {}),
    ("/v1/numbers/%0A", {}),
    ("/v1/numbers/110?region=CN", {}),
    ("/v1/numbers/110?region=CN&format=pairs", {}),
    ("/v1/numbers/13812345678", {}),
    ("/v1/numbers/13812345678?region=XX", {}),
    ("/v1/numbers/" + "9" * 300, {}),
    # keys
    (NUMBER, {"by": "good"}),
    ("/v1/numbers/13812345678", {"by": "good"}),
    ("/v1/numbers/110", {"by": "good"}),
    (NUMBER, {"x_api_key": "good"}),
    (NUMBER, {"by": "no lookup"}),
    ("/v1/numbers/13812345678", {"by": "no lookup"}),
    (NUMBER, {"by": UNKNOWN_KEY}),
    (NUMBER, {"by": "junk"}),
    (NUMBER + "?format=text", {"by": "junk"}),
    (NUMBER, {"authorization": "Basic \xe9"}),
    # what lies beside
    ("/v1/numbers/lookup", {}),
    ("/v1/numbers/lookup/", {"by": "good"}),
    ("//v1/numbers//lookup", {"by": "good"}),
    ("/v1/numbers/lookups?region=CN", {}),
    ("/v1/numbers/", {}),
    ("/v1/numbers", {}),
    ("/v1/numbers/+8613812345678/reports", {}),
    ("/v1/numbers/+8613812345678/x", {}),
    ("/v1/numbersx/+8613812345678", {}),
    ("/v1/categories", {}),
]


MANY = {"numbers": ["+8613812345678", "138 1234 5678", "110", "", "x" * 300, "+4930901820"]}
BULK: list[tuple[str, dict[str, Any]]] = [
    ("/v1/numbers/lookup", {"by": "good", "body": MANY}),
    ("//v1//numbers/lookup//", {"by": "good", "body": MANY}),
    ("/v1/numbers/lookup?format=xml", {"by": "good", "body": MANY, "accept": "text/html"}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY | {"region": "de"}}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY | {"region": ""}}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY | {"region": " cn "}}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY | {"region": None}}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY | {"region": "XX"}}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY | {"region": "CHN"}}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY | {"x": 1}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": []}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": ["1"] * 1000}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": ["1"] * 1001}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": [" +8613812345678 "]}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": ["+8613812345678\n", "\t"]}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": ["a\u0000b"]}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": [13812345678, 1.5]}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": [True]}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": [None]}}),
    ("/v1/numbers/lookup", {"by": "good", "body": {"numbers": {"+8613812345678": 1}}}),
    ("/v1/numbers/lookup", {"by": "good", "body": []}),
    ("/v1/numbers/lookup", {"by": "good", "body": b""}),
    ("/v1/numbers/lookup", {"by": "good", "body": b"{"}),
    ("/v1/numbers/lookup", {"by": "good", "body": b'{"numbers":["\\ud800"]}'}),
    ("/v1/numbers/lookup", {"by": "good", "body": b'{"numbers":["1"]}' + b" " * 2_621_440}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY, "content_type": "text/xml"}),
    ("/v1/numbers/lookup", {"by": "good", "body": MANY, "content_type": None}),
    ("/v1/numbers/lookup", {"by": "no lookup", "body": MANY}),
    ("/v1/numbers/lookup", {"by": "junk", "body": MANY}),
    ("/v1/numbers/lookup", {"by": UNKNOWN_KEY, "body": MANY}),
    ("/v1/numbers/lookup", {"body": MANY}),
    ("/v1/numbers/lookup", {"body": b"{"}),
]


@pytest.mark.parametrize(
    ("method", "target", "how"),
    [("GET", *request) for request in REQUESTS] + [("POST", *request) for request in BULK],
)
def test_both_ways_in_answer_alike(method, target, how, settings: Settings):
    tight = {"anonymous": "2/m", "key": "2/m"}
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"lookup": tight, "bulk_lookup": tight}
    listed()
    mark_official(actor=moderator(), identity=BAKERY, name="The Bakery", reason="x", now=NOW)
    tokens = {"good": holder("lookup").token, "no lookup": holder("report").token}
    how = {
        name: tokens.get(value, value) if name != "body" else value for name, value in how.items()
    }
    answers = []
    for app in (lookups_first(only_django), only_django):
        cache.clear()
        how = {"app": app, "for_browsers": True, **how}
        first = ask(method, target, **how)
        sent = {"if_none_match": first.headers.get("ETag", '""'), **how}
        # The second may be kept from the first; the third is one too many.
        answers.append([first, *(ask(method, target, **sent) for _ in range(2))])
    ours, theirs = answers
    assert [answer.status for answer in ours] == [answer.status for answer in theirs]
    assert [answer.body for answer in ours] == [answer.body for answer in theirs]
    for one, other in zip(ours, theirs, strict=True):
        # Django adds what may be done here.
        assert one.headers == {n: v for n, v in other.headers.items() if n in one.headers}
        assert set(other.headers) - set(one.headers) <= {"Allow"}


@pytest.mark.parametrize("proto", ["http", "https", "https, http", "", None])
@pytest.mark.parametrize("behind_proxy", [True, False])
@pytest.mark.parametrize(
    ("method", "target"), [("GET", NUMBER + "?format=text"), ("POST", "/v1/numbers/lookup")]
)
def test_both_ways_in_ask_for_tls_alike(method, target, behind_proxy, proto, settings: Settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 3600
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if behind_proxy else None
    scheme = "http" if behind_proxy or not proto else proto.partition(",")[0]
    more = {"wsgi.url_scheme": scheme} | ({} if proto is None else {FORWARDED: proto})
    django = WSGIHandler()
    how = {"body": MANY, "by": holder("lookup").token, "more": more, "for_browsers": True}
    ours, theirs = (ask(method, target, app=app, **how) for app in (lookups_first(django), django))
    secure = proto is not None and proto.startswith("https")
    assert ours.status == theirs.status == (200 if secure else 301)
    assert ours.body == theirs.body
    assert ours.headers.get("Location") == (None if secure else f"https://testserver{target}")
    told = ours.headers.get("Strict-Transport-Security")
    assert told == theirs.headers.get("Strict-Transport-Security")
    assert told == ("max-age=3600" if secure else None)


def test_only_lookups_are_taken_from_django():
    asked = []

    def django(environ, start_response):
        asked.append(environ["PATH_INFO"])
        return only_django(environ, start_response)

    app = lookups_first(django)
    for method, path in (
        ("GET", "/v1/numbers/+8613812345678"),
        ("GET", "//v1//numbers//+8613812345678/"),
        ("HEAD", "/healthz"),
        ("POST", "/v1/numbers/+8613812345678"),
        ("GET", "/v1/numbers/lookup"),
        ("GET", "/v1/numbers/1/reports"),
        ("GET", "/compat/v1/numbers/1"),
        ("GET", "/"),
        ("GET", ""),
    ):
        ask(method, path, app=app)
    assert asked == [
        "/healthz",
        "/v1/numbers/+8613812345678",
        "/v1/numbers/lookup",
        "/v1/numbers/1/reports",
        "/compat/v1/numbers/1",
        "/",
        "",
    ]
