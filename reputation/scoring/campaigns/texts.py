"""Holds texts as arrays of terms, and counts how many texts have each term."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reputation.scoring.campaigns.likeness import PLACES, SEEN_FAMILIAR, place, weight
from reputation.scoring.campaigns.words import familiar, pair

type Array = NDArray[Any]

# Texts, or groups of texts, that are compared with others in one call: few enough that the table of
# their terms fits into a processor's cache.
COMPARED: Final = 128
GROUPS: Final = 64
CELLS: Final = 1 << 22  # of that table at most; long texts are compared fewer at a time
COUNTED: Final = 10_000  # texts whose terms are counted at once
# Texts that have this many lowest hashes in common are repetitions: their terms are counted once.
# Each text has so many terms, by words.LEAST_WORDS. What fewer would cost: ADR 0032.
LOWEST: Final = 3
_SLOTS: Final = 1 << 18  # of the table that finds a term among the terms of compared texts


class Growing:
    """An array that grows at its end."""

    def __init__(self, kind: type[np.generic]) -> None:
        self._array: Array = np.zeros(1024, kind)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def array(self) -> Array:
        """A view of the contents. It is detached when the array grows."""
        return self._array[: self._size]

    def extend(self, values: Sequence[float] | Array) -> None:
        end = self._size + len(values)
        if end > len(self._array):
            larger = np.zeros(max(end, len(self._array) * 3 // 2), self._array.dtype)
            larger[: self._size] = self.array
            self._array = larger
        self._array[self._size : end] = values
        self._size = end


class Texts:
    """Rows 0, 1, 2, …; each has the distinct terms of a text (words.terms) in ascending order."""

    def __init__(self) -> None:
        self._terms = Growing(np.uint32)
        self._weight = Growing(np.float32)  # of each term, when its row was last looked up
        self._start = Growing(np.int64)
        self._length = Growing(np.int32)
        self._total = Growing(np.float64)
        self._first: dict[bytes, int] = {}  # the first row with these terms
        self._seen: Array = np.zeros(PLACES, np.uint32)
        self._seen[[place(term) for term in familiar()]] = SEEN_FAMILIAR
        self._slots: Array = np.full(_SLOTS, -1, np.int32)

    def __len__(self) -> int:
        """How many different texts there are."""
        return len(self._first)

    def append(self, terms: Array) -> int | None:
        """Makes these terms a row. Returns the first row with the same terms, which may be the new
        one; None if there are no terms."""
        row = len(self._start)
        first = self._first.setdefault(terms.tobytes(), row) if len(terms) else None
        if first == row:
            start = len(self._terms)
            self._terms.extend(terms)
            self._weight.extend(np.zeros(len(terms), np.float32))
        else:  # one copy in memory
            start = 0 if first is None else int(self._start.array[first])
        self._start.extend([start])
        self._length.extend([len(terms)])
        self._total.extend([0.0])
        return first

    def count(self, rows: Array) -> None:
        """Counts the terms of these rows, none of which is empty. Texts with the same LOWEST lowest
        hashes (MinHash) count each term once. So the words of a script do not become common when
        many reporters repeat it, each with other mistakes."""
        lowest = np.zeros(len(rows), np.uint64)
        for nth in range(LOWEST):
            lowest = pair(lowest, self._terms.array[self._start.array[rows] + nth])
        order = np.argsort(lowest, kind="stable")
        for start in range(0, len(rows), COUNTED):
            some = order[start : start + COUNTED]
            said, of = self.gather(rows[some])
            once = np.unique(lowest[some][of] << np.uint64(32) | said)
            np.add.at(self._seen, once & (PLACES - 1), 1)

    def common(self, most: int) -> list[tuple[int, int]]:
        """The `most` commonest places of terms, each with the number of texts."""
        places = np.flatnonzero(self._seen > 1)
        counts = self._seen[places]
        if len(places) > most:
            top = np.argpartition(counts, -most)[-most:]
            places, counts = places[top], counts[top]
        return list(zip(places.tolist(), counts.tolist(), strict=True))

    def first(self, row: int) -> int | None:
        """The first row with the same terms; None if this row has none."""
        return self._first.get(self.terms(row).tobytes())

    def says(self, row: int) -> bool:
        """Whether the row has terms."""
        return bool(self._length.array[row])

    def terms(self, row: int) -> Array:
        start = self._start.array[row]
        return self._terms.array[start : start + self._length.array[row]]

    def totals(self, rows: Array) -> Array:
        """The sum of the weights of each row's terms, from when the row was last looked up."""
        return self._total.array[rows]

    def weights(self, terms: Array) -> Array:
        """The weight of each of these terms now: see likeness.weight."""
        return weight(having=self._seen[terms & (PLACES - 1)], texts=len(self))

    def look_up(self, rows: Array) -> tuple[Array, Array, Array]:
        """The terms of these rows, the weight of each, and the place in `rows` that each belongs
        to. Stores the weights."""
        at, of = self._places(rows)
        said = self._terms.array[at]
        weights = self.weights(said)
        self._weight.array[at] = weights
        self._total.array[rows] = np.bincount(of, weights, minlength=len(rows))
        return said, weights, of

    def gather(self, rows: Array) -> tuple[Array, Array]:
        """The terms of these rows, and the place in `rows` that each belongs to."""
        at, of = self._places(rows)
        return self._terms.array[at], of

    def _places(self, rows: Array) -> tuple[Array, Array]:
        """Where the terms of these rows are, and the place in `rows` that each belongs to."""
        lengths = self._length.array[rows]
        of = np.repeat(np.arange(len(rows)), lengths)
        skipped = self._start.array[rows] - np.cumsum(lengths) + lengths
        return np.arange(len(of)) + skipped[of], of

    def shared(self, ones: Array, others: Array) -> Array:
        """What the terms that each row of `ones` has in common with that of `others` weighed when
        the former was last looked up."""
        found = np.zeros(len(ones))
        rows, at = np.unique(ones, return_inverse=True)
        for start in range(0, len(rows), COMPARED):
            some = np.flatnonzero((at >= start) & (at < start + COMPARED))
            found[some] = self._shared(ones[some], others[some])
        return found

    def _shared(self, ones: Array, others: Array) -> Array:
        rows, at = np.unique(ones, return_inverse=True)
        size, their_size = (int(self._length.array[some].sum()) for some in (rows, others))
        if len(ones) > 1 and max(size * len(rows), their_size) > CELLS:
            half = len(ones) // 2
            halves = (slice(half), slice(half, None))
            return np.concatenate([self._shared(ones[some], others[some]) for some in halves])
        where, of = self._places(rows)
        theirs, pair = self.gather(others)
        word, met, their_word = self._in_common(self._terms.array[where], theirs)
        has = np.zeros((len(rows), size), bool)
        has[of, word] = True
        pair = pair[met]
        both = has[at[pair], their_word]
        weights = self._weight.array[where[their_word[both]]]
        return np.bincount(pair[both], weights, minlength=len(others))

    def means(
        self, ones: Sequence[Sequence[int]], others: Sequence[Sequence[int]], *, unit: bool = True
    ) -> Array:
        """The mean resemblance between the rows of each group in `ones` and those of the group at
        the same place in `others`: the product of the means of their unit vectors. Without `unit`,
        the mean weight of what the rows share."""
        starts = range(0, len(ones), GROUPS)
        some = [slice(start, start + GROUPS) for start in starts]
        return np.concatenate(
            [np.zeros(0), *(self._means(ones[each], others[each], unit) for each in some)]
        )

    def _means(
        self, ones: Sequence[Sequence[int]], others: Sequence[Sequence[int]], unit: bool
    ) -> Array:
        rows, their_rows = (list(chain.from_iterable(groups)) for groups in (ones, others))
        size, their_size = (int(self._length.array[some].sum()) for some in (rows, their_rows))
        if len(ones) > 1 and max(size * len(ones), their_size) > CELLS:
            half = len(ones) // 2
            halves = (slice(half), slice(half, None))
            return np.concatenate([self._means(ones[some], others[some], unit) for some in halves])
        said, of, parts = self._vectors(ones, unit)
        theirs, their_of, their_parts = self._vectors(others, unit)
        word, met, their_word = self._in_common(said, theirs)
        vectors = np.bincount(of * size + word, parts, minlength=len(ones) * size)
        pair = their_of[met]
        products = vectors[pair * size + their_word] * their_parts[met]
        return np.bincount(pair, products, minlength=len(ones))

    def _vectors(self, groups: Sequence[Sequence[int]], unit: bool) -> tuple[Array, Array, Array]:
        """The terms of the rows of each group, the group of each term, and its part of the group's
        mean vector."""
        sizes = np.array([len(group) for group in groups])
        rows = np.fromiter(chain.from_iterable(groups), np.int64)
        group = np.repeat(np.arange(len(groups)), sizes)
        at, of = self._places(rows)
        lengths = (np.sqrt(self._total.array[rows]) if unit else 1.0) * sizes[group]
        return self._terms.array[at], group[of], np.sqrt(self._weight.array[at]) / lengths[of]

    def _in_common(self, said: Array, theirs: Array) -> tuple[Array, Array, Array]:
        """For each term in `said` a place in `said` that equal terms have in common; the places in
        `theirs` of terms that are also in `said`; and for each of these that place in `said`."""
        slots = said & (_SLOTS - 1)
        self._slots[slots] = np.arange(len(said))
        word = self._slots[slots]
        their_word = self._slots[theirs & (_SLOTS - 1)]
        self._slots[slots] = -1
        met = np.flatnonzero(their_word >= 0)
        their_word = their_word[met]
        # Two terms may want one slot: those that did not get it are found by sorting.
        lost = np.flatnonzero(said[word] != said)
        if len(lost):
            terms, first, of = np.unique(said[lost], return_index=True, return_inverse=True)
            word[lost] = lost[first][of]
            doubtful = np.flatnonzero(said[their_word] != theirs[met])
            at = np.searchsorted(terms[:-1], theirs[met[doubtful]])
            their_word[doubtful] = lost[first][at]
        sure = said[their_word] == theirs[met]
        return word, met[sure], their_word[sure]
