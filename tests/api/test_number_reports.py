"""GET /v1/numbers/{number}/reports"""

import base64
import struct
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from api.views.numbers import PAGE
from reputation.identity import identify
from reputation.models import Report
from reputation.moderation import reject_report
from reputation.privacy import cursor, day_shown, read_cursor, seal
from reputation.reports import public_reports, withdraw_report
from tests.given.api_lookups import SENTENCES
from tests.given.api_requests import NOW, ask, holder, trouble
from tests.given.reporters import BAKERY, DAY, moderator, newcomer, say
from tests.given.rows import copy, index_scans_only, rows_read

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
        "reported_on": "2026-11-23",
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
    for other in ("d", "e", "f"):
        say(newcomer(other), at=NOW - 2 * DAY)
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
                reported_on="2026-11-24",
            ),
            public(reported_on="2026-11-23"),
            *[public(reported_on="2026-11-22")] * 3,
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
        # Few reporters counted, by the row of the number.
        day_shown(report.counted_at, reporters=1).isoformat()
        for report in expected
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
        encoded("2026-11-24T12:00:00+00:00|1"),  # in clear
        encoded("x" * 44),
        pytest.param(
            base64.urlsafe_b64encode(seal(b"0" * 16, bound="second factor")).decode(),
            id="sealed for something else",  # anew each time, and xdist compares ids
        ),
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


def test_a_cursor_tells_nothing_of_the_row_it_stands_for():
    """Neither the time nor the id, and not even that two are the same."""
    row = NOW - DAY, 4711
    one, other = cursor(*row), cursor(*row)
    assert one != other
    assert read_cursor(one) == read_cursor(other) == row
    for plain in (b"2026", b"4711", struct.pack(">q", 4711)):
        assert plain not in base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))


WORDS = {"comment": "He shouted.", "claimed_name": "Court", "conduct": ["threats"]}


def told(at: datetime) -> list[tuple[str, str, list[str]]]:
    """The words that are public at a moment."""
    page = public_reports("+8613812345678", count=PAGE, now=at)
    return [(each.comment, each.claimed_name, list(each.conduct)) for each in page.reports]


def test_words_wait_while_they_can_be_laid_at_one_reporters_door():
    say(newcomer("a"), **WORDS)
    silent, spoken = ("", "", []), ("He shouted.", "Court", ["threats"])
    assert ask("GET", PATH).json["results"] == [public()]
    assert told(NOW + timedelta(hours=71, minutes=59)) == [silent]
    assert told(NOW + timedelta(hours=120)) == [spoken]
    # More from the same network, and one from another, change nothing; a third network does.
    say(newcomer("b"), network="net-a")
    say(newcomer("c"), network="net-c")
    assert told(NOW) == [silent] * 3
    say(newcomer("d"), network="net-d")
    assert sorted(told(NOW)) == sorted([spoken, silent, silent, silent])


@pytest.mark.slow
def test_how_long_words_wait_is_drawn_for_each_report_and_stays():
    moments = []
    for n in range(6):
        number = identify(f"+1202555010{n}", allow_fictional=True)
        say(newcomer(f"{n}"), number=number, comment="x")
        hours = [
            hour
            for hour in range(60, 125)
            if public_reports(number.key, count=1, now=NOW + timedelta(hours=hour))
            .reports[0]
            .comment
        ]
        assert hours == list(range(hours[0], 125))
        moments.append(hours[0])
    assert min(moments) >= 72
    assert max(moments) <= 121
    assert len(set(moments)) > 1


def test_what_turns_text_around_is_dropped_when_it_is_filed_and_when_it_is_shown():
    turned = "\u202eabc\u202c \u2066d\u2069e\u200ef\u200fg\u061ch\ufeff \U0001f469\u200d\U0001f52c"
    plain = "abc defgh \U0001f469\u200d\U0001f52c"
    for n in range(3):
        say(newcomer(f"{n}"), comment=turned, claimed_name=turned)
    kept = Report.objects.first()
    assert (kept.comment, kept.claimed_name, kept.comment_public) == (plain, plain, plain)
    # Reports of before.
    Report.objects.update(comment_public=turned, claimed_name=turned)
    for shown in ask("GET", PATH).json["results"]:
        assert (shown["comment"], shown["claimed_name"]) == (plain, plain)


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


def test_a_page_of_a_number_with_many_reports_reads_few():
    report = say(newcomer("first"), number=BAKERY, at=NOW).report
    many = "generate_series(1, 300) i"
    copy("reporter", report.reporter_id, many, handle="'copy ' || i")
    copy(
        "report",
        report.pk,
        "(SELECT id, row_number() OVER () AS place FROM reputation_reporter"
        " WHERE handle LIKE 'copy %%') p",
        reporter_id="p.id",
        public_id="gen_random_uuid()",
        seq="1 + p.place",
        counted_at="one.counted_at - p.place * interval '1 minute'",
    )
    with connection.cursor() as each:
        each.execute("ANALYZE")
    index_scans_only()
    for after in ("", cursor(NOW - timedelta(minutes=200), 0)):
        before = rows_read()
        page = public_reports(BAKERY.key, after=after, count=10, now=NOW)
        assert (len(page.reports), bool(page.more)) == (10, True)
        assert sum(rows_read().values()) - sum(before.values()) < 60
