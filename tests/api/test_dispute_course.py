"""POST /v1/disputes/{id}/verify and …/appeal, GET /v1/disputes/{id}: what comes after opening."""

from typing import Any

import pytest
from pytest_django import Settings

from reputation.models import Dispute
from tests.given.api_access import MULTIPART, UPLOAD
from tests.given.api_disputes import (
    NUMBER,
    appeal,
    conflict,
    decided,
    dispute,
    opened,
    shown,
    verify,
    z,
)
from tests.given.api_requests import ask, trouble
from tests.given.phone import Phone
from tests.given.reporters import DAY, NOW, moderator, reported, row

pytestmark = pytest.mark.django_db

NOBODYS = "7363f356-c450-465e-bf3c-3b1560f1800b"


@pytest.mark.usefixtures("evidence_dir")
def test_files_are_added_once_and_can_be_taken_back(phone: Phone):
    public_id = opened(phone)
    where = f"/v1/disputes/{public_id}/evidence"
    added = [
        ask("POST", where, body=UPLOAD, content_type=MULTIPART, address=address)
        for address in ("192.0.2.1", "198.51.100.9")
    ]
    assert [answer.status for answer in added] == [201, 200]
    assert ask("GET", where).json == {"dispute": public_id, "results": [added[0].json]}
    assert set(added[0].json) == {"position", "sha256", "size", "type", "name", "added_at"}
    one = f"/v1/disputes/{public_id.upper()}/evidence/{added[0].json['sha256'].upper()}"
    # Whoever has the id may pass it on: what is in the file, moderators alone read.
    assert ask("GET", one).status == 405
    assert ask("DELETE", one).status == 204
    assert ask("GET", where).json["results"] == []
    Dispute.objects.update(status="rejected", decided_at=NOW, decided_by=moderator(), reason="No.")
    refused = ask("POST", where, body=UPLOAD, content_type=MULTIPART)
    assert (refused.status, refused.json["type"]) == (409, "urn:ringscore:problem:files-closed")


def test_the_code_opens_the_dispute_and_shows_it(phone: Phone):
    reported()
    public_id = dispute().json["id"]
    answer = verify(public_id, f"{phone.code[:4]} {phone.code[4:]}")
    assert answer.status == 200
    assert answer.json == shown(public_id, status="open", held=True)
    assert answer.left == (30, 29)
    assert ask("GET", f"/v1/numbers/{NUMBER}").json["status"] == "disputed"
    # A client that did not get the answer asks again.
    assert verify(public_id, phone.code).json == answer.json


def test_a_wrong_code_and_too_many_of_them(phone: Phone):
    reported()
    public_id = dispute().json["id"]
    wrong = f"{(int(phone.code) + 1) % 10**8:08}"
    answer = verify(public_id, wrong)
    assert answer.status == 400
    detail = "This is not the code that was sent. You have 4 attempts left."
    error = ("#/code", "wrong-code", detail)
    assert answer.json == trouble(400, "Bad Request", "wrong-code", detail, error)
    for _ in range(3):
        assert verify(public_id, wrong).status == 400
    for code in (wrong, phone.code):
        answer = verify(public_id, code)
        assert answer.status == 409
        assert answer.json == conflict(
            "no-more-attempts",
            "Too many wrong codes. Open the dispute again to get another.",
            "code",
        )
    assert row().disputed is False


def test_a_code_that_ran_out(phone: Phone):
    reported()
    public_id = dispute().json["id"]
    found = Dispute.objects.get()
    Dispute.objects.update(code_expires_at=found.opened_at)
    answer = verify(public_id, phone.code)
    assert answer.status == 409
    assert answer.json == conflict(
        "code-expired",
        "This code is no longer valid. Open the dispute again to get another.",
        "code",
    )
    answer = ask("GET", f"/v1/disputes/{public_id}")
    assert answer.json == shown(public_id, status="expired")


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 12345678}, {"code": "1" * 41}])
def test_what_is_no_code(phone: Phone, body: dict[str, Any]):
    reported()
    public_id = dispute().json["id"]
    answer = ask("POST", f"/v1/disputes/{public_id}/verify", body=body)
    assert answer.status == 400
    assert [each["pointer"] for each in answer.json["errors"]] == ["#/code"]
    assert Dispute.objects.get().attempts == 0


def test_guessing_is_limited_by_address_too(phone: Phone, settings: Settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"dispute_code": {"anonymous": "2/h"}}
    for _ in range(2):
        assert verify(NOBODYS, "1").status == 404
    assert verify(NOBODYS, "1").status == 429


def test_how_it_stands_before_the_code(phone: Phone):
    reported()
    receipt = dispute().json
    answer = ask("GET", f"/v1/disputes/{receipt['id']}")
    assert answer.status == 200
    assert answer.json == shown(receipt["id"], expires_at=receipt["expires_at"])
    assert answer.left == (60, 59)
    assert b"plumber" not in answer.body  # neither words nor contact


def test_how_it_stands_after_a_rejection(phone: Phone):
    public_id = decided(phone, upheld=False)
    decided_at = Dispute.objects.get().decided_at
    assert decided_at is not None
    assert ask("GET", f"/v1/disputes/{public_id}").json == shown(
        public_id,
        status="rejected",
        reason="Two recordings.",
        appeal_until=z(decided_at + 30 * DAY),
    )


def test_how_it_stands_when_upheld(phone: Phone):
    public_id = decided(phone, upheld=True)
    decided_at = Dispute.objects.get().decided_at
    assert decided_at is not None
    assert ask("GET", f"/v1/disputes/{public_id}").json == shown(
        public_id,
        status="upheld",
        reason="Two recordings.",
        immune_until=z(decided_at + 90 * DAY),
    )
    number = ask("GET", f"/v1/numbers/{NUMBER}").json
    assert (number["action"], number["status"]) == ("allow", "clear")


def test_a_rejection_can_be_appealed_once(phone: Phone):
    public_id = decided(phone, upheld=False)
    answer = appeal(public_id)
    second = Dispute.objects.get(appeal_of__public_id=public_id)
    assert answer.status == 201
    assert answer.json == shown(str(second.public_id), status="open", appeal_of=public_id)
    first = ask("GET", f"/v1/disputes/{public_id}").json
    assert (first["appeal"], first["appeal_until"]) == (answer.json["id"], "")
    # The same again is the same; another is one too many.
    assert (again := appeal(public_id)).status == 201
    assert again.json == answer.json
    more = appeal(public_id, "And another thing.")
    assert more.status == 409
    assert more.json == conflict(
        "not-appealable", "This decision was appealed before. The next one is final.", ""
    )


def test_what_cannot_be_appealed(phone: Phone):
    answer = appeal(opened(phone))
    assert answer.status == 409
    assert answer.json == conflict("not-appealable", "Only a rejected dispute can be appealed.", "")


def test_an_appeal_without_words(phone: Phone):
    answer = appeal(decided(phone, upheld=False), "")
    assert answer.status == 400
    assert [each["pointer"] for each in answer.json["errors"]] == ["#/statement"]


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("POST", "/verify", {"code": "12345678"}),
        ("POST", "/appeal", {"statement": "No."}),
    ],
)
def test_no_such_dispute(method: str, tail: str, body: Any):
    answer = ask(method, f"/v1/disputes/{NOBODYS}{tail}", body=body)
    assert answer.status == 404
    detail = "There is no such dispute. Use the id that opening it answered."
    assert answer.json == trouble(404, "Not Found", "dispute-not-found", detail)
