"""GET /v1/numbers/{number}/reports"""

import base64
from typing import Any

import pytest

from api.views.numbers import PAGE
from reputation.models import Report
from reputation.moderation import reject_report
from reputation.reports import withdraw_report
from tests.api.test_lookup import SENTENCES
from tests.given.api_requests import NOW, ask, holder, trouble
from tests.given.reporters import BAKERY, DAY, moderator, newcomer, say

pytestmark = pytest.mark.django_db

PATH = "/v1/numbers/+8613812345678/reports"


def public(**fields: Any) -> dict[str, Any]:
    return {
        "category": "loan_scam",
        "conduct": [],
        "comment": "",
        "claimed_name": "",
        "channel": "call",
        "attestation": "",
        "reported_on": "2026-11-24",
    } | fields


def test_nothing_was_reported():
    answer = ask("GET", PATH)
    assert answer.status == 200
    assert answer.json == {"number": "+8613812345678", "results": [], "next": ""}
    assert answer.left == (60, 59)
    assert answer.headers["Content-Type"] == "application/json"


def test_the_public_part_newest_first():
    say(newcomer("a"), at=NOW - DAY)
    say(
        newcomer("b"),
        "illegal_collection",
        at=NOW,
        occurred_at=NOW - DAY,
        conduct=["threats"],
        comment="Wang said to call 13800138000 or wang@example.com",
        claimed_name="Happy Loans 13800138000",
        callback_number="+8613800138000",
        attestation="A",
        call_count=7,
        channel="sms",
    )
    say(newcomer("c"), number=BAKERY)
    answer = ask("GET", PATH, by=holder("lookup"))
    assert answer.json == {
        "number": "+8613812345678",
        "results": [
            public(
                category="illegal_collection",
                conduct=["threats"],
                comment="Wang said to call ▇▇▇ or ▇▇▇",
                claimed_name="Happy Loans ▇▇▇",
                channel="sms",
                attestation="A",
            ),
            public(reported_on="2026-11-23"),
        ],
        "next": "",
    }
    assert answer.left == (600, 599)
    # Who reported it, from where, and what they were told to call is nobody's business.
    for secret in ("net-", "138001", "wang@", "reporter", "network", "12:00"):
        assert secret not in answer.body.decode()


def test_withdrawn_and_rejected_reports_are_not_shown():
    one, other = newcomer("a"), newcomer("b")
    withdrawn, rejected = say(one).report, say(other).report
    withdraw_report(reporter=one, public_id=withdrawn.public_id, now=NOW)
    reject_report(actor=moderator(), report=rejected, reason="untrue", now=NOW)
    assert ask("GET", PATH).json["results"] == []


def test_pages_hold_each_report_once():
    base = say(newcomer("first")).report
    number, reporter = base.number, base.reporter
    for n in range(2 * PAGE):
        # Two at a time of the same moment, so that a page ends between them.
        Report.objects.create(
            number=number,
            reporter=type(reporter).objects.create(kind="key", handle=f"{n}", created_at=NOW),
            category="survey",
            filed_at=NOW,
            counted_at=NOW - (n // 2 + 1) * DAY,
            seq=n + 2,
            network="n",
            weight=1.0,
            established=False,
        )
    seen, path = [], PATH
    for size in (PAGE, PAGE, 1):
        page = ask("GET", path).json
        assert page["number"] == "+8613812345678"
        assert len(page["results"]) == size
        seen += page["results"]
        path = f"{PATH}?cursor={page['next']}"
    assert page["next"] == ""
    expected = list(Report.objects.public_of(number.key))
    assert [report["reported_on"] for report in seen] == [
        report.counted_at.date().isoformat() for report in expected
    ]


def test_a_full_page_that_is_the_last_has_no_next():
    for n in range(3):
        say(newcomer(f"{n}"))
    assert ask("GET", PATH).json["next"] == ""


@pytest.mark.parametrize(
    "path",
    [
        "//v1//numbers//+8613812345678//reports//",
        "/v1/numbers/%2B8613812345678/reports/",
        "/v1/numbers/13812345678/reports?region=CN",
        "/v1/numbers/sip:+8613812345678@host/reports?format=xml",
    ],
)
def test_every_way_to_write_it_meets(path):
    say(newcomer("a"))
    answer = ask("GET", path)
    assert (answer.status, answer.json["results"]) == (200, [public()])


def test_national_formats_are_read_in_the_region_of_the_key():
    by = holder("lookup", region="CN")
    assert ask("GET", "/v1/numbers/13812345678/reports", by=by).json["number"] == "+8613812345678"


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "junk",
        "%FF",
        "%00",
        "a",
        encoded("2026-11-24T12:00:00+00:00"),
        encoded("2026-11-24T12:00:00+00:00|"),
        encoded("2026-11-24T12:00:00+00:00|x"),
        encoded("2026-11-24T12:00:00|1"),
        encoded("2026-11-24T12:00:00+23:59|1"),
        encoded("0001-01-01T00:00:00+14:00|1"),
        encoded("yesterday|1"),
        encoded("|"),
    ],
)
def test_a_cursor_that_is_not_ours(cursor):
    sentence = "This cursor is not one of ours: pass `next` of the page before."
    answer = ask("GET", f"{PATH}?cursor={cursor}")
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-cursor", sentence), ("#/cursor", "invalid-cursor", sentence)
    )


@pytest.mark.parametrize(
    "cursor",
    [
        encoded("2026-11-24T12:00:00+00:00|" + "9" * 30),
        encoded("9999-12-31T23:59:59+00:00|1"),
        encoded("0001-01-01T00:00:00+00:00|-1"),
    ],
)
def test_a_cursor_at_the_end_of_the_world_finds_what_there_is(cursor):
    answer = ask("GET", f"{PATH}?cursor={cursor}")
    assert (answer.status, answer.json["results"]) == (200, [])


@pytest.mark.parametrize(
    ("path", "code", "pointer"),
    [
        ("13812345678", "region_required", "#/number"),
        ("13812345678?region=XX", "unknown_region", "#/region"),
        ("110?region=CN", "emergency", "#/number"),
        ("anonymous", "withheld", "#/number"),
        ("%00", "not_a_number", "#/number"),
        ("1111111111111111111111111111", "too_long", "#/number"),
    ],
)
def test_what_is_no_number(path, code, pointer):
    number, _, query = path.partition("?")
    answer = ask("GET", f"/v1/numbers/{number}/reports?{query}")
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-number", SENTENCES[code]),
        (pointer, "invalid-number", SENTENCES[code]),
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods(method):
    answer = ask(method, PATH)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.json == trouble(
        *(405, "Method Not Allowed", "method-not-allowed", f'Method "{method}" not allowed.')
    )
