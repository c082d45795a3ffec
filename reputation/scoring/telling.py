"""Reasons of a thousand numbers at once: a column for each sentence."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache, partial, reduce
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.sentences import Reason, in_english
from reputation.scoring.texts import FEW, NOBODY, Texts

# Figures below this are told three in a number.
WIDE: Final = 1 << 20
# Where of one, two or three figures all are below this, as nearly always, each row has a number
# below FEW.
NARROW: Final = {1: FEW, 2: 1 << 7, 3: 1 << 5}


class Sentences:
    """Reasons of each row, in their order: those of `openings`, which few rows have, then a column
    for each sentence, empty where it is not said.

    `instead`: those of rows that are told by themselves. Others may replace them.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.openings: defaultdict[int, list[str]] = defaultdict(list)
        self.instead: dict[int, list[str]] = {}
        self._columns: list[_Column] = []

    def __getitem__(self, place: int) -> list[str]:
        if place in self.instead:
            return self.instead[place]
        return [*self.openings.get(place, ()), *filter(None, (c.at(place) for c in self._columns))]

    def __setitem__(self, place: int, reasons: list[str]) -> None:
        self.instead[place] = reasons

    def add(self, place: int, reasons: list[str]) -> None:
        """Tells one row these, after what was told of it before."""
        self[place] = [*self[place], *reasons]

    def columns(self, separator: str) -> tuple[list[list[str]], list[int]]:
        """Columns of texts that make, put together row by row, what each row is told, with
        `separator` between; and the rows of which they make nothing. Of rows of `instead` they have
        no meaning."""
        found, begun = list[list[str]](), np.zeros(self.rows, np.bool_)
        begun[[*self.instead, *self.openings]] = True
        if self.openings:
            found.append([""] * self.rows)
            for place, opening in self.openings.items():
                found[0][place] = separator.join(opening)
        for column in self._columns:
            left = self.rows - np.count_nonzero(begun)
            begins = 2 * left > self.rows  # it comes first in most rows
            texts = column.texts("" if begins else separator)
            if left:
                others = column.where & (begun if begins else ~begun)
                for place in others.nonzero()[0].tolist():
                    text = texts[place]
                    texts[place] = separator + text if begins else text.removeprefix(separator)
                begun |= column.where
            found.append(texts)
        return found, (~begun).nonzero()[0].tolist()

    def open(self, where: Bools, sentence: Callable[[int], str]) -> None:
        """Opens the reasons of the few rows `where` with what `sentence` says of their places."""
        for place in where.nonzero()[0].tolist():
            self.openings[place].append(sentence(place))

    def each(self, where: Bools, reason: Callable[..., Reason], *figures: Ints) -> None:
        """Tells the rows `where` what `reason` says of their figures in these columns: of two the
        last is below WIDE, of three all are."""
        together = reduce(np.bitwise_or, figures)
        base = NARROW[len(figures)] if together.max() < NARROW[len(figures)] else WIDE
        packed = figures[0]
        for column in figures[1:]:
            packed = packed * base + column
        if base == WIDE:
            packed = np.maximum(packed, NOBODY)  # what is not below it may have no room
        self._add(where, packed, partial(_kept, reason, len(figures), base))

    def each_of(
        self, where: Bools, sentence: Callable[[float], str], shares: Floats, places: Ints
    ) -> None:
        """Tells the rows `where` what `sentence` makes of probabilities: few, at these places."""

        def told(prefix: str) -> Texts:
            return Texts(lambda place: prefix + sentence(shares[place].item()))

        self._add(where, places, told)

    def _add(self, where: Bools, about: Ints, told: Callable[[str], Texts]) -> None:
        if where.any():
            self._columns.append(_Column(where, np.where(where, about, NOBODY), told))


class _Column(NamedTuple):
    """One sentence: of which rows, by which figure. `told`: the sentences after a prefix."""

    where: Bools
    about: Ints
    told: Callable[[str], Texts]

    def at(self, place: int) -> str:
        return self.told("").of(self.about[place : place + 1])[0]

    def texts(self, prefix: str) -> list[str]:
        return self.told(prefix).of(self.about)


@cache
def _kept(reason: Callable[..., Reason], figures: int, base: int, prefix: str) -> Texts:
    """The sentences of a reason by its figures, as Sentences.each packs them."""

    def sentence(packed: int) -> str:
        rest, found = packed, list[int]()
        for _ in range(1, figures):
            rest, figure = divmod(rest, base)
            found.append(figure)
        return prefix + in_english(reason(rest, *reversed(found)))

    return Texts(sentence)
