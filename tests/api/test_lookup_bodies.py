"""Whole bodies of lookups, byte for byte: every sentence that an answer can hold is in one of them.

lookups.json holds states of a number: its row, the query, and the body that a client gets. If a
constant of the scoring changes, figures in these bodies change, and nothing else does.
"""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from reputation.models import Number
from tests.given.api_requests import ask, holder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("public_url")]

KEY = "+8613812345678"
STATES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("lookups.json").read_text())
WITHOUT_QUERY = [state for state in STATES if not state["query"]]


def given(row: dict[str, Any] | None, key: str = KEY) -> None:
    if row is not None:
        Number.objects.create(key=key, **row)


def as_sent(body: dict[str, Any]) -> bytes:
    """The literal body without the spaces that make it readable."""
    return orjson.dumps(body)


@pytest.mark.parametrize("state", STATES, ids=[state["state"] for state in STATES])
def test_a_single_lookup(state):
    given(state["row"])
    answer = ask("GET", f"/v1/numbers/{KEY}?{state['query']}", by=holder("lookup"))
    assert (answer.status, answer.body) == (200, as_sent(state["body"]))


def test_a_bulk_lookup_of_all_of_them():
    keys = [f"+86138123456{place:02}" for place in range(len(WITHOUT_QUERY))]
    for key, state in zip(keys, WITHOUT_QUERY, strict=True):
        given(state["row"], key)
    answer = ask("POST", "/v1/numbers/lookup", by=holder("lookup"), body={"numbers": keys})
    bodies = [
        as_sent(state["body"]).replace(KEY[1:].encode(), key[1:].encode())
        for key, state in zip(keys, WITHOUT_QUERY, strict=True)
    ]
    assert (answer.status, answer.body) == (200, b'{"results":[' + b",".join(bodies) + b"]}")


AGED = next(state for state in STATES if state["state"].startswith("supported, aged"))
PAIRS = (
    "action=flag&score=89&number=%2B8613812345678&confidence=0.77&status=listed"
    "&category=loan_scam&reports=4&reporters=3&first_reported_at=2026-11-09T00%3A00%3A00Z"
    "&last_reported_at=2026-11-23T00%3A00%3A00Z&name=&country=CN&line_type=mobile"
    "&reasons=Before+any+report%3A+45%25+likely+to+be+unwanted.%3B+3+unwanted+reports+from"
    "+3+networks%3A+2+by+established+reporters%2C+1+by+new"
    "+accounts.%3B+This+evidence+raises+the+odds+9.0+times+today.%3B+Age+has+taken+66%25+of+its"
    "+weight.%3B+9+reports+to+the+contrary+%28legitimate%29%3A+this+lowers+the+odds+3.3+times"
    "+today.%3B+Added+up%3A+69%25%3B+after+calibration%3A+89%25.%3B+Limits+on+one+network%2C+one"
    "+day+and+all+new+accounts+together+withheld+12.25+of+log-odds.%3B+Blocking+needs+confirmation"
    "+by+the+trust+pass.&advice=Hang+up.+Do+not+follow+links%2C+share+codes+or+pay%3A+this+is+how"
    "+loan+scams+begin.&redress_url=http%3A%2F%2F127.0.0.1%3A8000%2Fnumbers%2F%252B8613812345678"
    "%2Fdispute&ttl=300"
)


@pytest.mark.parametrize(("form", "body"), [("text", "flag 89 loan_scam\n"), ("pairs", PAIRS)])
def test_other_formats(form, body):
    given(AGED["row"])
    answer = ask("GET", f"/v1/numbers/{KEY}?format={form}")
    assert (answer.status, answer.body.decode()) == (200, body)
