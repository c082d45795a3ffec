"""Computes fading sums within groups of reports, over arrays. The trust pass spends most time here.

A chain is a group of reports in time order. Evidence halves in each half-life, so the sum at a
report is its own amount plus the faded sum at the report before it. The layout is in layers: the
first report of each chain, then the second of each, and so on, longer chains first. The
predecessors of a layer's reports are then the beginning of the layer before, and one pass over the
layers computes all chains.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]
type Indices = npt.NDArray[np.integer[Any]]
type Bools = npt.NDArray[np.bool_]


class Chains:
    """Reports grouped by `key`, in the order in which they come. `at`, in days, does not fall
    within a group.

    Only chains of two or more reports are laid out: the sum of a single report is its own amount.
    """

    def __init__(self, key: Ints, at: Floats, half_life: float) -> None:
        by_key = np.argsort(key, kind="stable")
        start = starts(key[by_key])
        sizes = np.diff(np.r_[start, len(key)])
        by_key = by_key[np.repeat(sizes > 1, sizes)]
        sizes = sizes[sizes > 1]
        # Layer by layer; within each the longest chains first, so a chain keeps its place.
        rank = np.empty(len(sizes), np.int64)
        rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
        place = within(sizes)
        ends = np.cumsum(np.bincount(place)) if len(place) else np.zeros(0, np.int64)
        self._bounds = np.r_[0, ends]
        self._to = np.empty(len(by_key), np.int32)
        self._to[self._bounds[place] + np.repeat(rank, sizes)] = by_key
        times = at[self._to]
        self._fade = np.zeros(len(by_key))
        for here, end, previous in self._layers():
            gap = times[here:end] - times[previous : previous + end - here]
            self._fade[here:end] = np.exp2(-gap / half_life)

    def _layers(self) -> list[tuple[int, int, int]]:
        """Start, end, and start of the predecessors of each layer except the first."""
        bounds = self._bounds.tolist()
        return [(bounds[k], bounds[k + 1], bounds[k - 1]) for k in range(1, len(bounds) - 1)]

    def forward(self, amounts: Floats) -> Floats:
        """For each report, its amount plus the faded amounts of earlier reports of its chain."""
        return self._back(amounts, self._sum(amounts[self._to]))

    def smoothed(self, amounts: Floats) -> Floats:
        """`forward`, plus the amounts of later reports, which fade in the same way."""
        own = amounts[self._to]
        return self._back(amounts, self._around(own, self._sum(own)))

    def smoothed_by_kind(self, amounts: Floats, kind: Bools) -> Floats:
        """`smoothed` over reports of the report's own kind only."""
        own, mine = amounts[self._to], kind[self._to]
        one, other = (np.where(mine, own, 0.0), np.where(mine, 0.0, own))
        one, other = (self._around(part, self._sum(part)) for part in (one, other))
        return self._back(amounts, np.where(mine, one, other))

    def both(self, amounts: Floats) -> tuple[Floats, Floats]:
        """`forward` and `smoothed`, at little more than the cost of `smoothed`."""
        own = amounts[self._to]
        earlier = self._sum(own)
        return self._back(amounts, earlier), self._back(amounts, self._around(own, earlier))

    def _around(self, own: Floats, earlier: Floats) -> Floats:
        """For each report, `earlier` (from `_sum`) plus the faded amounts of later reports."""
        later = own.copy()
        for start, end, previous in reversed(self._layers()):
            later[previous : previous + end - start] += later[start:end] * self._fade[start:end]
        later += earlier
        later -= own
        return later

    def _sum(self, own: Floats) -> Floats:
        out = own.copy()
        for start, end, previous in self._layers():
            out[start:end] += out[previous : previous + end - start] * self._fade[start:end]
        return out

    def _back(self, amounts: Floats, laid: Floats) -> Floats:
        out = amounts.copy()
        out[self._to] = laid
        return out


def starts(ordered: Ints) -> Ints:
    """The places in sorted keys where a new value begins."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])


def within(sizes: Ints) -> Ints:
    """0, 1, …, size - 1 for each of these sizes, one after the other."""
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
