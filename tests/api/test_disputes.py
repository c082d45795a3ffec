"""POST /v1/numbers/{number}/disputes, GET /v1/disputes/{id}, POST …/verify, POST …/appeal"""

from typing import Any

import pytest
from pytest_django import Settings

from reputation.disputes import CODE_LIFETIME
from reputation.disputes.deciding import decide_dispute
from reputation.identity import identify
from reputation.models import Dispute
from tests.given.api_access import MULTIPART, UPLOAD
from tests.given.api_requests import Answer, ask, holder, trouble
from tests.given.phone import Phone, plug_in
from tests.given.reporters import DAY, NOW, moderator, newcomer, reported, row, say

pytestmark = pytest.mark.django_db

NUMBER = "+8613812345678"
BODY = {"grounds": "mistaken", "statement": "I am a plumber.", "contact": "plumber@example.org"}
NOBODYS = "7363f356-c450-465e-bf3c-3b1560f1800b"


@pytest.fixture
def phone(settings: Settings) -> Phone:
    return plug_in(settings)


def dispute(number: str = NUMBER, query: str = "", **kwargs: Any) -> Answer:
    body = {"body": BODY} | kwargs
    return ask("POST", f"/v1/numbers/{number.replace('+', '%2B')}/disputes{query}", **body)


def verify(public_id: str, code: str, **kwargs: Any) -> Answer:
    return ask("POST", f"/v1/disputes/{public_id}/verify", body={"code": code}, **kwargs)


def appeal(public_id: str, statement: str = "Hear both voices.", **kwargs: Any) -> Answer:
    body = {"statement": statement}
    return ask("POST", f"/v1/disputes/{public_id}/appeal", body=body, **kwargs)


def opened(phone: Phone) -> str:
    reported()
    public_id = dispute().json["id"]
    assert verify(public_id, phone.code).status == 200
    return str(public_id)


def decided(phone: Phone, *, upheld: bool) -> str:
    public_id = opened(phone)
    found = Dispute.objects.get(public_id=public_id)
    assert found.verified_at is not None
    reason = "Two recordings."
    at = found.verified_at + DAY
    decide_dispute(actor=moderator(), dispute=found, upheld=upheld, reason=reason, now=at)
    return public_id


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
    one = f"{where}/{added[0].json['sha256']}"
    # Whoever has the id may pass it on: what is in the file, moderators alone read.
    assert ask("GET", one).status == 405
    assert ask("DELETE", one).status == 204
    assert ask("GET", where).json["results"] == []
    Dispute.objects.update(status="rejected", decided_at=NOW, decided_by=moderator(), reason="No.")
    refused = ask("POST", where, body=UPLOAD, content_type=MULTIPART)
    assert (refused.status, refused.json["type"]) == (409, "urn:ringscore:problem:files-closed")


def shown(public_id: str, **fields: Any) -> dict[str, Any]:
    """The whole answer about an awaiting dispute, with `fields` as they are now."""
    found = Dispute.objects.get(public_id=public_id)
    return {
        "id": public_id,
        "number": NUMBER,
        "status": "awaiting_code",
        "grounds": "mistaken",
        "opened_at": z(found.opened_at),
        "expires_at": "",
        "verified_at": z(found.verified_at),
        "deadline_at": z(found.deadline_at),
        "held": False,
        "decided_at": z(found.decided_at),
        "reason": "",
        "immune_until": "",
        "appeal_until": "",
        "appeal_of": "",
        "appeal": "",
    } | fields


def z(moment: Any) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


# --- Opening ---


def test_opening_a_dispute_sends_a_code_to_the_number(phone: Phone):
    reported()
    answer = dispute()
    found = Dispute.objects.get()
    assert answer.status == 202
    assert answer.json == {"id": str(found.public_id), "expires_at": z(found.code_expires_at)}
    assert answer.left == (10, 9)
    assert found.code_expires_at == found.opened_at + CODE_LIFETIME
    assert phone.got[0].to == NUMBER
    assert len(found.network) == 32  # a pseudonym, and not the address


def test_a_national_number_and_wishes(phone: Phone):
    reported(identify("+14155552671"))
    wishes = {"via": "voice", "language": "zh-hans"}
    answer = dispute("415 555 2671", "?region=US", body=BODY | wishes)
    assert answer.status == 202
    [message] = phone.got
    assert (message.to, message.via, message.language) == ("+14155552671", "voice", "zh-hans")
    assert message.text.startswith("这里是 Ringscore。")


def test_one_reporter_does_not_make_us_send_a_code(phone: Phone):
    say(newcomer("a"))
    answer = dispute()
    assert answer.status == 409
    assert answer.json == conflict(
        "nothing-to-dispute",
        "Reports from one place alone list nothing. The number can be disputed once somebody else "
        "reports it, too.",
    )
    assert phone.got == []


def test_a_key_raises_the_limits_and_gives_its_region(phone: Phone):
    reported()
    answer = dispute("13812345678", by=holder("report"))
    assert (answer.status, answer.left) == (202, (60, 59))


def test_the_same_again_is_the_same(phone: Phone):
    reported()
    first, again = dispute(), dispute()
    assert (again.status, again.json) == (202, first.json)
    assert len(phone.got) == 1


