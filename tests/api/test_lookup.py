"""GET /v1/numbers/{number}"""

import base64
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from reputation.models import Number, Report
from reputation.moderation import mark_official
from reputation.scoring.days import from_days
from tests.given.api_lookups import LISTED, REASONS, SCORE, SENTENCES, UNKNOWN, listed
from tests.given.api_requests import NOW, ask, holder, trouble
from tests.given.reporters import DAY, SCAMMER, moderator, say, veteran

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("public_url")]


def test_an_unknown_number_is_allowed():
    answer = ask("GET", "/v1/numbers/+8613812345678")
    assert answer.status == 200
    assert answer.json == UNKNOWN
    assert answer.left == (60, 59)
    assert answer.headers == {
        "Content-Type": "application/json",
        "Cache-Control": "private, max-age=300",
        "ETag": answer.headers["ETag"],
        "RateLimit-Limit": "60",
        "RateLimit-Remaining": "59",
        "RateLimit-Reset": answer.headers["RateLimit-Reset"],
    }
    assert b": " not in answer.body.replace(b"2026", b"")[:300]  # compact, for regular expressions
    assert not Number.objects.exists()


def test_a_listed_number_says_why():
    listed()
    answer = ask("GET", "/v1/numbers/+8613812345678", by=holder("lookup"))
    assert (answer.status, answer.json) == (200, LISTED)
    assert answer.left == (6000, 5999)


def test_nothing_in_it_is_null_or_nested():
    listed()
    for value in ask("GET", "/v1/numbers/+8613812345678").json.values():
        assert isinstance(value, str | int | float | list)


def test_evidence_fades_by_the_day_it_is_asked(clock):
    listed()
    clock.now = NOW + 120 * DAY
    answer = ask("GET", "/v1/numbers/+8613812345678").json
    assert (answer["score"], answer["ttl"]) == (89, 0)
    assert answer["reasons"] == [
        *REASONS[:2],
        "This evidence raises the odds 3.5 times today.",
        "Age has taken 68% of its weight.",
        "Added up: 74%; after calibration: 89%.",
        "Blocking needs a report of the last 60 days.",
    ]
    clock.now = NOW + 3000 * DAY
    answer = ask("GET", "/v1/numbers/+8613812345678").json
    assert (answer["action"], answer["score"], answer["status"]) == ("allow", 0, "unknown")
    assert answer["reasons"] == [
        "Nothing that still counts is known about this number.",
        "On record, but too old to count: 3 reports.",
    ]


def test_a_lookup_is_no_report():
    before = listed()
    for _ in range(3):
        ask("GET", "/v1/numbers/+8613812345678")
    assert Number.objects.values().get() == Number.objects.filter(pk=before.pk).values().get()
    assert not Report.objects.exists()
    assert Number.objects.get().seq == 4


def test_a_reported_number_from_end_to_end():
    say(veteran("a"), at=NOW - DAY)
    say(veteran("b"), at=NOW)
    answer = ask("GET", "/v1/numbers/+8613812345678").json
    number = Number.objects.get()
    assert (answer["action"], answer["score"], answer["status"]) == (
        number.action,
        number.score,
        number.status,
    )
    assert (answer["reports"], answer["reporters"]) == (2, 2)
    assert answer["first_reported_at"] == "2026-11-23T00:00:00Z"


# --- Formats ---


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda: None, "UNKNOWN\n"),
        (listed, f"flag {SCORE} loan_scam\n"),
        (lambda: listed(pinned="block", category=""), "block 97\n"),
    ],
)
def test_a_number_is_told_in_a_line_of_text(make, line):
    make()
    answer = ask("GET", "/v1/numbers/+8613812345678?format=text")
    assert (answer.status, answer.body.decode()) == (200, line)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_number_is_told_in_pairs_for_dialplans():
    listed()
    answer = ask("GET", "/v1/numbers/+8613812345678?format=pairs")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.body.startswith(b"action=flag&score=")
    assert {
        name: value
        for name, [value] in parse_qs(answer.body.decode(), keep_blank_values=True).items()
    } == {name: str(value) for name, value in LISTED.items()} | {
        "reasons": "; ".join(LISTED["reasons"])
    }


@pytest.mark.parametrize(
    "accept",
    [
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/plain",
        "application/xml",
        "nonsense",
        "",
    ],
)
def test_the_format_does_not_depend_on_accept(accept):
    for query, content_type in (
        ("", "application/json"),
        ("?format=json", "application/json"),
        ("?format=text", "text/plain; charset=utf-8"),
        ("?format=pairs", "text/plain; charset=utf-8"),
    ):
        answer = ask("GET", f"/v1/numbers/+8613812345678{query}", accept=accept)
        assert (answer.status, answer.headers["Content-Type"]) == (200, content_type)
        assert "Vary" not in answer.headers


@pytest.mark.parametrize("form", ["TEXT", "Text", "%20text%0A"])
def test_a_format_is_known_in_any_letter_case_and_with_blanks(form):
    answer = ask("GET", f"/v1/numbers/+8613812345678?format={form}")
    assert answer.body == ask("GET", "/v1/numbers/+8613812345678?format=text").body


