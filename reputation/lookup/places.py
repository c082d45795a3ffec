"""Where PostgreSQL keeps the rows of numbers: docs/adr/0051.

A place is a hint: a row moves when it is written, and another row may take its place. So readers
check the keys of the rows that they get, and read the others by key.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

type Places = NDArray[np.int64]

# A place is 32 bits for the block and 16 bits for the row in it, never 0. The bits above are of the
# key's hash, which distinguish keys with the same slot.
_PLACE: Final = (1 << 48) - 1
# As `tid` is sent, alone and as an element of an array, before whose elements stand dimensions,
# nulls, type, length and first index.
PLACE: Final = np.dtype([("block", ">u4"), ("row", ">u2")])
_ELEMENT: Final = np.dtype([("length", ">i4"), *PLACE.descr])
_HEADER: Final = np.array([1, 0, 27, 0, 1], ">i4")
NOWHERE: Final[Places] = np.empty(0, np.int64)


class RowPlaces:
    """The places that one process remembers, by hashes of keys. A later number may take the slot of
    another. `most`: how many numbers."""

    def __init__(self, *, most: int) -> None:
        # The operating system allocates memory only when it is used.
        self.slots: Places = np.zeros(max(1, most), np.int64)

    def of(self, keys: Sequence[str]) -> Places:
        """The place of each row, or 0."""
        hashes = _hashes(keys)
        kept = self.slots[hashes % len(self.slots)]
        return np.where((kept ^ hashes) & ~_PLACE == 0, kept & _PLACE, 0)

    def learn(self, keys: Sequence[str], rows: NDArray[Any]) -> None:
        """`rows`: with the fields of PLACE."""
        hashes = _hashes(keys)
        places = rows["block"].astype(np.int64) << 16 | rows["row"]
        self.slots[hashes % len(self.slots)] = (hashes & ~_PLACE) | places


def _hashes(keys: Sequence[str]) -> Places:
    return np.fromiter(map(hash, keys), np.int64, len(keys))


def to_sql(places: Places) -> bytes:
    """An array of `tid` in PostgreSQL's binary format."""
    header, elements = _HEADER.copy(), np.empty(len(places), _ELEMENT)
    header[3] = len(places)
    elements["length"] = PLACE.itemsize
    elements["block"], elements["row"] = places >> 16, places & 0xFFFF
    return header.tobytes() + elements.tobytes()
