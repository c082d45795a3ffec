"""Running sums within groups of reports, over arrays: what the trust pass spends its time on.

A chain is a group of reports in time order. Evidence fades between neighbours, by half in each
half-life: what is left of all earlier ones is one multiplication and one addition per report.
Chains are laid out in layers: the first of each chain, then the second of each, and so on, chains
with more members first. So each layer's predecessors are the beginning of the layer before, and
one pass over the layers does all chains at once.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]
type Indices = npt.NDArray[np.integer[Any]]
type Bools = npt.NDArray[np.bool_]


class Chains:
    """Reports grouped by `key`, in the order in which they come; `at` in days, never falling within
    a group.

    Only chains of two or more are laid out: nothing fades where nobody else spoke.
    """

    def __init__(self, key: Ints, at: Floats, half_life: float) -> None:
        by_key = np.argsort(key, kind="stable")
        start = starts(key[by_key])
        sizes = np.diff(np.r_[start, len(key)])
        by_key = by_key[np.repeat(sizes > 1, sizes)]
        sizes = sizes[sizes > 1]
        # Layer by layer, and in each the longest chains first, each chain at the same place.
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
        """Start, end, and start of the predecessors of each layer but the first."""
        bounds = self._bounds.tolist()
        return [(bounds[k], bounds[k + 1], bounds[k - 1]) for k in range(1, len(bounds) - 1)]

    def forward(self, amounts: Floats) -> Floats:
        """Of each report: its amount, and what is left of the earlier ones of its chain."""
        return self._back(amounts, self._sum(amounts[self._to]))

    def smoothed(self, amounts: Floats) -> Floats:
        """The same over earlier and later ones, which fade alike."""
        own = amounts[self._to]
        return self._back(amounts, self._around(own, self._sum(own)))

    def smoothed_by_kind(self, amounts: Floats, kind: Bools) -> Floats:
        """`smoothed` over those of the report's own kind only."""
        own, mine = amounts[self._to], kind[self._to]
        one, other = (np.where(mine, own, 0.0), np.where(mine, 0.0, own))
        one, other = (self._around(part, self._sum(part)) for part in (one, other))
        return self._back(amounts, np.where(mine, one, other))

    def both(self, amounts: Floats) -> tuple[Floats, Floats]:
        """`forward` and `smoothed`, for little more than the second costs."""
        own = amounts[self._to]
        earlier = self._sum(own)
        return self._back(amounts, earlier), self._back(amounts, self._around(own, earlier))

    def _around(self, own: Floats, earlier: Floats) -> Floats:
        """Of each report: what is left of `earlier` ones, as `_sum` gives it, and of later ones."""
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
    """Where each run of equals begins in sorted keys."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])


def within(sizes: Ints) -> Ints:
    """0, 1, … of each run of so many, one run after the other."""
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
