"""POST /v1/numbers/{number}/disputes: who may open a dispute, and of which numbers."""

from typing import Any

import pytest

from reputation.disputes import CODE_LIFETIME
from reputation.identity import identify
from reputation.models import Dispute
from tests.given.api_disputes import BODY, NUMBER, conflict, decided, dispute, opened, verify, z
from tests.given.api_requests import holder, trouble
from tests.given.phone import Phone
from tests.given.reporters import newcomer, reported, say

pytestmark = pytest.mark.django_db


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
    wishes = {"via": "voice", "language": "zh-Hans"}  # as Apple writes it
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
        (
            *("#/grounds", "required"),
            "This field is required. Use one of: mistaken, spoofed, new_holder, other.",
        ),
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
        ("#/statement", "blank", "Give a text: this one is empty."),
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


def test_what_is_no_number_cannot_be_disputed(phone: Phone):
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


def test_what_is_kept_counts_although_no_code_can_be_sent(phone: Phone):
    reported()
    phone.broken = True
    said = ({"body": BODY | {"statement": f"Once more: {turn}"}} for turn in range(11))
    assert [dispute(**each).status for each in said] == [503] * 10 + [429]
    assert Dispute.objects.count() == 10


def test_ten_an_hour_and_address(phone: Phone):
    for _ in range(10):
        assert dispute().status == 409
    assert dispute().status == 429
    assert dispute(address="198.51.100.1").status == 409
