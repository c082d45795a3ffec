"""How much two texts resemble each other, and how strong a link between them that makes.

The resemblance is the cosine of the texts' terms, 0 to 1, each weighing the logarithm of texts over
texts that have it: the fewer have it, the more. Words that reports of any caller use weigh little
from the start (words.familiar); the rest is learnt from the texts.
"""

from collections.abc import Iterable, Mapping
from math import log, sqrt
from typing import Final, NamedTuple

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
    """`resemblance` 0 to 1; `strength` of the link that it makes, 0 to 1, 0 for none; `is_plain`:
    whether the two texts alone prove the link."""

    resemblance: float
    strength: float
    is_plain: bool


def compare(
    weights: Mapping[int, float], own: float, terms: Iterable[int], total: float, *, texts: int
) -> Likeness:
    """Of two texts: `weights` of the one's terms, which add up to `own`; `terms` of the other,
    which weigh `total`; `texts`: how many there are."""
    shared = sum([weights[term] for term in weights.keys() & terms])
    alike = shared / sqrt(own * total) if shared else 0.0
    if alike < OWN_RESEMBLANCE or not is_evident(shared, texts=texts):
        return Likeness(alike, 0.0, is_plain=False)
    contained = shared / min(own, total)
    strength = contained if contained >= LEAST_CONTAINED else alike
    is_plain = strength >= LEAST_RESEMBLANCE and is_evident(shared, LEAST_EVIDENCE, texts=texts)
    return Likeness(alike, strength, is_plain=is_plain)


def is_evident(shared: float, least: float = OWN_EVIDENCE, *, texts: int) -> bool:
    """Whether terms that add up to `shared` weigh as much as `least` terms that no other has."""
    return shared >= least * log(texts + SEEN_BEFORE) ** 2


def place(term: int) -> int:
    """Where a term is counted; now and then two share a place."""
    return term & (PLACES - 1)


def weight(*, having: int, texts: int) -> float:
    """What a term weighs that `having` of `texts` texts have: its part of the cosine."""
    return log((texts + SEEN_BEFORE) / (having + 1.0)) ** 2
