"""Why abusive calls get through: what kept each number from block at the moment of the call.

Every abusive call of the clean worlds that was not blocked is put down to the first cause that
applies, in the order of CAUSES, and, where it is the only one, to that cause alone: so many calls
would be blocked without it. An oracle that knows which numbers are abusive and blocks each at its
k-th unwanted report says what patience alone costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.attacks.measure import Share
from benchmarks.attacks.worlds import Report, World
from reputation.scoring.curves import BLOCK_AT, FLAG_AT, raw_at
from reputation.scoring.promotion import Obstacle
from reputation.scoring.replay import Found
from reputation.scoring.sentences import Code

NEVER, BLOCKED = "never reported", "blocked"
BELOW_FLAG, BELOW_BLOCK = "evidence below the flag threshold", "evidence below the block threshold"
GATES = {  # of policy.closed_gates, as causes
    Code.MORE_NETWORKS: "gate: three networks",
    Code.MORE_ESTABLISHED: "gate: two established reporters",
    Code.MORE_DAYS: "gate: one day",
    Code.RECENT_REPORT: "gate: a report within sixty days",
}
WAITING = "waiting for the pass"
CAUSES = (NEVER, BELOW_FLAG, BELOW_BLOCK, *GATES.values(), *map(str, Obstacle), WAITING, BLOCKED)
ORACLES = (3, 4, 5, 6, 7, 9)


@dataclass(slots=True)
class Losses:
    """Calls a day summed over snapshots: by first cause, by only cause, and met by oracles."""

    calls: float = 0.0
    first: Counter[str] = field(default_factory=Counter)
    only: Counter[str] = field(default_factory=Counter)
    oracle: Counter[int] = field(default_factory=Counter)

    def __add__(self, other: Losses) -> Losses:
        return Losses(
            self.calls + other.calls,
            self.first + other.first,
            self.only + other.only,
            self.oracle + other.oracle,
        )

    def share(self, amount: float) -> float:
        return 100 * Share(amount, self.calls).value


def causes(found: Found | None) -> list[str]:
    """What keeps a number from block, most basic first; none: it is blocked."""
    if found is None:
        return [NEVER]
    if found.probability >= BLOCK_AT:
        return []
    held = []
    if found.alone or found.raw < raw_at(FLAG_AT):
        held.append(BELOW_FLAG)
    elif found.raw < raw_at(BLOCK_AT):
        held.append(BELOW_BLOCK)
    held += [GATES[gate.code] for gate in found.gates if gate.code in GATES]
    held += found.obstacles
    return held or [WAITING]


def tally(
    world: World, days: Sequence[float], explain: Callable[[float], Mapping[str, Found]]
) -> Losses:
    """`explain` tells what was found of each number on a day of `days`."""
    index, losses = world.index(), Losses()
    names = {place: name for name, place in index.items()}
    times = [r["time"] for r in world.reports]
    for day in days:
        found = explain(day)
        calls = world.numbers.calling(day)
        said = _unwanted(world.reports[: int(np.searchsorted(times, day, side="right"))])
        losses.calls += float(calls.sum())
        for place in np.flatnonzero(calls):
            name, weight = names[int(place)], float(calls[place])
            held = causes(found.get(name))
            losses.first[held[0] if held else BLOCKED] += weight  # type: ignore[assignment]
            if len(held) == 1:
                losses.only[held[0]] += weight  # type: ignore[assignment]
            for count in ORACLES:
                losses.oracle[count] += weight * (said[name] >= count)  # type: ignore[assignment]
    return losses


def _unwanted(reports: Sequence[Report]) -> Counter[str]:
    return Counter(r["number"] for r in reports if r["label"] == 1)


def render(losses: Losses) -> str:
    width = max(map(len, CAUSES)) + 2
    lines = ["abusive calls by what kept them from being blocked, %".ljust(width)]
    lines.append("".ljust(width) + "first cause".rjust(12) + "only cause".rjust(12))
    for cause in CAUSES:
        only = "" if cause == BLOCKED else f"{losses.share(losses.only[cause]):.2f}"
        lines.append(
            cause.ljust(width)
            + f"{losses.share(losses.first[cause]):.2f}".rjust(12)
            + only.rjust(12)
        )
    lines.append("calls from abusive numbers with at least so many unwanted reports, %")
    lines += [
        f"  {count}".ljust(width) + f"{losses.share(losses.oracle[count]):.2f}".rjust(12)
        for count in ORACLES
    ]
    return "\n".join(lines)
