"""The mirror's own file: a million numbers in three and a half megabytes, searched in place.

Sorted numbers are cut into blocks of at most 128. A block stores its first number whole and all its
numbers as offsets from it, in 2, 3 or 4 bytes, whichever suffices: first those of flagged numbers,
then those of blocked ones. A lookup finds the block by bisection and the offset by a search for its
bytes, both of which run in C. docs/adr has the alternatives and their measurements.

    magic, version, cursor, created, checksum, sizes    HEADER
    starts   8 bytes a block: its first number
    places   4 bytes a block, and the end of all: where its offsets begin
    bounds   4 bytes a block: where the offsets of blocked numbers begin
    widths   1 byte a block: bytes an offset
    offsets
    others   the other keys: `f` or `b`, the key, a line feed
    SHA-256 of all this
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ._exceptions import SnapshotCorrupt
from ._models import Action
from ._snapshot import Snapshot

MAGIC: Final = b"RSINDEX\n"
VERSION: Final = 1
HEADER = struct.Struct("<8sIIQQ32sQQQ")
# Numbers in a block. Twice as many would save .2 bytes and cost a tenth of speed.
BLOCK: Final = 128
FEW: Final = 40  # with fewer numbers, a block of wide offsets is smaller than another block
TRAILER: Final = 32


def build(snapshot: Snapshot) -> bytes:
    """The file for a snapshot."""
    flagged = [number << 1 for number in snapshot.numbers.get(Action.FLAG, [])]
    blocked = [number << 1 | 1 for number in snapshot.numbers.get(Action.BLOCK, [])]
    marked = sorted(flagged + blocked)  # two ascending runs: one merge
    del flagged, blocked
    starts, places, bounds = array("Q"), array("I"), array("I")
    widths, offsets = bytearray(), bytearray()
    for first, width, flags, blocks in _blocks(marked):
        starts.append(first)
        places.append(len(offsets))
        bounds.append(len(offsets) + len(flags) * width)
        widths.append(width)
        offsets += _narrow([number - first for number in flags + blocks], width)
    places.append(len(offsets))
    others = "".join(
        f"{action[0]}{key}\n" for action, keys in snapshot.others.items() for key in keys
    ).encode()
    header = HEADER.pack(
        MAGIC,
        VERSION,
        len(starts),
        snapshot.cursor,
        snapshot.created,
        snapshot.checksum.to_bytes(32, "big"),
        len(marked),
        len(offsets),
        len(others),
    )
    arrays = map(_little, (starts, places, bounds))
    body = b"".join((header, *arrays, widths, offsets, others))
    return body + hashlib.sha256(body).digest()


def _blocks(marked: list[int]) -> Iterator[tuple[int, int, list[int], list[int]]]:
    """Each block's first number, bytes an offset, flagged numbers and blocked numbers.

    `marked`: ascending numbers, each shifted by one bit, which is set for a blocked one.
    """
    place = 0
    while place < len(marked):
        marks = marked[place : place + BLOCK]
        numbers = [mark >> 1 for mark in marks]
        first = numbers[0]
        width = 2 if numbers[-1] - first < 1 << 16 else 3
        if numbers[-1] - first >= 1 << 24:
            size = bisect_right(numbers, first + (1 << 24) - 1)
            if size < FEW:
                width, size = 4, bisect_right(numbers, first + (1 << 32) - 1)
            marks = marks[:size]
        flags = [mark >> 1 for mark in marks if not mark & 1]
        blocks = [mark >> 1 for mark in marks if mark & 1]
        yield first, width, flags, blocks
        place += len(marks)


def _narrow(offsets: list[int], width: int) -> bytearray:
    """The lowest `width` bytes of each offset, the lowest byte first."""
    wide = _little(array("I", offsets))
    narrow = bytearray(len(offsets) * width)
    for byte in range(width):
        narrow[byte::width] = wide[byte::4]
    return narrow


def _little(integers: array[int]) -> bytes:
    """The integers, each with its lowest byte first, on any machine."""
    if sys.byteorder == "big":
        integers.byteswap()
    return integers.tobytes()


class Index:
    """An index file, memory-mapped until nothing refers to it any more."""

    def __init__(self, path: Path) -> None:
        """Opens and checks the file. Raises SnapshotCorrupt, OSError."""
        self.path = path
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            size = os.fstat(handle).st_size
            if size < HEADER.size + TRAILER:
                raise SnapshotCorrupt(f"{path} is cut.")
            self.data = mmap.mmap(handle, size, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
        try:
            self._read(path, size)
        except BaseException:
            self.data.close()
            raise

    def _read(self, path: Path, size: int) -> None:
        with memoryview(self.data) as view, view[:-TRAILER] as body:
            if hashlib.sha256(body).digest() != self.data[-TRAILER:]:
                raise SnapshotCorrupt(f"{path} is cut or altered.")
        magic, version, blocks, cursor, created, checksum, count, offsets, others = (
            HEADER.unpack_from(self.data)
        )
        places = [HEADER.size]
        for part in (8 * blocks, 4 * (blocks + 1), 4 * blocks, blocks, offsets, others):
            places.append(places[-1] + part)
        if magic != MAGIC or version != VERSION or places[-1] != size - TRAILER:
            raise SnapshotCorrupt(f"{path} is not an index that this package reads.")
        self.size, self.cursor, self.created, self.count = size, cursor, created, count
        self.checksum = int.from_bytes(checksum, "big")
        first = places[4]
        starts = struct.unpack_from(f"<{blocks}Q", self.data, places[0])
        begins = struct.unpack_from(f"<{blocks + 1}I", self.data, places[1])
        bounds = struct.unpack_from(f"<{blocks}I", self.data, places[2])
        # A list: bisecting an array creates an integer for each element that it visits. A sentinel
        # in front, below all numbers, spares the lookup a case.
        self.starts = [-1 << 60, *starts]
        self.places = array("I", [first, *(begin + first for begin in begins)])
        self.bounds = array("I", [first, *(bound + first for bound in bounds)])
        self.widths = b"\2" + self.data[places[3] : first]
        self.others: dict[str, Action] = {}
        for line in self.data[places[5] : places[6]].decode().splitlines():
            self.others[line[1:]] = Action.FLAG if line[0] == "f" else Action.BLOCK
        self.count += len(self.others)

    def entries(self) -> Iterator[tuple[Action, str]]:
        """Every entry."""
        for block in range(1, len(self.starts)):
            first, width, bound = self.starts[block], self.widths[block], self.bounds[block]
            for place in range(self.places[block], self.places[block + 1], width):
                offset = int.from_bytes(self.data[place : place + width], "little")
                yield Action.BLOCK if place >= bound else Action.FLAG, f"+{first + offset}"
        for key, action in self.others.items():
            yield action, key

    def memory(self) -> int:
        """Bytes in use: the mapped file and the structures beside it."""
        parts = (self.starts, self.places, self.bounds, self.widths, self.others)
        integers = sum(map(sys.getsizeof, self.starts))
        others = sum(map(sys.getsizeof, self.others))
        return self.size + sum(map(sys.getsizeof, parts)) + integers + others
