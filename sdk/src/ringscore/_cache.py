"""Answers kept for as long as the server allows."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Cache(Generic[V]):
    """At most `size` values, each until its time; the least recently used goes first.

    Not locked: single operations on an OrderedDict are atomic, and a lost value is harmless.
    """

    def __init__(self, size: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._clock = size, clock
        self._values: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """The value, unless its time is over."""
        held = self._values.get(key)
        if held is None:
            return None
        until, value = held
        try:
            if self._clock() >= until:
                del self._values[key]
                return None
            self._values.move_to_end(key)
        except KeyError:  # another thread removed it just now
            pass
        return value

    def put(self, key: Hashable, value: V, *, seconds: float) -> None:
        """Keeps a value for `seconds`; for 0 not at all."""
        if seconds <= 0 or self._size <= 0:
            return
        self._values[key] = (self._clock() + seconds, value)
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    def clear(self) -> None:
        """Removes all values."""
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)
