"""GET and DELETE /v1/reports/{id}"""

from datetime import timedelta

import pytest

from api.models import ApiKey
from reputation.models import Report, ReportRevision
from reputation.moderation import reject_report
from reputation.reports import mark_stopped
from tests.given.api_reports import FULL, NOBODYS, filed, no_report
from tests.given.api_requests import NOW, ask, holder, trouble
from tests.given.reporters import moderator, row

pytestmark = pytest.mark.django_db


def test_what_i_said(clock):
    by = holder("report", verifies_attestation=True)
    public_id = filed(by, **FULL)
    clock.now = NOW + timedelta(days=1)
    filed(by, **FULL)
    answer = ask("GET", f"/v1/reports/{public_id}", by=by)
    assert answer.status == 200
    assert answer.json == {
        "id": public_id,
        "number": "+8613812345678",
        "status": "live",
        "category": "illegal_collection",
        "conduct": ["threats", "contacted_third_parties"],
        "comment": "Says 13800138000 is my lawyer",  # it is mine: not masked
        "occurred_at": "2026-11-24T10:30:00Z",
        "channel": "sms",
        "attestation": "B",
        "callback_number": "+8613800138000",
        "claimed_name": "Happy Loans",
        "call_count": 3,
        "was_warned": False,
        "filed_at": "2026-11-24T12:00:00Z",
        "updated_at": "2026-11-25T12:00:00Z",
    }
    assert answer.left == (600, 599)
    assert answer.headers["Content-Type"] == "application/json"


def test_what_was_left_out_is_empty_not_null():
    by = holder("report")
    public_id = filed(by)
    assert ask("GET", f"/v1/reports/{public_id}", by=by).json == {
        "id": public_id,
        "number": "+8613812345678",
        "status": "live",
        "category": "loan_scam",
        "conduct": [],
        "comment": "",
        "occurred_at": "",
        "channel": "call",
        "attestation": "",
        "callback_number": "",
        "claimed_name": "",
        "call_count": 1,
        "was_warned": False,
        "filed_at": "2026-11-24T12:00:00Z",
        "updated_at": "2026-11-24T12:00:00Z",
    }


def test_a_withdrawn_report_counts_no_more_and_stays():
    by = holder("report")
    public_id = filed(by)
    assert row().reports == 1
    answer = ask("DELETE", f"/v1/reports/{public_id}", by=by)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.left == (600, 599)
    assert (row().reports, row().status) == (0, "unknown")
    assert ask("GET", f"/v1/reports/{public_id}", by=by).json["status"] == "withdrawn"
    # Twice is no error, and leaves no second trace.
    assert ask("DELETE", f"/v1/reports/{public_id}", by=by).status == 204
    assert ReportRevision.objects.count() == 1


def test_withdrawing_what_was_settled():
    by = holder("report")
    public_id = filed(by)
    report = Report.objects.select_related("reporter").get()
    mark_stopped(reporter=report.reporter, public_id=report.public_id, now=NOW)
    for _twice in range(2):
        assert ask("DELETE", f"/v1/reports/{public_id}", by=by).status == 204
        assert ask("GET", f"/v1/reports/{public_id}", by=by).json["status"] == "withdrawn"
    changes = ReportRevision.objects.order_by("pk").values_list("change", "content__status")
    assert list(changes) == [("settled", "live"), ("withdrawn", "settled")]


def test_a_rejected_report_can_be_read_and_not_withdrawn():
    by = holder("report")
    public_id = filed(by)
    reject_report(actor=moderator(), report=Report.objects.get(), reason="untrue", now=NOW)
    assert ask("DELETE", f"/v1/reports/{public_id}", by=by).status == 204
    assert ask("GET", f"/v1/reports/{public_id}", by=by).json["status"] == "rejected"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_somebody_elses_report_is_not_there(method):
    public_id = filed(holder("report"))
    stranger = holder("report")
    answer = ask(method, f"/v1/reports/{public_id}", by=stranger)
    assert (answer.status, answer.json) == (404, no_report(public_id))
    assert answer.headers["Content-Type"] == "application/problem+json"
    # Not told apart from one that never was.
    nothing = ask(method, f"/v1/reports/{NOBODYS}", by=stranger)
    assert (nothing.status, nothing.json) == (404, no_report(NOBODYS))
    assert Report.objects.get().status == "live"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "public_id", ["1", "junk", "%00", NOBODYS[:-1], NOBODYS.upper()[:-1] + "G"]
)
def test_what_is_no_id(method, public_id):
    answer = ask(method, f"/v1/reports/{public_id}", by=holder("report"))
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == trouble(
        *(404, "Not Found", "not-found", "There is nothing at this address. See /v1/docs.")
    )


def test_my_other_key_is_another_reporter():
    public_id = filed(holder("report", name="one"))
    assert ask("GET", f"/v1/reports/{public_id}", by=holder("report", name="one")).status == 404
    assert ApiKey.objects.count() == 2
