"""Published ways to bound what one account passes on, over the same confirmations as ours.

The graph: who would stand behind whom (`learning.Learnt.links`), from the accounts that were first
on what a moderator confirmed. Each method accepts as many accounts as ours anchors or finds backers
for, and then a number rests on the accepted accounts that speak, three of them as in ours.

"early-ended walk": SybilRank (Cao et al., NSDI 2012): trust spreads from the seeds over undirected
edges for log2(n) steps and is divided by degree. "capacities": Advogato (Levien, 2004): a maximum
flow from the seeds, in which an account takes one unit and passes on what its distance allows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np

from reputation.scoring import Ints, anchors, batch, trust
from reputation.scoring.learning import Learnt
from reputation.scoring.records import FIRSTS, anchored

# Takes backers, those behind whom they stand, the seeds, how many accounts there are and how many
# to accept; gives the accepted.
Method = Callable[[Ints, Ints, Ints, int, int], Ints]


def walk(backer: Ints, backed: Ints, seeds: Ints, count: int, accept: int) -> Ints:
    """SybilRank's early-ended walk."""
    one, other = np.r_[backer, backed], np.r_[backed, backer]
    degree = np.maximum(np.bincount(one, minlength=count), 1)
    share = np.zeros(count)
    share[seeds] = 1.0
    for _ in range(math.ceil(math.log2(max(count, 2)))):
        share = np.bincount(other, (share / degree)[one], minlength=count)
    rank = share / degree
    return np.asarray(np.argsort(-rank, kind="stable")[: min(accept, int((rank > 0.0).sum()))])


def capacities(backer: Ints, backed: Ints, seeds: Ints, count: int, accept: int) -> Ints:
    """Advogato's flow: what an account passes on falls by the mean fan-out with each step."""
    after: dict[int, list[int]] = {}
    for one, other in zip(backer.tolist(), backed.tolist(), strict=True):
        after.setdefault(one, []).append(other)
    fan = max(2.0, len(backer) / max(len(after), 1))
    room: dict[int, int] = {}
    level, left = seeds.tolist(), accept / max(len(seeds), 1)
    while level:
        for account in level:
            room[account] = max(0, round(left) - 1)
        found = {x for account in level for x in after.get(account, []) if x not in room}
        level, left = sorted(found), left / fan
    accepted: set[int] = set()
    for start in seeds.tolist():
        accepted.add(start)
        while _augment(start, after, room, accepted):
            pass
    return np.array(sorted(accepted), np.int64)


def _augment(
    start: int,
    after: Mapping[int, Sequence[int]],
    room: dict[int, int],
    accepted: set[int],
) -> bool:
    """Send one more unit from a seed to an account that has none, along a shortest open path."""
    came: dict[int, int] = {start: start}
    queue = [start]
    for account in queue:
        if room[account] < 1:
            continue
        for other in after.get(account, []):
            if other in came:
                continue
            came[other] = account
            if other not in accepted:
                accepted.add(other)
                while other != start:
                    room[came[other]] -= 1
                    other = came[other]
                return True
            queue.append(other)
    return False


@contextmanager
def crediting_repeats() -> Iterator[None]:
    """The pass as if every decision came after all reports: whoever says what it says earns."""
    ours = batch.learn

    def learn(
        filed: Sequence[batch.Filed],
        decisions: Mapping[int, batch.Decision],
        group: Mapping[int, str],
    ) -> Learnt:
        late = {number: each._replace(at=math.inf) for number, each in decisions.items()}
        return ours(filed, late, group)

    with patch.object(batch, "learn", learn):
        yield


METHODS: dict[str, Method] = {"early-ended walk": walk, "capacities": capacities}


@contextmanager
def instead(name: str) -> Iterator[None]:
    """The pass with that method in place of our anchors and backers."""
    method, ours = METHODS[name], batch.learn

    def learn(
        filed: Sequence[batch.Filed],
        decisions: Mapping[int, batch.Decision],
        group: Mapping[int, str],
    ) -> Learnt:
        learnt = ours(filed, decisions, group)
        confirmed = {number for number, decision in decisions.items() if decision.moderated > 0}
        seeds = {
            f.reporter
            for f, first in zip(filed, learnt.first.tolist(), strict=True)
            if first and f.number in confirmed
        }
        records, links = learnt.records.copy(), learnt.links
        some = links.share >= anchors.BACKED
        accept = anchored(records) | (learnt.backers != anchors.NO_BACKER).any(axis=1)
        accepted = method(
            links.backer[some],
            links.backed[some],
            np.array(sorted(seeds), np.int64),
            records.shape[1],
            int(accept.sum()),
        )
        records[FIRSTS] = 0.0
        records[FIRSTS, accepted] = trust.ANCHORED_FIRSTS
        nobody = np.full_like(learnt.backers, anchors.NO_BACKER)
        return learnt._replace(records=records, backers=nobody)

    with patch.object(batch, "learn", learn):
        yield
