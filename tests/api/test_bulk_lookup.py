"""POST /v1/numbers/lookup"""

import random
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from api.shapes.lookup import BULK_LOOKUP
from reputation import lists
from reputation.identity import InvalidNumber, identify
from reputation.models import Number
from tests.given import worlds
from tests.given.api_lookups import LISTED, SENTENCES, UNKNOWN, listed
from tests.given.api_reports import invalid
from tests.given.api_requests import NOW, Answer, Holder, ask, holder, trouble
from tests.given.reporters import BAKERY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("public_url")]

PATH = "/v1/numbers/lookup"


def look_up(by: Holder | str, body: Any, **kwargs: Any) -> Answer:
    return ask("POST", PATH, by=by, body=body, **kwargs)


def wrong(raw: str, code: str) -> dict[str, str]:
    return {"input": raw, "error": SENTENCES[code], "code": code}


def test_each_is_answered_in_the_order_asked():
    listed()
    bakery = UNKNOWN | {
        "number": "+4930901820",
        "country": "DE",
        "line_type": "fixed_line",
        "redress_url": "http://127.0.0.1:8000/numbers/%2B4930901820/dispute",
    }
    answer = look_up(
        holder("lookup"),
        {
            "numbers": [
                BAKERY.key,
                "+8613812345678",
                "110",
                "138 1234 5678",
                "",
                "anonymous",
                "1" * 26,
                "+8613812345678",
            ]
        },
    )
    assert answer.status == 200
    assert answer.json == {
        "results": [
            bakery,
            LISTED,
            wrong("110", "emergency"),
            LISTED,
            wrong("", "empty"),
            wrong("anonymous", "withheld"),
            wrong("1" * 26, "too_long"),
            LISTED,
        ]
    }
    assert answer.left == (60, 59)
    assert answer.headers["Content-Type"] == "application/json"


def test_the_same_as_one_by_one():
    listed()
    by = holder("lookup")
    numbers = ["+8613812345678", "95533", "MyBank"]
    one_by_one = [ask("GET", f"/v1/numbers/{number}", by=by).body for number in numbers]
    together = look_up(by, {"numbers": numbers})
    assert together.body == b'{"results":[' + b",".join(one_by_one) + b"]}"


