"""Disputes over HTTP: how they are opened, verified, decided and appealed, and what is shown."""

from typing import Any

from reputation.disputes.deciding import decide_dispute
from reputation.models import Dispute
from tests.given.api_requests import Answer, ask, trouble
from tests.given.phone import Phone
from tests.given.reporters import DAY, moderator, reported

NUMBER = "+8613812345678"
BODY = {"grounds": "mistaken", "statement": "I am a plumber.", "contact": "plumber@example.org"}


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


def conflict(code: str, detail: str, field: str = "number") -> dict[str, Any]:
    errors = [(f"#/{field}", code, detail)] if field else []
    return trouble(409, "Conflict", code, detail, *errors)
