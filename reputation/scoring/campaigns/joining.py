"""Which known campaign a new statement belongs to, without an index of all statements in memory.

A campaign is recognised by examples, the texts that stand for its parts, and by marks: call-back
numbers, and names with an act, that link its statements. `Index.examples` and `Index.marks` give
both; whoever keeps them asks `nearest` about a text and the examples that share a key with it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from reputation.scoring.campaigns.index import (
    CANDIDATES,
    KEYS,
    LEAST_RESEMBLANCE,
    PLAIN_RESEMBLANCE,
    Example,
    place,
    resemblance,
    weight,
)

# Examples that are filed under one term. A term that more have tells little.
ROOM: Final = 8
# Of a part with one example there is nothing to take a mean of, so the link has to be plain.
LEAST_MEAN: Final = LEAST_RESEMBLANCE / 2


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
    weights = {term: weight(having=having.get(place(term), 0), texts=texts) for term in terms}
    own = sum(weights.values())
    if not own:
        return None
    parts: dict[int, list[tuple[float, float, Example]]] = {}
    for part, example in known:
        alike, strength = resemblance(weights, own, example.terms, example.total, texts=texts)
        parts.setdefault(part, []).append((strength, alike, example))
    best: tuple[float, str] | None = None
    for links in parts.values():
        strength, _, example = max(links, key=lambda link: link[0])
        mean = sum(alike for _, alike, _ in links) / len(links)
        if strength < max(LEAST_RESEMBLANCE, example.asks):
            continue
        if strength < PLAIN_RESEMBLANCE and mean < LEAST_MEAN:
            continue
        if best is None or strength > best[0]:
            best = strength, example.campaign
    return None if best is None else best[1]


__all__ = ["CANDIDATES", "Known", "keys", "nearest", "place"]
