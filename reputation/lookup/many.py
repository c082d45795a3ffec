"""Looks up a thousand numbers at once: the answers of `single.look_up`, at a fraction of its cost.

PostgreSQL sends one row, with all numbers in it. All numbers are judged and explained column
by column (scoring.judging, scoring.reading). The few that a campaign links follow one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import compress, repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reputation.identity import (
    REGIONS,
    InvalidNumber,
    are_plainly_e164,
    country_of,
    identify,
    line_type,
)
from reputation.lookup.labels import LABELS, TAB, pack
from reputation.lookup.moments import day_of, days_of, midnight, monday_of
from reputation.lookup.places import NOWHERE, PLACE, Places, RowPlaces, to_sql
from reputation.lookup.single import TTL, Answer, campaign_of, read, unknown
from reputation.models import Prepared
from reputation.privacy import FEW
from reputation.scoring import (
    ACTIONS,
    Bools,
    Decided,
    Figures,
    Ints,
    Readings,
    read_many,
    to_days,
)

# Whether anything but the trust pass decided about the number, which is rare.
_DECIDED = """(n.official OR n.holder_verified OR n.moderated <> 0 OR n.disputed OR n.spoofed
    OR n.reassigned OR n.pinned <> '' OR n.immune_until IS NOT NULL OR n.never_calls
    OR n.linked <> 0)"""
# The numeric fields of scoring.policy.Standing: one array costs less than eleven columns. Without
# nulls, which would be shorter than the other elements.
_DAYS = "coalesce(date_part('epoch', n.{}) / 86400, 'NaN')"
_DECISIONS = f"""ARRAY[n.official::int, n.holder_verified::int, n.moderated,
    {_DAYS.format("moderated_at")}, n.disputed::int, n.spoofed::int,
    n.reassigned::int, {_DAYS.format("immune_until")}, n.never_calls::int,
    n.linked, {_DAYS.format("linked_until")}]::float8[]"""
# A name always comes with a decision.
_ROWS = f"""SELECT n.*, n.ctid AS place, {_DECIDED} OR n.name <> '' AS apart
    FROM reputation_number n WHERE"""  # noqa: S608 -- constants
# Rows at the given places, and rows of the given keys. No key contains a line break, and one text
# is cheaper to pass than an array.
_ASKED = f"""FROM ({_ROWS} n.ctid = ANY(%s::tid[])
    UNION ALL {_ROWS} n.key = ANY(string_to_array(%s, E'\\n'))) n"""

# No text of these contains a line break, nor does a key.
_LABEL = f"n.country || '{TAB}' || n.line_type || '{TAB}' || n.category"
# Fields by the binary formats of their values, all big-endian, with what writes them. All are sent
# as one string of bytes: to put that together costs PostgreSQL less than an array for each column.
# Here those of one format are one array, of values that have room for sums.
_COUNTS = (
    *("reports", "complaints", "networks", "established", "newcomers", "established_networks"),
    *("supporters", "imported"),
)
_MOMENTS = (  # microseconds since 2000
    *("first_reported_at", "last_reported_at", "reassess_at"),
    *("evidence_at", "first_unwanted_at", "last_unwanted_at"),
)
_FLOATS = (*("prior", "unwanted_short", "unwanted_long", "legitimate", "gathered", "saturated"),)
_TRUTHS = ("apart", "promoted")
_ROW = np.dtype(
    [
        ("counts", ">i4", len(_COUNTS)),
        ("moments", ">i8", len(_MOMENTS)),
        ("floats", ">f8", len(_FLOATS)),
        ("truths", "?", len(_TRUTHS)),
        *PLACE.descr,
    ]
)
_PACKED = " || ".join(
    (
        *(f"int4send(n.{name})" for name in _COUNTS),
        *(f"timestamptz_send(coalesce(n.{name}, '-infinity'))" for name in _MOMENTS),
        *(f"float8send(n.{name})" for name in _FLOATS),
        *(f"boolsend(n.{name})" for name in _TRUTHS),
        "tidsend(n.place)",
    )
)
# Arrays of two dimensions: the bytes before the first element, and an element with its length.
_HEADER = 28
_ELEMENT = np.dtype([("length", ">i4"), ("value", ">f8")])

ROWS = Prepared(
    f"""SELECT string_agg(n.key, E'\\n'), string_agg({_LABEL}, E'\\n'),
    string_agg({_PACKED}, ''::bytea),
    array_agg({_DECISIONS}) FILTER (WHERE n.apart),
    array_agg(ARRAY[n.pinned, n.name, n.told]) FILTER (WHERE n.apart)
    {_ASKED}"""
)
# The fields of _DECISIONS.
_FIELDS_DECIDED = (
    *("official", "holder_verified", "moderated", "moderated_at", "disputed", "spoofed"),
    *("reassigned", "immune_until", "never_calls", "linked", "linked_until"),
)
_LINKED = _FIELDS_DECIDED.index("linked")
_NEVER = np.iinfo(np.int64).min


class Stored(NamedTuple):
    """Answers about the requested numbers that are stored, as columns in their order; rare values
    by their places. `found`: the places of these numbers in the request. `told`: as labels.pack.
    `first_reported_at` and `last_reported_at`: see written_day.
    """

    found: Bools
    number: list[str]
    readings: Readings
    labels: Ints
    told: Ints
    reports: Ints
    reporters: Ints
    first_reported_at: Ints
    last_reported_at: Ints
    names: dict[int, str]
    ttl: Ints
    campaigns: dict[int, str]

    def answer(self, place: int) -> Answer:
        action, _, score, confidence, reasons = self.readings.told(place)
        country, line_type, _ = LABELS.labels[self.labels[place]]
        status, category, advice = LABELS.named(self.told[place].item())
        return Answer(
            self.number[place], action, score, confidence, status, category,
            self.reports[place].item(), self.reporters[place].item(),
            written_day(self.first_reported_at[place].item()),
            written_day(self.last_reported_at[place].item()), self.names.get(place, ""), country,
            line_type, reasons, advice, self.ttl[place].item(), self.campaigns.get(place, ""),
        )  # fmt: skip


def look_up_many(
    numbers: Sequence[str], *, region: str = "", now: datetime
) -> list[Answer | InvalidNumber]:
    """The answer about each of `numbers`, written in any way, or the error of an invalid one."""
    keys = read_many_keys(numbers, region)
    stored = find_many([key for key in keys if type(key) is str], at=to_days(now))
    found = {key: stored.answer(place) for place, key in enumerate(stored.number)} if stored else {}
    return [
        key if isinstance(key, InvalidNumber) else found.get(key) or of_nobody(key) for key in keys
    ]


def of_nobody(key: str) -> Answer:
    """The answer about a number without a row, which many numbers share."""
    of = country_of(key), line_type(key)
    if of not in _ALIKE:
        _ALIKE[of] = unknown(key, of[0])[1:]
    return Answer(key, *_ALIKE[of])


def read_many_keys(numbers: Sequence[str], region: str) -> list[str | InvalidNumber]:
    """The key of each of `numbers`, written in any way, or the error of an invalid one."""
    if region and region not in REGIONS:
        return [_key(raw, region) for raw in numbers]
    plain = are_plainly_e164(numbers)
    if all(plain):
        return list(numbers)
    return [raw if own else _key(raw, region) for raw, own in zip(numbers, plain, strict=True)]


def _key(raw: str, region: str) -> str | InvalidNumber:
    try:
        return identify(raw, region=region, allow_fictional=True).key
    except InvalidNumber as error:
        return error


def find_many(keys: list[str], *, at: float, places: RowPlaces | None = None) -> Stored | None:
    """The answers about those of these numbers that are stored. `at` in days. `places`: hints where
    their rows are."""
    found, order = find_rows(keys, places)
    is_found = order >= 0
    if not is_found.all():
        order = order[is_found]
        keys = list(compress(keys, is_found.tolist()))
    if not keys:
        return None
    rows = found.rows[order]
    reports, complaints, *counts = rows["counts"].T.astype(np.int64, order="C")
    moments = rows["moments"].T.astype(np.int64, order="C")
    prior, *floats = rows["floats"].T.astype(np.float64, order="C")
    reassess_at, *days = _days(moments[2:])
    left = (reassess_at - at) * 86_400
    ttl = np.where(left < TTL, np.maximum(0.0, left), TTL).astype(np.int64)  # NaN: TTL
    figures = Figures(
        prior, rows["truths"][:, 1], days[0], *floats[:3], *counts, *days[1:], *floats[3:]
    )
    apart = _apart(found, order)
    readings, campaigns = _read(figures, apart, at)
    labels = LABELS.places(found.labels)[order]
    first, last = _days_told(moments[:2], reports)
    return Stored(
        is_found, keys, readings, labels, pack(labels, readings.status, readings.action),
        reports + complaints, reports, first, last,
        {place: name for place, name in zip(apart.places, apart.names, strict=True) if name},
        ttl, campaigns,
    )  # fmt: skip


class _Found(NamedTuple):
    """The result of ROWS: keys, labels, the packed fields, and for rows with decisions or names
    also _DECISIONS and three texts each."""

    keys: list[str]
    labels: list[str]
    rows: NDArray[Any]
    decisions: NDArray[np.float64]
    texts: list[str]

    def joined(self, other: "_Found") -> "_Found":
        return _Found(
            self.keys + other.keys,
            self.labels + other.labels,
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.decisions, other.decisions]),
            self.texts + other.texts,
        )

    def order(self, keys: list[str]) -> Ints:
        """The place of each of `keys` in the result, or -1."""
        row_of = dict(zip(self.keys, range(len(self.keys)), strict=True))
        return np.fromiter(map(row_of.get, keys, repeat(-1)), np.int64, len(keys))


def find_rows(keys: list[str], places: RowPlaces | None) -> tuple[_Found, Ints]:
    """Reads rows at their last known places, and the others by key. Returns them, and the place of
    each key among them, or -1."""
    if places is None:
        found = read_rows(NOWHERE, keys)
        return found, found.order(keys)
    hints = places.of(keys)
    is_hinted = hints != 0
    others = list(compress(keys, (~is_hinted).tolist()))
    found = read_rows(hints[is_hinted], others)
    order = found.order(keys)
    is_moved = is_hinted & (order < 0)
    if is_moved.any():
        moved = list(compress(keys, is_moved.tolist()))
        found = found.joined(read_rows(NOWHERE, moved))
        order = found.order(keys)
    learnt = order[(~is_hinted | is_moved) & (order >= 0)].tolist()
    if learnt:
        places.learn([found.keys[row] for row in learnt], found.rows[learnt])
    return found, order


def read_rows(places: Places, keys: list[str]) -> _Found:
    found, labels, packed, decisions, texts = ROWS.values(to_sql(places), "\n".join(keys))
    return _Found(
        _lines(found),
        _lines(labels),
        np.frombuffer(packed or b"", _ROW),
        _table(decisions),
        list(_texts(texts)),
    )


def _lines(text: bytes | None) -> list[str]:
    return text.decode().split("\n") if text is not None else []


class _Apart(NamedTuple):
    """Numbers with decisions or names: their places, and for each a row of _DECISIONS, the pinned
    action, the name, and the stored text about a campaign."""

    places: list[int]
    decisions: NDArray[np.float64]
    pinned: list[str]
    names: list[str]
    written: list[str]


def _apart(found: _Found, order: Ints) -> _Apart:
    """The numbers with decisions or names among the rows in this order."""
    stands_apart = found.rows["truths"][:, 0]
    places = stands_apart[order].nonzero()[0]
    rows = (np.cumsum(stands_apart) - 1)[order[places]]
    texts = np.array(found.texts, object).reshape(-1, 3)[rows].T.tolist()
    return _Apart(places.tolist(), found.decisions[rows], *texts)


def _read(figures: Figures, apart: _Apart, at: float) -> tuple[Readings, dict[int, str]]:
    """The judgement of each number, and the keys of campaigns."""
    if not apart.places:
        return read_many(at, figures), {}
    decided = _decided(len(figures.prior), apart)
    readings, campaigns = read_many(at, figures, decided), dict[int, str]()
    linked = np.flatnonzero(apart.decisions[:, _LINKED]).tolist()
    places = [apart.places[each] for each in linked]
    standings = decided.standings(places, figures.promoted)
    for each, place, standing, (prior, _, evidence) in zip(
        linked, places, standings, figures.rows(places), strict=True
    ):
        *_, links, until = apart.decisions[each].tolist()
        standing = replace(
            standing, linked=int(links), linked_until=None if until != until else until
        )
        campaign = campaign_of(apart.written[each], standing, at)
        readings.put(place, read(evidence, standing, prior, at, campaign=campaign))
        if campaign:
            campaigns[place] = campaign.key
    return readings, campaigns


def _decided(rows: int, apart: _Apart) -> Decided:
    """The decisions about this many numbers, as columns."""
    columns = Decided.nobody(rows)._asdict()
    for name, values in zip(_FIELDS_DECIDED, apart.decisions.T, strict=True):
        if name in columns:
            columns[name] = columns[name].copy()
            columns[name][apart.places] = values
    pins = [ACTIONS.index(action) if action else -1 for action in apart.pinned]
    columns["pinned"][apart.places] = pins
    return Decided(**columns)


def _table(array: bytes | None) -> NDArray[np.float64]:
    """The rows of _DECISIONS, as a table."""
    if array is None:
        return np.empty((0, len(_FIELDS_DECIDED)))
    values: NDArray[Any] = np.frombuffer(array, _ELEMENT, offset=_HEADER)["value"]
    return values.reshape(-1, len(_FIELDS_DECIDED)).astype(np.float64)


def _texts(array: bytes | None) -> Iterator[str]:
    start = _HEADER
    while array is not None and start < len(array):
        end = start + 4 + int.from_bytes(array[start : start + 4])
        yield array[start + 4 : end].decode()
        start = end


def _days(moments: NDArray[np.int64]) -> NDArray[np.float64]:
    """Days since 1970; NaN for never."""
    return np.where(moments == _NEVER, np.nan, days_of(moments))


def _days_told(moments: Ints, reporters: Ints) -> Ints:
    """The day that an answer names for each row of moments, as written_day takes it."""
    days = day_of(moments)
    days = np.where(reporters < FEW, monday_of(days), days)
    told: Ints = np.maximum(0, days + 1)
    return told


def written_day(after: int) -> str:
    """The day that an answer names, counted from 1 for 1970-01-01; empty for 0, which means
    never."""
    return midnight(after - 1) if after else ""


# By country and line type, of which there are some thousand at most.
_ALIKE: dict[tuple[str, str], tuple[Any, ...]] = {}
