"""Bodies that are no report: each wrong field is named, and what would be right."""

import gzip
import json
from datetime import timedelta

import pytest

from api import errors
from reputation.models import Report
from tests.given.api_lookups import SENTENCES
from tests.given.api_reports import MINIMAL, invalid, report
from tests.given.api_requests import NOW, ask, holder, trouble
from tests.given.reporters import DAY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"{", "unexpected end of data: line 1 column 2 (char 1)"),
        (b"\xff", "it is not in UTF-8. Send it in UTF-8."),
        ('{"number":"+12025550123","comment":"Grüße"}'.encode("latin-1"), "Send it in UTF-8."),
        (b'{"number": NaN}', ""),
        (b'{"number": "\\ud800", "category": "other"}', "surrogate"),
        (b"a=b&c=d", 'it is a form. Send an object, such as {"name":"value"}.'),
        (b"number=%2B12025550123&category=other", "it is a form."),
        (b'--x\r\nContent-Disposition: form-data; name="number"\r\n\r\n1', "it is a form."),
        (b"\x00", ""),
        *(
            (json.dumps(MINIMAL).encode(wide), "it is not in UTF-8. Send it in UTF-8.")
            for wide in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
        ),
        (b"[" * 5000, ""),
    ],
)
def test_what_is_no_json(body, what):
    answer = report(holder("report"), body)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    detail = answer.json["detail"]
    assert answer.json == trouble(400, "Bad Request", "invalid-json", detail)
    assert detail.startswith("The body is not valid JSON: ")
    assert what in detail


def test_an_encoded_body_is_sent_as_it_is():
    by, body = holder("report", "bulk"), gzip.compress(json.dumps(MINIMAL).encode())
    for target in ("/v1/reports", "/v1/reports/bulk"):
        answer = ask("POST", target, by=by, body=body, Content_Encoding="gzip")
        wrong = "#", "invalid-request", "The body is encoded (gzip): send it as it is."
        expected = trouble(400, "Bad Request", "invalid-request", wrong[2], wrong)
        assert (answer.status, answer.json) == (400, expected)
    assert report(by, json.dumps(MINIMAL).encode(), Content_Encoding="identity").status == 201


def test_a_file_of_windows_is_json():
    assert report(holder("report"), b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode()).status == 201


@pytest.mark.parametrize(
    ("body", "kind"), [([], "list"), ("x", "str"), (5, "int"), (True, "bool"), ([MINIMAL], "list")]
)
def test_what_is_no_object(body, kind):
    answer = report(holder("report"), body)
    detail = f'Send an object, such as {{"name":"value"}}: this is of the kind {kind}.'
    assert (answer.status, answer.json) == (400, invalid(("#", "invalid", detail)))


def test_null_is_no_object():
    answer = report(holder("report"), b"null")
    assert answer.status == 400
    assert answer.json == invalid(
        ("#", "null", 'Send an object, such as {"name":"value"}: null is none.')
    )


REQUIRED = "This field is required."


def test_a_body_that_did_not_come_is_told_so():
    """As without Content-Length, or after a redirect that made a GET of it."""
    answer = report(holder("report"), b"")
    assert (answer.status, answer.json["detail"]) == (
        400,
        "The body is empty. Send an object in JSON that has category, number.",
    )
    assert [each["pointer"] for each in answer.json["errors"]] == ["#/number", "#/category"]


@pytest.mark.parametrize("body", [{}, b"{}"])
def test_number_and_category_are_needed(body):
    answer = report(holder("report"), body)
    assert answer.status == 400
    assert answer.json == invalid(
        ("#/number", "required", REQUIRED),
        ("#/category", "required", f"{REQUIRED} Use one of: {CATEGORIES}."),
    )
    assert answer.left == (120, 119)


KNOWN = (
    "There is no such field. The fields are: number, category, occurred_at, conduct, comment, "
    "region, attestation, callback_number, claimed_name, call_count, was_warned, channel, "
    "transcript, other_accounts."
)


