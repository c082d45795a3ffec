"""The body of a bulk lookup, put together from texts that are made once.

A text has one or a few neighbouring fields of an answer, and what stands around them. Each entry
has the same bytes as the answer to a single lookup (docs/adr/0014).
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any, Final

import numpy as np

from api.bodies import flat, of_invalid, of_nobody
from api.rendering import dump
from reputation import lookup
from reputation.identity import InvalidNumber
from reputation.lists import Rule
from reputation.scoring import ACTIONS, Texts

_DIGITS: Final = "digits"
_MARK: Final = re.compile(r'"\+0(\d\d)"|(?<=%2B)0\d\d')
# Two counts are packed into one integer for Texts, which finds small integers fastest. The second
# count is at most as large as the first.
_SMALL: Final = 1 << 7


def body_of(
    numbers: Sequence[str],
    keys: Sequence[str | InvalidNumber],
    stored: lookup.Stored | None,
    public_url: str,
    *,
    rules: Sequence[Rule] = (),
) -> bytes:
    """The body about `numbers`, in their order.

    `keys`: what each number was read as. `stored`: the rows that were found. `rules`: the caller's
    own list.
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
    """The entry of a text without a row, after a comma."""
    if isinstance(key, InvalidNumber):
        return "," + dump(of_invalid(raw, key)).decode()
    if rules and (own := lookup.with_own(lookup.of_nobody(key), rules)).own_rule:
        return _whole(own, public_url)
    return "," + of_nobody(key, public_url)


def _whole(answer: lookup.Answer, public_url: str) -> str:
    return "," + dump(flat(answer, public_url)).decode()


class _Written:
    """The texts of answers for one public address, which is part of them."""

    def __init__(self, public_url: str) -> None:
        # An answer of marks instead of values shows what stands around each field.
        names = lookup.Answer._fields[:-2]
        marks: list[Any] = [f"+0{place:02}" for place in range(len(names))]
        around = _MARK.split(_whole(lookup.Answer(*marks), public_url).removesuffix("}"))
        fields = [names[int(place)] if place else _DIGITS for place in around[1::2]]
        self._before = dict(zip(fields, around[::2], strict=False))
        self.number = self._before["number"] + '"'
        self.verdict = self._texts(_verdict, "action", "score", "confidence", begin='"')
        self.named = self._texts(_named, "status", "category")
        self.counts = self._texts(_counts, "reports", "reporters")
        self.first_day = self._texts(_day, "first_reported_at")
        self.last_day = self._texts(_day, "last_reported_at")
        begin_reasons = self._before["reasons"] + '["'
        self.kind = self._texts(_kind, "name", "country", "line_type", end=begin_reasons)
        self.advice = self._texts(_advice, "advice", begin='"]', end=self._before[_DIGITS])
        self.ttl = self._texts(lambda ttl: (ttl,), "ttl", end=around[-1] + "}")

    def with_name(self, kind: str, name: str) -> str:
        """The text `kind`, which has an empty name, with this name."""
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
    """The texts of all entries in order, each entry after a comma, and how many an entry has."""
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
    """Answers to be written whole, by their places: those that an own list may change, those of a
    campaign, those with reasons of their own (scoring.telling) or none, and those whose keys JSON
    or an address may escape."""
    if rules:
        rows = range(len(stored.number))
        return {place: lookup.with_own(stored.answer(place), rules) for place in rows}
    places = {*stored.readings.reasons.instead, *stored.campaigns, *silent}
    if "\n".join(["", *stored.number]).count("\n+") < len(stored.number):
        places.update(place for place, key in enumerate(stored.number) if key[0] != "+")
    return {place: stored.answer(place) for place in places}
