"""Which numbers the moderators decide: at random, by the harm at stake, or as an audit proposes.

"random" is drawn with the world (`worlds.build_world`), half of it abusive, which no queue can do
without knowing the truth. The other two look at what has been reported by each of five evenly
spaced days up to day 60, the attacks included, and take the next fifth of the decisions from the
top of their order. A moderator finds out the truth of what is looked at. Gray numbers and those
that change hands later are left out, as they are at random: a decision here has no date, so it must
hold. Having no date, it also credits who says later what was decided. A service does not (ADR
0047), and has fewer anchored reporters by that.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.attacks.worlds import Kind, Report, World
from reputation.scoring import audit, replay

ROUNDS = (12.0, 24.0, 36.0, 48.0, 60.0)  # days
ADOPTION = 0.1  # share of the calls about which somebody asks the service
DRAWN = 11  # of 110 audits that wait at most, ten were drawn
SCORE_FROM, LEAST_UNCERTAIN, LATELY = 0.3, 0.05, 30.0  # as reputation.queue has them

# Takes the world, what is known, the day and what was decided; gives numbers, most urgent first.
Order = Callable[[World, Sequence[Report], float, Mapping[str, int]], list[str]]


def by_harm(
    world: World, known: Sequence[Report], day: float, decided: Mapping[str, int]
) -> list[str]:
    """As the moderators' queue: lookups a day times uncertainty, of what was reported lately."""
    index, calls = world.index(), world.numbers.calling(day)
    scores = replay.score(known, now=day, gold=decided, batch=True)
    lately = {r["number"] for r in known if r["time"] > day - LATELY}
    harm = {
        number: (1 + ADOPTION * calls[index[number]]) * max(LEAST_UNCERTAIN, 4 * p * (1 - p))
        for number, p in scores.items()
        if p >= SCORE_FROM and number in lately
    }
    return sorted(harm, key=lambda number: (-harm[number], number))


def by_audit(
    world: World, known: Sequence[Report], day: float, decided: Mapping[str, int]
) -> list[str]:
    """As `reputation.scoring.audit.rank` orders them, and one in DRAWN of them drawn at random, as
    the moderators' queue has it (reputation.counting.draws)."""
    ranked = audit.rank(known, now=day, gold=decided)
    rng = random.Random(f"draws {world.seed} {day}")
    rest = iter(rng.sample(ranked, len(ranked)))
    order: list[str] = []
    for place, number in enumerate(ranked, 1):
        order.append(number)
        if place % (DRAWN - 1) == 0:
            order.append(next(rest))
    return list(dict.fromkeys(order))


ORDERS: dict[str, Order] = {"harm": by_harm, "audit": by_audit}


def decide(world: World, count: int, by: str) -> dict[str, int]:
    """The truth of at most `count` numbers that this order offers: number → 1 abusive, 0 not."""
    n, index = world.numbers, world.index()
    stable = np.isinf(n.reassigned) & (n.kind != Kind.GRAY)
    times = [r["time"] for r in world.reports]
    decided: dict[str, int] = {}
    for turn, day in enumerate(ROUNDS, 1):
        known = world.reports[: int(np.searchsorted(times, day, side="right"))]
        due = round(count * turn / len(ROUNDS))
        for number in ORDERS[by](world, known, day, decided):
            if len(decided) >= due:
                break
            if number not in decided and stable[index[number]]:
                decided[number] = int(n.kind[index[number]] <= Kind.COLLECTION)
    return decided