REFUSED: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "no grounds": (
        {"statement": "No."},
        ("#/grounds", "required", "This field is required."),
    ),
    "other grounds": (
        BODY | {"grounds": "angry"},
        (
            "#/grounds",
            "invalid_choice",
            '"angry" is not valid. Use one of: mistaken, spoofed, new_holder, other.',
        ),
    ),
    "no statement": (
        {"grounds": "spoofed"},
        ("#/statement", "required", "This field is required."),
    ),
    "an empty one": (
        BODY | {"statement": " "},
        ("#/statement", "blank", "This field may not be blank."),
    ),
    "a long one": (
        BODY | {"statement": "x" * 2001},
        (
            "#/statement",
            "max_length",
            "Ensure this field has no more than 2000 characters.",
        ),
    ),
    "a long contact": (
        BODY | {"contact": "x" * 255},
        ("#/contact", "max_length", "Ensure this field has no more than 254 characters."),
    ),
    "no way of ours": (
        BODY | {"via": "post"},
        ("#/via", "invalid_choice", '"post" is not valid. Use one of: sms, voice.'),
    ),
    "no language of ours": (
        BODY | {"language": "fr"},
        ("#/language", "invalid_choice", '"fr" is not valid. Use one of: en, zh-hans, zh-hant.'),
    ),
    "another field": (
        BODY | {"name": "Smith"},
        (
            "#/name",
            "unknown-field",
            "There is no such field. The fields are: grounds, statement, contact, via, language.",
        ),
    ),
}


@pytest.mark.parametrize(("body", "error"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(phone: Phone, body: dict[str, Any], error: tuple[Any, ...]):
    reported()
    answer = dispute(body=body)
    detail = f"Some fields are not valid: {error[0].removeprefix('#/')}."
    assert answer.status == 400
    assert answer.json == trouble(400, "Bad Request", "invalid-request", detail, error)
    assert (phone.got, Dispute.objects.count()) == ([], 0)


def test_a_contact_is_one_where_somebody_can_be_reached(phone: Phone):
    """A hold is for a holder whom moderators can ask."""
    reported()
    answer = dispute(body=BODY | {"contact": "hello abc"})
    detail = "Nobody can be reached by this. Give an e-mail address or a telephone number."
    error = ("#/contact", "unreachable", detail)
    assert answer.json == trouble(400, "Bad Request", "unreachable", detail, error)
    assert (phone.got, Dispute.objects.count()) == ([], 0)


def conflict(code: str, detail: str, field: str = "number") -> dict[str, Any]:
    errors = [(f"#/{field}", code, detail)] if field else []
    return trouble(409, "Conflict", code, detail, *errors)


def test_no_number(phone: Phone):
    answer = dispute("anonymous")
    assert answer.status == 400
    assert answer.json["errors"][0]["pointer"] == "#/number"
    assert answer.json["type"] == "urn:ringscore:problem:invalid-number"


def test_nothing_to_dispute(phone: Phone):
    answer = dispute()
    assert answer.status == 409
    assert answer.json == conflict(
        "nothing-to-dispute",
        "Nothing is held against this number: there is nothing to settle.",
    )


def test_a_number_that_gets_no_codes(phone: Phone):
    say(newcomer("a"), number=identify("95533", region="CN"))
    answer = dispute("95533", "?region=CN")
    assert answer.status == 409
    assert answer.json == conflict(
        "cannot-receive-codes",
        "No code can be sent to this kind of number. Write to the moderators instead.",
    )


def test_disputed_already(phone: Phone):
    opened(phone)
    answer = dispute(body=BODY | {"statement": "Me too."})
    assert answer.status == 409
    assert answer.json == conflict(
        "already-disputed",
        "This number is disputed already, and a moderator is going to decide.",
    )


def test_too_soon_after_a_loss(phone: Phone):
    decided(phone, upheld=False)
    answer = dispute()
    assert answer.status == 409
    assert answer.json["type"] == "urn:ringscore:problem:too-soon"


def test_too_many_codes(phone: Phone):
    reported()
    for n in range(5):
        assert dispute(address=f"192.0.{n}.1").status == 202
    answer = dispute(address="198.51.100.1")
    assert answer.status == 429
    detail = "Too many codes were asked for. Try again tomorrow."
    assert answer.json == trouble(429, "Too Many Requests", "too-many-codes", detail)
    assert 86_000 < int(answer.headers["Retry-After"]) <= 86_400
    assert len(phone.got) == 5


def test_the_gateway_is_away(phone: Phone):
    reported()
    phone.broken = True
    answer = dispute()
    assert answer.status == 503
    assert answer.json == trouble(
        503,
        "Service Unavailable",
        "code-not-sent",
        "No code can be sent at the moment. What you wrote is kept: try again later.",
    )
    assert answer.headers["Retry-After"] == "5"
    phone.broken = False
    again = dispute()
    assert again.status == 202
    assert verify(again.json["id"], phone.code).status == 200
    assert Dispute.objects.get().statement == "I am a plumber."


def test_ten_an_hour_and_address(phone: Phone):
    for _ in range(10):
        assert dispute().status == 409
    assert dispute().status == 429
    assert dispute(address="198.51.100.1").status == 409


# --- Bringing the code back ---


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


# --- Following it ---


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


# --- Appealing ---


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


# --- All of them ---


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
