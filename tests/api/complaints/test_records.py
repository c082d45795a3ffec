"""GET /v1/complaints, GET and PATCH /v1/complaints/{id}: what became of complaints"""

from datetime import timedelta

import pytest

from reputation.complaints import filing
from tests.given.api_complaints import change, complaint_of, prepare, refused
from tests.given.api_reports import filed
from tests.given.api_requests import NOW, ask, holder, trouble

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]


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
    answer = ask("GET", "/v1/complaints?format=CSV", by=by)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="complaints.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.body.decode("utf-8-sig") == (
        "id,authority,channel,status,prepared_at,filed_at,reference,answered_at,outcome,reports,"
        "packs\r\n"
        f"{complaint},cn-12321,,prepared,2026-11-24T12:00:00+00:00,,,,,{report},\r\n"
    )
