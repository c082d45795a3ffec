"""POST /v1/complaints/{id}/pack"""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from reputation.complaints import filing
from reputation.models import Complaint, Report
from tests.given.api_complaints import complaint_of, make, prepare
from tests.given.api_reports import filed
from tests.given.api_requests import ask, holder, trouble
from tests.given.attachments import attach
from tests.given.full_disk import no_file_larger_than

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]


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


@pytest.mark.slow
def test_a_disk_without_room_for_the_pack(by, report, caplog):
    attach(Report.objects.get(public_id=report), b"They called.\n" * 500_000)
    complaint = prepare(by, report).json["id"]
    with no_file_larger_than(4096):
        answer = make(by, complaint)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json == trouble(
        *(503, "Service Unavailable", "unavailable"),
        "The service has no room for files. Try again in 5 seconds.",
    )
    assert "a file could not be kept" in caplog.text
    assert Complaint.objects.get().manifests == []
    assert make(by, complaint).status == 200


def test_so_many_packs(by, report, monkeypatch):
    monkeypatch.setattr(filing, "PACKS_OF_ONE", 0)
    answer = make(by, prepare(by, report).json["id"])
    assert answer.status == 409
    assert answer.json == trouble(
        *(409, "Conflict", "complaint-quota"),
        "0 packs of this complaint were made. Prepare it again if you need more.",
    )


def test_the_pack_of_the_guide_needs_no_country_of_the_key():
    guide = Path("docs/guide/complaints.md").read_text()
    body = re.search(r"pack\.zip -d '(.+?)'\n", guide, re.DOTALL)
    assert body is not None
    asked = json.loads(body[1])
    by = holder("report", region="")
    report = filed(by, number=asked["calls"][0]["number"])
    complaint = prepare(by, report).json["id"]
    assert make(by, complaint, **asked).status == 200
