"""Complaints over the API: what is asked, and what is answered."""

from reputation.models import Complaint
from tests.given.api_requests import Answer, Holder, ask, trouble


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
