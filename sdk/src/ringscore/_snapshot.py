"""Reads a snapshot: docs/guide/feeds-format.md in code. Checks everything before use."""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, pairwise, repeat
from operator import add, lt
from typing import Final

from ._exceptions import SnapshotCorrupt
from ._models import Action

MAGIC: Final = b"RSFEED\r\n"
VERSION: Final = 1
MODULUS: Final = 1 << 256
LARGEST: Final = 10**15  # E.164 has at most 15 digits
MOST_NUMBERS: Final = (
    30_000_000  # more than any feed has: a kilobyte of runs may stand for billions
)
LATEST: Final = 253_402_300_799  # the last second that has a date

HEADER = struct.Struct("<8sHHIQQ32s")
SECTION = struct.Struct("<BBHIQ")
TRAILER: Final = 32
ACTIONS: Final = {1: Action.FLAG, 2: Action.BLOCK}
NUMBERS, OTHERS = 1, 2  # kinds of section

# Constants of 32-bit Roaring bitmaps: see the format's specification.
_WITHOUT_RUNS, _WITH_RUNS = 12346, 12347
_ARRAY_MAX = 4096  # values; a container with more is a bitmap
_BITMAP_BYTES = 8192
_OFFSETS_FROM = 4  # containers, when there are runs


@dataclass(frozen=True)
class Snapshot:
    """A feed's state at `cursor`: ascending integers and sorted other keys, by action.

    `created` in seconds since the epoch.
    """

    cursor: int
    created: int
    checksum: int
    numbers: dict[Action, list[int]]
    others: dict[Action, list[str]]


def entry_hash(action: Action | str, key: str) -> int:
    """The summand of one entry in the checksum."""
    return int.from_bytes(hashlib.sha256(f"{action} {key}".encode()).digest(), "big")


def checksum_of(entries: Iterable[tuple[Action, str]]) -> int:
    """The checksum of a whole state."""
    return sum(entry_hash(action, key) for action, key in entries) % MODULUS


def parse(file: bytes) -> Snapshot:
    """A snapshot from its bytes. Raises SnapshotCorrupt."""
    try:
        return _parse(file)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        raise SnapshotCorrupt(f"The snapshot cannot be read: {error}.") from error


def _parse(file: bytes) -> Snapshot:
    if len(file) < HEADER.size + TRAILER or not file.startswith(MAGIC):
        raise SnapshotCorrupt("This is no snapshot: it does not begin like one.")
    view = memoryview(file)
    if hashlib.sha256(view[:-TRAILER]).digest() != file[-TRAILER:]:
        raise SnapshotCorrupt("The snapshot is cut or altered: its SHA-256 does not fit.")
    _, version, size, sections, cursor, created, checksum = HEADER.unpack_from(file)
    if version != VERSION or size != HEADER.size:
        raise SnapshotCorrupt(
            f"The snapshot has version {version}, this package reads {VERSION}: update it."
        )
    if created > LATEST:
        raise SnapshotCorrupt("The snapshot was made at no time.")
    numbers: dict[Action, list[int]] = {}
    others: dict[Action, list[str]] = {}
    place, before = HEADER.size, (0, 0)
    for _ in range(sections):
        action, kind, zero, count, length = SECTION.unpack_from(view, place)
        place += SECTION.size
        payload = view[place : place + length]
        place += length
        if place > len(file) - TRAILER or zero or (action, kind) <= before or not count:
            raise SnapshotCorrupt("The snapshot's sections are not in order.")
        before = action, kind
        if action not in ACTIONS or kind not in (NUMBERS, OTHERS):
            raise SnapshotCorrupt(f"The snapshot has an unknown section ({action}, {kind}).")
        found: list[int] | list[str]
        if kind == NUMBERS:
            found = numbers[ACTIONS[action]] = roaring64(payload)
            if found[-1] >= LARGEST:
                raise SnapshotCorrupt("The snapshot lists what is no E.164 number.")
        else:
            found = others[ACTIONS[action]] = _keys(bytes(payload))
        if len(found) != count:
            raise SnapshotCorrupt(f"The snapshot announces {count} keys and has {len(found)}.")
    if place != len(file) - TRAILER:
        raise SnapshotCorrupt("The snapshot goes on behind its last section.")
    return Snapshot(cursor, created, int.from_bytes(checksum, "big"), numbers, others)


def _keys(payload: bytes) -> list[str]:
    lines = payload.split(b"\n")
    if lines.pop() or not all(a < b for a, b in pairwise([b"", *lines])):
        raise SnapshotCorrupt("The snapshot's keys are not in order.")
    return [line.decode() for line in lines]


