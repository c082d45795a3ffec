"""POST /v1/reports"""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from api import errors
from reputation.models import Number, Report, Reporter
from reputation.moderation import reject_report
from reputation.privacy.pseudonyms import network_of
from tests.api.test_lookup import SENTENCES
from tests.given.api_requests import NOW, Answer, Holder, ask, holder, trouble
from tests.given.reporters import DAY, moderator

pytestmark = pytest.mark.django_db

MINIMAL = {"number": "+8613812345678", "category": "loan_scam"}
FULL = {
    "number": "138 1234 5678",
    "category": "illegal_collection",
    "occurred_at": "2026-11-24T18:30:00+08:00",
    "conduct": ["threats", "contacted_third_parties"],
    "comment": "Says 13800138000 is my lawyer",
    "region": "CN",
    "attestation": "B",
    "callback_number": "0086 138 0013 8000",
    "claimed_name": "Happy Loans",
    "call_count": 3,
    "was_warned": False,
    "channel": "sms",
}
LENDER = (
    "Check through the lender's official app or number whether the loan exists and who collects."
)
NEVER_PAY = "Never pay to a private account, and never to make a call stop."
KEEP = "Keep the call log, messages and recordings: a complaint stands on them."
POLICE = "If you or someone near you is threatened, call the police at once."


def report(by: Holder | str, body: Any = MINIMAL, **kwargs: Any) -> Answer:
    return ask("POST", "/v1/reports", by=by, body=body, **kwargs)


def invalid(*errors: tuple[str, str, str]) -> dict[str, Any]:
    named = ", ".join(sorted({pointer.removeprefix("#/") for pointer, _, _ in errors}))
    detail = f"Some fields are not valid: {named or 'body'}."
    return trouble(400, "Bad Request", "invalid-request", detail, *errors)


def test_the_least_that_can_be_said():
    by = holder("report")
    answer = report(by)
    stored = Report.objects.select_related("number").get()
    assert answer.status == 201
    assert answer.json == {
        "id": str(stored.public_id),
        "number": "+8613812345678",
        "action": "allow",
        "score": stored.number.score,
        "next_steps": [LENDER, NEVER_PAY, KEEP],
    }
    assert stored.number.score > 45
    assert answer.left == (120, 119)
    assert {name for name in answer.headers if not name.startswith("RateLimit")} == {
        "Content-Type",
        "Allow",
    }
    assert answer.headers["Content-Type"] == "application/json"
    assert stored.reporter_id == by.key.reporter_id
    assert stored.network == network_of("192.0.2.1")
    assert (stored.comment, stored.callback_number, stored.channel) == ("", "", "call")


def test_everything_that_can_be_said():
    answer = report(holder("report", verifies_attestation=True), FULL)
    assert answer.status == 201
    assert answer.json["next_steps"] == [POLICE, LENDER, NEVER_PAY, KEEP]
    stored = Report.objects.values().get()
    assert {name: stored[name] for name in FULL if name not in ("number", "region")} == {
        "category": "illegal_collection",
        "occurred_at": NOW - timedelta(hours=1, minutes=30),
        "conduct": ["threats", "contacted_third_parties"],
        "comment": "Says 13800138000 is my lawyer",
        "attestation": "B",
        "callback_number": "+8613800138000",
        "claimed_name": "Happy Loans",
        "call_count": 3,
        "was_warned": False,
        "channel": "sms",
    }
    assert stored["comment_public"] == "Says ▇▇▇ is my lawyer"
    assert Number.objects.get().key == "+8613812345678"


@pytest.mark.parametrize(
    ("stated", "kept", "kept_of_verifier"),
    [
        ("A", "", "A"),
        ("B", "", "B"),
        ("C", "C", "C"),
        ("failed", "failed", "failed"),
        ("none", "none", "none"),
    ],
)
def test_attestation_speaks_for_a_call_only_from_a_key_that_verifies(
    stated, kept, kept_of_verifier
):
    for by, expected in (
        (holder("report"), kept),
        (holder("report", verifies_attestation=True), kept_of_verifier),
    ):
        assert report(by, MINIMAL | {"attestation": stated}).status == 201
        assert Report.objects.get(reporter=by.key.reporter_id).attestation == expected


