"""POST /v1/complaints"""

import pytest

from reputation.complaints import filing
from reputation.models import Complaint, Reporter
from tests.given.api_complaints import change, complaint_of, make, no_complaint, prepare, refused
from tests.given.api_reports import NOBODYS, filed, no_report
from tests.given.api_requests import NOW, ask, holder, trouble

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]


def test_a_prepared_complaint_is_answered_whole(by, report):
    answer = prepare(by, report, channel="cn-12321-sms", language="en")
    assert answer.status == 201
    assert answer.json == complaint_of(report, channel="cn-12321-sms", language="en")
    assert answer.left == (60, 59)


def test_sent_again_under_a_key_it_is_one(by, report):
    body = {"reports": [report], "authority": "lender"}
    first, again = (
        ask("POST", "/v1/complaints", by=by, body=body, Idempotency_Key="a") for _ in range(2)
    )
    assert (first.status, again.status, again.json) == (201, 201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = ask(
        *("POST", "/v1/complaints"), by=by, body=body | {"language": "en"}, Idempotency_Key="a"
    )
    assert other.status == 422
    assert other.json == trouble(
        *(422, "Unprocessable Content", "idempotency-key-reused"),
        "This Idempotency-Key was already used for another request. Send a new key.",
        (
            *("#/Idempotency-Key", "idempotency-key-reused"),
            "This Idempotency-Key was already used for another request. Send a new key.",
        ),
    )
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field", "detail"),
    [
        (
            {"authority": "cn-12399"},
            "authority",
            "There is no authority “cn-12399”. See the list for a country.",
        ),
        (
            {"channel": "cn-mobile-sms"},
            "channel",
            "The authority has no such channel: see its list of channels.",
        ),
    ],
)
def test_whom_there_is_to_complain_to(by, report, fields, field, detail):
    answer = prepare(by, report, **fields)
    assert (answer.status, answer.json) == (400, refused(field, detail))


def test_a_legitimate_caller_is_nothing_to_complain_about(by):
    praise = filed(by, category="legitimate")
    answer = prepare(by, praise)
    detail = "One of these reports says that the caller is legitimate."
    assert (answer.status, answer.json) == (400, refused("reports", detail))


@pytest.mark.parametrize(
    ("body", "pointer", "code", "detail"),
    [
        ({"authority": "lender"}, "reports", "required", "This field is required."),
        (
            {"reports": ["x"], "authority": "lender"},
            *("reports/0", "invalid", "Must be a valid UUID."),
        ),
        (
            {"reports": [], "authority": "lender"},
            *("reports", "min_length", "Ensure this field has at least 1 elements."),
        ),
        (
            {"reports": [NOBODYS] * 51, "authority": "lender"},
            *("reports", "max_length", "Ensure this field has no more than 50 elements."),
        ),
        (
            {"reports": [NOBODYS], "authority": "lender", "language": "fr"},
            *(
                "language",
                "invalid_choice",
                '"fr" is not valid. Use one of: en, zh-hans, zh-hant, zh-hk, de, es, id.',
            ),
        ),
        (
            {"reports": [NOBODYS], "authority": "lender", "to": "x"},
            *("to", "unknown-field"),
            "There is no such field. The fields are: reports, authority, channel, language.",
        ),
    ],
)
def test_requests_of_another_shape(by, body, pointer, code, detail):
    answer = ask("POST", "/v1/complaints", by=by, body=body)
    assert answer.status == 400
    field = pointer.replace("/0", "")
    named = pointer if "/" in pointer else field
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-request", f"Some fields are not valid: {named}."),
        (f"#/{pointer}", code, detail),
    )


def test_somebody_elses_report(by, report):
    other = filed(holder("report"))
    answer = prepare(by, report, other)
    assert (answer.status, answer.json) == (404, no_report(other))


@pytest.mark.slow
def test_a_blocked_reporter(by, report):
    complaint = prepare(by, report).json["id"]
    Reporter.objects.update(blocked_at=NOW)
    answer = prepare(by, report)
    assert answer.status == 403
    assert answer.json == trouble(
        *(403, "Forbidden", "reporter-blocked"),
        "This reporter can no longer prepare complaints. Write to the moderators to appeal.",
    )
    # What was prepared before is the reporter's own still.
    assert make(by, complaint).status == 200


def test_the_quota(by, report, monkeypatch):
    monkeypatch.setattr(filing, "COMPLAINTS_A_DAY", 1)
    first = prepare(by, report)
    assert first.status == 201
    assert prepare(by, report).json == first.json, "the same once more"
    answer = prepare(by, report, language="en")
    assert answer.status == 409
    assert answer.json == trouble(
        *(409, "Conflict", "complaint-quota"),
        "You prepared 1 complaints within a day. Go on tomorrow, or put more reports into one.",
    )


@pytest.mark.parametrize("method", ["list", "prepare", "read", "change", "pack"])
def test_keys_scopes_and_owners(by, report, method):
    complaint = prepare(by, report).json["id"]
    asks = {
        "list": lambda key, which: ask("GET", "/v1/complaints", by=key),
        "prepare": lambda key, which: prepare(key, report),
        "read": lambda key, which: ask("GET", f"/v1/complaints/{which}", by=key),
        "change": lambda key, which: change(key, which, status="filed"),
        "pack": lambda key, which: make(key, which),
    }
    go = asks[method]
    nobody = go("", complaint)
    assert nobody.status == 401
    assert nobody.json == trouble(
        *(401, "Unauthorized", "key-required"),
        "This needs an API key: send `Authorization: Bearer <key>`.",
    )
    reader = go(holder("lookup"), complaint)
    assert reader.status == 403
    assert reader.json == trouble(
        *(403, "Forbidden", "scope-missing"),
        "This key lacks the scope `report`. Use a key that was made with it.",
    )
    other = go(holder("report"), complaint)
    if method == "list":
        assert other.json == {"results": [], "next": ""}
    elif method == "prepare":
        assert (other.status, other.json) == (404, no_report(report))
    else:
        assert (other.status, other.json) == (404, no_complaint(complaint))
        assert go(by, NOBODYS).json == no_complaint(NOBODYS)
    assert Complaint.objects.get().status == "prepared"
    assert Complaint.objects.get().manifests == []