def roaring64(payload: memoryview) -> list[int]:
    """The values of a Roaring bitmap in the portable 64-bit serialisation, ascending."""
    (bitmaps,) = struct.unpack_from("<Q", payload)
    values: list[int] = []
    place, before = 8, -1
    for _ in range(bitmaps):
        (high,) = struct.unpack_from("<I", payload, place)
        if high <= before:
            raise SnapshotCorrupt("A bitmap's parts are not in order.")
        before = high
        place += 4 + _roaring32(payload[place + 4 :], high << 32, values)
    if place != len(payload) or not values:
        raise SnapshotCorrupt("A bitmap has not the size that it says.")
    if not all(map(lt, values, _behind(values))):
        raise SnapshotCorrupt("A bitmap's values are not in order.")
    return values


def _behind(values: list[int]) -> Iterable[int]:
    following = iter(values)
    next(following)
    return following


def _roaring32(payload: memoryview, high: int, values: list[int]) -> int:
    """Appends a 32-bit bitmap's values, raised by `high`. Returns its size in bytes."""
    containers, runs, place, offsets = _beginning(payload)
    if place + 4 * containers > len(payload) or containers > 65536:
        raise SnapshotCorrupt("A bitmap is shorter than it says.")
    described = _u16(payload[place : place + 4 * containers])
    place += 4 * containers + (4 * containers if offsets else 0)
    keys, sizes = described[0::2], [size + 1 for size in described[1::2]]
    if len(values) + sum(sizes) > MOST_NUMBERS:
        raise SnapshotCorrupt(f"A bitmap has more than {MOST_NUMBERS:,} numbers.")
    bases = [high | key << 16 for key in keys]
    if not any(runs) and all(size <= _ARRAY_MAX for size in sizes):
        # Only array containers, the usual case: their values are contiguous.
        end = place + 2 * sum(sizes)
        lows = _u16(payload[place:end])
        values.extend(map(add, chain.from_iterable(map(repeat, bases, sizes)), lows))
        return end
    for index, (base, size) in enumerate(zip(bases, sizes, strict=True)):
        if runs and runs[index >> 3] >> (index & 7) & 1:
            lows, length = _runs(payload[place:], size)
        elif size <= _ARRAY_MAX:
            lows, length = _u16(payload[place : place + 2 * size]), 2 * size
        else:
            lows, length = _bits(payload[place : place + _BITMAP_BYTES]), _BITMAP_BYTES
        place += length
        if len(lows) != size:
            raise SnapshotCorrupt("A bitmap's container has not the size that it says.")
        values.extend([base + low for low in lows])
    return place


def _beginning(payload: memoryview) -> tuple[int, bytes, int, bool]:
    """How many containers follow, the bits of those with runs, where the containers' descriptions
    begin, and whether offsets of the containers stand behind these."""
    cookie: int
    containers: int
    (cookie,) = struct.unpack_from("<I", payload)
    if cookie & 0xFFFF == _WITH_RUNS:
        containers = (cookie >> 16) + 1
        place = 4 + (containers + 7) // 8
        return containers, bytes(payload[4:place]), place, containers >= _OFFSETS_FROM
    if cookie == _WITHOUT_RUNS:
        (containers,) = struct.unpack_from("<I", payload, 4)
        return containers, b"", 8, True
    raise SnapshotCorrupt("A bitmap does not begin like one.")


def _runs(payload: memoryview, values: int) -> tuple[array[int], int]:
    """The values of a container of runs, as many as it says or fewer, and its size in bytes."""
    (count,) = struct.unpack_from("<H", payload)
    size = 2 + 4 * count
    pairs = _u16(payload[2:size])
    lows = array("H")
    if sum(pairs[1::2]) + count <= values:
        for start, more in zip(pairs[0::2], pairs[1::2], strict=True):
            lows.extend(range(start, min(start + more, 0xFFFF) + 1))
    return lows, size


def _bits(payload: memoryview) -> array[int]:
    """The values of a container that has a bit for each value."""
    text = bin(int.from_bytes(payload, "little"))[:1:-1]  # the lowest bit first
    return array("H", [low for low, bit in enumerate(text) if bit == "1"])


def _u16(payload: memoryview) -> array[int]:
    numbers = array("H", bytes(payload))
    if _BIG_ENDIAN:
        numbers.byteswap()
    return numbers


_BIG_ENDIAN: Final = struct.pack("=H", 1) == b"\0\1"
