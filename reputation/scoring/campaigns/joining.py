"""Finds the campaign of a new statement without an index of all statements in memory.

`Index.examples` gives texts that stand for the parts of each campaign, and `Index.marks` the
call-back numbers and names that link its statements. The caller stores both. `nearest` compares a
new text with the stored examples that share a key with it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring.campaigns.finding import KEYS
from reputation.scoring.campaigns.index import Example
from reputation.scoring.campaigns.likeness import (
    LEAST_MEAN,
    LEAST_RESEMBLANCE,
    OWN_MEAN,
    PLAIN_RESEMBLANCE,
    Likeness,
    compare,
    place,
    weight,
)

# Examples that are filed under one term; a commoner term says little.
ROOM: Final = 8
LOOKED_AT: Final = 3  # parts of larger campaigns that `likest` compares


class Known(NamedTuple):
    """An example that shares keys with a text, under the id of the part that it stands for."""

    part: int
    example: Example


def keys(terms: Sequence[int], filed: Counter[int]) -> list[int]:
    """The terms under which an example is filed: the KEYS lowest hashes that have room, a fair
    sample. `filed` counts examples by term; `keys` adds to it."""
    found = [term for term in terms if filed[term] < ROOM][:KEYS]
    filed.update(found)
    return found


def nearest(
    terms: Sequence[int], known: Iterable[Known], *, having: Mapping[int, int], texts: int
) -> str | None:
    """The campaign of a text with these terms, or None.

    `known`: the examples that share keys with the text; if one example of a part is among them, all
    must be. `having`: by a term's place, how many of `texts` texts have the term; a missing place
    means none.
    """
    found = list(known)
    if not terms or not found:
        return None
    weights = _weights(terms, having=having, texts=texts)
    likeness = _compare(terms, weights, sum(weights), [example for _, example in found], texts)
    parts: dict[int, list[tuple[float, float, bool, Example]]] = {}
    for (part, example), *link in zip(
        found,
        likeness.strength.tolist(),
        likeness.resemblance.tolist(),
        likeness.is_plain.tolist(),
        strict=True,
    ):
        parts.setdefault(part, []).append((*link, example))
    best: tuple[bool, float, str] | None = None
    for links in parts.values():
        strength, _, is_plain, example = max(links, key=lambda link: link[0])
        mean = sum(resemblance for _, resemblance, *_ in links) / len(links)
        if not strength or strength < example.asks:
            continue
        if mean < OWN_MEAN or (is_plain and strength < PLAIN_RESEMBLANCE and mean < LEAST_MEAN):
            continue
        rank = is_plain, strength if is_plain else mean, example.campaign
        best = rank if best is None else max(best, rank)
    return None if best is None else best[2]


def likest(
    parts: Sequence[Sequence[Example]],
    reports: Mapping[str, int],
    *,
    having: Mapping[int, int],
    texts: int,
) -> dict[str, str]:
    """For each campaign that resembles a larger campaign, that larger one.

    Three reporters who misheard a script in the same way make a campaign of their own beside the
    script's. A moderator sees that they are one; a rule that joined them would also join different
    scripts of one trade. `parts`: the examples of each part; `reports`: how many reports each
    campaign has; `having`, `texts`: as in `nearest`.
    """
    filed: Counter[int] = Counter()
    under: dict[int, list[int]] = {}
    for number, part in enumerate(parts):
        for example in part:
            for term in keys(example.terms, filed):
                under.setdefault(term, []).append(number)
    best: dict[str, tuple[float, str]] = {}
    for example in (part[0] for part in parts):
        hits = Counter(chain.from_iterable(filter(None, map(under.get, example.terms))))
        size = reports[example.campaign]
        others = [part for part, _ in hits.most_common() if reports[parts[part][0].campaign] > size]
        weights = _weights(example.terms, having=having, texts=texts) if others else []
        for other in others[:LOOKED_AT]:
            found = _compare(example.terms, weights, example.total, parts[other], texts)
            mean = float(found.resemblance.mean())
            if mean >= LEAST_RESEMBLANCE:
                larger = mean, parts[other][0].campaign
                best[example.campaign] = max(best.get(example.campaign, larger), larger)
    return {campaign: other for campaign, (_, other) in best.items()}


def _weights(terms: Sequence[int], *, having: Mapping[int, int], texts: int) -> list[float]:
    """What each of these terms weighs."""
    counts = [having.get(place(term), 0) for term in terms]
    weights: list[float] = weight(having=counts, texts=texts).tolist()
    return weights


def _compare(
    terms: Sequence[int],
    weights: Sequence[float],
    own: float,
    examples: Sequence[Example],
    texts: int,
) -> Likeness:
    """Compares a text with examples. `terms` ascend; `weights`: of each term; `own`: their sum."""
    theirs = np.fromiter(chain.from_iterable(each.terms for each in examples), np.int64)
    of = np.repeat(np.arange(len(examples)), [len(each.terms) for each in examples])
    ours = np.asarray(terms, np.int64)
    at = np.searchsorted(ours[:-1], theirs)
    both = ours[at] == theirs
    shared = np.bincount(of[both], np.asarray(weights)[at[both]], minlength=len(examples))
    return compare(shared, own, [each.total for each in examples], texts=texts)