NOT_A_STRING = "Give a text, in quotes."


BLANK = "Give a text: this one is empty."


COUNTRY = "Pass an ISO 3166 alpha-2 code, such as CN or GB."


NO_NULL = "Give a value, or leave the field out: null is none."


NO_WHOLE = "Give a whole number, without quotes."


NO_TRUTH = "Give true or false, without quotes."


NUL = "Null characters are not allowed."


WRONG_TIME = "Give a time with its offset from UTC, such as 2026-11-24T18:30:00+08:00."


OFFSET = "Give the offset from UTC as well, such as 2026-11-24T18:30:00+08:00."


CATEGORIES = (
    "illegal_collection, impersonation, legitimate, loan_scam, other, phishing, robocall, "
    "silent_call, survey, telemarketing, threat"
)
CONDUCT = (
    "threats, insult_or_defamation, false_accusation, witness_retaliation, repeated_intimidation, "
    "privacy_disclosure, contacted_third_parties, undisclosed_collector, no_written_notice"
)


ATTESTED = "A, B, C, failed, none"


def choice(value: str, words: str = CATEGORIES) -> str:
    return f'"{value}" is not valid. Use one of: {words}.'


def longer(most: int) -> str:
    return f"Ensure this field has no more than {most} characters."


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code", "detail"),
    [
        ("numbre", "x", "#/numbre", "unknown-field", KNOWN),
        ("a/b~c", "x", "#/a~1b~0c", "unknown-field", KNOWN),
        ("number", "", "#/number", "blank", BLANK),
        ("number", "  ", "#/number", "blank", BLANK),
        ("number", None, "#/number", "null", NO_NULL),
        ("number", [], "#/number", "invalid", NOT_A_STRING),
        ("number", {}, "#/number", "invalid", NOT_A_STRING),
        ("number", True, "#/number", "invalid", NOT_A_STRING),
        ("number", 8613812345678, "#/number", "invalid", NOT_A_STRING),
        ("number", 8613812345678.0, "#/number", "invalid", NOT_A_STRING),
        ("number", "1" * 201, "#/number", "max_length", longer(200)),
        ("number", "+86\x0013812345678", "#/number", "null_characters_not_allowed", NUL),
        ("category", "nice", "#/category", "invalid_choice", choice("nice")),
        ("category", "", "#/category", "invalid_choice", choice("")),
        ("category", None, "#/category", "null", NO_NULL),
        ("category", ["threat"], "#/category", "invalid_choice", choice("['threat']")),
        ("occurred_at", "yesterday", "#/occurred_at", "invalid", WRONG_TIME),
        ("occurred_at", 5, "#/occurred_at", "invalid", WRONG_TIME),
        ("occurred_at", "2026-11-24T10:30:00", "#/occurred_at", "offset", OFFSET),
        ("occurred_at", "2026-02-30T00:00:00Z", "#/occurred_at", "invalid", WRONG_TIME),
        (
            "occurred_at",
            "0001-01-01T00:00:00+14:00",
            "#/occurred_at",
            "overflow",
            WRONG_TIME,
        ),
        (
            "conduct",
            "threats",
            "#/conduct",
            "not_a_list",
            "Give a list, in square brackets: this is of the kind str.",
        ),
        ("conduct", ["kindness"], "#/conduct/0", "invalid_choice", choice("kindness", CONDUCT)),
        ("conduct", ["threats", None], "#/conduct/1", "null", NO_NULL),
        (
            "conduct",
            ["threats"] * 10,
            "#/conduct",
            "max_length",
            "Ensure this field has no more than 9 elements.",
        ),
        ("comment", "x" * 2001, "#/comment", "max_length", longer(2000)),
        ("comment", "a\x00b", "#/comment", "null_characters_not_allowed", NUL),
        ("comment", None, "#/comment", "null", NO_NULL),
        ("region", "C", "#/region", "min_length", COUNTRY),
        ("region", "China", "#/region", "max_length", COUNTRY),
        ("region", "", "#/region", "blank", COUNTRY),
        (
            "attestation",
            "D",
            "#/attestation",
            "invalid_choice",
            choice("D", ATTESTED),
        ),
        ("callback_number", "1" * 201, "#/callback_number", "max_length", longer(200)),
        ("claimed_name", "x" * 201, "#/claimed_name", "max_length", longer(200)),
        (
            "claimed_name",
            "a\x00",
            "#/claimed_name",
            "null_characters_not_allowed",
            NUL,
        ),
        (
            "call_count",
            0,
            "#/call_count",
            "min_value",
            "Ensure this value is greater than or equal to 1.",
        ),
        (
            "call_count",
            10_001,
            "#/call_count",
            "max_value",
            "Ensure this value is less than or equal to 10000.",
        ),
        ("call_count", 1.5, "#/call_count", "invalid", NO_WHOLE),
        ("call_count", "many", "#/call_count", "invalid", NO_WHOLE),
        ("call_count", 10**30, "#/call_count", "invalid", NO_WHOLE),
        ("call_count", "3", "#/call_count", "invalid", NO_WHOLE),
        ("was_warned", "true", "#/was_warned", "invalid", NO_TRUTH),
        ("was_warned", 1, "#/was_warned", "invalid", NO_TRUTH),
        ("was_warned", "perhaps", "#/was_warned", "invalid", NO_TRUTH),
        ("was_warned", [], "#/was_warned", "invalid", NO_TRUTH),
        ("channel", "fax", "#/channel", "invalid_choice", choice("fax", "call, sms")),
    ],
)
def test_a_wrong_field(field, value, pointer, code, detail):
    answer = report(holder("report"), MINIMAL | {field: value})
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == invalid((pointer, code, detail))
    assert not Report.objects.exists()


