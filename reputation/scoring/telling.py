"""Reasons of a thousand numbers at once: a column for each sentence."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import repeat
from typing import Final

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

    `instead`: those of rows that are told by themselves. Others may replace them.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.openings: defaultdict[int, list[str]] = defaultdict(list)
        self.columns: list[list[str]] = []
        self.instead: dict[int, list[str]] = {}

    def __iter__(self) -> Iterator[list[str]]:
        for place, sentences in enumerate(self._rows()):
            instead = self.instead.get(place)
            opening = self.openings.get(place, ())
            yield [*opening, *filter(None, sentences)] if instead is None else instead

    def __setitem__(self, place: int, reasons: list[str]) -> None:
        self.instead[place] = reasons

    def add(self, place: int, reasons: list[str]) -> None:
        """Tells one row these, after what was told of it before."""
        before = [column[place] for column in self.columns if column[place]]
        self.instead[place] = [*self.openings.get(place, ()), *before, *reasons]

    def joined(self, separator: str) -> list[str]:
        """The text of each row; of those of `instead` it has no meaning."""
        texts = [separator.join(filter(None, sentences)) for sentences in self._rows()]
        for place, opening in self.openings.items():
            texts[place] = separator.join([*opening, texts[place]] if texts[place] else opening)
        return texts

    def open(self, where: Bools, sentence: Callable[[int], str]) -> None:
        """Opens the reasons of the few rows `where` with what `sentence` says of their places."""
        for place in np.flatnonzero(where).tolist():
            self.openings[place].append(sentence(place))

    def each(self, where: Bools, reason: Callable[..., Reason], *figures: Ints) -> None:
        """Tells the rows `where` what `reason` says of their figures in these columns: of two the
        last is below WIDE, of three all are."""
        packed = figures[0]
        for column in figures[1:]:
            packed = packed * WIDE + column
        kept = _kept(reason, len(figures))
        self._add(map(kept.__getitem__, np.where(where, packed, NOBODY).tolist()))

    def each_by(self, where: Bools, sentence: Callable[[float], str], about: Floats) -> None:
        """Tells the rows `where` what `sentence` makes of a probability, of which there are few."""
        told = {share: sentence(share) for share in set(about[where].tolist())}
        told[NOBODY] = ""
        self._add(map(told.__getitem__, np.where(where, about, NOBODY).tolist()))

    def _add(self, sentences: Iterable[str]) -> None:
        self.columns.append(list(sentences))

    def _rows(self) -> Iterable[tuple[str, ...]]:
        return zip(*self.columns, strict=True) if self.columns else repeat((), self.rows)


class _Kept(dict[int, str]):
    """The sentences of a reason by its figures, as Sentences.each packs them."""

    def __init__(self, reason: Callable[..., Reason], figures: int) -> None:
        super().__init__({NOBODY: ""})
        self.reason, self.figures = reason, figures

    def __missing__(self, packed: int) -> str:
        rest, figures = packed, list[int]()
        for _ in range(1, self.figures):
            rest, figure = divmod(rest, WIDE)
            figures.append(figure)
        sentence = in_english(self.reason(rest, *reversed(figures)))
        if len(self) >= KEPT:
            self.clear()
            self[NOBODY] = ""
        self[packed] = sentence
        return sentence


_kept = cache(_Kept)
