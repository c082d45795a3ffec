"""The frontier: what each condition for block costs in calls missed, and what it keeps out.

Each row is ours with one condition loosened or left out, or with another way of letting trust flow
(`flows`), over the same worlds: how many abusive
calls arrive already blocked, how many more than as shipped, which legitimate numbers are blocked
without any attack, and the share of the targets that each kind of attack gets blocked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from benchmarks.attacks import flows, measure
from benchmarks.attacks.measure import BATCH, Role, pooled
from benchmarks.attacks.outcome import Outcome, Task
from reputation.scoring import batch, policy, promotion
from reputation.scoring.curves import BLOCK_AT
from reputation.scoring.evidence import Evidence

# What batch.hear gives: of each number its evidence and its case, and the prior.
type Heard = tuple[list[Evidence], list[promotion.BlockCase], float]


def distinct(voices: Mapping[str, Set[int]], *, most: int) -> int:
    """anchors.carried, but each account counts by itself, also where two back the same speaker."""
    return min(most, len(set().union(*voices.values())))


# Constants of the production arithmetic, or what it calls, and what each is loosened to.
CONDITIONS: dict[str, Mapping[str, Any]] = {
    "three accounts behind any voices": {"carried": distinct},
    "two anchored accounts": {"ANCHORS": 2},
    "one anchored account": {"ANCHORS": 1},
    "no anchored account": {"ANCHORS": 0},
    # What it takes for the 38 % of calls that were asked for, of worlds of full size.
    "one anchored, four networks": {"ANCHORS": 1, "NETWORKS": 4},
    "four networks": {"NETWORKS": 4},
    "three networks": {"NETWORKS": 3},
    "or six in all, not eight": {"NETWORKS_EVER": 6},
    "no established reporter": {"GATE_ESTABLISHED": 0},
    "anchored within four weeks": {"ANCHORED_DAYS": 28.0},
    "anchored however far apart": {"ANCHORED_DAYS": math.inf},
    "networks within six weeks": {"TOGETHER_DAYS": 45.0},
    "networks however far apart": {"TOGETHER_DAYS": math.inf},
    "all within a day": {"GATE_DAYS": 0.0},
    "however long ago": {"GATE_FRESH_DAYS": math.inf},
    "no condition on bursts": {"BURST": math.inf},
    "an objection takes off two": {"OBJECTION": 2.0},
    "no condition on contradiction": {"LEAD": -math.inf},
    "nothing but the gates": {
        "ANCHORS": 0,
        "NETWORKS": 0,
        "BURST": math.inf,
        "LEAD": -math.inf,
    },
}
REPEATS = "who repeats a decision earns"  # before ADR 0047
ENGINES = (BATCH, *CONDITIONS, REPEATS, *flows.METHODS)
# Groups of attacks, and the lines in them, that the columns show the worst of.
COLUMNS = {
    "rings": ("ring of", "affine", "loose ring"),
    "1 anchored": ("1 anchored",),
    "2 anchored": ("2 anchored",),
    "2 backed": ("2 backed",),
    "guessers": ("speculators",),
    "patient": ("patient", "2 patient"),
    "retaliation": ("retaliation",),
    "storms": ("spoofing storm",),
}
GROUPS = ("rings", "covered", "anchored", "backed", "speculators", "patient", "victims", "unseen")


@contextmanager
def loosened(name: str) -> Iterator[None]:
    """The production arithmetic under that condition of CONDITIONS, or with that method of
    `flows.METHODS`, or as before ADR 0047 (REPEATS); any other name: as shipped."""
    changed = CONDITIONS.get(name, {})
    with ExitStack() as patched:
        if name in flows.METHODS:
            patched.enter_context(flows.instead(name))
        if name == REPEATS:
            patched.enter_context(flows.crediting_repeats())
        for constant, value in changed.items():
            home = promotion if hasattr(promotion, constant) else policy
            patched.enter_context(patch.object(home, constant, value))
        yield


@contextmanager
def heard_once(name: str, kept: dict[float, Heard], day: float) -> Iterator[None]:
    """The pass learns and hears once a day looked at, for all conditions of CONDITIONS.

    They change what is asked of a number, not what was heard of it. `kept`: that, by day; the last
    day only.
    """
    ours = batch.hear

    def hear(filed: Sequence[batch.Filed], decisions: Mapping[int, batch.Decision]) -> Heard:
        if day not in kept:
            kept.clear()
            kept[day] = ours(filed, decisions)
        return kept[day]

    with ExitStack() as patched:
        if name == BATCH or name in CONDITIONS:
            patched.enter_context(patch.object(batch, "hear", hear))
        yield


def plan(tasks: Sequence[Task], attack: str | None = None) -> list[Task]:
    """The clean worlds of `tasks`, and the attacks of GROUPS on them, under every condition.

    `attack`: that group only, or "none".
    """
    groups = GROUPS if attack is None else () if attack == "none" else (attack,)
    return [
        replace(t, group=group, engines=ENGINES, rivals=False)
        for t in tasks
        if t.group == "clean"
        for group in ("clean", *groups)
    ]


def column(line: str) -> str:
    """The column that a line of attack belongs to, "" if none shows it."""
    for name in ("1 anchored", "2 anchored"):
        if name in line:
            return name
    return next((c for c, begins in COLUMNS.items() if line.startswith(begins)), "")


def worst(outcomes: Sequence[Outcome], engine: str, name: str) -> float:
    """The largest share of targets blocked, in percent, among the lines of a column."""
    lines = {line for o in outcomes for line in o.strikes if column(line) == name}
    shares = [
        pooled(
            measure.struck(o.shots, o.strikes[line], engine, BLOCK_AT)
            for o in outcomes
            if line in o.strikes
        ).value
        for line in lines
    ]
    return 100 * max(shares, default=math.nan)


def render(outcomes: Sequence[Outcome]) -> str:
    clean = [s for o in outcomes if o.task.group == "clean" for s in o.shots]
    width = max(map(len, ENGINES)) + 2
    struck = {column(line) for o in outcomes for line in o.strikes}
    attacks = [name for name in COLUMNS if name in struck]
    heads = ["calls blocked", "missed for it", "legitimate", "reassigned", "gray", *attacks]
    lines = ["".ljust(width) + "".join(h.rjust(15) for h in heads)]
    shipped = 100 * measure.calls_met(clean, BATCH, BLOCK_AT).value
    for engine in ENGINES:
        met = 100 * measure.calls_met(clean, engine, BLOCK_AT).value
        shares = [
            measure.rate(clean, engine, BLOCK_AT, role)
            for role in (Role.LEGITIMATE, Role.REASSIGNED, Role.GRAY)
        ]
        cells = [met, met - shipped, *(100 * share.value for share in shares)]
        cells += [worst(outcomes, engine, name) for name in attacks]
        label = "as shipped" if engine == BATCH else engine
        lines.append(label.ljust(width) + "".join(f"{c:.2f}".rjust(15) for c in cells))
    lines.append(
        "in percent: of abusive calls; of legitimate, reassigned and gray numbers blocked without"
        " attack; of the targets that the worst line of each attack gets blocked"
    )
    return "\n".join(lines)
