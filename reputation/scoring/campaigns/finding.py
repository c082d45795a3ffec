"""Finds earlier texts that resemble a text: many texts at a time, in arrays.

Each text is filed under KEYS of its terms, those with the lowest hashes that have room (the sample
of MinHash). A lookup uses all heavy terms of a text, so an excerpt finds the whole text. A text
that is nearly the same as a filed one is not filed, so a large campaign takes little room.
"""

from typing import Final, NamedTuple

import numpy as np

from reputation.scoring.campaigns.likeness import compare
from reputation.scoring.campaigns.texts import Array, Texts

KEYS: Final = 16  # terms under which a text is filed
UNDER_KEY: Final = 4  # texts under one term
CANDIDATES: Final = 8  # texts that a new one is compared with
FAR: Final = 0.2  # the least share of the best candidate's keys that a candidate must have
KNOWN_RESEMBLANCE: Final = 0.85  # a text this close to an earlier one is not filed
# After ENOUGH links, one of them this close, no more candidates are looked at: the text repeats it.
ENOUGH: Final = 2
ENOUGH_RESEMBLANCE: Final = 0.6
TELLING: Final = 40  # how many of a text's heaviest terms are looked up
_SPREAD: Final = 0x9E3779B1  # multiplies hashes, so that their high bits name a slot


class Links(NamedTuple):
    """Links as columns, each from a text to an earlier one, by rows: see likeness.Likeness."""

    one: Array
    other: Array
    strength: Array
    resemblance: Array
    is_plain: Array


