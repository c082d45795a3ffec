"""POST and GET /v1/complaints, GET and PATCH /v1/complaints/{id}, POST …/pack"""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest

from reputation.complaints import filing
from reputation.models import Complaint, Reporter
from tests.given.api_reports import NOBODYS, filed, no_report
from tests.given.api_requests import NOW, Answer, Holder, ask, holder, trouble
from tests.given.authorities import load_authorities

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]


@pytest.fixture(autouse=True)
def _authorities():
    load_authorities()


@pytest.fixture
def by() -> Holder:
    return holder("report")


@pytest.fixture
def report(by) -> str:
    return filed(by, occurred_at="2026-11-23T18:30:00+08:00", conduct=["threats"])


def prepare(by: Holder | str, *reports: str, **fields) -> Answer:
    body = {"reports": list(reports), "authority": "cn-12321"} | fields
    return ask("POST", "/v1/complaints", by=by, body=body)


def make(by: Holder | str, complaint: str, **fields) -> Answer:
    return ask("POST", f"/v1/complaints/{complaint}/pack", by=by, body=fields)


def change(by: Holder | str, complaint: str, **fields) -> Answer:
    return ask("PATCH", f"/v1/complaints/{complaint}", by=by, body=fields)


def complaint_of(report: str, **fields) -> dict[str, object]:
    return {
        "id": str(Complaint.objects.latest("pk").public_id),
        "authority": "cn-12321",
        "channel": "",
        "language": "",
        "reports": [report],
        "status": "prepared",
        "prepared_at": "2026-11-24T12:00:00Z",
        "filed_at": "",
        "reference": "",
        "answered_at": "",
        "outcome": "",
        "packs": [],
    } | fields


def no_complaint(public_id: str) -> dict[str, object]:
    return trouble(
        *(404, "Not Found", "complaint-not-found"),
        f"You have no complaint {public_id}. Use the id that preparing it answered.",
    )


def refused(field: str, detail: str) -> dict[str, object]:
    return trouble(
        *(400, "Bad Request", "invalid-complaint", detail),
        (f"#/{field}", "invalid-complaint", detail),
    )


# --- Preparing ---


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
                '"fr" is not valid. Use one of: en, zh-hans, zh-hant, zh-hk, de.',
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


# --- The pack ---


def test_the_pack(by, report):
    complaint = prepare(by, report).json["id"]
    answer = ask(
        "POST",
        f"/v1/complaints/{complaint}/pack",
        by=by,
        body={
            "complainant": {
                "name": "李四",
                "identity": "110101199001010011",
                "own_number": "13900000000",
                "address": "北京市",
                "email": "li@example.test",
            },
            "statement": "他们每天打电话。",
            "addressee": "海淀派出所",
            "reader": "zh-hans",
            "country": "cn",
            "time_zone": "Asia/Shanghai",
            "calls": [
                {
                    "number": "138 1234 5678",
                    "occurred_at": "2026-11-24T09:00:00+08:00",
                    "channel": "sms",
                    "content": "还钱",
                },
                {"number": "+8613812345678", "occurred_at": "2026-11-24T10:00:00+08:00"},
            ],
        },
        for_browsers=True,
    )
    assert answer.status == 200
    sealed = {
        name: value for name, value in answer.headers.items() if not name.startswith("RateLimit")
    }
    assert sealed == {
        "Content-Type": "application/zip",
        "Content-Disposition": 'attachment; filename="ringscore-cn-12321-20261124.zip"',
        "Content-Length": str(len(answer.body)),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Allow": "POST, OPTIONS",
        # Of every answer to a browser.
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        letter = archive.read("letter.txt").decode()
        guide = archive.read("README.txt").decode()
        manifest = archive.read("manifest.json")
    assert "\n海淀派出所：\n" in letter
    assert "2. 2026-11-24 09:00  +86 138 1234 5678  短信：“还钱”\n" in letter
    assert "3. 2026-11-24 10:00  +86 138 1234 5678  来电\n" in letter
    assert "情况说明：\n他们每天打电话。\n" in letter
    assert "投诉人：李四\n" in letter
    assert guide.startswith("投诉材料：12321")
    assert json.loads(manifest)["reports"] == [{"id": report, "number": "+8613812345678"}]
    told = ask("GET", f"/v1/complaints/{complaint}", by=by)
    assert told.json == complaint_of(report, packs=[hashlib.sha256(manifest).hexdigest()])


@pytest.mark.slow
def test_a_pack_that_says_nothing_of_the_complainant(by, report):
    answer = make(by, prepare(by, report).json["id"])
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        letter = archive.read("letter.txt").decode()
        assert letter.endswith("\n\n签名：________________\n日期：2026-11-24\n")
        assert archive.read("README.txt").startswith(b"Complaint to: 12321")


@pytest.mark.parametrize(
    ("fields", "code", "field", "detail"),
    [
        (
            {"time_zone": "Peking"},
            *("invalid-complaint", "time_zone"),
            "Name a time zone as IANA does, such as Asia/Shanghai.",
        ),
        (
            {"calls": [{"number": "+4930901820", "occurred_at": "2026-11-24T09:00:00Z"}]},
            *("invalid-complaint", "calls"),
            "None of the reports is about +4930901820: report it first.",
        ),
        (
            {"calls": [{"number": "138 1234 5678", "occurred_at": "2026-11-25T09:00:00Z"}]},
            *("invalid-complaint", "calls"),
            "A call lies in the future: check its date and offset.",
        ),
        (
            {"calls": [{"number": "138 1234 5678", "occurred_at": "0001-01-01T09:00:00Z"}]},
            *("invalid-complaint", "calls"),
            "A call lies before 1970: check its date.",
        ),
        (
            {"calls": [{"number": "110", "occurred_at": "2026-11-24T09:00:00Z"}]},
            *("invalid-number", "calls/0/number"),
            "Emergency numbers can never be reported or listed: if your phone showed one, the "
            "caller faked it; report the call-back number instead.",
        ),
    ],
)
def test_what_makes_no_pack(by, report, fields, code, field, detail):
    complaint = prepare(by, report).json["id"]
    answer = make(by, complaint, **fields)
    assert answer.status == 400
    assert answer.json == trouble(*(400, "Bad Request", code, detail), (f"#/{field}", code, detail))
    assert Complaint.objects.get().manifests == []


def test_fields_within_fields(by, report):
    answer = make(by, prepare(by, report).json["id"], complainant={"nom": "x"}, calls=[{}])
    required = "This field is required."
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-request"),
        "Some fields are not valid: calls/0/number, calls/0/occurred_at, complainant/nom.",
        (
            *("#/complainant/nom", "unknown-field"),
            "There is no such field. The fields are: name, identity, own_number, address, email.",
        ),
        ("#/calls/0/number", "required", required),
        ("#/calls/0/occurred_at", "required", required),
    )


