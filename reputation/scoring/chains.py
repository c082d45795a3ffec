"""Running sums within groups of reports, over arrays: what the trust pass spends its time on.

A chain is a group of reports in time order. Evidence fades between neighbours, by half in each
half-life: what is left of all earlier ones is one multiplication and one addition per report.
Chains are laid out in layers: the first of each chain, then the second of each, and so on, chains
with more members first. So each layer's predecessors are the beginning of the layer before, and
one pass over the layers does all chains at once.
"""

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]
type Bools = npt.NDArray[np.bool_]


class Chains:
    """Reports grouped by `key`, in the order in which they come; `at` in days, never falling."""

    def __init__(self, key: Ints, at: Floats, half_life: float) -> None:
        count = len(key)
        by_key = np.argsort(key, kind="stable")
        ordered = key[by_key]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if count else by_key
        sizes = np.diff(np.r_[starts, count])
        place = np.arange(count) - np.repeat(starts, sizes)
        size = np.repeat(sizes, sizes)
        chain = np.repeat(np.arange(len(starts)), sizes)
        # Layer by layer, and in each the longest chains first, each chain at the same place.
        layout = np.lexsort((chain, -size, place))
        self._to = by_key[layout]
        ends = np.cumsum(np.bincount(place)) if count else np.zeros(0, np.int64)
        self._bounds = np.r_[0, ends].tolist()
        times = at[self._to]
        self._fade = np.zeros(count)
        for start, end, previous in self._layers():
            gap = times[start:end] - times[previous : previous + end - start]
            self._fade[start:end] = np.exp2(-gap / half_life)

    def _layers(self) -> list[tuple[int, int, int]]:
        """Start, end, and start of the predecessors of each layer but the first."""
        bounds = self._bounds
        return [(bounds[k], bounds[k + 1], bounds[k - 1]) for k in range(1, len(bounds) - 1)]

    def forward(self, amounts: Floats) -> Floats:
        """Of each report: its amount, and what is left of the earlier ones of its chain."""
        return self._back(self._sum(amounts[self._to]))

    def smoothed(self, amounts: Floats) -> Floats:
        """The same over earlier and later ones, which fade alike."""
        return self._back(self._both(amounts)[1])

    def both(self, amounts: Floats) -> tuple[Floats, Floats]:
        """`forward` and `smoothed`, for little more than the second costs."""
        earlier, around = self._both(amounts)
        return self._back(earlier), self._back(around)

    def _both(self, amounts: Floats) -> tuple[Floats, Floats]:
        own = amounts[self._to]
        later = own.copy()
        for start, end, previous in reversed(self._layers()):
            later[previous : previous + end - start] += later[start:end] * self._fade[start:end]
        earlier = self._sum(own)
        return earlier, earlier + later - own

    def ever_before(self, flags: Bools) -> Bools:
        """Whether `flags` holds of any earlier report of the chain."""
        own = flags[self._to]
        out = np.zeros(len(own), np.bool_)
        for start, end, previous in self._layers():
            before = slice(previous, previous + end - start)
            out[start:end] = out[before] | own[before]
        back = np.empty_like(out)
        back[self._to] = out
        return back

    def _sum(self, own: Floats) -> Floats:
        out = own.copy()
        for start, end, previous in self._layers():
            out[start:end] += out[previous : previous + end - start] * self._fade[start:end]
        return out

    def _back(self, laid: Floats) -> Floats:
        out = np.empty_like(laid)
        out[self._to] = laid
        return out
