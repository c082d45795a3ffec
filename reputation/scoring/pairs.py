"""Counting pairs of reporters over all numbers: the only thing of the pass that crosses numbers.

Each shard counts the pairs on its numbers; `merged` adds the counts up. All are whole numbers, so
no order of the shards changes a sum.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from reputation.scoring.chains import Indices, Ints, starts


class Pairs(NamedTuple):
    """Distinct keys of pairs in ascending order, with a count for each."""

    keys: Ints
    counts: Ints

    def of(self, keys: Ints) -> tuple[Ints, Ints]:
        """The places of those `keys` that are among these, and their counts."""
        place = np.searchsorted(self.keys, keys)
        inside = np.flatnonzero(place < len(self.keys))
        hit = inside[self.keys[place[inside]] == keys[inside]]
        return hit, np.asarray(self.counts[place[hit]])


def unordered(one: Indices, other: Indices, reporters: int) -> Ints:
    """A key of two reporters, the same in either order: low · reporters + high."""
    return np.minimum(one, other).astype(np.int64) * reporters + np.maximum(one, other)


def ordered(one: Indices, other: Indices, reporters: int) -> Ints:
    """A key of two reporters in this order."""
    return one.astype(np.int64) * reporters + other


def counted(keys: list[Ints], counts: list[Ints] | None = None) -> Pairs:
    """Each key once, with how often it occurs, or the sum of its `counts`."""
    everything = np.concatenate([np.zeros(0, np.int64), *keys])
    if counts is None:
        everything.sort()
        begin = starts(everything)
        return Pairs(everything[begin], np.diff(np.r_[begin, len(everything)]))
    order = np.argsort(everything, kind="stable")
    everything = everything[order]
    begin = starts(everything)
    amounts = np.concatenate([np.zeros(0, np.int64), *counts])[order]
    return Pairs(everything[begin], np.add.reduceat(amounts, begin) if len(begin) else amounts)


def merged(runs: Iterable[Pairs], *, at_least: int = 1) -> Pairs:
    """The sums of all runs, in memory, as far as they reach `at_least`."""
    some = list(runs)
    found = counted([run.keys for run in some], [run.counts for run in some])
    enough = found.counts >= at_least
    return Pairs(found.keys[enough], found.counts[enough])
