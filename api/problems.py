"""Problem details (RFC 9457): the one shape of errors in every layer."""

from http import HTTPStatus
from typing import Any

from edge import request_ids

CONTENT_TYPE = "application/problem+json"
# As in RFC 9110; Python 3.12 has older names for these two.
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}


def problem(
    status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The body of an error. `code` is stable and names the kind; `detail` names the remedy."""
    body = named(
        {
            "type": f"urn:ringscore:problem:{code}",
            "title": TITLES.get(status) or HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
    )
    if errors:
        body["errors"] = errors
    return body


def named(body: dict[str, Any]) -> dict[str, Any]:
    """`body` with the id of the request; unchanged outside of one."""
    request_id = request_ids.current()
    return body | {"request_id": request_id} if request_id else body
