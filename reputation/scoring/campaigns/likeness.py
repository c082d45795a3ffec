"""How much two texts resemble each other, and how strong a link between them that makes.

The resemblance is the cosine of the texts' terms, 0 to 1, each weighing the logarithm of texts over
texts that have it: the fewer have it, the more. Words that reports of any caller use weigh little
from the start (words.familiar); the rest is learnt from the texts.
"""

from math import log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

# A link is plain from this resemblance on: two texts have three tenths of what they say in common.
LEAST_RESEMBLANCE: Final = 0.3
# A text of which so much stands in a longer one is a part of it: a recording may start and end
# anywhere. That share is the strength of the link then.
LEAST_CONTAINED: Final = 0.9
# A link is plain only if what the texts share weighs as much as so many terms that no other text
# has: less than that some two of many texts share by chance.
LEAST_EVIDENCE: Final = 3.0
# A weaker link than this joins two parts only if more texts of both resemble each other, by
# LEAST_MEAN in the mean.
PLAIN_RESEMBLANCE: Final = 0.5
LEAST_MEAN: Final = LEAST_RESEMBLANCE / 2

# People who tell of one call in their own words share a few rare ones: so little that two texts
# prove nothing, but several that share the same ones do. Such a link joins two parts whose
# texts resemble each other so much in the mean (group-average clustering); two established parts,
# by this share of what holds the tighter of them. Chosen on the odd campaigns of the tests'
# comments, and such that the Chinese campaigns of one trade stay apart.
OWN_RESEMBLANCE: Final = 0.08
OWN_EVIDENCE: Final = 1.0
OWN_MEAN: Final = 0.05
OWN_SHARE: Final = 0.5
# And a text or two join an established part only if what they share with its texts weighs this
# share of what these share with one another: one common word that a few of them happen to use joins
# nobody to what people copy. By weight, since the cosine makes much of one word of a short text.
JOINING_SHARE: Final = 0.25
# Words in the mouths of three that must make up a campaign without a plain link, as in
# OWN_EVIDENCE; more where it has so few texts, since among very many some three share a rare word.
OWN_CORE: Final = {3: 1.5, 4: 1.25}

# Counts of terms, by hash: two terms that share a place weigh a little less than they should.
PLACES: Final = 1 << 22
# As though so many texts had been seen before: in a small set no term is common yet.
SEEN_BEFORE: Final = 1000
# And as though so many of them had each familiar term.
SEEN_FAMILIAR: Final = 100


class Likeness(NamedTuple):
    """Of pairs of texts. `resemblance` 0 to 1; `strength` of the link that it makes, 0 to 1, 0 for
    none; `is_plain`: whether the two texts alone prove the link."""

    resemblance: NDArray[np.float64]
    strength: NDArray[np.float64]
    is_plain: NDArray[np.bool]


def compare(shared: ArrayLike, own: ArrayLike, total: ArrayLike, *, texts: int) -> Likeness:
    """Of pairs of texts: what the terms that they share weigh, what the one's terms weigh and what
    the other's do; `texts`: how many there are."""
    shared = np.asarray(shared, float)
    alike = shared / np.maximum(np.sqrt(np.multiply(own, total)), np.finfo(float).tiny)
    linked = (alike >= OWN_RESEMBLANCE) & (shared >= evidence(OWN_EVIDENCE, texts=texts))
    contained = shared / np.maximum(np.minimum(own, total), np.finfo(float).tiny)
    strength = np.where(linked, np.where(contained >= LEAST_CONTAINED, contained, alike), 0.0)
    is_plain = (strength >= LEAST_RESEMBLANCE) & (shared >= evidence(LEAST_EVIDENCE, texts=texts))
    return Likeness(alike, strength, is_plain)


def evidence(terms: float, *, texts: int) -> float:
    """What so many terms weigh that no other of `texts` texts has."""
    return terms * log(texts + SEEN_BEFORE) ** 2


def place(term: int) -> int:
    """Where a term is counted; now and then two share a place."""
    return term & (PLACES - 1)


def weight(*, having: ArrayLike, texts: int) -> NDArray[np.float64]:
    """What terms weigh that `having` of `texts` texts have: their part of the cosine."""
    return np.log((texts + SEEN_BEFORE) / (np.asarray(having) + 1.0)) ** 2
