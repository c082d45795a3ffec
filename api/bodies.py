"""What answers to lookups look like: JSON, text, and pairs; of one number, or of many."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any, Final
from urllib.parse import quote, urlencode

import numpy as np

from api.rendering import dump
from reputation import lookup
from reputation.identity import InvalidNumber, country_of, line_type
from reputation.lists import Rule
from reputation.scoring import ACTIONS, Status, Texts

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
    if stored is None or len(stored.number) < len(keys):
        found = iter(stored.found.tolist() if stored is not None else repeat(False))
        others = [
            place for place, key in enumerate(keys) if type(key) is not str or not next(found)
        ]
        laid, begun = list[str](), 0
        for before, place in enumerate(others):
            ended = (place - before) * width
            laid += pieces[begun:ended]
            laid.append(_of_other(numbers[place], keys[place], public_url, rules))
            begun = ended
        pieces = laid + pieces[begun:]
    pieces[0] = '{"results":[' + pieces[0][1:]
    pieces.append("]}")
    return "".join(pieces).encode()


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
_MARK: Final = re.compile(r'"\+0(\d\d)"|(?<=%2B)0\d\d')
# A count below this and another that is no larger have a number below FEW together.
_SMALL: Final = 1 << 7


class _Written:
    """Parts of answers as they are written at one address. Each is a text of some fields, made
    once, with what stands around them."""

    def __init__(self, public_url: str) -> None:
        names = lookup.Answer._fields[:-2]
        marks: list[Any] = [f"+0{place:02}" for place in range(len(names))]
        around = _MARK.split(_whole(lookup.Answer(*marks), public_url).removesuffix("}"))
        fields = [names[int(place)] if place else DIGITS for place in around[1::2]]
        self._before = dict(zip(fields, around[::2], strict=False))
        self.number = self._before["number"] + '"'
        self.verdict = self._texts(_verdict, "action", "score", "confidence", begin='"')
        self.named = self._texts(_named, "status", "category")
        self.counts = self._texts(_counts, "reports", "reporters")
        self.first_day = self._texts(_day, "first_reported_at")
        self.last_day = self._texts(_day, "last_reported_at")
        begin_reasons = self._before["reasons"] + '["'
        self.kind = self._texts(_kind, "name", "country", "line_type", end=begin_reasons)
        self.advice = self._texts(_advice, "advice", begin='"]', end=self._before[DIGITS])
        self.ttl = self._texts(lambda ttl: (ttl,), "ttl", end=around[-1] + "}")

    def with_name(self, kind: str, name: str) -> str:
        """What `kind` has of a number without a name, with this one."""
        before = self._before["name"]
        return before + dump(name).decode() + kind[len(before) + len('""') :]

    def _texts(
        self, values: Callable[[int], tuple[Any, ...]], *names: str, begin: str = "", end: str = ""
    ) -> Texts:
        def text(packed: int) -> str:
            pairs = zip(names, values(packed), strict=True)
            fields = (self._before[name] + dump(value).decode() for name, value in pairs)
            return begin + "".join(fields) + end

        return Texts(text)


_written = lru_cache(4)(_Written)


def _verdict(packed: int) -> tuple[str, int, float]:
    action, score, share = packed // 101**2, packed // 101 % 101, packed % 101
    return ACTIONS[action], score, share / 100.0


def _named(packed: int) -> tuple[str, str]:
    status, category, _ = lookup.LABELS.named(packed)
    return status, category


def _advice(packed: int) -> tuple[str]:
    return (lookup.LABELS.named(packed).advice,)


def _counts(packed: int) -> tuple[int, int]:
    return divmod(packed, _SMALL if packed < _SMALL**2 else 1 << 32)


def _day(after: int) -> tuple[str]:
    return (lookup.written_day(after),)


def _kind(label: int) -> tuple[str, str, str]:
    country, line_type, _ = lookup.LABELS.labels[label]
    return "", country, line_type


def _pieces(stored: lookup.Stored, public_url: str, rules: Sequence[Rule]) -> tuple[list[str], int]:
    """The pieces of all these answers, one after the other and each after a comma, and how many an
    answer has."""
    rows, readings, written = len(stored.number), stored.readings, _written(public_url)
    reports, reporters = stored.reports, stored.reporters
    base = np.where(reports < _SMALL, _SMALL, 1 << 32)
    kinds = written.kind.of(stored.labels)
    for place, name in stored.names.items():
        kinds[place] = written.with_name(kinds[place], name)
    reasons, silent = readings.reasons.columns('","')
    laid = (
        [written.number] * rows,
        stored.number,
        written.verdict.of((readings.action * 101 + readings.score) * 101 + readings.share),
        written.named.of(stored.told),
        written.counts.of(reports * base + reporters),
        written.first_day.of(stored.first_reported_at),
        written.last_day.of(stored.last_reported_at),
        kinds,
        *reasons,
        written.advice.of(stored.told),
        [key[1:] for key in stored.number],
        written.ttl.of(stored.ttl),
    )
    width = len(laid)
    pieces = [""] * (rows * width)
    for place, column in enumerate(laid):
        pieces[place::width] = column
    for place, answer in _apart(stored, silent, rules).items():
        whole = [_whole(answer, public_url), *[""] * (width - 1)]
        pieces[place * width : (place + 1) * width] = whole
    return pieces, width


def _apart(
    stored: lookup.Stored, silent: list[int], rules: Sequence[Rule]
) -> dict[int, lookup.Answer]:
    """Answers that are not put together of pieces, by their places: what JSON or an address may
    write otherwise, what few have, those without reasons, and where the own list says something."""
    if rules:
        rows = range(len(stored.number))
        return {place: lookup.with_own(stored.answer(place), rules) for place in rows}
    places = {*stored.readings.reasons.instead, *stored.campaigns, *silent}
    if "\n".join(["", *stored.number]).count("\n+") < len(stored.number):
        places.update(place for place, key in enumerate(stored.number) if key[0] != "+")
    return {place: stored.answer(place) for place in places}
