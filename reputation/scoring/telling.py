"""Reasons of a thousand numbers at once: a column for each sentence."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reputation.scoring.chains import Bools, Ints
from reputation.scoring.sentences import KEPT, Code, Reason, in_english

# Figures below this are told three in a number.
WIDE: Final = 1 << 20


class Sentences:
    """Reasons of each row, in their order: a column for each sentence, empty where it is not said.

    `instead`: those of rows that are told by themselves. Others may replace them.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.columns: list[list[str]] = []
        self.instead: dict[int, list[str]] = {}

    def __iter__(self) -> Iterator[list[str]]:
        for place, sentences in enumerate(self._rows()):
            instead = self.instead.get(place)
            yield list(filter(None, sentences)) if instead is None else instead

    def __setitem__(self, place: int, reasons: list[str]) -> None:
        self.instead[place] = reasons

    def add(self, place: int, reasons: list[str]) -> None:
        """Tells one row these, after what was told of it before."""
        before = [column[place] for column in self.columns if column[place]]
        self.instead[place] = before + reasons

    def joined(self, separator: str) -> list[str]:
        """The text of each row; of those of `instead` it has no meaning."""
        return [separator.join(filter(None, sentences)) for sentences in self._rows()]

    def each(self, where: Bools, reason: Callable[..., Reason], *figures: Ints) -> None:
        """Tells the rows `where` what `reason` says of their figures in these columns: of two the
        last is below WIDE, of three all are."""
        packed = figures[0]
        for column in figures[1:]:
            packed = packed * WIDE + column
        kept = _kept(reason, len(figures))
        self._add(where, map(kept.__getitem__, packed[where].tolist()))

    def each_by(self, where: Bools, sentence: Callable[..., str], *about: NDArray[Any]) -> None:
        """Tells the rows `where` what `sentence` makes of their values in these columns."""
        self._add(where, map(sentence, *(column[where].tolist() for column in about)))

    def say(self, where: Bools, code: Code) -> None:
        """Tells the rows `where`, which mostly are none, a sentence without figures."""
        if where.any():
            self.columns.append(np.where(where, code.one, "").tolist())

    def _add(self, where: Bools, sentences: Iterable[str]) -> None:
        column = np.full(self.rows, "", np.object_)
        column[where] = list(sentences)
        self.columns.append(column.tolist())

    def _rows(self) -> Iterable[tuple[str, ...]]:
        return zip(*self.columns, strict=True) if self.columns else repeat((), self.rows)


class _Kept(dict[int, str]):
    """The sentences of a reason by its figures, as Sentences.each packs them."""

    def __init__(self, reason: Callable[..., Reason], figures: int) -> None:
        self.reason, self.figures = reason, figures

    def __missing__(self, packed: int) -> str:
        rest, figures = packed, list[int]()
        for _ in range(1, self.figures):
            rest, figure = divmod(rest, WIDE)
            figures.append(figure)
        sentence = in_english(self.reason(rest, *reversed(figures)))
        if len(self) >= KEPT:
            self.clear()
        self[packed] = sentence
        return sentence


_kept = cache(_Kept)
