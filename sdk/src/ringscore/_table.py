"""What a mirror knows at one moment: an index, and the changes since. Replaced, never altered."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from ._exceptions import ChecksumMismatch
from ._index import MARKS, Index
from ._models import Action
from ._snapshot import MODULUS, entry_hash

FLAG, BLOCK = Action.FLAG, Action.BLOCK


class Table:
    """Lookups by canonical key. `changes` overrides the index; None there is a removal."""

    def __init__(
        self, index: Index, changes: Mapping[str, Action | None], *, cursor: int, checksum: int
    ) -> None:
        self.index, self.cursor, self.checksum = index, cursor, checksum
        self.changes = dict(changes)
        self._indexed = Table(index, {}, cursor=0, checksum=0).action if changes else self.action
        self._parts = (
            self.changes, index.starts, index.ends, index.data, index.data.find, index.others,
            index.marks - MARKS,  # the sentinel has no marks
        )  # fmt: skip

    def action(self, key: str) -> Action | None:
        """FLAG, BLOCK, or None when the key is not listed."""
        changes, starts, ends, data, find, others, marks = self._parts
        if key in changes:
            return changes[key]
        try:
            number = int(key)
        except ValueError:
            return others.get(key)
        block = bisect_right(starts, number) - 1
        start = ends[block]
        width = (start & 3) + 2
        offset = number - starts[block]
        if offset >> (width << 3):
            return None
        start >>= 2
        end = ends[block + 1] >> 2
        needle = offset.to_bytes(width, "little")
        place = find(needle, start, end)
        while place >= 0:
            if not (place - start) % width:
                index = (place - start) // width
                mark = data[marks + block * MARKS + (index >> 3)] >> (index & 7) & 1
                return BLOCK if mark else FLAG
            place = find(needle, place + 1, end)  # the same bytes across two offsets
        return None

    @property
    def count(self) -> int:
        """How many keys are listed."""
        count: int = self.index.count
        for key, action in self.changes.items():
            count += (action is not None) - (self._indexed(key) is not None)
        return count

    def memory(self) -> int:
        """Bytes that this takes."""
        keys = sum(map(sys.getsizeof, self.changes))
        return self.index.memory() + sys.getsizeof(self.changes) + keys

    def entries(self) -> Iterator[tuple[Action, str]]:
        """Every entry."""
        for action, key in self.index.entries():
            if key not in self.changes:
                yield action, key
        for key, changed in self.changes.items():
            if changed is not None:
                yield changed, key

    def changed(self, changes: Mapping[str, Action | None], *, cursor: int, checksum: int) -> Table:
        """The table after some changes. Raises ChecksumMismatch; this one stays as it is."""
        total = self.checksum
        for key, action in changes.items():
            before = self.action(key)
            if before is action:
                continue
            if before is not None:
                total -= entry_hash(before, key)
            if action is not None:
                total += entry_hash(action, key)
        if total % MODULUS != checksum:
            raise ChecksumMismatch(
                f"The changes up to cursor {cursor} do not lead to the state that the server has: "
                "some were lost or altered."
            )
        return Table(self.index, {**self.changes, **changes}, cursor=cursor, checksum=checksum)
