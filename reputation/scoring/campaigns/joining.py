"""Which known campaign a new statement belongs to, without an index of all statements in memory.

A campaign is recognised by examples, the texts that stand for its parts, and by marks: call-back
numbers, and names with an act, that link its statements. `Index.examples` and `Index.marks` give
both; whoever keeps them asks `nearest` about a text and the examples that share a key with it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from reputation.scoring.campaigns.index import KEYS, Example
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
    weights = {term: weight(having=having.get(place(term), 0), texts=texts) for term in terms}
    own = sum(weights.values())
    if not own:
        return None
    parts: dict[int, list[tuple[Likeness, Example]]] = {}
    for part, example in known:
        found = compare(weights, own, example.terms, example.total, texts=texts)
        parts.setdefault(part, []).append((found, example))
    best: tuple[bool, float, str] | None = None
    for links in parts.values():
        link, example = max(links, key=lambda pair: pair[0].strength)
        mean = sum(found.resemblance for found, _ in links) / len(links)
        if not link.strength or link.strength < example.asks:
            continue
        if mean < OWN_MEAN or (
            link.is_plain and link.strength < PLAIN_RESEMBLANCE and mean < LEAST_MEAN
        ):
            continue
        rank = link.is_plain, link.strength if link.is_plain else mean, example.campaign
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
        weights = {
            term: weight(having=having.get(place(term), 0), texts=texts) for term in example.terms
        }
        hits = Counter(chain.from_iterable(filter(None, map(under.get, example.terms))))
        size = reports[example.campaign]
        others = [part for part, _ in hits.most_common() if reports[parts[part][0].campaign] > size]
        for other in others[:LOOKED_AT]:
            mean = sum(
                compare(weights, example.total, each.terms, each.total, texts=texts).resemblance
                for each in parts[other]
            ) / len(parts[other])
            if mean >= LEAST_RESEMBLANCE:
                found = mean, parts[other][0].campaign
                best[example.campaign] = max(best.get(example.campaign, found), found)
    return {campaign: other for campaign, (_, other) in best.items()}
