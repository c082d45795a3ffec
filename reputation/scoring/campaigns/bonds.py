"""Joins texts into parts by their links, the strongest link first.

A link joins two parts if it is as strong as the links within each of them. So the script of one
robocall does not join a similar script, because the texts within each are nearly the same; people's
own words, which never repeat, still join. This is the predicate of graph-based segmentation
(Felzenszwalb and Huttenlocher, IJCV 59, 2004), with means instead of extremes. Links that two texts
alone do not prove come last, ordered by the mean resemblance of the two parts (group-average
clustering).
"""

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple, Protocol

import numpy as np

from reputation.scoring.campaigns.finding import KNOWN_RESEMBLANCE, Links
from reputation.scoring.campaigns.likeness import (
    JOINING_SHARE,
    LEAST_MEAN,
    LEAST_RESEMBLANCE,
    OWN_CORE,
    OWN_EVIDENCE,
    OWN_MEAN,
    OWN_SHARE,
    PLAIN_RESEMBLANCE,
    compare,
    evidence,
)
from reputation.scoring.campaigns.parts import ESTABLISHED, Part, Parts
from reputation.scoring.campaigns.texts import Array, Texts
from reputation.scoring.campaigns.words import compounds

TOLD: Final = 40  # how many of a part's heaviest terms may be in its core
AT_ONCE: Final = 256  # links whose parts are compared in one call
LISTED: Final = 10_000  # links that are made into Bonds at a time


class Bond(NamedTuple):
    """A link between two rows: see likeness.Likeness."""

    one: int
    other: int
    strength: float
    resemblance: float


# Of the two parts of a bond: see Parts.state.
type State = tuple[int, int, int, int]


class Unite(Protocol):
    def __call__(
        self, one: int, other: int, *, resemblance: float, is_plain: bool = True
    ) -> None: ...