ADDRESSES = ["http://127.0.0.1:8000", "https://a.example/%7E1202555", "https://b.example/%25s"]
STARTS = ["1202555", "86138", "4930", "852", "39061", "7701", "44113496"]
OTHERS = ["95533", "10690000", "CN:95533", "MyBank", "0086 138 1234 5678", "(202) 555-0100"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_numbers_have_the_answers_that_they_have_one_by_one(settings, seed):
    """In all states and unknown, of all kinds, wrong ones among them, with names that JSON escapes,
    and to who has an own list."""
    settings.PUBLIC_URL = ADDRESSES[seed % 3]
    chance = random.Random(seed)
    worlds.build(chance)
    senders = [f"CN@{name}" for name in ("O'BRIEN", "R&D", "银行")]
    for key in senders:
        Number.objects.create(
            key=key, country="CN", created_at=NOW, evidence_at=NOW, prior=0.45, name='A "B" \\ 银'
        )
    Number.objects.filter(key=worlds.NUMBERS[seed].key).update(
        name='"\\', reassess_at=NOW + timedelta(seconds=chance.randrange(600))
    )
    numbers = [*(number.key for number in worlds.NUMBERS), *senders, *OTHERS, "110", "x" * 30]
    numbers += [f"+{chance.choice(STARTS)}{chance.randrange(10**4, 10**8)}" for _ in range(60)]
    chance.shuffle(numbers)
    numbers += numbers[:9]
    by = holder("lookup")
    if seed == 3:
        pattern = worlds.NUMBERS[0].key
        lists.set_rule(reporter=by.key.reporter, pattern=pattern, action="block", now=NOW)
    one_by_one = []
    for number in numbers:
        answer = ask("GET", f"/v1/numbers/{quote(number, safe='')}", by=by)
        one_by_one.append(answer.body if answer.status == 200 else refused(number))
    together = look_up(by, {"numbers": numbers})
    assert together.body == b'{"results":[' + b",".join(one_by_one) + b"]}"


def refused(raw: str) -> bytes:
    with pytest.raises(InvalidNumber) as error:
        identify(raw, region="CN")
    return orjson.dumps({"input": raw, "error": str(error.value), "code": error.value.code})


# What JSON or an address writes otherwise, what is looked for in pieces, and what is no number.
ODD_NAMES = ['A "B" \\ 银', "'\n\t<&>%s", "\u2028", "+8613812345678", "%2B", '","']
ODD_KEYS = ["CN@O'BRIEN", "CN@R&D", "CN@银行", "CN:95533", "CN:10690000", "+8613812345678"]
NOT_STORED = ["CN@R2D2", "CN:95588", "+12025550100", "+8613812345679", "+80012345678", "+1"]
NO_NUMBERS = ["", " ", " 110\t", "\ufeff", "anonymous", "x" * 30, '"\\银']


@pytest.mark.parametrize("address", [*ADDRESSES, "http://8613812345678.example"])
@pytest.mark.parametrize("own", [None, "+8613812345678", "+1202*"])
def test_odd_ones_have_whole_answers(settings, address, own):
    """Byte for byte as they are one by one: in one body, each several times and among others."""
    settings.PUBLIC_URL, by = address, holder("lookup")
    for key, name in zip(ODD_KEYS, ODD_NAMES, strict=True):
        Number.objects.create(
            key=key, country="CN", created_at=NOW, evidence_at=NOW, prior=0.45, name=name
        )
    if own is not None:
        lists.set_rule(reporter=by.key.reporter, pattern=own, action="block", now=NOW)
    expected = dict[str, bytes]()
    for number in (*ODD_KEYS, *NOT_STORED):
        expected[number] = ask("GET", f"/v1/numbers/{quote(number, safe='')}", by=by).body
    for raw in NO_NUMBERS:
        expected[raw] = refused(raw)
    valid = [number for number, body in expected.items() if b'"ttl"' in body]
    chance = random.Random(1)
    asked = [*NO_NUMBERS, *chance.choices([*valid, *NO_NUMBERS], k=60)]
    bodies = b",".join(expected[number] for number in asked)
    assert look_up(by, {"numbers": asked}).body == b'{"results":[' + bodies + b"]}"
    assert len(valid) > 9


def test_the_region_of_the_request_comes_before_that_of_the_key():
    by = holder("lookup", region="CN")
    body = {"numbers": ["95533", "030 901820"]}
    chinese, _ = look_up(by, body).json["results"]
    _, german = look_up(by, body | {"region": "de"}).json["results"]
    assert (chinese["number"], german["number"]) == ("CN:95533", "+4930901820")


def test_no_region_at_all():
    answer = look_up(holder("lookup", region=""), {"numbers": ["95533"]})
    assert answer.json == {"results": [wrong("95533", "region_required")]}


def test_an_unknown_region_is_an_error_of_the_request():
    answer = look_up(holder("lookup"), {"numbers": ["95533"], "region": "XX"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "#/region")


def test_as_many_as_allowed_and_one_more():
    by = holder("lookup")
    numbers = [f"+861381{n:07}" for n in range(BULK_LOOKUP)]
    answer = look_up(by, {"numbers": numbers})
    assert [result["number"] for result in answer.json["results"]] == numbers
    answer = look_up(by, {"numbers": [*numbers, "+8613812345678"]})
    assert answer.status == 400
    assert answer.json == invalid(
        ("#/numbers", "max_length", "Ensure this field has no more than 1000 elements.")
    )


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/xml", None])
def test_json_under_any_label(content_type):
    answer = look_up(holder("lookup"), {"numbers": ["+8613812345678"]}, content_type=content_type)
    assert answer.json == {"results": [UNKNOWN]}


@pytest.mark.parametrize("target", ["//v1//numbers//lookup", PATH + "/", PATH + "?format=xml"])
def test_surplus_slashes_and_a_format(target):
    body = {"numbers": ["+8613812345678"]}
    answer = ask("POST", target, by=holder("lookup"), body=body, accept="text/html")
    assert answer.json == {"results": [UNKNOWN]}


NO_LIST = "Give a list, in square brackets: this is of the kind {}."
NO_NULL = "Give a value, or leave the field out: null is none."


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("#/numbers", "required", "This field is required.")),
        ({"numbers": None}, ("#/numbers", "null", NO_NULL)),
        (
            {"numbers": []},
            ("#/numbers", "min_length", "Ensure this field has at least 1 elements."),
        ),
        (
            {"numbers": "+8613812345678"},
            ("#/numbers", "not_a_list", NO_LIST.format("str")),
        ),
        (
            {"numbers": {"a": 1}},
            ("#/numbers", "not_a_list", NO_LIST.format("dict")),
        ),
        (
            {"numbers": ["1", None]},
            ("#/numbers/1", "null", "Give a value, or leave the field out: null is none."),
        ),
        ({"numbers": [["1"]]}, ("#/numbers/0", "invalid", "Give a text, in quotes.")),
        (
            {"numbers": ["1"], "regoin": "CN"},
            (
                "#/regoin",
                "unknown-field",
                "There is no such field. The fields are: numbers, region.",
            ),
        ),
        (
            {"numbers": ["1"], "region": "CHN"},
            ("#/region", "max_length", "Pass an ISO 3166 alpha-2 code, such as CN or GB."),
        ),
        (
            ["+8613812345678"],
            (
                "#",
                "invalid",
                'Send an object, such as {"name":"value"}: this is of the kind list.',
            ),
        ),
    ],
)
def test_what_is_not_valid(body, error):
    answer = look_up(holder("lookup"), body)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == invalid(error)


def test_what_is_no_json():
    answer = look_up(holder("lookup"), b'{"numbers": [')
    detail = answer.json["detail"]
    assert (answer.status, answer.json) == (
        400,
        trouble(400, "Bad Request", "invalid-json", detail),
    )
    assert detail.startswith("The body is not valid JSON: ")


def test_a_body_beyond_bounds():
    answer = look_up(holder("lookup"), b'{"numbers": ["1"]}' + b" " * 2_621_440)
    assert answer.status == 413
    assert answer.json == trouble(
        *(413, "Content Too Large", "too-large"),
        "The body has more than 2621440 bytes. Send less at a time.",
    )
