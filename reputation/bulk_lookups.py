"""Looking a thousand numbers up at once: what `lookups.look_up` says of each, and much cheaper.

PostgreSQL sends one row, an array a column. What nobody but the pass decided about is judged and
explained column by column (scoring.reading); the few others are read again, as single lookups are.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reputation.advice import advise
from reputation.clock import to_days
from reputation.identity import (
    REGIONS,
    InvalidNumber,
    country_of,
    identify,
    is_plainly_e164,
)
from reputation.lookups import COLUMNS, DECIDED, TTL, Answer, of_row, unknown
from reputation.prepared import Prepared
from reputation.scoring.policy import Status
from reputation.scoring.reading import Figures, read_many

# No key holds a line break, and one text is cheaper to pass than an array.
_ASKED = "FROM reputation_number n WHERE n.key = ANY(string_to_array(%s, E'\\n'))"
ROWS = Prepared(f"SELECT {COLUMNS} {_ASKED}")

_TEXTS = ("key", "country", "line_type", "category")
# How PostgreSQL sends an array's elements: a length, then the value, both most significant first.
_COUNT = np.dtype([("length", ">i4"), ("value", ">i4")])
_TRUTH = np.dtype([("length", ">i4"), ("value", "?")])
_FLOAT = np.dtype([("length", ">i4"), ("value", ">f8")])
_MOMENT = np.dtype([("length", ">i4"), ("value", ">i8")])  # microseconds since 2000
_HEADER = 20  # bytes before the first element
_ARRAYS = {
    "reports": _COUNT,
    "complaints": _COUNT,
    "first_reported_at": _MOMENT,
    "last_reported_at": _MOMENT,
    "reassess_at": _MOMENT,
    # From here on as scoring.reading.Figures has them.
    "prior": _FLOAT,
    "promoted": _TRUTH,
    "evidence_at": _MOMENT,
    "unwanted_short": _FLOAT,
    "unwanted_long": _FLOAT,
    "legitimate": _FLOAT,
    "networks": _COUNT,
    "established": _COUNT,
    "newcomers": _COUNT,
    "established_networks": _COUNT,
    "supporters": _COUNT,
    "imported": _COUNT,
    "first_unwanted_at": _MOMENT,
    "last_unwanted_at": _MOMENT,
    "gathered": _FLOAT,
    "saturated": _FLOAT,
}


def _array(name: str, kind: np.dtype[Any]) -> str:
    # A null would be shorter than the rest.
    return f"array_agg({f"coalesce(n.{name}, '-infinity')" if kind is _MOMENT else f'n.{name}'})"


ARRAYS = Prepared(
    f"""SELECT array_agg({DECIDED} OR n.name <> ''),
    {", ".join(f"string_agg(n.{name}, E'\\n')" for name in _TEXTS)},
    {", ".join(_array(name, kind) for name, kind in _ARRAYS.items())} {_ASKED}"""
)
_UNKNOWN = Status.UNKNOWN.value
_EPOCH = date(1970, 1, 1).toordinal()
_NEVER = np.iinfo(np.int64).min
_SINCE_1970 = 946_684_800_000_000  # microseconds until 2000


def look_up_many(
    numbers: Sequence[str], *, region: str = "", now: datetime
) -> list[Answer | InvalidNumber]:
    """What to tell about each of `numbers`, which may be written in any way, or why it is none."""
    asked = [_key(raw, region) for raw in numbers]
    at = to_days(now)
    found = _found([key for key in asked if type(key) is str], at)
    answers: list[Answer | InvalidNumber] = []
    for key in asked:
        if isinstance(key, InvalidNumber):
            answers.append(key)
            continue
        answer = found.get(key)
        if answer is None:
            answer = found[key] = unknown(key, country_of(key), now=at)
        answers.append(answer)
    return answers


def _key(raw: str, region: str) -> str | InvalidNumber:
    if (not region or region in REGIONS) and is_plainly_e164(raw):
        return raw
    try:
        return identify(raw, region=region, allow_fictional=True).key
    except InvalidNumber as error:
        return error


def _found(keys: list[str], at: float) -> dict[str, Answer]:
    """Answers of those that are in the table, by key. `at` in days."""
    apart, *columns = ARRAYS.values("\n".join(keys))
    if apart is None:
        return {}
    found = {answer.number: answer for answer in _plain_ones(columns, at)}
    decided = [
        key for key, decided in zip(found, _values(apart, _TRUTH).tolist(), strict=True) if decided
    ]
    if decided:
        for row in ROWS.all("\n".join(decided)):
            found[row[0]] = of_row(row, now=at)
    return found


def _plain_ones(columns: list[Any], at: float) -> Iterator[Answer]:
    """Answers from the columns of ARRAYS, as if nobody had decided anything."""
    texts, arrays = columns[: len(_TEXTS)], columns[len(_TEXTS) :]
    keys, countries, lines, categories = (text.decode().split("\n") for text in texts)
    values = {
        name: _values(array, kind)
        for (name, kind), array in zip(_ARRAYS.items(), arrays, strict=True)
    }
    first, last = (_written(values.pop(f"{end}_reported_at")) for end in ("first", "last"))
    reports, complaints = values.pop("reports"), values.pop("complaints")
    left = (_days(values.pop("reassess_at")) - at) * 86_400
    ttl = np.where(left < TTL, np.maximum(0.0, left), TTL).astype(np.int64)  # NaN: TTL
    for name, kind in _ARRAYS.items():
        if kind is _MOMENT and name in values:
            values[name] = _days(values[name])
    told = read_many(at, Figures(*values.values()))
    for (
        key, country, line, category, seen, by, since, until, seconds, action, status, score,
        confidence, reasons,
    ) in zip(
        keys, countries, lines, categories, (reports + complaints).tolist(), reports.tolist(),
        first, last, ttl.tolist(), *told, strict=True,
    ):  # fmt: skip
        about = "" if status == _UNKNOWN else category  # what faded counts no more
        yield Answer(
            key, action, score, confidence, status, about, seen, by, since, until, "", country,
            line, reasons, _advice(action, about), seconds,
        )  # fmt: skip


def _values(array: bytes, kind: np.dtype[Any]) -> NDArray[Any]:
    """A one-dimensional array without nulls."""
    values: NDArray[Any] = np.frombuffer(array, kind, offset=_HEADER)["value"]
    return values.astype(values.dtype.newbyteorder("="), casting="safe")


def _days(moments: NDArray[np.int64]) -> NDArray[np.float64]:
    """Days since 1970, worked out as date_part does; NaN for never."""
    never = moments == _NEVER
    days = (np.where(never, 0, moments) + _SINCE_1970) / 1e6 / 86_400.0
    return np.where(never, np.nan, days)


def _written(moments: NDArray[np.int64]) -> list[str]:
    """As RFC 3339 has it, in whole seconds; empty for never."""
    days, seconds = np.divmod(moments // 1_000_000 + _SINCE_1970 // 1_000_000, 86_400)
    minutes, seconds = np.divmod(seconds, 60)
    written = [
        f"{_day(day)}{_MINUTES[minute]}{_SECONDS[second]}"
        for day, minute, second in zip(
            days.tolist(), minutes.tolist(), seconds.tolist(), strict=True
        )
    ]
    for place in np.flatnonzero(moments == _NEVER).tolist():
        written[place] = ""
    return written


@lru_cache(4096)
def _day(day: int) -> str:
    return "" if day < 0 else date.fromordinal(_EPOCH + day).isoformat()


_MINUTES = [f"T{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
_SECONDS = [f":{second:02}Z" for second in range(60)]
# Few answers, asked for with each number.
_advice = lru_cache(256)(advise)
