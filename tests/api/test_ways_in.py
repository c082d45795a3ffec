"""Lookups go past Django where they can. Clients cannot tell which way their lookup went."""

import json
from typing import Any

import pytest

from api import lookup
from tests.given.api_lookups import listed
from tests.given.api_requests import NOW, Answer, ask, holder, only_django

pytestmark = pytest.mark.django_db

PATH = "/v1/numbers/lookup"

# Bodies that are answered before Django, and bodies that are left to it.
STRAIGHT: list[Any] = [
    {"numbers": ["+8613812345678", " 138 1234 5678\n", "", "95533", "1" * 26, "+8613812345678"]},
    {"region": "DE", "numbers": ["030 901820"]},
    {"numbers": ["１３８１２３４５６７８"], "region": "cn"},
    {"numbers": ["MyBank", "中国银行", " ", " 110\t"]},
    {"numbers": ["+8613812345678"] * 1000},
]
ROUND_ABOUT: list[Any] = [
    {"numbers": [13812345678]},
    {"numbers": ["1", True]},
    {"numbers": ["1", None]},
    {"numbers": []},
    {"numbers": ["1"] * 1001},
    {"numbers": "1"},
    {"numbers": {"1": "2"}},
    {"numbers": ["1\0"]},
    {"numbers": ["1"], "region": ""},
    {"numbers": ["1"], "region": None},
    {"numbers": ["1"], "region": " CN "},
    {"numbers": ["1"], "region": "C1"},
    {"numbers": ["1"], "region": "CHN"},
    {"numbers": ["95533"], "region": "XX"},
    {"numbers": ["1"], "format": "text"},
    {"region": "CN"},
    [],
    None,
    b"",
    b"{",
    b'{"numbers": ["\\ud800"]}',
    b"\xff",
]


def both_ways(body: Any, **kwargs: Any) -> tuple[Answer, Answer]:
    by = kwargs.pop("by", None) or holder("lookup")
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    first = ask("POST", PATH, by=by, body=raw, **kwargs)
    return first, ask("POST", PATH, by=by, body=raw, app=only_django, **kwargs)


def same(first: Answer, second: Answer) -> bool:
    shown = ("Content-Type", "WWW-Authenticate", "RateLimit-Limit", "Retry-After")
    return (first.status, first.body, [first.headers.get(name) for name in shown]) == (
        second.status,
        second.body,
        [second.headers.get(name) for name in shown],
    )


@pytest.fixture
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands: figures that fade must not differ between the two ways."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.mark.usefixtures("_still")
@pytest.mark.parametrize("body", STRAIGHT)
def test_a_body_in_order(body):
    listed()
    first, second = both_ways(body)
    assert first.status == 200
    assert same(first, second)
    # REST framework adds this to whatever it answers.
    assert ("Allow" in first.headers, "Allow" in second.headers) == (False, True)


@pytest.mark.parametrize("body", ROUND_ABOUT)
def test_a_body_in_doubt_is_left_to_django(body):
    first, second = both_ways(body)
    assert same(first, second)
    assert "Allow" in first.headers
    # One request is counted once, whichever way it went.
    assert (first.left, second.left) == ((60, 59), (60, 58))


@pytest.mark.parametrize(
    ("by", "status"),
    [
        ("", 401),
        ("rsk_aaaaaaaa_" + "a" * 43, 401),
        ("nonsense", 401),
    ],
)
def test_keys_that_do_not_open(by, status):
    raw = b'{"numbers": ["+8613812345678"]}'
    first = ask("POST", PATH, by=by, body=raw)
    assert first.status == status
    assert same(first, ask("POST", PATH, by=by, body=raw, app=only_django))


def test_a_key_for_something_else():
    first, second = both_ways({"numbers": ["1"]}, by=holder("report"))
    assert first.status == 403
    assert same(first, second)


def test_a_limit_that_is_used_up(settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"bulk_lookup": {"anonymous": None, "key": "1/h"}}
    by = holder("lookup")
    assert ask("POST", PATH, by=by, body={"numbers": ["1"]}).status == 200
    first, second = both_ways({"numbers": ["1"]}, by=by)
    assert first.status == 429
    assert first.json["type"] == second.json["type"] == "urn:ringscore:problem:rate-limited"


def test_a_bug_is_answered_and_logged(monkeypatch, caplog):
    def broken(*args: Any, **kwargs: Any) -> bytes:
        raise RuntimeError("a bug")

    by = holder("lookup")
    monkeypatch.setattr(lookup, "reply_many", broken)
    answer = ask("POST", PATH, by=by, body={"numbers": ["+8613812345678"]})
    assert answer.status == 500
    assert answer.json["type"] == "urn:ringscore:problem:internal"
    assert "RuntimeError: a bug" in caplog.text