class Bonds:
    """Joins the parts of texts. `unite` also joins the statements that contain them."""

    def __init__(self, texts: Texts, parts: Parts, unite: Unite) -> None:
        self._texts = texts
        self._parts = parts
        self._unite = unite
        self._held: dict[int, tuple[int, float]] = {}  # see _within

    def join(self, links: Links) -> None:
        plain = np.flatnonzero(links.is_plain)
        for bond in _listed(links, plain[np.argsort(-links.strength[plain], kind="stable")]):
            self._join_plain(bond)
        self._join_own(list(_listed(links, np.flatnonzero(~links.is_plain))))

    def has_core(self, part: Part) -> bool:
        """Whether the texts of a part share enough: terms that stand in ESTABLISHED of them or
        more. A name of several words, or a word of several characters, counts as one term."""
        said, _ = self._texts.gather(np.array(part.examples, int))
        terms, having = np.unique(said, return_counts=True)
        terms = terms[having >= ESTABLISHED]
        weights = self._texts.weights(terms)
        heaviest = np.argsort(-weights, kind="stable")[:TOLD]
        weight = dict(zip(terms[heaviest].tolist(), weights[heaviest].tolist(), strict=True))
        core = sum([max(map(weight.__getitem__, one)) for one in compounds(list(weight))])
        least = OWN_CORE.get(len(part.examples), OWN_EVIDENCE)
        return bool(core >= evidence(least, texts=len(self._texts)))

    # --- Links that two texts prove --------------------------------------------------------------

    def _join_plain(self, bond: Bond) -> None:
        """Joins the parts of two texts if the link is as strong as the links within each part."""
        one, other = bond.one, bond.other
        if self._parts.root(one) == self._parts.root(other):
            return
        part, other_part = self._parts.of(one), self._parts.of(other)
        if bond.strength < max(part.asks(), other_part.asks()):
            return
        established = part.is_established() and other_part.is_established()
        if established and bond.resemblance < KNOWN_RESEMBLANCE:
            # One statement may resemble both parts: the others must resemble each other without it.
            if self._mean_without(part, other_part, one, other) < LEAST_RESEMBLANCE:
                return
        elif bond.strength < PLAIN_RESEMBLANCE and self._mean(part, other_part) < LEAST_MEAN:
            return
        self._unite(one, other, resemblance=bond.resemblance)

    # --- Links that several texts prove ----------------------------------------------------------

    def _join_own(self, bonds: Sequence[Bond]) -> None:
        """Joins parts if several of their texts resemble each other, the most similar parts
        first."""
        waiting = [(-bond.resemblance, place) for place, bond in enumerate(bonds)]
        heapify(waiting)
        means: dict[int, tuple[State, float]] = {}
        while waiting:
            some = [heappop(waiting) for _ in range(min(AT_ONCE, len(waiting)))]
            self._compare(bonds, [place for _, place in some], means)
            # Parts of a link that must be compared again: later links of these parts wait for it.
            busy: set[int] = set()
            for rank, place, before in sorted(
                (max(before, -means[place][1]), place, before) for before, place in some
            ):
                bond, (state, mean) = bonds[place], means[place]
                one, _, other, _ = now = self._state(bond)
                if one == other or mean < OWN_MEAN:
                    del means[place]
                elif now != state or one in busy or other in busy:
                    busy |= {one, other}
                    heappush(waiting, (before, place))
                elif waiting and rank > waiting[0][0]:
                    heappush(waiting, (rank, place))
                elif self._may_join(bond, mean):
                    self._unite(bond.one, bond.other, resemblance=bond.resemblance, is_plain=False)

    def _may_join(self, bond: Bond, mean: float) -> bool:
        part, other_part = self._parts.of(bond.one), self._parts.of(bond.other)
        if bond.strength < max(part.asks(), other_part.asks()):
            return False
        if part.is_established() and other_part.is_established():
            least = OWN_SHARE * max(self._within(bond.one), self._within(bond.other))
            if mean < least:
                return False
            return self._mean_without(part, other_part, bond.one, bond.other) >= least
        groups = part.examples, other_part.examples
        held = [
            self._shared_within(examples) for examples in groups if len(examples) >= ESTABLISHED
        ]
        return not held or self._shared(*groups) >= JOINING_SHARE * max(held)

    def _shared(self, ones: Sequence[int], others: Sequence[int]) -> float:
        """The mean weight of what a text of `ones` shares with a text of `others`."""
        return float(self._texts.means([ones], [others], unit=False)[0])

    def _shared_within(self, examples: Sequence[int]) -> float:
        """The mean weight of what two of these texts share."""
        own = float(self._texts.totals(np.array(examples)).mean())
        return (len(examples) * self._shared(examples, examples) - own) / (len(examples) - 1)

    def _state(self, bond: Bond) -> State:
        return *self._parts.state(bond.one), *self._parts.state(bond.other)

    def _within(self, row: int) -> float:
        """The mean resemblance among the examples of a row's part; 1 if there is one alone."""
        root = self._parts.root(row)
        examples = self._parts.of(root).examples
        if len(examples) == 1:
            return 1.0
        known = self._held.get(root)
        if known is None or known[0] != len(examples):
            # The square of the mean of unit vectors, without the product of each with itself.
            count, mean = len(examples), float(self._texts.means([examples], [examples])[0])
            known = self._held[root] = count, (count * mean - 1) / (count - 1)
        return known[1]

    # --- How much the examples of parts resemble each other --------------------------------------

    def _compare(
        self, bonds: Sequence[Bond], places: Sequence[int], means: dict[int, tuple[State, float]]
    ) -> None:
        """Sets in `means`, for the bonds at these places, the state of the two parts and the mean
        resemblance between their examples. Skips bonds whose parts have not changed."""
        of: list[int] = []
        ones: list[list[int]] = []
        others: list[list[int]] = []
        for place in places:
            bond = bonds[place]
            one, count, other, other_count = state = self._state(bond)
            if place in means and means[place][0] == state:
                continue
            # Parts of one text each: the link's own resemblance is their mean.
            means[place] = state, bond.resemblance
            if one != other and (count, other_count) != (1, 1):
                of.append(place)
                ones.append(self._parts.of(one).examples)
                others.append(self._parts.of(other).examples)
        for place, mean in zip(of, self._texts.means(ones, others).tolist(), strict=True):
            means[place] = means[place][0], mean

    def _mean(self, part: Part, other: Part) -> float:
        return float(self._texts.means([part.examples], [other.examples])[0])

    def _mean_without(self, part: Part, other: Part, *texts: int) -> float:
        """The least mean resemblance between examples of two parts without one of these texts."""
        table = self._table(part, other)
        means = []
        for text in texts:
            rows = [row != text for row in part.examples]
            columns = [row != text for row in other.examples]
            kept = table[np.ix_(rows, columns)]
            means.append(float(kept.mean()) if kept.size else 1.0)
        return min(means)

    def _table(self, part: Part, other: Part) -> Array:
        shape = len(part.examples), len(other.examples)
        ones, others = np.repeat(part.examples, shape[1]), np.tile(other.examples, shape[0])
        return self._resemblance(ones, others).reshape(shape)

    def _resemblance(self, ones: Array, others: Array) -> Array:
        return compare(
            self._texts.shared(ones, others),
            self._texts.totals(ones),
            self._texts.totals(others),
            texts=len(self._texts),
        ).resemblance


def _listed(links: Links, order: Array) -> Iterator[Bond]:
    """The links at these places, in this order."""
    columns = links.one, links.other, links.strength, links.resemblance
    for start in range(0, len(order), LISTED):
        some = order[start : start + LISTED]
        yield from map(Bond._make, zip(*(column[some].tolist() for column in columns), strict=True))
