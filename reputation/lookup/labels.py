"""Labels: country, line type and category of a number as one integer. There are a few thousand
labels at most, so values that depend on the label alone are computed once.
"""

from threading import Lock
from typing import Final, NamedTuple

import numpy as np

from reputation.lookup.advice import advise
from reputation.lookup.single import told_category
from reputation.scoring import ACTIONS, STATUSES, Ints

# Separates the parts of a label, none of which contains it.
TAB: Final = "\t"


class Label(NamedTuple):
    country: str
    line_type: str
    category: str


class Named(NamedTuple):
    """A category as an answer names it."""

    status: str
    category: str
    advice: str


class Labels:
    def __init__(self) -> None:
        self.labels: list[Label] = []
        self._places: dict[str, int] = {}
        self._lock = Lock()

    def places(self, texts: list[str]) -> Ints:
        """The places of these labels in `labels`. `texts`: the parts of each label, joined by
        TAB."""
        try:
            return np.fromiter(map(self._places.__getitem__, texts), np.int64, len(texts))
        except KeyError:
            with self._lock:
                for text in set(texts).difference(self._places):
                    self.labels.append(Label(*text.split(TAB)))
                    self._places[text] = len(self.labels) - 1
            return self.places(texts)

    def named(self, packed: int) -> Named:
        """The names for a number whose label, status and action were packed."""
        label, packed = divmod(packed, len(STATUSES) * len(ACTIONS))
        status, action = STATUSES[packed // len(ACTIONS)], ACTIONS[packed % len(ACTIONS)]
        category = told_category(self.labels[label].category, status, action)
        return Named(status, category, advise(action, category))


def pack(labels: Ints, status: Ints, action: Ints) -> Ints:
    """Packs the places of label, status and action into one integer for each number."""
    return (labels * len(STATUSES) + status) * len(ACTIONS) + action


LABELS: Final = Labels()
