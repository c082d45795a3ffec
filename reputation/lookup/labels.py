"""Country, line type and category of a number together, as one whole number.

There are some thousand such labels at most, so that what follows from one is worked out once.
"""

from threading import Lock
from typing import Final, NamedTuple

import numpy as np

from reputation.lookup.advice import advise
from reputation.lookup.single import told_category
from reputation.scoring import ACTIONS, STATUSES, Ints

# Between the parts of a label: none of them contains it.
TAB: Final = "\t"


class Label(NamedTuple):
    country: str
    line_type: str
    category: str


class Named(NamedTuple):
    """What an answer says of a category."""

    status: str
    category: str
    advice: str


class Labels:
    def __init__(self) -> None:
        self.labels: list[Label] = []
        self._places: dict[str, int] = {}
        self._lock = Lock()

    def places(self, texts: list[str]) -> Ints:
        """The places of these in `labels`. `texts`: the parts of a label with TAB between."""
        try:
            return np.fromiter(map(self._places.__getitem__, texts), np.int64, len(texts))
        except KeyError:
            with self._lock:
                for text in set(texts).difference(self._places):
                    self.labels.append(Label(*text.split(TAB)))
                    self._places[text] = len(self.labels) - 1
            return self.places(texts)

    def named(self, packed: int) -> Named:
        """What is said of a number whose label, status and action were packed."""
        label, packed = divmod(packed, len(STATUSES) * len(ACTIONS))
        status, action = STATUSES[packed // len(ACTIONS)], ACTIONS[packed % len(ACTIONS)]
        category = told_category(self.labels[label].category, status, action)
        return Named(status, category, advise(action, category))


def pack(labels: Ints, status: Ints, action: Ints) -> Ints:
    """The places of labels, of STATUSES and of ACTIONS in one number each."""
    return (labels * len(STATUSES) + status) * len(ACTIONS) + action


LABELS: Final = Labels()
