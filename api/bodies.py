"""What answers to lookups look like: JSON, text, and pairs; of one number, or of many."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

import numpy as np
from numpy.typing import NDArray

from api.rendering import dump
from reputation import lookup
from reputation.identity import InvalidNumber, country_of, line_type
from reputation.lists import Rule
from reputation.scoring import ACTIONS, STATUSES, Ints, Status

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
    pieces, width = _pieces(stored, public_url, rules) if stored is not None else ([], 0)
    known = stored.number if stored is not None else []
    if len(known) < len(keys):
        row_of: dict[str | InvalidNumber, int] = dict(zip(known, range(len(known)), strict=True))
        laid, begun, ended = list[str](), 0, 0
        for raw, key in zip(numbers, keys, strict=True):
            row = row_of.get(key, -1)
            if row == ended:
                ended += 1
                continue
            laid += pieces[begun * width : ended * width]
            begun = ended
            if row < 0:
                laid.append(_of_other(raw, key, public_url, rules))
            else:  # asked for again
                laid += pieces[row * width : (row + 1) * width]
        pieces = laid + pieces[begun * width :]
    pieces[0] = pieces[0][1:]
    return f'{{"results":[{"".join(pieces)}]}}'.encode()


def _of_other(raw: str, key: str | InvalidNumber, public_url: str, rules: Sequence[Rule]) -> str:
    """The JSON about what has no row, after a comma."""
    if isinstance(key, InvalidNumber):
        return "," + dump(of_invalid(raw, key)).decode()
    if rules and (own := lookup.with_own(lookup.of_nobody(key), rules)).own_rule:
        return _whole(own, public_url)
    return "," + of_nobody(key, public_url)


def _whole(answer: lookup.Answer, public_url: str) -> str:
    return "," + dump(flat(answer, public_url)).decode()


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

DIGITS: Final = "digits"
# Fields that stand in quotes, and are texts that JSON writes unchanged.
_QUOTED: Final = frozenset(
    {"number", "action", "status", "category", "first_reported_at", "last_reported_at", "country"}
    | {"line_type", "advice"}
)
_MARK: Final = re.compile(r'"\+0(\d\d)"|(?<=%2B)0\d\d')


@lru_cache(4)
def _around_fields(public_url: str) -> tuple[list[str], list[str]]:
    """The texts around the fields of an answer, after a comma, and the names of the fields: DIGITS
    are those of the number."""
    names = lookup.Answer._fields[:-2]
    marks: list[Any] = [f"+0{place:02}" for place in range(len(names))]
    around = _MARK.split(_whole(lookup.Answer(*marks), public_url).removesuffix("}"))
    texts = around[::2]
    fields = [names[int(place)] if place else DIGITS for place in around[1::2]]
    for place, field in enumerate(fields):
        if field in _QUOTED:
            texts[place] += '"'
            texts[place + 1] = '"' + texts[place + 1]
    return texts, fields


def _pieces(stored: lookup.Stored, public_url: str, rules: Sequence[Rule]) -> tuple[list[str], int]:
    """The pieces of all these answers, one after the other and each after a comma, and how many an
    answer has."""
    rows, readings = len(stored.number), stored.readings
    names = ['""'] * rows
    for place, name in stored.names.items():
        names[place] = dump(name).decode()
    columns: dict[str, list[str] | Ints] = {
        "number": stored.number,
        "action": readings.action,
        "score": readings.score,
        "confidence": readings.share,
        "status": readings.status,
        "category": stored.category,
        "reports": stored.reports,
        "reporters": stored.reporters,
        "first_reported_at": stored.first_reported_at,
        "last_reported_at": stored.last_reported_at,
        "name": names,
        "country": stored.country,
        "line_type": stored.line_type,
        "advice": stored.advice,
        "ttl": stored.ttl,
        DIGITS: [key[1:] for key in stored.number],
    }
    reasons, silent = readings.reasons.columns('","')
    texts, fields = _around_fields(public_url)
    laid = list[list[str]]()
    for text, field in zip(texts, fields, strict=False):
        if field == "reasons":
            laid += [[text + '["'] * rows, *reasons, ['"]'] * rows]
        elif isinstance(column := columns[field], list):
            laid += [[text] * rows, column]
        elif column.max() < len(table := _after(text, field)):
            laid.append(table[column].tolist())
        else:
            laid += [[text] * rows, list(map(str, column.tolist()))]
    laid.append([texts[-1] + "}"] * rows)
    width = len(laid)
    pieces = [""] * (rows * width)
    for place, column in enumerate(laid):
        pieces[place::width] = column
    for place, answer in _apart(stored, silent, rules).items():
        whole = [_whole(answer, public_url), *[""] * (width - 1)]
        pieces[place * width : (place + 1) * width] = whole
    return pieces, width


# What JSON has for the places that these fields hold. Counts have a text each up to a thousand.
_WORDS: Final[dict[str, Sequence[str]]] = {
    "action": ACTIONS,
    "status": STATUSES,
    "confidence": [dump(share / 100.0).decode() for share in range(101)],
}
_COUNTS: Final = [str(count) for count in range(1_000)]


@lru_cache(64)
def _after(text: str, field: str) -> NDArray[Any]:
    """The words of a field, each after a text."""
    return np.array([text + word for word in _WORDS.get(field, _COUNTS)], object)


def _apart(
    stored: lookup.Stored, silent: list[int], rules: Sequence[Rule]
) -> dict[int, lookup.Answer]:
    """Answers that are not put together of pieces, by their places: what JSON or an address may
    write otherwise, what few have, those without reasons, and where the own list says something."""
    rows = range(len(stored.number))
    written = "".join(map("".join, (stored.country, stored.line_type, stored.category)))
    if rules or dump(written) != f'"{written}"'.encode():
        return {place: lookup.with_own(stored.answer(place), rules) for place in rows}
    places = {*stored.readings.reasons.instead, *stored.campaigns, *silent}
    if not "".join(stored.number).replace("+", "").isdecimal():
        places.update(place for place, key in enumerate(stored.number) if key[0] != "+")
    return {place: stored.answer(place) for place in places}
