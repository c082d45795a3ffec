"""Reasons of a thousand numbers at once: a column for each sentence."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final, NamedTuple

import numpy as np

from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.sentences import KEPT, Reason, in_english

# Figures below this are told three in a number.
WIDE: Final = 1 << 20
# Of whom nothing is said: no figure and no probability.
NOBODY: Final = -1


class Sentences:
    """Reasons of each row, in their order: those of `openings`, which few rows have, then a column
    for each sentence, empty where it is not said.

    `instead`: those of rows that are told by themselves. Others may replace them. `said`: whether
    a row is told anything in another way.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.openings: defaultdict[int, list[str]] = defaultdict(list)
        self.instead: dict[int, list[str]] = {}
        self.said = np.zeros(rows, np.bool_)
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

    def columns(self, separator: str) -> list[list[str]]:
        """Columns of texts that make, put together row by row, what each row is told, with
        `separator` between; of rows of `instead` they have no meaning."""
        found, begun = list[list[str]](), np.zeros(self.rows, np.bool_)
        if self.openings:
            found.append([""] * self.rows)
            for place, opening in self.openings.items():
                found[0][place] = separator.join(opening)
            begun[list(self.openings)] = True
        for column in self._columns:
            starts, follows = column.where & ~begun, column.where & begun
            if np.count_nonzero(starts) > np.count_nonzero(follows):
                texts = column.texts("")
                for place in np.flatnonzero(follows).tolist():
                    texts[place] = separator + texts[place]
            else:
                texts = column.texts(separator)
                for place in np.flatnonzero(starts).tolist():
                    texts[place] = texts[place].removeprefix(separator)
            found.append(texts)
            begun |= column.where
        return found

    def open(self, where: Bools, sentence: Callable[[int], str]) -> None:
        """Opens the reasons of the few rows `where` with what `sentence` says of their places."""
        for place in np.flatnonzero(where).tolist():
            self.openings[place].append(sentence(place))
        self.said |= where

    def each(self, where: Bools, reason: Callable[..., Reason], *figures: Ints) -> None:
        """Tells the rows `where` what `reason` says of their figures in these columns: of two the
        last is below WIDE, of three all are."""
        packed = figures[0]
        for column in figures[1:]:
            packed = packed * WIDE + column
        self._add(where, packed, partial(_kept, reason, len(figures)))

    def each_by(self, where: Bools, sentence: Callable[[float], str], about: Floats) -> None:
        """Tells the rows `where` what `sentence` makes of a probability, of which there are few."""
        self._add(where, about, partial(_Told, sentence))

    def _add(self, where: Bools, about: Ints | Floats, told: "Callable[[str], _Told]") -> None:
        if where.any():
            self._columns.append(_Column(where, np.where(where, about, NOBODY), told))
            self.said |= where


class _Column(NamedTuple):
    """One sentence: of which rows, by which figure. `told`: the sentences after a prefix."""

    where: Bools
    about: Ints | Floats
    told: "Callable[[str], _Told]"

    def at(self, place: int) -> str:
        return self.told("")[self.about[place].item()]

    def texts(self, prefix: str) -> list[str]:
        return list(map(self.told(prefix).__getitem__, self.about.tolist()))


class _Told(dict[Any, str]):
    """Sentences by what they are about, each after a prefix."""

    def __init__(self, sentence: Callable[[Any], str], prefix: str) -> None:
        super().__init__({NOBODY: ""})
        self.sentence, self.prefix = sentence, prefix

    def __missing__(self, about: Any) -> str:
        if len(self) >= KEPT:
            self.clear()
            self[NOBODY] = ""
        text = self[about] = self.prefix + self.sentence(about)
        return text


@cache
def _kept(reason: Callable[..., Reason], figures: int, prefix: str) -> _Told:
    """The sentences of a reason by its figures, as Sentences.each packs them."""

    def sentence(packed: int) -> str:
        rest, found = packed, list[int]()
        for _ in range(1, figures):
            rest, figure = divmod(rest, WIDE)
            found.append(figure)
        return in_english(reason(rest, *reversed(found)))

    return _Told(sentence, prefix)