def test_every_wrong_field_is_named_at_once():
    answer = report(holder("report"), {"category": "nice", "call_count": 0})
    assert answer.json == invalid(
        ("#/number", "required", REQUIRED),
        ("#/category", "invalid_choice", choice("nice")),
        ("#/call_count", "min_value", "Ensure this value is greater than or equal to 1."),
    )


def test_a_flood_of_wrong_fields_gets_a_short_answer():
    answer = report(holder("report"), {f"field{n:05}": 1 for n in range(20_000)})
    assert answer.status == 400
    assert len(answer.json["errors"]) == errors.MOST
    assert len(answer.body) < 10_000


def test_a_body_beyond_bounds():
    answer = report(holder("report"), b" " * 2_621_441)
    assert answer.status == 413
    assert answer.json == trouble(
        *(413, "Content Too Large", "too-large"),
        "The body has more than 2621440 bytes. Send less at a time.",
    )


@pytest.mark.parametrize("field", ["number", "callback_number"])
@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("anonymous", "withheld"),
        ("none", "empty"),
        ("!!!", "not_a_number"),
        ("1" * 26, "too_long"),
        ("+861381234", "impossible"),
        ("110", "emergency"),
    ],
)
def test_what_is_no_number_is_named(field, raw, code):
    answer = report(holder("report"), MINIMAL | {field: raw})
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-number", SENTENCES[code]),
        (f"#/{field}", "invalid-number", SENTENCES[code]),
    )


def test_an_unknown_region_is_named():
    answer = report(holder("report"), MINIMAL | {"region": "XX"})
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-number", SENTENCES["unknown_region"]),
        ("#/region", "invalid-number", SENTENCES["unknown_region"]),
    )


@pytest.mark.parametrize(
    ("moment", "detail"),
    [
        (
            NOW + timedelta(minutes=11),
            "The call lies in the future. Send the time at which it came, with offset.",
        ),
        (
            NOW - 367 * DAY,
            "The call is more than a year old and says nothing of the number today.",
        ),
    ],
)
def test_a_time_that_cannot_be(moment, detail):
    answer = report(holder("report"), MINIMAL | {"occurred_at": moment.isoformat()})
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-report", detail), ("#/occurred_at", "invalid-report", detail)
    )
    assert not Report.objects.exists()