def test_an_act_that_is_named_twice_is_one():
    acts = ["threats", "insult_or_defamation", "threats"]
    assert report(holder("report"), MINIMAL | {"conduct": acts}).status == 201
    assert Report.objects.get().conduct == ["threats", "insult_or_defamation"]


def test_a_second_report_updates_the_first():
    by = holder("report")
    first, second = report(by), report(by, MINIMAL | {"category": "legitimate"})
    assert (first.status, second.status) == (201, 200)
    stored = Report.objects.select_related("number").get()
    assert second.json == {
        "id": first.json["id"],
        "number": "+8613812345678",
        "action": "allow",
        "score": stored.number.score,
        "next_steps": [],
    }
    assert stored.category == "legitimate"


def test_a_rejected_report_may_be_sent_again_and_counts_no_more():
    by = holder("report")
    report(by)
    reject_report(actor=moderator(), report=Report.objects.get(), reason="untrue", now=NOW)
    answer = report(by)
    assert (answer.status, answer.json["action"], answer.json["score"]) == (200, "allow", 0)
    assert Report.objects.get().status == "rejected"


def test_two_keys_are_two_voices():
    assert [report(holder("report")).status for _ in range(2)] == [201, 201]
    assert Report.objects.count() == 2


def test_the_region_of_the_key_reads_national_numbers():
    body = {"number": "95533", "category": "impersonation"}
    assert report(holder("report", region="CN"), body).json["number"] == "CN:95533"
    assert report(holder("report", region=""), body | {"region": "cn"}).status == 201
    answer = report(holder("report", region=""), body)
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-number", SENTENCES["region_required"]),
        ("#/number", "invalid-number", SENTENCES["region_required"]),
    )


def test_fictional_numbers_only_where_a_setting_says_so(settings: Settings):
    by, body = holder("report"), {"number": "+12025550123", "category": "robocall"}
    settings.FICTIONAL_NUMBERS = False
    sentence = (
        "This number is reserved for fiction and belongs to nobody: "
        "report the number that called, or allow fictional numbers in a demo."
    )
    answer = report(by, body)
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-number", sentence), ("#/number", "invalid-number", sentence)
    )
    assert not Number.objects.exists()
    settings.FICTIONAL_NUMBERS = True
    assert report(by, body).status == 201


# --- Labels of the body ---


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",  # what SpamBlocker's library sends
        "multipart/form-data; boundary=x",
        "text/plain",
        "nonsense",
        "",
        None,
    ],
)
def test_json_under_any_label(content_type):
    assert report(holder("report"), content_type=content_type).status == 201


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", ""])
def test_json_whatever_is_accepted(accept):
    answer = report(holder("report"), accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (201, "application/json")


@pytest.mark.parametrize("target", ["//v1//reports", "/v1/reports/", "/v1/reports?format=xml"])
def test_surplus_slashes_and_a_format(target):
    answer = ask("POST", target, by=holder("report"), body=MINIMAL)
    assert (answer.status, answer.headers["Content-Type"]) == (201, "application/json")


# --- Bodies that are no report ---


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"{", "unexpected end of data: line 1 column 2 (char 1)"),
        (b"\xff", "not valid UTF-8"),
        (b'{"number": NaN}', ""),
        (b'{"number": "\\ud800", "category": "other"}', "surrogate"),
        (b"a=b&c=d", ""),
        (b"\x00", ""),
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


@pytest.mark.parametrize(
    ("body", "kind"), [([], "list"), ("x", "str"), (5, "int"), (True, "bool"), ([MINIMAL], "list")]
)
def test_what_is_no_object(body, kind):
    answer = report(holder("report"), body)
    detail = f"Invalid data. Expected a dictionary, but got {kind}."
    assert (answer.status, answer.json) == (400, invalid(("#", "invalid", detail)))


def test_null_is_no_object():
    answer = report(holder("report"), b"null")
    assert answer.status == 400
    assert answer.json == invalid(("#", "null", "No data provided"))


REQUIRED = "This field is required."


