"""How much two texts resemble each other, and how strong a link between them that makes.

The resemblance is the cosine of the two texts' vectors of terms, 0 to 1. A term weighs the
logarithm of (all texts / texts that have the term), so rare terms weigh more (inverse document
frequency). Words that any report may contain weigh little from the start (words.familiar).
"""

from math import log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

# A link is plain from this resemblance on: the texts share three tenths of what they say.
LEAST_RESEMBLANCE: Final = 0.3
# A text is an excerpt of a longer one if this share of it stands there: a recording may start and
# end anywhere. The share is then the strength of the link.
LEAST_CONTAINED: Final = 0.9
# A link is plain only if the shared terms weigh as much as three terms that no other text has.
# Among many texts, some two share less than that by chance.
LEAST_EVIDENCE: Final = 3.0
# A weaker link than this joins two parts only if their texts have a mean resemblance of LEAST_MEAN.
PLAIN_RESEMBLANCE: Final = 0.5
LEAST_MEAN: Final = LEAST_RESEMBLANCE / 2

# People who describe one call in their own words share a few rare words. Two such texts prove
# nothing, but several texts with the same rare words do. A link of OWN_RESEMBLANCE and OWN_EVIDENCE
# joins two parts if the mean resemblance of their texts is OWN_MEAN (group-average clustering). If
# both parts are established, it must be OWN_SHARE of the mean within the tighter part. Chosen on
# the odd campaigns of the tests' comments, and such that Chinese campaigns of one trade stay apart.
OWN_RESEMBLANCE: Final = 0.08
OWN_EVIDENCE: Final = 1.0
OWN_MEAN: Final = 0.05
OWN_SHARE: Final = 0.5
# One or two texts join an established part only if what they share with its texts weighs this share
# of what those share among themselves. So one common word does not join a text to a script that
# people copy. Compared by weight, because one word of a short text makes a large cosine.
JOINING_SHARE: Final = 0.25
# A campaign without a plain link needs a core: words that three of its texts share, of the weight
# OWN_EVIDENCE. With three or four texts it needs more, because among very many texts some three
# share a rare word by chance.
OWN_CORE: Final = {3: 1.5, 4: 1.25}

# Places in which terms are counted, by hash. Two terms in one place weigh a little less than they
# should.
PLACES: Final = 1 << 22
# Counts start as if this many texts had been seen, because in a small set no term is common yet.
SEEN_BEFORE: Final = 1000
# And as if this many of them had each familiar term.
SEEN_FAMILIAR: Final = 100


class Likeness(NamedTuple):
    """Pairs of texts as columns. `resemblance`: 0 to 1; `strength`: of their link, 0 to 1, 0 if
    there is none; `is_plain`: whether the two texts alone prove the link."""

    resemblance: NDArray[np.float64]
    strength: NDArray[np.float64]
    is_plain: NDArray[np.bool]


def compare(shared: ArrayLike, own: ArrayLike, total: ArrayLike, *, texts: int) -> Likeness:
    """Compares pairs of texts. `shared`: weight of the terms that both have; `own`, `total`: weight
    of all terms of the one and of the other; `texts`: how many texts there are."""
    shared = np.asarray(shared, float)
    alike = shared / np.maximum(np.sqrt(np.multiply(own, total)), np.finfo(float).tiny)
    linked = (alike >= OWN_RESEMBLANCE) & (shared >= evidence(OWN_EVIDENCE, texts=texts))
    contained = shared / np.maximum(np.minimum(own, total), np.finfo(float).tiny)
    strength = np.where(linked, np.where(contained >= LEAST_CONTAINED, contained, alike), 0.0)
    is_plain = (strength >= LEAST_RESEMBLANCE) & (shared >= evidence(LEAST_EVIDENCE, texts=texts))
    return Likeness(alike, strength, is_plain)


def evidence(terms: float, *, texts: int) -> float:
    """The weight of this many terms that no other of `texts` texts has."""
    return terms * log(texts + SEEN_BEFORE) ** 2


def place(term: int) -> int:
    """Where a term is counted. Rarely, two terms share a place."""
    return term & (PLACES - 1)


def weight(*, having: ArrayLike, texts: int) -> NDArray[np.float64]:
    """The weight of terms that `having` of `texts` texts have, squared as the cosine needs it."""
    return np.log((texts + SEEN_BEFORE) / (np.asarray(having) + 1.0)) ** 2
