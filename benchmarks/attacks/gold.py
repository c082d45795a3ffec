"""Which numbers the moderators decide, and when: at random, by the harm at stake, or as an audit
proposes.

"random" is drawn with the world (`worlds.build_world`), half of it abusive, which no queue can do
without knowing the truth; it is decided evenly over the days, in the order in which the numbers
were first reported. The other two look at what has been reported by each of ROUNDS evenly spaced
days, the attacks included, and decide on that day as many numbers, from the top of their order. A
moderator finds out the truth of that day about what is looked at. Abusive numbers that change hands
later are decided like others, and nobody here takes a decision back. Gray numbers are left out.
Before its day a decision is nothing, and who says afterwards what it says earns nothing, as in a
service (ADR 0047).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.attacks.worlds import MODERATED, Kind, Report, World
from reputation.scoring import audit, replay
from reputation.scoring.batch import Decision

ROUNDS = 5
ADOPTION = 0.1  # share of the calls about which somebody asks the service
DRAWN = 11  # of 110 audits that wait at most, ten were drawn
SCORE_FROM, LEAST_UNCERTAIN, LATELY = 0.3, 0.05, 30.0  # as reputation.queue has them

# Takes the world, what is known, the day and what was decided; gives numbers, most urgent first.
Order = Callable[[World, Sequence[Report], float, Mapping[str, Decision]], list[str]]


def by_harm(
    world: World, known: Sequence[Report], day: float, decided: Mapping[str, Decision]
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
    world: World, known: Sequence[Report], day: float, decided: Mapping[str, Decision]
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


def decide(world: World, count: int, by: str, until: float = MODERATED) -> dict[str, Decision]:
    """What moderators decide of at most `count` numbers, which this order offers, by that day."""
    n, index = world.numbers, world.index()
    times = [r["time"] for r in world.reports]
    decided: dict[str, Decision] = {}
    for turn in range(1, ROUNDS + 1):
        day = until * turn / ROUNDS
        known = world.reports[: int(np.searchsorted(times, day, side="right"))]
        abusive = n.abusive_at(day)
        due = round(count * turn / ROUNDS)
        for number in ORDERS[by](world, known, day, decided):
            if len(decided) >= due:
                break
            if number not in decided and n.kind[index[number]] != Kind.GRAY:
                decided[number] = Decision(1 if abusive[index[number]] else -1, day)
    return decided
