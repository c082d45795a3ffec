"""Uploads of evidence of which the body is no form, or not a whole one."""

from typing import Any

import pytest

from reputation.models import EvidenceEntry
from tests.given.api_evidence import add, form, part
from tests.given.api_reports import filed
from tests.given.api_requests import holder, trouble
from tests.given.attachments import MAIL, PNG, stored

pytestmark = pytest.mark.django_db


def malformed(field: str, detail: str) -> dict[str, Any]:
    pointer = f"#/{field}" if field else "#"
    return trouble(
        *(400, "Bad Request", "invalid-request", detail), (pointer, "invalid-request", detail)
    )


MISSING = "Send the file as the part `file`, with a file name."
CUT = "The upload was cut short. Send it again."
UNKNOWN = "There is no such field. Send the file as `file`."


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        (b"", "file", MISSING),
        (form(), "file", MISSING),
        (form(part(PNG, name="")), "file", MISSING),
        (form(part(b"text", name=None)), "file", MISSING),
        (part(PNG), "file", CUT),
        (form(part(PNG))[:-6], "file", CUT),
        (part(PNG)[:-20], "file", CUT),
        (form(part(PNG, field="photo")), "photo", UNKNOWN),
        (form(part(PNG), part(b"hello", field="note", name=None)), "note", UNKNOWN),
        (
            form(part(PNG), part(MAIL)),
            "file",
            "Send one file at a time: each gets an answer of its own.",
        ),
    ],
)
def test_a_form_that_is_not_right(evidence_dir, body, field, detail):
    by = holder("report")
    answer = add(by, filed(by), body=body)
    assert answer.status == 400
    assert answer.json == malformed(field, detail)
    assert not EvidenceEntry.objects.exists()
    assert stored(evidence_dir) == []


def test_an_empty_file(evidence_dir):
    by = holder("report")
    answer = add(by, filed(by), b"")
    detail = "The file is empty. Choose another, or save it anew."
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-evidence", detail), ("#/file", "invalid-evidence", detail)
    )


def test_a_body_shorter_than_it_says(evidence_dir):
    by = holder("report")
    body = form(part(PNG))
    answer = add(by, filed(by), body=body[:-30], more={"CONTENT_LENGTH": str(len(body))})
    assert (answer.status, answer.json) == (400, malformed("file", CUT))


class Lost:
    """The connection of a client that went away."""

    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError

    readline = read


def test_a_client_that_goes_away(evidence_dir):
    by = holder("report")
    answer = add(by, filed(by), body=form(part(PNG)), more={"wsgi.input": Lost()})
    assert (answer.status, answer.json) == (400, malformed("file", CUT))
    assert not EvidenceEntry.objects.exists()


def test_a_form_without_a_boundary(evidence_dir):
    by = holder("report")
    answer = add(by, filed(by), content_type="multipart/form-data")
    detail = (
        "The body is no valid multipart form: "
        "Multipart form parse error - Invalid boundary in multipart: None."
    )
    assert (answer.status, answer.json) == (400, malformed("", detail))


@pytest.mark.parametrize(
    "content_type", ["application/json", "image/png", "application/x-www-form-urlencoded", "", None]
)
def test_what_is_no_form(evidence_dir, content_type):
    by = holder("report")
    answer = add(by, filed(by), body=PNG, content_type=content_type)
    assert answer.status == 415
    assert answer.json == trouble(
        *(415, "Unsupported Media Type", "unsupported-media-type"),
        "Send the body as multipart/form-data.",
    )
