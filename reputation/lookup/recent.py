"""A cache in the memory of a process: recently read values, for a moment."""

from collections import OrderedDict
from enum import Enum
from threading import Lock
from time import monotonic
from typing import Final


class Missing(Enum):
    """The answer for a key without a value that may still be used."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


class Recent[K, V]:
    """The last values by key, each for `seconds` after the moment before it was read.

    most: kept at once; the oldest go first.
    """

    def __init__(self, *, seconds: float, most: int) -> None:
        self.seconds, self.most = seconds, most
        # An OrderedDict: in a dict, finding the first entry passes over the places of all deleted
        # ones.
        self.kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self.keeping = Lock()

    def get(self, key: K) -> V | Missing:
        found = self.kept.get(key)
        if found is None or monotonic() - found[0] >= self.seconds:
            return MISSING
        return found[1]

    def keep(self, key: K, value: V, *, since: float) -> V:
        """`since`: monotonic() before the value was read, from when others may have changed it.
        Returns what is kept: this value, or one that was read later."""
        with self.keeping:
            found = self.kept.pop(key, None)
            if found is not None and found[0] > since:
                since, value = found  # a later read was stored first
            self.kept[key] = (since, value)
            # For each new entry two old ones may go, so old entries never fill the memory.
            for _ in range(2):
                oldest = next(iter(self.kept), None)
                if oldest is None or (
                    len(self.kept) <= self.most
                    and monotonic() - self.kept[oldest][0] < self.seconds
                ):
                    break
                del self.kept[oldest]
        return value

    def clear(self) -> None:
        with self.keeping:
            self.kept.clear()
