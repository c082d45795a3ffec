"""The mirror's own file: a million numbers in three and a half megabytes, answered in place.

Sorted numbers are cut into blocks of at most 128. A block stores its first number whole and all its
numbers as offsets from it, in 2, 3 or 4 bytes, whichever suffices. A lookup finds the block by
bisection and the offset by a search for its bytes, both of which run in C. docs/adr has the
alternatives and what they measured.

    magic, version, cursor, created, checksum, sizes    HEADER
    starts   8 bytes a block: its first number
    ends     4 bytes a block: where its offsets begin (<< 2), and their width minus 2
    marks    16 bytes a block: one bit a number, set where it is to be blocked
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
# Numbers in a block, a multiple of 8. Twice as many would save .2 bytes and cost a tenth of speed.
BLOCK: Final = 128
MARKS: Final = BLOCK // 8
FEW: Final = 40  # with fewer numbers, a block of wide offsets is smaller than another block
TRAILER: Final = 32


def build(snapshot: Snapshot) -> bytes:
    """The file for a snapshot."""
    flagged = [number << 1 for number in snapshot.numbers.get(Action.FLAG, [])]
    blocked = [number << 1 | 1 for number in snapshot.numbers.get(Action.BLOCK, [])]
    marked = sorted(flagged + blocked)  # two ascending runs: one merge
    del flagged, blocked
    numbers = [each >> 1 for each in marked]
    starts, ends = array("Q"), array("I")
    marks, offsets = bytearray(), bytearray()
    place = 0
    while place < len(numbers):
        block = numbers[place : place + BLOCK]
        first = block[0]
        width = 2 if block[-1] - first < 1 << 16 else 3
        if block[-1] - first >= 1 << 24:
            size = bisect_right(block, first + (1 << 24) - 1)
            if size < FEW:
                width, size = 4, bisect_right(block, first + (1 << 32) - 1)
            block = block[:size]
        size = len(block)
        starts.append(first)
        ends.append(len(offsets) << 2 | width - 2)
        whole = array("I", [number - first for number in block])
        if sys.byteorder == "big":
            whole.byteswap()
        wide = whole.tobytes()
        narrow = bytearray(size * width)
        for byte in range(width):
            narrow[byte::width] = wide[byte::4]
        offsets += narrow
        bits = bytes([48 + (each & 1) for each in reversed(marked[place : place + size])])
        marks += int(bits, 2).to_bytes(MARKS, "little")
        place += size
    ends.append(len(offsets) << 2)
    if sys.byteorder == "big":
        starts.byteswap()
        ends.byteswap()
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
        len(numbers),
        len(offsets),
        len(others),
    )
    body = b"".join((header, starts.tobytes(), ends.tobytes(), marks, offsets, others))
    return body + hashlib.sha256(body).digest()


class Index:
    """An index file, memory-mapped until nothing refers to it any more."""

    def __init__(self, path: Path) -> None:
        """Raises SnapshotCorrupt, OSError."""
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
        for part in (8 * blocks, 4 * (blocks + 1), MARKS * blocks, offsets, others):
            places.append(places[-1] + part)
        if magic != MAGIC or version != VERSION or places[-1] != size - TRAILER:
            raise SnapshotCorrupt(f"{path} is not an index that this package reads.")
        self.size, self.cursor, self.created, self.count = size, cursor, created, count
        self.checksum = int.from_bytes(checksum, "big")
        self.marks, self.first = places[2], places[3]
        starts = struct.unpack_from(f"<{blocks}Q", self.data, places[0])
        ends = struct.unpack_from(f"<{blocks + 1}I", self.data, places[1])
        # A list: bisecting an array makes an integer of each element it looks at. A sentinel in
        # front, below all numbers, spares the lookup a case.
        self.starts = [-1 << 60, *starts]
        self.ends = array("I", [self.first << 2, *(each + (self.first << 2) for each in ends)])
        self.others: dict[str, Action] = {}
        for line in self.data[places[4] : places[5]].decode().splitlines():
            self.others[line[1:]] = Action.FLAG if line[0] == "f" else Action.BLOCK
        self.count += len(self.others)

    def entries(self) -> Iterator[tuple[Action, str]]:
        """Every entry."""
        for block in range(1, len(self.starts)):
            start, width = self.ends[block] >> 2, (self.ends[block] & 3) + 2
            end = self.ends[block + 1] >> 2
            marks = int.from_bytes(self._marks(block), "little")
            packed = self.data[start:end]
            for index, place in enumerate(range(0, end - start, width)):
                offset = int.from_bytes(packed[place : place + width], "little")
                action = Action.BLOCK if marks >> index & 1 else Action.FLAG
                yield action, f"+{self.starts[block] + offset}"
        for key, action in self.others.items():
            yield action, key

    def _marks(self, block: int) -> bytes:
        place = self.marks + (block - 1) * MARKS
        return self.data[place : place + MARKS]

    def memory(self) -> int:
        """Bytes that this takes: the mapped file and what was built beside it."""
        lists = sys.getsizeof(self.starts) + sys.getsizeof(self.ends)
        integers = sum(map(sys.getsizeof, self.starts))
        others = sys.getsizeof(self.others) + sum(map(sys.getsizeof, self.others))
        return self.size + lists + integers + others