@pytest.mark.parametrize("body", [{}, b"", b"{}"])
def test_number_and_category_are_needed(body):
    answer = report(holder("report"), body)
    assert answer.status == 400
    assert answer.json == invalid(
        ("#/number", "required", REQUIRED), ("#/category", "required", REQUIRED)
    )
    assert answer.left == (120, 119)


KNOWN = (
    "There is no such field. The fields are: number, category, occurred_at, conduct, comment, "
    "region, attestation, callback_number, claimed_name, call_count, was_warned, channel, "
    "transcript, other_accounts."
)
NOT_A_STRING = "Not a valid string."
BLANK = "This field may not be blank."
NO_NULL = "This field may not be null."
NUL = "Null characters are not allowed."
WRONG_TIME = (
    "Datetime has wrong format. Use one of these formats instead: "
    "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)

OFFSET = "Give the offset from UTC as well, such as 2026-11-24T18:30:00+08:00."


def choice(value: str) -> str:
    return f'"{value}" is not a valid choice.'


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
            "Datetime value out of range.",
        ),
        (
            "conduct",
            "threats",
            "#/conduct",
            "not_a_list",
            'Expected a list of items but got type "str".',
        ),
        ("conduct", ["kindness"], "#/conduct/0", "invalid_choice", choice("kindness")),
        ("conduct", ["threats", None], "#/conduct/1", "null", NO_NULL),
        (
            "conduct",
            ["threats"] * 8,
            "#/conduct",
            "max_length",
            "Ensure this field has no more than 7 elements.",
        ),
        ("comment", "x" * 2001, "#/comment", "max_length", longer(2000)),
        ("comment", "a\x00b", "#/comment", "null_characters_not_allowed", NUL),
        ("comment", None, "#/comment", "null", NO_NULL),
        (
            "region",
            "C",
            "#/region",
            "min_length",
            "Ensure this field has at least 2 characters.",
        ),
        ("region", "CHN", "#/region", "max_length", longer(2)),
        ("attestation", "D", "#/attestation", "invalid_choice", choice("D")),
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
        ("call_count", 1.5, "#/call_count", "invalid", "A valid integer is required."),
        ("call_count", "many", "#/call_count", "invalid", "A valid integer is required."),
        ("call_count", 10**30, "#/call_count", "invalid", "A valid integer is required."),
        ("call_count", "3", "#/call_count", "invalid", "A valid integer is required."),
        ("was_warned", "true", "#/was_warned", "invalid", "Must be a valid boolean."),
        ("was_warned", 1, "#/was_warned", "invalid", "Must be a valid boolean."),
        ("was_warned", "perhaps", "#/was_warned", "invalid", "Must be a valid boolean."),
        ("was_warned", [], "#/was_warned", "invalid", "Must be a valid boolean."),
        ("channel", "fax", "#/channel", "invalid_choice", choice("fax")),
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


def test_a_blocked_reporter():
    by = holder("report")
    Reporter.objects.update(blocked_at=NOW)
    answer = report(by)
    assert answer.status == 403
    assert answer.json == trouble(
        *(403, "Forbidden", "reporter-blocked"),
        "Reports from this reporter are no longer accepted. Write to the moderators to appeal.",
    )
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods(method):
    answer = ask(method, "/v1/reports", by=holder("report"))
    assert answer.status == 405
    assert answer.headers["Allow"] == "POST, OPTIONS"
    assert answer.json == trouble(
        *(405, "Method Not Allowed", "method-not-allowed", f'Method "{method}" not allowed.')
    )


# --- What is kept of the reporter ---


def test_no_address_is_kept():
    report(holder("report"), address="198.51.100.77")
    for model in (Report, Reporter, Number):
        for row in model.objects.values_list():
            assert "198.51.100" not in repr(row)
    assert Report.objects.get().network == network_of("198.51.100.1")


def test_the_network_is_that_of_the_client_not_of_the_proxy(settings: Settings):
    settings.TRUSTED_PROXY_COUNT = 1
    report(holder("report"), address="10.0.0.1", x_forwarded_for="203.0.113.9, 198.51.100.77")
    assert Report.objects.get().network == network_of("198.51.100.77")


def test_ids_are_not_to_be_guessed():
    answer = report(holder("report"))
    assert uuid.UUID(answer.json["id"]).version == 4
