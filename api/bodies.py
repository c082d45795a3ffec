"""What answers to lookups look like: JSON, text, and pairs; of one number, or of many."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

from api.rendering import dump
from reputation import lookup
from reputation.identity import InvalidNumber, country_of, line_type
from reputation.lists import Rule
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


def of_many(
    numbers: Sequence[str],
    keys: Sequence[str | InvalidNumber],
    stored: lookup.Stored | None,
    public_url: str,
    *,
    rules: Sequence[Rule] = (),
) -> bytes:
    """The body about `numbers`, whose `keys` were read and, of those that there are, `stored`.

    It is put together of ready pieces, and has the bytes of single answers. `rules`: the own list
    of who asks.
    """
    texts: dict[str | InvalidNumber, str] = {}
    if stored is not None:
        texts.update(zip(stored.number, _of_stored(stored, public_url), strict=True))
    for raw, key in zip(numbers, keys, strict=True):
        if key in texts:
            continue
        if isinstance(key, InvalidNumber):
            texts[key] = dump(of_invalid(raw, key)).decode()
        else:
            texts[key] = of_nobody(key, public_url)
    if rules:
        _say_own(texts, stored, rules, public_url)
    return f'{{"results":[{",".join(map(texts.__getitem__, keys))}]}}'.encode()


def _say_own(
    texts: dict[str | InvalidNumber, str],
    stored: lookup.Stored | None,
    rules: Sequence[Rule],
    public_url: str,
) -> None:
    """Writes the texts of those numbers anew of which the own list says something."""
    answers = {} if stored is None else {found.number: found for found in stored.answers()}
    for key in texts:
        if isinstance(key, str):
            found = answers.get(key) or lookup.of_nobody(key)
            if (own := lookup.with_own(found, rules)) is not found:
                texts[key] = dump(flat(own, public_url)).decode()


def of_invalid(raw: str, error: InvalidNumber) -> dict[str, str]:
    """What a bulk lookup says of one that is no number."""
    return {"input": raw, "error": str(error), "code": error.code}


def of_nobody(key: str, public_url: str) -> str:
    """The JSON about a number without a row: that of others of its country and type of line, but
    for its digits."""
    if key[0] != "+":
        return dump(flat(lookup.of_nobody(key), public_url)).decode()
    digits, kind = key[1:], (country_of(key), line_type(key), public_url)
    around = _around.get(kind)
    if around is None:
        text = dump(flat(lookup.of_nobody(key), public_url)).decode()
        around = text.split(digits)
        if len(around) != 3:  # they are in our own address, too
            return text
        _around[kind] = around
    return digits.join(around)


# The texts around the digits, of a few thousand kinds at most.
_around: dict[tuple[str, str, str], list[str]] = {}

# Fields that the template takes as JSON. The others are texts that JSON writes unchanged.
DIGITS: Final = "digits"
_AS_JSON: Final = frozenset(
    {"score", "confidence", "reports", "reporters", "name", "reasons", "ttl", DIGITS}
)
_MARK: Final = re.compile(r'"\+0(\d\d)"|(?<=%2B)0\d\d')


@lru_cache(4)
def _template(public_url: str) -> tuple[str, list[str]]:
    """The text around the fields of an answer, and the names of the fields: DIGITS are those of the
    number. A last place is for what follows where there is a campaign."""
    names = lookup.Stored._fields[:-1]
    marks: list[Any] = [f"+0{place:02}" for place in range(len(names))]
    fields: list[str] = []

    def place_of(mark: re.Match[str]) -> str:
        fields.append(names[int(mark[1])] if mark[1] else DIGITS)
        return "%s" if fields[-1] in _AS_JSON else '"%s"'

    written = dump(flat(lookup.Answer(*marks), public_url)).decode().replace("%", "%%")
    return _MARK.sub(place_of, written)[:-1] + "%s}", fields


def _of_stored(stored: lookup.Stored, public_url: str) -> list[str]:
    """The JSON of each of these answers."""
    written = "".join({*stored.country, *stored.line_type, *stored.category, *stored.advice})
    if '"' in written or "\\" in written or not written.isprintable():
        return [dump(flat(answer, public_url)).decode() for answer in stored.answers()]
    reasons = [f'["{text}"]' if text else "[]" for text in stored.reasons.joined('","')]
    for place, instead in stored.reasons.instead.items():
        reasons[place] = dump(instead).decode()
    columns: dict[str, Sequence[Any]] = stored._asdict() | {
        "confidence": [_shares[share] for share in stored.confidence],
        "name": [dump(name).decode() if name else '""' for name in stored.name],
        "reasons": reasons,
    }
    columns[DIGITS] = [key[1:] for key in stored.number]
    ends = [f',"campaign":"{key}"' if key else "" for key in stored.campaign]
    template, fields = _template(public_url)
    chosen = (columns[field] for field in fields)
    texts = list(map(template.__mod__, zip(*chosen, ends, strict=True)))
    odd = [place for place, key in enumerate(stored.number) if key[0] != "+"]
    if odd:  # names of senders, which JSON and addresses may write otherwise
        answers = list(stored.answers())
        for place in odd:
            texts[place] = dump(flat(answers[place], public_url)).decode()
    return texts


class _Shares(dict[float, str]):
    """Hundredths as JSON writes them."""

    def __missing__(self, share: float) -> str:
        text = self[share] = dump(share).decode()
        return text


_shares: Final = _Shares()
