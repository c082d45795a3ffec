"""Texts by whole numbers, made when they are first asked for: of a thousand at once."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reputation.scoring.chains import Bools, Ints
from reputation.scoring.sentences import KEPT

# Of whom there is no text.
NOBODY: Final = -1
# Texts of numbers below this have places in an array, which grows as they are asked for.
FEW: Final = 1 << 15


class Texts:
    """The texts that `make` writes of whole numbers from 0, kept; NOBODY has an empty one."""

    def __init__(self, make: Callable[[int], str]) -> None:
        self._make = make
        self._few = _of_none_yet(0)
        self._others: dict[int, str] = {}

    def of(self, about: Ints) -> list[str]:
        few, lacking = self._few
        most = about.max().item()
        if most >= FEW:
            return self._of_any(about)
        if most >= len(few) - 1:
            few, lacking = self._few = _of_none_yet(most + 1)
        lacks = lacking.take(about)
        if np.count_nonzero(lacks):
            for each in set(about[lacks].tolist()):
                few[each] = self._make(each)
                lacking[each] = False
        texts: list[str] = few.take(about).tolist()
        return texts

    def _of_any(self, about: Ints) -> list[str]:
        others = about >= FEW
        texts = self.of(np.where(others, NOBODY, about))
        for place, each in zip(others.nonzero()[0].tolist(), about[others].tolist(), strict=True):
            texts[place] = self._others.get(each) or self._other(each)
        return texts

    def _other(self, each: int) -> str:
        if len(self._others) >= KEPT:
            self._others.clear()
        text = self._others[each] = self._make(each)
        return text


def _of_none_yet(most: int) -> tuple[npt.NDArray[Any], Bools]:
    """Room for the texts of `most` numbers at least, and where they are lacking; the last is of
    NOBODY."""
    room = 1 << most.bit_length()
    texts, lacking = np.full(room + 1, "", object), np.ones(room + 1, np.bool_)
    lacking[NOBODY] = False
    return texts, lacking