@pytest.mark.parametrize("form", ["", "xml", "api", "text;region=US"])
def test_an_unknown_format_is_an_error_in_json(form):
    answer = ask("GET", f"/v1/numbers/+8613812345678?format={form}")
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-format", "format is json, text or pairs."),
        ("#/format", "invalid-format", "format is json, text or pairs."),
    )


def test_an_error_comes_in_the_format_asked_for():
    answer = ask("GET", "/v1/numbers/110?region=CN&format=text")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert answer.body.decode() == f"ERROR invalid-number: {SENTENCES['emergency']}\n"
    answer = ask("GET", "/v1/numbers/?format=text")  # a PBX without a caller ID
    assert (answer.status, answer.body.decode()) == (
        400,
        f"ERROR invalid-number: {SENTENCES['empty']}\n",
    )
    answer = ask("GET", "/v1/numbers/110?region=CN&format=pairs")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert parse_qs(answer.body.decode()) == {
        "error": ["invalid-number"],
        "detail": [SENTENCES["emergency"]],
    }


# --- How a number may be written ---


@pytest.mark.parametrize(
    "path",
    [
        "/v1/numbers/+8613812345678",
        "/v1/numbers/%2B8613812345678",
        "/v1/numbers/%2B86%20138-1234-5678",
        "/v1/numbers/008613812345678",
        "/v1/numbers/13812345678?region=CN",
        "/v1/numbers/13812345678?region=cn",
        "/v1/numbers/138%201234%205678?region=CN",
        "/v1/numbers/138%2F1234%2F5678?region=CN",
        "/v1/numbers/138/1234/5678/?region=CN",
        "/v1/numbers/138%20%2F%201234%20%2F%205678?region=CN",
        "/v1/numbers/138+%2F+1234+%2F+5678?region=CN",
        "/v1/numbers/%28138%29%2F1234%E2%80%935678?region=CN",
        "/v1/numbers/138%2F%C2%A01234%2F%EF%BC%95%EF%BC%96%EF%BC%97%EF%BC%98?region=CN",
        "/v1/numbers/138%2F12345678%20ext.%205?region=CN",
        "/v1/numbers/%2B86+138+1234+5678",
        "/v1/numbers/+86+138+1234+5678",
        "/v1/numbers/%28138%29+1234+5678?region=CN",
        "/v1/numbers/%EF%BC%8B%EF%BC%98%EF%BC%96" + "%EF%BC%91%EF%BC%93%EF%BC%9812345678",
        "/v1/numbers/tel:+8613812345678",
        "/v1/numbers/tel://+8613812345678",
        "/v1/numbers/callto:%2F%2F+8613812345678/",
        "/v1/numbers/sip:+8613812345678@host;user=phone",
        "/v1/numbers/sip%3A%2B8613812345678%40host%3Buser%3Dphone",
        "//v1//numbers//+8613812345678",
        "/v1/numbers/+8613812345678/",
        "//v1/numbers/+8613812345678//",
        "/v1/numbers/+8613812345678/?format=json",
    ],
)
def test_every_way_to_write_it_meets(path):
    answer = ask("GET", path)
    assert (answer.status, answer.json) == (200, UNKNOWN)


def test_national_formats_are_read_in_the_region_of_the_key():
    assert ask("GET", "/v1/numbers/13812345678", by=holder(region="CN")).json == UNKNOWN
    assert ask("GET", "/v1/numbers/95533", by=holder(region="CN")).json["number"] == "CN:95533"
    # What the query says comes first.
    german = ask("GET", "/v1/numbers/030%20901820?region=DE", by=holder(region="CN"))
    assert german.json["number"] == "+4930901820"


def test_senders_and_short_codes():
    bank = ask("GET", "/v1/numbers/MyBank?region=CN").json
    assert (bank["number"], bank["line_type"], bank["country"]) == ("CN@MYBANK", "sender", "CN")
    code = ask("GET", "/v1/numbers/95533?region=CN").json
    assert (code["number"], code["line_type"], code["country"]) == ("CN:95533", "short_code", "CN")
    assert code["redress_url"] == "http://127.0.0.1:8000/numbers/CN%3A95533/dispute"


def test_a_number_in_the_query_is_told_where_it_belongs():
    detail = "Write the number into the path, as /v1/numbers/+8615400001234."
    answer = ask("GET", "/v1/numbers?number=%2B8613812345678")
    assert (answer.status, answer.json["detail"]) == (400, detail)
    answer = ask("GET", "/v1/numbers/?format=text&number=+8613812345678")
    assert answer.body == f"ERROR invalid-number: {detail}\n".encode()
    # A PBX that has none is told that.
    assert ask("GET", "/v1/numbers?number=").json["detail"].startswith("The number is empty: ")


def test_a_fictional_number_may_be_looked_up():
    assert ask("GET", "/v1/numbers/+12025550123").status == 200