class Finder:
    """Finds those of the rows given to `links` before that resemble new ones."""

    def __init__(self, all_texts: Texts, *, texts: int = 0) -> None:
        """`texts`: how many will be filed at least, so that the table need not grow."""
        self._texts = all_texts
        self._filed = Filed(texts * KEYS // 2)

    def links(self, rows: Array) -> Links:
        """Links of these texts to earlier ones; of each text the strongest first. Later calls find
        these texts. `rows` ascend."""
        said, weights, of = self._texts.look_up(rows)
        telling = _heaviest(weights, of, len(rows))
        said, of = said[telling], of[telling]
        filed = self._filed.add(said, rows[of])
        candidates = self._candidates(said, of, rows)
        links, closest = self._compare(candidates, rows)
        if (known := closest >= KNOWN_RESEMBLANCE).any():
            self._filed.remove(filed)
            new = ~known[of]
            self._filed.add(said[new], rows[of[new]])
        return links

    def _candidates(self, said: Array, of: Array, rows: Array) -> Array:
        """For each text a line of earlier rows that share keys with it, those with the most keys
        first; -1 fills the line."""
        found = self._filed.under(said)
        whose = np.repeat(of, UNDER_KEY)
        earlier = np.flatnonzero((found >= 0) & (found < rows[whose]))
        pairs, hits = np.unique(whose[earlier] << 32 | found[earlier], return_counts=True)
        of, found = pairs >> 32, pairs & 0xFFFFFFFF
        order = np.lexsort((-found, -hits, of))
        of, found, hits = of[order], found[order], hits[order]
        place = _places(of)
        best = hits[np.arange(len(of)) - place]
        kept = (place < CANDIDATES) & (hits >= FAR * best)
        candidates = np.full((len(rows), CANDIDATES), -1)
        candidates[of[kept], place[kept]] = found[kept]
        return candidates

    def _compare(self, candidates: Array, rows: Array) -> tuple[Links, Array]:
        """Links to candidates, and for each text the resemblance of its closest candidate."""
        at, place = np.nonzero(candidates >= 0)
        ones, others = rows[at], candidates[at, place]
        found = compare(
            self._texts.shared(ones, others),
            self._texts.totals(ones),
            self._texts.totals(others),
            texts=len(self._texts),
        )
        linked = found.strength > 0
        resemblance = np.zeros(candidates.shape)
        resemblance[at[linked], place[linked]] = found.resemblance[linked]
        closest = np.maximum.accumulate(resemblance, axis=1)
        enough = (np.cumsum(resemblance > 0, axis=1) >= ENOUGH) & (closest >= ENOUGH_RESEMBLANCE)
        looked_at = np.cumsum(enough, axis=1) - enough == 0
        closest = np.where(looked_at, resemblance, 0.0).max(axis=1, initial=0.0)
        kept = np.flatnonzero(linked & looked_at[at, place])
        order = np.lexsort(
            (-others[kept], -found.resemblance[kept], -found.strength[kept], at[kept])
        )
        kept = kept[order]
        links = Links(
            ones[kept],
            others[kept],
            found.strength[kept],
            found.resemblance[kept],
            found.is_plain[kept],
        )
        return links, closest


class Filed:
    """Rows under terms, at most UNDER_KEY each: a hash table with linear probing."""

    def __init__(self, terms: int) -> None:
        self._make(max(10, (2 * terms).bit_length()))

    def _make(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._terms: Array = np.zeros(1 << bits, np.uint32)  # 0: nothing yet
        self._rows: Array = np.full((1 << bits, UNDER_KEY), -1, np.int32)
        self._used = 0

    def under(self, terms: Array) -> Array:
        """The rows under each of these terms, UNDER_KEY places for each; -1 where there is none."""
        slots = self._slots(terms)
        rows = self._rows[slots]
        rows[self._terms[slots] != terms] = -1
        return rows.ravel()

    def add(self, terms: Array, rows: Array) -> tuple[Array, Array]:
        """Files each row under the first KEYS of its terms that have room. Terms of one row must
        stand together. Returns the places that were taken, for `remove`."""
        known, word = np.unique(terms, return_inverse=True)
        slots = self._slots(known)
        has = self._terms[slots] == known
        used = np.where(has, (self._rows[slots] >= 0).sum(axis=1), 0)[word]
        by_term = np.argsort(word, kind="stable")
        first_of_term = np.arange(len(word)) - _places(word[by_term])
        first_of_row = np.arange(len(rows)) - _places(rows)
        place, taken = used, np.zeros(len(terms), bool)
        while True:  # ends, because what a row takes depends on earlier rows only
            free = place < UNDER_KEY
            before = np.cumsum(free) - free
            takes = free & (before - before[first_of_row] < KEYS)
            if (takes == taken).all():
                break
            taken = takes
            earlier = np.cumsum(taken[by_term]) - taken[by_term]
            place = used.copy()
            place[by_term] += earlier - earlier[first_of_term]
        at = self._ensure(terms[taken]), place[taken]
        self._rows[at] = rows[taken]
        return at

    def remove(self, at: tuple[Array, Array]) -> None:
        """Takes back what `add` filed last."""
        self._rows[at] = -1

    def _slots(self, terms: Array) -> Array:
        """Where each of these terms is, or where it would be."""
        slots = ((terms.astype(np.uint64) * _SPREAD << np.uint64(32)) >> self._shift).astype(
            np.int64
        )
        waiting = np.arange(len(terms))
        while len(waiting):
            met = self._terms[slots[waiting]]
            waiting = waiting[(met != terms[waiting]) & (met != 0)]
            slots[waiting] = (slots[waiting] + 1) & (len(self._terms) - 1)
        return slots

    def _ensure(self, terms: Array) -> Array:
        """Where each of these terms is, put in if it is new."""
        new = np.unique(terms)
        new = new[self._terms[self._slots(new)] != new]
        if 2 * (self._used + len(new)) > len(self._terms):
            self._grow(self._used + len(new))
        self._used += len(new)
        while len(new):
            slots = self._slots(new)
            self._terms[slots] = new  # if several terms want one slot, the last one gets it
            new = new[self._terms[slots] != new]
        return self._slots(terms)

    def _grow(self, terms: int) -> None:
        old_terms, old_rows = self._terms, self._rows
        used = old_terms != 0
        self._make((4 * terms).bit_length())
        slots = self._ensure(old_terms[used])
        self._rows[slots] = old_rows[used]


def _places(sorted_values: Array) -> Array:
    """For each value, how many equal values stand before it."""
    at = np.arange(len(sorted_values))
    starts = np.r_[True, sorted_values[1:] != sorted_values[:-1]][: len(at)]
    return at - np.maximum.accumulate(np.where(starts, at, 0))


def _heaviest(weights: Array, of: Array, count: int) -> Array:
    """The places of the TELLING heaviest terms of each of `count` texts, in ascending order."""
    lengths = np.bincount(of, minlength=count)
    if lengths.max(initial=0) <= TELLING:
        return np.arange(len(of))
    order = np.lexsort((weights, of))
    kept = lengths[of] - _places(of) <= TELLING
    return np.sort(order[kept])
