"""Looks up a thousand numbers at once: the answers of `single.look_up`, at a fraction of its cost.

PostgreSQL sends one row, with all numbers in it. All numbers are judged and explained column
by column, as if only the trust pass had decided about them (scoring.reading). The few numbers with
other decisions follow one by one.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reputation.identity import (
    REGIONS,
    InvalidNumber,
    country_of,
    identify,
    is_plainly_e164,
    line_type,
)
from reputation.lookup.advice import advise
from reputation.lookup.single import (
    DECIDED,
    DECISIONS,
    TTL,
    Answer,
    campaign_of,
    read,
    standing_of,
    unknown,
)
from reputation.models import Prepared
from reputation.privacy import FEW
from reputation.scoring import Figures, Status, Told, read_many, to_days

# No key contains a line break, and one text is cheaper to pass than an array.
_ASKED = "FROM reputation_number n WHERE n.key = ANY(string_to_array(%s, E'\\n'))"

# Columns whose values contain no line break.
_LINES = ("key", "country", "line_type", "category")
# The binary formats of values, all big-endian, and what writes them. All are sent as one string of
# bytes: to put that together costs PostgreSQL less than an array for each column.
_COUNT = (">i4", "int4send(n.{})")
_TRUTH = ("?", "boolsend(n.{})")
_FLOAT = (">f8", "float8send(n.{})")
_MOMENT = (">i8", "timestamptz_send(coalesce(n.{}, '-infinity'))")  # microseconds since 2000
# Names come with decisions.
_APART = f"({DECIDED} OR n.name <> '')"
_FIELDS = {
    "apart": ("?", f"boolsend({_APART})"),
    "reports": _COUNT,
    "complaints": _COUNT,
    "first_reported_at": _MOMENT,
    "last_reported_at": _MOMENT,
    "reassess_at": _MOMENT,
    # The rest are scoring.reading.Figures.
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
# What they become here: sums of counts have room.
_HERE: dict[str, Any] = {">i4": np.int64, "?": np.bool_, ">f8": np.float64, ">i8": np.int64}
_ROW = np.dtype([(name, kind) for name, (kind, _) in _FIELDS.items()])
# Of arrays: bytes before the first element, and an element with its length.
_HEADER = 20
_DECISION = np.dtype([("length", ">i4"), ("value", ">f8")])

ROWS = Prepared(
    f"""SELECT {", ".join(f"string_agg(n.{name}, E'\\n')" for name in _LINES)},
    string_agg({" || ".join(send.format(name) for name, (_, send) in _FIELDS.items())}, ''::bytea),
    array_agg({DECISIONS}) FILTER (WHERE {_APART}),
    array_agg(n.pinned) FILTER (WHERE {_APART}), array_agg(n.name) FILTER (WHERE {_APART}),
    array_agg(n.told) FILTER (WHERE {_APART})
    {_ASKED}"""
)
_UNKNOWN = Status.UNKNOWN.value
_EPOCH = date(1970, 1, 1).toordinal()
_NEVER = np.iinfo(np.int64).min
_DAY = 86_400_000_000  # microseconds
_SINCE_1970 = 946_684_800_000_000  # microseconds until 2000


class Stored(NamedTuple):
    """Answers about stored numbers: for each field of Answer a value for each number."""

    number: list[str]
    action: list[str]
    score: list[int]
    confidence: list[float]
    status: list[str]
    category: list[str]
    reports: list[int]
    reporters: list[int]
    first_reported_at: list[str]
    last_reported_at: list[str]
    name: list[str]
    country: list[str]
    line_type: list[str]
    reasons: Told
    advice: list[str]
    ttl: list[int]
    campaign: list[str]

    def answers(self) -> Iterator[Answer]:
        return map(Answer._make, zip(*self, repeat(""), strict=False))


def look_up_many(
    numbers: Sequence[str], *, region: str = "", now: datetime
) -> list[Answer | InvalidNumber]:
    """The answer about each of `numbers`, written in any way, or the error of an invalid one."""
    keys = read_many_keys(numbers, region)
    stored = find_many([key for key in keys if type(key) is str], at=to_days(now))
    answers = {answer.number: answer for answer in stored.answers()} if stored is not None else {}
    return [
        key if isinstance(key, InvalidNumber) else answers.get(key) or of_nobody(key)
        for key in keys
    ]


def of_nobody(key: str) -> Answer:
    """The answer about a number without a row, as of many others."""
    of = country_of(key), line_type(key)
    if of not in _ALIKE:
        _ALIKE[of] = unknown(key, of[0])[1:]
    return Answer(key, *_ALIKE[of])


def read_many_keys(numbers: Sequence[str], region: str) -> list[str | InvalidNumber]:
    """The key of each of `numbers`, written in any way, or the error of an invalid one."""
    if not region or region in REGIONS:
        return [raw if is_plainly_e164(raw) else _key(raw, region) for raw in numbers]
    return [_key(raw, region) for raw in numbers]


def _key(raw: str, region: str) -> str | InvalidNumber:
    try:
        return identify(raw, region=region, allow_fictional=True).key
    except InvalidNumber as error:
        return error


def find_many(keys: list[str], *, at: float) -> Stored | None:
    """The answers about those of these numbers that are stored, in any order. `at` in days."""
    *lines, packed, decisions, pinned, names_given, told = ROWS.values("\n".join(keys))
    if packed is None:
        return None
    numbers, countries, kinds, categories = (
        line.decode().split("\n") for line in lines if line is not None
    )
    rows = np.frombuffer(packed, _ROW)
    values: dict[str, NDArray[Any]] = {
        name: rows[name].astype(_HERE[kind]) for name, (kind, _) in _FIELDS.items()
    }
    reports, complaints = values.pop("reports"), values.pop("complaints")
    first, last = (_written(values.pop(f"{end}_reported_at"), reports) for end in ("first", "last"))
    left = (_days(values.pop("reassess_at")) - at) * 86_400
    ttl = np.where(left < TTL, np.maximum(0.0, left), TTL).astype(np.int64)  # NaN: TTL
    for name in values:
        if _FIELDS[name] is _MOMENT:
            values[name] = _days(values[name])
    apart = np.flatnonzero(values.pop("apart")).tolist()
    figures = Figures(*values.values())
    readings = read_many(at, figures)
    names, campaigns = [""] * len(reports), [""] * len(reports)
    decided = _decided(apart, decisions, pinned, names_given, told)
    for (place, decision, action, name, written), (prior, promoted, evidence) in zip(
        decided, figures.rows(apart), strict=True
    ):
        standing = standing_of(decision, action, promoted)
        campaign = campaign_of(written, standing, at)
        reading = read(evidence, standing, prior, at, campaign=campaign)
        for column, value in zip(readings, reading, strict=True):
            column[place] = value  # type: ignore[index]
        names[place] = name
        campaigns[place] = campaign.key if campaign else ""
    about = [
        "" if status == _UNKNOWN else category  # faded reports no longer count
        for status, category in zip(readings.status, categories, strict=True)
    ]
    return Stored(
        numbers, readings.action, readings.score, readings.confidence, readings.status, about,
        (reports + complaints).tolist(), reports.tolist(), first, last, names, countries, kinds,
        readings.reasons, list(map(_advice, readings.action, about)), ttl.tolist(), campaigns,
    )  # fmt: skip


def _decided(
    places: list[int], decisions: bytes | None, *texts: bytes | None
) -> Iterator[tuple[int, list[float], str, str, str]]:
    """Place, DECISIONS, pinned action, name and campaign of each number with decisions."""
    pinned, names, campaigns = texts
    if decisions is None or pinned is None or names is None or campaigns is None:
        return
    table = np.frombuffer(decisions, _DECISION, offset=_HEADER + 8)["value"]  # two dimensions
    rows = table.reshape(len(places), -1).tolist()
    yield from zip(places, rows, _texts(pinned), _texts(names), _texts(campaigns), strict=True)


def _texts(array: bytes) -> Iterator[str]:
    start = _HEADER
    while start < len(array):
        end = start + 4 + int.from_bytes(array[start : start + 4])
        yield array[start + 4 : end].decode()
        start = end


def _days(moments: NDArray[np.int64]) -> NDArray[np.float64]:
    """Days since 1970, by the arithmetic of date_part; NaN for never."""
    never = moments == _NEVER
    days = (np.where(never, 0, moments) + _SINCE_1970) / 1e6 / 86_400.0
    return np.where(never, np.nan, days)


def _written(moments: NDArray[np.int64], reporters: NDArray[np.int64]) -> list[str]:
    """As lookup.moments says it: midnight of the day, or of its Monday; empty for never."""
    never = moments == _NEVER
    days = (np.where(never, 0, moments) + _SINCE_1970) // _DAY
    days = np.where(reporters < FEW, days - (days + 3) % 7, days)  # 1970 began on a Thursday
    written = list(map(_midnight, days.tolist()))
    for place in np.flatnonzero(never).tolist():
        written[place] = ""
    return written


@lru_cache(4096)
def _midnight(day: int) -> str:
    return f"{date.fromordinal(_EPOCH + day).isoformat()}T00:00:00Z"


# By country and line type, of which there are some thousand at most.
_ALIKE: dict[tuple[str, str], tuple[Any, ...]] = {}
# Few answers, asked for with each number.
_advice = lru_cache(256)(advise)
