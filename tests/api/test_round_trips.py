"""How often each endpoint asks the database: the same for one thing as for three.

Counted on the wire, since the lookup's reads do not pass through Django's own cursors.
"""

import pytest

from reputation.identity import identify
from tests.given.api_lookups import listed
from tests.given.api_requests import ask, holder
from tests.given.reporters import SCAMMER, newcomer, say
from tests.given.wire import wire

pytestmark = pytest.mark.django_db

NUMBERS = [f"+861381234567{n}" for n in range(3)]


@pytest.mark.parametrize("path", ["/v1/numbers/+8613812345678", "/v1/numbers/13812345678"])
def test_a_lookup_without_a_key_is_one(path):
    ask("GET", path + "?region=CN")  # prepares
    with wire() as seen:
        ask("GET", path + "?region=CN")
    assert len(seen.statements) == 1


def test_a_lookup_with_a_key_is_one():
    listed()
    by = holder("lookup")
    ask("GET", "/v1/numbers/+8613812345678", by=by)
    with wire() as seen:
        ask("GET", "/v1/numbers/+8613812345678", by=by)
    assert len(seen.statements) == 1


def test_a_national_format_asks_for_the_keys_region_first():
    by = holder("lookup", region="CN")
    ask("GET", "/v1/numbers/13812345678", by=by)
    with wire() as seen:
        ask("GET", "/v1/numbers/13812345678", by=by)
    assert len(seen.statements) == 2


@pytest.mark.parametrize("size", [1, 3])
def test_a_bulk_lookup(size):
    by = holder("lookup")
    body = {"numbers": NUMBERS[:size]}
    ask("POST", "/v1/numbers/lookup", by=by, body=body)
    with wire() as seen:
        answer = ask("POST", "/v1/numbers/lookup", by=by, body=body)
    assert len(answer.json["results"]) == size
    assert len(seen.statements) == 2  # the key, the numbers


@pytest.mark.parametrize("size", [1, 3])
def test_reports_of_a_number(size):
    for n in range(size):
        say(newcomer(f"r{n}"))
    with wire() as seen:
        answer = ask("GET", "/v1/numbers/+8613812345678/reports")
    assert len(answer.json["results"]) == size
    assert len(seen.statements) == 1


@pytest.mark.parametrize("size", [1, 3])
def test_a_report_takes_nine_statements(size):
    """The number's first reports are as dear as the later ones, while nothing is settled."""
    for n in range(size):
        say(newcomer(f"r{n}"), network="n1")
    by = holder("report")
    ask("POST", "/v1/reports", by=by, body={"number": NUMBERS[0], "category": "other"})  # prepares
    with wire() as seen:
        answer = ask(
            "POST", "/v1/reports", by=by, body={"number": SCAMMER.key, "category": "other"}
        )
    assert answer.status == 201
    # Key, turn, number, reporter, buckets twice, report, number, change.
    assert len(seen.statements) == 9
    assert seen.trips == 3  # the key, all that is read, all that is written


@pytest.mark.parametrize("size", [1, 3])
def test_my_report(size):
    by = holder("report")
    ids = [
        ask("POST", "/v1/reports", by=by, body={"number": key, "category": "other"}).json["id"]
        for key in NUMBERS[:size]
    ]
    with wire() as seen:
        answer = ask("GET", f"/v1/reports/{ids[-1]}", by=by)
    assert answer.json["number"] == identify(NUMBERS[size - 1]).key
    assert len(seen.statements) == 2  # the key, the report with its number


def test_what_needs_no_database_asks_nothing():
    with wire() as seen:
        ask("GET", "/v1/categories")
        ask("GET", "/healthz")
        ask("GET", "/v1/numbers/!!!")
    assert seen.statements == []
