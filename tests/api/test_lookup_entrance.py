"""The own way in of lookups and reports answers byte for byte what Django's URL tree answers."""

import re
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from pytest_django import Settings

from api.wsgi import lookups_first
from reputation.models import Report, Reporter
from reputation.moderation import mark_official
from tests.given.api_lookups import listed
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
    ("/v1/numbers/%2B86+138+1234+5678", {}),
    ("/v1/numbers/sip:+8613812345678@host;user=phone", {}),
    ("/v1/numbers/%EF%BC%8B8613812345678", {}),
    ("/v1/numbers/%E9%93%B6%E8%A1%8C?region=CN", {}),
    ("/v1/numbers/13812345678?region=CN", {}),
    ("/v1/numbers/030%2F901820?region=DE", {}),
    ("/v1/numbers/030%20%2F%2090%20%E2%80%93%2018%2020?region=DE", {}),
    ("/v1/numbers/030+%2F+901820?region=DE", {}),
    ("/v1/numbers/tel://+8613812345678", {}),
    ("/v1/numbers/callto:%2F%2F030/901820?region=DE", {}),
    ("/v1/numbers/030//90-18 20/?region=DE&format=text".replace(" ", "%20"), {}),
    # how it is asked for
    (NUMBER + "?format=text", {}),
    (NUMBER + "?format=pairs", {}),
    (NUMBER + "?format=TEXT", {}),
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
    ("/v1/numbers?number=%2B8613812345678", {}),
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


REPORTED = {"number": "+8613812345678", "category": "loan_scam"}
REPORTS: list[dict[str, Any]] = [
    {"body": REPORTED},
    {"body": REPORTED, "target": "//v1//reports/?format=xml&region=US", "accept": "text/html"},
    {"body": REPORTED | {"number": "138 1234 5678", "comment": "Says he is \u94f6\u884c"}},
    {"body": REPORTED | {"number": "13812345678", "region": "US"}},
    {"body": REPORTED | {"callback_number": "110"}},
    {"body": REPORTED | {"occurred_at": "2031-01-01T00:00:00Z"}},
    {"body": REPORTED | {"category": "none", "x": 1}},
    {"body": [REPORTED]},
    {"body": b""},
    {"body": b"{"},
    {"body": orjson.dumps(REPORTED) + b" " * 2_621_440},
    {"body": REPORTED, "content_type": None},
    {"body": REPORTED, "idempotency_key": "k"},
    {"body": REPORTED, "idempotency_key": "k" * 256},
    {"body": REPORTED, "by": "blocked"},
    {"body": REPORTED, "by": "no report"},
    {"body": REPORTED, "by": "junk"},
    {"body": REPORTED, "by": ""},
    {"body": b"{", "by": ""},
    {"body": REPORTED, "more": {"HTTP_HOST": "elsewhere.example"}},
    {"body": REPORTED, "more": {"SCRIPT_NAME": "/x", "PATH_INFO": "/v1/reports"}},
    {"body": REPORTED, "more": {"CONTENT_LENGTH": ""}},
]


@pytest.mark.parametrize("how", REPORTS)
def test_both_ways_in_take_reports_alike(how, settings: Settings):
    """Ids apart: three requests, of which the third is one too many."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"report": {"anonymous": "2/m", "key": "2/m"}}
    found = []
    for app in (lookups_first(only_django), only_django):
        cache.clear()
        with transaction.atomic():
            tokens = {"good": holder("report").token, "no report": holder("lookup").token}
            blocked = holder("report")
            Reporter.objects.filter(pk=blocked.key.reporter_id).update(blocked_at=NOW)
            tokens["blocked"] = blocked.token
            sent = {"target": "/v1/reports", "by": "good"} | how
            sent |= {"by": tokens.get(sent["by"], sent["by"])}
            answers = [ask("POST", app=app, for_browsers=True, **sent) for _ in range(3)]
            kept = Report.objects.order_by("pk").values("number__key", "comment", "seq", "network")
            ids = [str(pk) for pk in Report.objects.values_list("public_id", flat=True)]
            for each in answers:
                for name in ("RateLimit-Reset", "Retry-After", "Content-Length"):
                    each.headers.pop(name, None)  # these depend on the second
            shown = repr(
                [(each.status, sorted(each.headers.items()), each.body) for each in answers]
            )
            for pk in ids:
                shown = shown.replace(pk, "its id")
            found.append((re.sub(r"in \d+ seconds", "soon", shown), list(kept)))
            transaction.set_rollback(True)
    assert found[0] == found[1]


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


def test_only_lookups_and_reports_are_taken_from_django():
    asked = []

    def django(environ, start_response):
        asked.append(environ["PATH_INFO"])
        return only_django(environ, start_response)

    app = lookups_first(django)
    for method, path in (
        ("GET", "/v1/numbers/+8613812345678"),
        ("GET", "//v1//numbers//+8613812345678/"),
        ("POST", "/v1/reports"),
        ("HEAD", "/healthz"),
        ("POST", "/v1/numbers/+8613812345678"),
        ("GET", "/v1/numbers/lookup"),
        ("GET", "/v1/numbers/1/reports"),
        ("GET", "/v1/reports"),
        ("POST", "/v1/reports/bulk"),
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
        "/v1/reports",
        "/v1/reports/bulk",
        "/compat/v1/numbers/1",
        "/",
        "",
    ]