@pytest.mark.parametrize(
    ("path", "code", "pointer"),
    [
        ("%20", "empty", "#/number"),
        ("anonymous", "withheld", "#/number"),
        ("!!!", "not_a_number", "#/number"),
        ("%00", "not_a_number", "#/number"),
        ("%FF%FE", "not_a_number", "#/number"),
        ("%ED%A0%80", "not_a_number", "#/number"),  # a lone surrogate, as UTF-8 would write it
        ("13812345678", "region_required", "#/number"),
        ("hello%20abc", "letters", "#/number"),
        ("13812345678?region=XX", "unknown_region", "#/region"),
        ("13812345678?region=%00", "unknown_region", "#/region"),
        ("+8613812345678?region=XX", "unknown_region", "#/region"),
        ("1" * 26, "too_long", "#/number"),
        ("1" * 201, "too_long", "#/number"),
        ("+86138", "impossible", "#/number"),
        ("110?region=CN", "emergency", "#/number"),
        ("112", "emergency", "#/number"),
    ],
)
def test_what_is_no_number_gets_the_reason_and_the_remedy(path, code, pointer):
    answer = ask("GET", f"/v1/numbers/{path}")
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-number", SENTENCES[code]),
        (pointer, "invalid-number", SENTENCES[code]),
    )
    assert answer.left == (60, 59)


# --- The call itself ---


@pytest.mark.parametrize(
    "attestation",
    ["A", "none", "TN-Validation-Passed", "a", "verified", "TN-Validation-Passed-D", "x", "%20"],
)
def test_an_attested_call_changes_nothing_for_a_listed_number(attestation):
    listed()
    answer = ask("GET", f"/v1/numbers/+8613812345678?attestation={attestation}")
    assert (answer.status, answer.json) == (200, LISTED)


@pytest.mark.parametrize(
    "attestation", ["failed", "TN-Validation-Failed", "TN-Validation-Failed-C"]
)
def test_an_official_number_that_failed_attestation_is_impersonated(attestation):
    mark_official(actor=moderator(), identity=SCAMMER, name="A Bank", reason="register", now=NOW)
    calm = ask("GET", "/v1/numbers/+8613812345678?attestation=A").json
    assert (calm["action"], calm["status"], calm["name"]) == ("allow", "official", "A Bank")
    answer = ask("GET", f"/v1/numbers/+8613812345678?attestation={attestation}").json
    assert (answer["action"], answer["status"]) == ("flag", "spoofed")
    assert answer["reasons"] == [
        "This call claims an official number but failed attestation: impersonation.",
        *answer["reasons"][1:],
    ]
    assert answer["name"] == "A Bank"


def test_a_good_name_is_not_inherited_by_a_call_that_failed():
    listed(legitimate=6.0, supporters=9)
    fine = ask("GET", "/v1/numbers/+8613812345678?attestation=A").json
    assert (fine["action"], fine["score"]) == ("allow", 9)
    failed = ask("GET", "/v1/numbers/+8613812345678?attestation=failed").json
    assert (failed["action"], failed["score"]) == ("flag", SCORE)


# --- Keeping an answer ---


def test_it_may_be_kept_until_it_is_due_to_change():
    listed(reassess_at=NOW + timedelta(seconds=90.5))
    answer = ask("GET", "/v1/numbers/+8613812345678")
    assert (answer.json["ttl"], answer.headers["Cache-Control"]) == (90, "private, max-age=90")


def test_what_is_overdue_is_not_kept():
    listed(reassess_at=from_days(1))
    answer = ask("GET", "/v1/numbers/+8613812345678")
    assert (answer.json["ttl"], answer.headers["Cache-Control"]) == (0, "private, max-age=0")


@pytest.mark.parametrize("form", ["json", "text", "pairs"])
def test_an_unchanged_answer_is_not_sent_again(form):
    listed()
    path = f"/v1/numbers/+8613812345678?format={form}"
    first = ask("GET", path)
    tag = first.headers["ETag"]
    for sent in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = ask("GET", path, if_none_match=sent)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert "Content-Type" not in again.headers
    assert ask("GET", path, if_none_match='"other"').body == first.body


def test_a_changed_answer_has_another_tag():
    listed()
    before = ask("GET", "/v1/numbers/+8613812345678")
    Number.objects.update(reports=4)
    after = ask("GET", "/v1/numbers/+8613812345678", if_none_match=before.headers["ETag"])
    assert after.status == 200
    assert after.headers["ETag"] != before.headers["ETag"]


def test_head_is_get_without_a_body():
    listed()
    got, head = (ask(method, "/v1/numbers/+8613812345678") for method in ("GET", "HEAD"))
    same = {"Content-Type", "ETag", "Cache-Control"}
    assert head.status == 200
    assert {n: head.headers[n] for n in same} == {n: got.headers[n] for n in same}


# --- Ways to show a key ---


def test_every_way_to_show_a_key():
    by = holder("lookup")
    basic = base64.b64encode(f"anybody:{by.token}".encode()).decode()
    for shown in (
        {"authorization": f"Bearer {by.token}"},
        {"authorization": f"bearer  {by.token} "},
        {"authorization": f"Basic {basic}"},
        {"authorization": f"basic {basic}"},
        {"x_api_key": by.token},
        {"x_api_key": f" {by.token}"},
    ):
        assert ask("GET", "/v1/numbers/13812345678", **shown).json == UNKNOWN
