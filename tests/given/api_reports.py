"""Reports as they are sent to the API, and the answer to one that is none."""

from typing import Any

from tests.given.api_requests import Answer, Holder, ask, trouble

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
NOBODYS = "00000000-0000-4000-8000-000000000000"


def report(by: Holder | str, body: Any = MINIMAL, **kwargs: Any) -> Answer:
    return ask("POST", "/v1/reports", by=by, body=body, **kwargs)


def invalid(*errors: tuple[str, str, str]) -> dict[str, Any]:
    named = ", ".join(sorted({pointer[2:] or "body" for pointer, _, _ in errors}))
    detail = f"Some fields are not valid: {named}."
    return trouble(400, "Bad Request", "invalid-request", detail, *errors)


def filed(by: Holder, **fields: object) -> str:
    """The id of a report of SCAMMER."""
    report: str = ask("POST", "/v1/reports", by=by, body=MINIMAL | fields).json["id"]
    return report


def no_report(public_id: str) -> dict[str, object]:
    return trouble(
        *(404, "Not Found", "report-not-found"),
        f"You have no report {public_id}. Use the id that filing the report answered.",
    )
