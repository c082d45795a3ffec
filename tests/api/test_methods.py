"""What an endpoint does not do is refused, and the answer says what it does."""

import re
from pathlib import Path

import pytest

from api.models import SCOPES
from tests.given.api_requests import ask, holder, trouble
from tests.given.staff import member

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NAMED = {
    "number": "+8613812345678",
    "sha256": "a" * 64,
    "hex": "abcd",
    "decision": "1",
    "item": "1",
    "review": "1",
}
OTHERWISE = "7363f356-c450-465e-bf3c-3b1560f1800b"


def endpoints() -> dict[str, list[str]]:
    """The methods of each path in the API document, in the order in which answers list them."""
    found: dict[str, list[str]] = {}
    for path, method in re.findall(
        r"^  (/v1/\S+):$|^    (get|post|patch|delete):$", DOCUMENT.read_text(), re.MULTILINE
    ):
        if path:
            found[path] = []
        else:
            found[list(found)[-1]].append(method.upper())
    return {path: [each for each in METHODS if each in found[path]] for path in found}


@pytest.mark.parametrize(("path", "does"), endpoints().items())
def test_what_an_endpoint_does_not_do(path: str, does: list[str]):
    by = holder(*SCOPES, moderator=member("senior"))
    target = re.sub(r"\{(\w+)\}", lambda found: NAMED.get(found[1], OTHERWISE), path)
    allowed = [*does, *(["HEAD"] if "GET" in does else []), "OPTIONS"]
    # `/v1/numbers/lookup` must not look `lookup` up as a sender's name, so HEAD is asked as well.
    for method in sorted({*METHODS, "HEAD"} - set(allowed)):
        answer = ask(method, target, by=by)
        assert (answer.status, answer.headers["Allow"]) == (405, ", ".join(allowed))
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json == trouble(
            *(405, "Method Not Allowed", "method-not-allowed"), f"Use {' or '.join(does)} here."
        )
