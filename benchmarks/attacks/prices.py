"""The price table: what each attack costs the adversary, and what it gets, by moderated numbers.

The cost is one operation's mean: accounts, networks, weeks from the first sign-up to the last
strike, true calls received (`raid.Price`), and how many targets that operation strikes. What it
gets is the share of the targets that the pass blocks, and the share that it at least flags; of a
whitewash it is the share of listed scammers that are no longer blocked. What is asked stands beside
it. Below: how many abusive calls are met at each count of moderated numbers, and the cheapest
attack that still works.

A world of a smaller scale has fewer numbers, so that a hundred moderated ones are a larger share of
it: only scale 1 says what a hundred are worth to a service of that size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.attacks import measure
from benchmarks.attacks.attacks import ATTACKS
from benchmarks.attacks.measure import BATCH, Role, Share, Snapshot, pooled
from benchmarks.attacks.outcome import DENIALS, Outcome, Task
from benchmarks.attacks.raid import Price
from benchmarks.attacks.table import (
    BLOCKED_ASKED,
    PERCENT_TARGETS,
    TARGETS,
    WITHOUT,
    Target,
    aim,
    by_target,
    percents,
)
from reputation.scoring.curves import BLOCK_AT, FLAG_AT

GOLD = (0, 30, 100, 300)
# An attack works when it gets so many of a hundred targets blocked.
WORKS = 10.0


def plan(tasks: Sequence[Task]) -> list[Task]:
    """The clean worlds of `tasks` and all attacks on them, at each count of GOLD."""
    return [
        replace(t, group=group, gold=count, engines=(BATCH,), rivals=False)
        for t in tasks
        if t.group == "clean"
        for count in GOLD
        for group in ("clean", *ATTACKS)
    ]


def shares(outcomes: Sequence[Outcome], line: str, threshold: float) -> dict[int, float]:
    """By moderated numbers: what the attack got at this threshold, in percent."""
    washing = line.startswith("whitewash")
    figure = measure.survived if washing else measure.struck
    found = {}
    for count in GOLD:
        share = (
            100
            * pooled(
                figure(o.shots, o.strikes[line], BATCH, threshold)
                for o in outcomes
                if o.task.gold == count and line in o.strikes
            ).value
        )
        found[count] = 100 - share if washing else share
    return found


def cost(outcomes: Sequence[Outcome], line: str) -> Price:
    """The mean operation, rounded up but for the weeks."""
    every = [p for o in outcomes for p in o.prices.get(line, [])]

    def up(values: Sequence[int]) -> int:
        return math.ceil(float(np.mean(values)))

    return Price(
        accounts=up([p.accounts for p in every]),
        networks=up([p.networks for p in every]),
        weeks=float(np.mean([p.weeks for p in every])),
        calls=up([p.calls for p in every]),
        targets=up([p.targets for p in every]),
    )


def cheapest(prices: dict[str, Price], blocked: dict[str, dict[int, float]], count: int) -> str:
    """The line that works for the fewest true calls, then accounts, then weeks; or "none".

    Whitewashes do not count, since they block nobody, nor storms, which need no account.
    """
    working = [
        line
        for line, got in blocked.items()
        if got[count] >= WORKS and prices[line].accounts and not line.startswith("whitewash")
    ]

    def order(line: str) -> tuple[int, int, float]:
        p = prices[line]
        return p.calls, p.accounts, p.weeks

    return min(working, key=order, default="none")


def render(outcomes: Sequence[Outcome]) -> str:
    lines = by_target({line for o in outcomes for line in o.strikes})
    prices = {line: cost(outcomes, line) for line in lines}
    blocked = {line: shares(outcomes, line, BLOCK_AT) for line in lines}
    flagged = {line: shares(outcomes, line, FLAG_AT) for line in lines}
    width = 2 + max(map(len, [*lines, "moderated numbers"]))
    counts = "".join(f"{count:>8}" for count in GOLD)
    text = [
        "moderated numbers".ljust(width + 46) + "asked".rjust(8) + counts + "  " + counts,
        "".ljust(width)
        + f"{'accounts':>9}{'networks':>9}{'weeks':>8}{'true calls':>11}{'targets':>9}"
        + " " * 8
        + "blocked, %".rjust(32)
        + "  "
        + "flagged, %".rjust(32),
    ]
    for line in lines:
        p = prices[line]
        target = TARGETS.get(line)
        if target and line.startswith("whitewash"):  # the table of the other command has survivors
            target = Target(True, 100 - (target.value or 0))
        text.append(
            line.ljust(width)
            + f"{p.accounts:>9}{p.networks:>9}{p.weeks:>8.1f}{p.calls:>11}{p.targets:>9}"
            + aim(target).rjust(8)
            + _marked(blocked[line].values(), target)
            + "  "
            + _marked(flagged[line].values(), None)
        )
    for title, figures in (
        ("reporters and labels, %", _percents(outcomes)),
        ("calls and other numbers, %", _clean(outcomes)),
    ):
        text += ["", title.ljust(width + 46) + "asked".rjust(8) + counts]
        for name, (target, values) in figures.items():
            text.append(name.ljust(width + 46) + aim(target).rjust(8) + _marked(values, target))
    text += ["", f"cheapest attack that blocks {WORKS:g} % of its targets or more"]
    return "\n".join([*text, *_cheapest(prices, blocked)])


def _cheapest(prices: dict[str, Price], blocked: dict[str, dict[int, float]]) -> Iterator[str]:
    """A line for each count of moderated numbers."""
    for count in GOLD:
        line = cheapest(prices, blocked, count)
        told = f"with {count} moderated numbers: {line}"
        if line != "none":
            p = prices[line]
            told += (
                f" ({p.accounts} accounts, {p.networks} networks, {p.weeks:.1f} weeks, "
                f"{p.calls} true calls: {blocked[line][count]:.1f} % of {p.targets} targets)"
            )
        yield told


def _marked(values: Iterable[float], target: Target | None) -> str:
    """Cells of percents, those past what is asked marked."""
    cells = ""
    for value in values:
        missed = target is not None and not math.isnan(value) and not target.met(value, ())
        cells += ("-" if math.isnan(value) else f"{'!' if missed else ''}{value:.2f}").rjust(8)
    return cells


def _percents(outcomes: Sequence[Outcome]) -> dict[str, tuple[Target | None, list[float]]]:
    """Of what is measured per reporter or label: what is asked, and a value per gold count."""
    found: dict[str, tuple[Target | None, list[float]]] = {}
    for line in sorted({line for o in outcomes for line in o.percents}):
        for count in GOLD:
            values = [v for o in outcomes if o.task.gold == count for v in o.percents.get(line, [])]
            for name, value in percents(line, values).items():
                target = PERCENT_TARGETS.get(line.partition(",")[0])
                found.setdefault(name, (target, []))[1].append(value)
    return found


def _clean(outcomes: Sequence[Outcome]) -> dict[str, tuple[Target | None, list[float]]]:
    clean = [o for o in outcomes if o.task.group == "clean"]
    by_count = {c: [s for o in clean if o.task.gold == c for s in o.shots] for c in GOLD}
    by = clean[0].task.gold_by

    def each(of: Callable[[Sequence[Snapshot]], Share]) -> list[float]:
        return [100 * of(shots).value for shots in by_count.values()]

    asked = {count: target for (who, count), target in BLOCKED_ASKED.items() if who == by}
    name = "abusive calls already blocked"
    if asked:
        name += f" (asked of {min(asked)} numbers)"
    found = {
        name: (
            asked[min(asked)] if asked else None,
            each(lambda shots: measure.calls_met(shots, BATCH, BLOCK_AT)),
        ),
        "abusive calls already flagged or blocked": (
            Target(False, 66),
            each(lambda shots: measure.calls_met(shots, BATCH, FLAG_AT)),
        ),
        "legitimate numbers blocked": (
            Target(True, 0.05),
            each(lambda shots: measure.rate(shots, BATCH, BLOCK_AT, Role.LEGITIMATE)),
        ),
        "legitimate numbers flagged": (
            Target(True, 2),
            each(lambda shots: measure.rate(shots, BATCH, FLAG_AT, Role.LEGITIMATE)),
        ),
        "reassigned numbers still blocked": (
            Target(True, 2),
            each(lambda shots: measure.rate(shots, BATCH, BLOCK_AT, Role.REASSIGNED)),
        ),
    }
    for group, about in DENIALS.items():
        denied = {
            c: [s for o in outcomes if (o.task.group, o.task.gold) == (group, c) for s in o.shots]
            for c in GOLD
        }
        days = {s.day for shots in denied.values() for s in shots}
        days &= {s.day for o in clean for s in o.shots}
        if days:
            found[f"abusive calls blocked while {about}"] = (None, _calls(denied, days))
            found[f"{WITHOUT} that"] = (None, _calls(by_count, days))
    return found


def _calls(shots: dict[int, list[Snapshot]], days: set[float]) -> list[float]:
    """By moderated numbers: abusive calls blocked on those days, in percent."""
    return [
        100 * measure.calls_met([s for s in each if s.day in days], BATCH, BLOCK_AT).value
        for each in shots.values()
    ]