def test_so_many_packs(by, report, monkeypatch):
    monkeypatch.setattr(filing, "PACKS_OF_ONE", 0)
    answer = make(by, prepare(by, report).json["id"])
    assert answer.status == 409
    assert answer.json == trouble(
        *(409, "Conflict", "complaint-quota"),
        "Of this complaint 0 packs were made. Prepare it anew if you need more.",
    )


# --- What became of it ---


def test_filed_and_answered(by, report, clock):
    complaint = prepare(by, report).json["id"]
    clock.now = NOW + timedelta(days=1)
    answer = change(by, complaint, status="filed", reference="京 1")
    assert answer.status == 200
    assert answer.json == complaint_of(
        report, status="filed", filed_at="2026-11-25T12:00:00Z", reference="京 1"
    )
    answer = change(
        by,
        complaint,
        status="answered",
        filed_at="2026-11-24T20:00:00+08:00",
        answered_at="2026-11-25T18:00:00+08:00",
        outcome="forwarded",
    )
    assert answer.json == complaint_of(
        report,
        status="answered",
        filed_at="2026-11-24T12:00:00Z",
        reference="京 1",
        answered_at="2026-11-25T10:00:00Z",
        outcome="forwarded",
    )
    assert ask("GET", f"/v1/complaints/{complaint}", by=by).json == answer.json


@pytest.mark.parametrize(
    ("fields", "field", "detail"),
    [
        ({"reference": "1"}, "status", "Say that it is filed, and then the rest."),
        ({"outcome": "refused"}, "status", "Say that it is filed, and then the rest."),
        ({"status": "answered"}, "outcome", "Say how it was answered."),
        (
            {"status": "filed", "filed_at": "2026-11-24T13:00:00Z"},
            "filed_at",
            "This lies in the future: check date and offset.",
        ),
        (
            {"status": "filed", "filed_at": "2026-11-20T13:00:00Z"},
            "filed_at",
            "It cannot be filed before it was prepared.",
        ),
    ],
)
def test_what_cannot_have_become_of_it(by, report, fields, field, detail):
    complaint = prepare(by, report).json["id"]
    answer = change(by, complaint, **fields)
    assert (answer.status, answer.json) == (400, refused(field, detail))
    assert ask("GET", f"/v1/complaints/{complaint}", by=by).json == complaint_of(report)


def test_a_status_that_is_none(by, report):
    answer = change(by, prepare(by, report).json["id"], status="won")
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-request", "Some fields are not valid: status."),
        (
            "#/status",
            "invalid_choice",
            '"won" is not valid. Use one of: prepared, filed, answered.',
        ),
    )


# --- All of mine ---


def test_the_list_and_its_pages(by, report, monkeypatch):
    empty = ask("GET", "/v1/complaints", by=by)
    assert (empty.status, empty.json) == (200, {"results": [], "next": ""})
    monkeypatch.setattr(filing, "PAGE", 2)
    made = [prepare(by, report, language=each).json for each in ("en", "de", "zh-hk")]
    prepare(other := holder("report"), filed(other))
    first = ask("GET", "/v1/complaints", by=by).json
    assert first["results"] == made[:0:-1]
    rest = ask("GET", f"/v1/complaints?cursor={first['next']}", by=by)
    assert rest.json == {"results": made[:1], "next": ""}


@pytest.mark.parametrize(
    ("query", "code", "field", "detail"),
    [
        (
            "cursor=x",
            *("invalid-cursor", "cursor"),
            "This cursor is not one of ours: pass `next` of the page before.",
        ),
        ("format=xml", *("invalid-request", "format"), "Choose one of: json, csv."),
    ],
)
def test_a_list_that_there_is_not(by, query, code, field, detail):
    answer = ask("GET", f"/v1/complaints?{query}", by=by)
    assert answer.status == 400
    assert answer.json == trouble(*(400, "Bad Request", code, detail), (f"#/{field}", code, detail))


def test_the_export(by, report):
    complaint = prepare(by, report).json["id"]
    prepare(other := holder("report"), filed(other))
    answer = ask("GET", "/v1/complaints?format=csv", by=by)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="complaints.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.body.decode("utf-8-sig") == (
        "id,authority,channel,status,prepared_at,filed_at,reference,answered_at,outcome,reports,"
        "packs\r\n"
        f"{complaint},cn-12321,,prepared,2026-11-24T12:00:00+00:00,,,,,{report},\r\n"
    )


# --- Whose it is ---


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
