"""The body of an answer about one number: JSON, text, or pairs. api.bulk_bodies has many."""

from typing import Any
from urllib.parse import quote, urlencode

from api.rendering import dump
from reputation import lookup
from reputation.identity import InvalidNumber, country_of, line_type
from reputation.scoring import Status

FORMATS = ("json", "text", "pairs")
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"


def body_of(answer: lookup.Answer, form: str, public_url: str) -> tuple[str, bytes]:
    """The answer in one of FORMATS, after its content type."""
    if form == "json":
        return JSON, dump(flat(answer, public_url))
    if form == "text":
        verdict = f"{answer.action} {answer.score} {answer.category}".rstrip()
        known = answer.status != Status.UNKNOWN or answer.own_rule
        line = verdict if known else "UNKNOWN"
        return TEXT, f"{line}\n".encode()
    # Asterisk cuts at the first `&`: what decides comes first.
    pairs = {"action": answer.action, "score": answer.score}
    pairs |= flat(answer, public_url) | {"reasons": "; ".join(answer.reasons)}
    return TEXT, urlencode(pairs).encode()


def flat(answer: lookup.Answer, public_url: str) -> dict[str, Any]:
    """The answer as the contract's flat JSON object."""
    # Unpacked at once: as many attribute reads would take longer than all the rest.
    (
        number, action, score, confidence, status, category, reports, reporters,
        first_reported_at, last_reported_at, name, country, line_type, reasons, advice, ttl,
        campaign, own_rule,
    ) = answer  # fmt: skip
    found: dict[str, Any] = {
        "number": number,
        "action": action,
        "score": score,
        "confidence": confidence,
        "status": status,
        "category": category,
        "reports": reports,
        "reporters": reporters,
        "first_reported_at": first_reported_at,
        "last_reported_at": last_reported_at,
        "name": name,
        "country": country,
        "line_type": line_type,
        "reasons": reasons,
        "advice": advice,
        "redress_url": f"{public_url}/numbers/{_quoted(number)}/dispute",
        "ttl": ttl,
    }
    if campaign:
        found["campaign"] = campaign
    if own_rule:
        found["own_rule"] = own_rule
    return found


def _quoted(key: str) -> str:
    """A key in a URL. Most are a plus and digits, and `quote` is slow."""
    return f"%2B{key[1:]}" if key[0] == "+" else quote(key)


def of_invalid(raw: str, error: InvalidNumber) -> dict[str, str]:
    """The entry of a bulk lookup for a text that is no number."""
    return {"input": raw, "error": str(error), "code": error.code}


def of_nobody(key: str, public_url: str) -> str:
    """The JSON about a number without a row. Numbers of the same country and type of line differ
    only in their digits, so the text around these is kept."""
    if key[0] != "+":
        return dump(flat(lookup.of_nobody(key), public_url)).decode()
    digits, kind = key[1:], (country_of(key), line_type(key), public_url)
    around = _around.get(kind)
    if around is None:
        text = dump(flat(lookup.of_nobody(key), public_url)).decode()
        around = text.split(digits)
        if len(around) != 3:  # our own address contains these digits too
            return text
        _around[kind] = around
    return digits.join(around)


# The texts around the digits, by country, type of line and public address: a few thousand at most.
_around: dict[tuple[str, str, str], list[str]] = {}
