"""Which known campaign a new statement belongs to, without an index of all statements in memory.

A campaign is recognised by examples, the texts that stand for its parts, and by marks: call-back
numbers, and names with an act, that link its statements. `Index.examples` and `Index.marks` give
both; whoever keeps them asks `nearest` about a text and the examples that share a key with it.
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

# Examples that are filed under one term. A term that more have tells little.
ROOM: Final = 8
LOOKED_AT: Final = 3  # parts of other campaigns, for the likest


class Known(NamedTuple):
    """An example that shares keys with a text, under the id of the part that it stands for."""

    part: int
    example: Example


def keys(terms: Sequence[int], filed: Counter[int]) -> list[int]:
    """The terms under which an example is filed: its lowest hashes, which is a fair sample, where
    there is room. `filed` counts examples by term; this adds to it."""
    found = [term for term in terms if filed[term] < ROOM][:KEYS]
    filed.update(found)
    return found


def nearest(
    terms: Sequence[int], known: Iterable[Known], *, having: Mapping[int, int], texts: int
) -> str | None:
    """The campaign of which a text with these terms is, or None.

    `known`: examples that share keys with it, all those of a part or none. `having`: how many of
    `texts` texts have a term, by its place; places that are missing count as new.
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
    """Of campaigns whose texts resemble those of a larger campaign, that one.

    Three who misheard a script alike are a campaign of their own beside it; people see that, and
    arithmetic that did would join scripts of one trade. `parts`: the examples of each part;
    `reports`: how many each campaign has; `having`, `texts`: as in `nearest`.
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
    """Of a text, whose ascending terms weigh so much each and `own` together, and of examples."""
    theirs = np.fromiter(chain.from_iterable(each.terms for each in examples), np.int64)
    of = np.repeat(np.arange(len(examples)), [len(each.terms) for each in examples])
    ours = np.asarray(terms, np.int64)
    at = np.searchsorted(ours[:-1], theirs)
    both = ours[at] == theirs
    shared = np.bincount(of[both], np.asarray(weights)[at[both]], minlength=len(examples))
    return compare(shared, own, [each.total for each in examples], texts=texts)
