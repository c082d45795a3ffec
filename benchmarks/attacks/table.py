"""The one table: a row for each measure with its target, columns for ours and the rivals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.attacks import measure
from benchmarks.attacks.measure import (
    BATCH,
    FALSE_BLOCKS_ALLOWED,
    FALSE_FLAGS_ALLOWED,
    ONLINE,
    Role,
    Share,
    Snapshot,
    pooled,
)
from benchmarks.attacks.outcome import DENIALS, Outcome, Task
from benchmarks.attacks.probes import PROBE_COUNTS
from benchmarks.attacks.rivals import RIVALS


@dataclass(frozen=True, slots=True)
class Target:
    """`at_most` or at least so much, in the unit of the row; None: for information."""

    at_most: bool
    value: float | None  # None: the best rival in the same run

    def met(self, value: float, rivals: Sequence[float]) -> bool:
        bound = self.value if self.value is not None else max(rivals, default=0.0)
        return value <= bound if self.at_most else value >= bound


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    target: Target | None
    unit: str  # "%", "" or "reports"
    values: dict[str, float]  # by scorer; NaN: does not apply


# The project's targets for attacks; an attack without one is for information.
TARGETS = {
    "fresh, one network": Target(True, 0),
    "fresh, many networks": Target(True, 0),
    "fresh, slow over weeks": Target(True, 0),
    "aged, voted along, 10": Target(True, 1),
    "patient, 5": Target(True, 2),
    "20 fresh on a doubted number": Target(True, 0),
    "5 patient on a doubted number": Target(True, 2),
    "ring of 13 on a doubted number": Target(True, 0),
    "patient, 10": Target(True, 6),
    "retaliation, 3 members": Target(True, 0),
    "spoofing storm, 15 victims": Target(True, 5),
    "spoofing storm, 15 victims, unattested": Target(True, 5),
    "whitewash, 10 fresh": Target(False, 45),
    "affine ring of 25": Target(True, 0),
    "ring of 7, led by 3": Target(True, 0),
    "loose ring of 24, both sides": Target(True, 0),
    "loose ring of 24, both sides, cover": Target(True, 0),
    "star of 13, 1 anchored": Target(True, 1),
    "pair of 8, 1 anchored": Target(True, 1),
    "2 backed with 6 others": Target(True, 5),
    "2 anchored with 6 others": Target(True, 5),
    "2 anchored with 6 others, once": Target(True, 5),
    "speculators, stopped": Target(True, 0),
    "speculators, repeating": Target(True, 0),
    "20 accounts that guess, 4 confirm": Target(True, 0),
    "40 accounts that guess, 2 confirm": Target(True, 0),
    "20 accounts that guess, 4 confirm, cover": Target(True, 0),
    "40 accounts that guess, 2 confirm, cover": Target(True, 0),
}
RINGS = (7, 13, 31, 57, 133)  # accounts
for _size in RINGS:
    TARGETS[f"ring of {_size}"] = TARGETS[f"ring of {_size}, cover"] = Target(True, 0)
ANCHORED = {1: Target(True, 1), 2: Target(True, 5)}  # asked of rings with so many anchored accounts
for _anchored, _asked in ANCHORED.items():
    TARGETS |= {f"ring of {_size}, {_anchored} anchored": _asked for _size in RINGS}
# Of abusive calls, by who chooses the moderated numbers and how many these are.
BLOCKED_ASKED = {("random", 100): Target(False, 38), ("audit", 100): Target(False, 42)}
# What reporters lose to liars and gain by speculation, in percent of what they would weigh.
PERCENT_TARGETS = {"liars": Target(True, 10), "speculators": Target(True, 0)}


WITHOUT = "… on the same days without"


def thresholds(engines: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    """(block, flag) thresholds that need no data: ours, and the rivals' for block."""
    block_at, flag_at = 0.9, 0.6
    if engines:
        from reputation.scoring.curves import BLOCK_AT, FLAG_AT

        block_at, flag_at = BLOCK_AT, FLAG_AT
    block = dict.fromkeys(engines, block_at)
    block |= {r.name: block_at if r.block_at is None else r.block_at for r in RIVALS}
    return block, dict.fromkeys(engines, flag_at)


def figures(outcomes: Sequence[Outcome], engines: Sequence[str]) -> list[Row]:
    """Every row, seeds pooled."""
    block, flag = thresholds(engines)
    block.pop(ONLINE, None)  # the fold never blocks: that is the pass's, or a moderator's
    clean = [s for o in outcomes if o.task.group == "clean" for s in o.shots]
    scorers = [*engines, *(r.name for r in RIVALS)]
    loose = {name: measure.threshold_for(clean, name, FALSE_FLAGS_ALLOWED) for name in scorers}
    flag |= {r.name: loose[r.name] for r in RIVALS}
    table = _Table(scorers, block, flag)
    asked = next((blocked_asked(o.task) for o in outcomes), None)
    return [
        *_of_clean_worlds(table, clean, asked, loose),
        *_of_probes(table, outcomes),
        *_of_strikes(table, outcomes),
        *_of_percents(table, outcomes),
        *_of_denials(table, outcomes, clean),
    ]


# A figure of a scorer at a threshold.
type _Figure = Callable[[str, float], float]


@dataclass(frozen=True, slots=True)
class _Table:
    """The scorers, and the thresholds from which each blocks and flags; without one: never."""

    scorers: Sequence[str]
    block: Mapping[str, float]
    flag: Mapping[str, float]

    def row(
        self, label: str, target: Target | None, unit: str, at: Mapping[str, float], of: _Figure
    ) -> Row:
        """`of` at each scorer's threshold; NaN for a scorer without one in `at`."""
        values = {name: of(name, at[name]) if name in at else math.nan for name in self.scorers}
        return Row(label, target, unit, values)


def _of_clean_worlds(
    table: _Table, clean: Sequence[Snapshot], asked: Target | None, loose: Mapping[str, float]
) -> Iterator[Row]:
    def share_of(role: Role) -> _Figure:
        return lambda name, at: 100 * measure.rate(clean, name, at, role).value

    row, block, flag, met = table.row, table.block, table.flag, _met(clean)
    allowed = {
        name: measure.threshold_for(clean, name, FALSE_BLOCKS_ALLOWED) for name in table.scorers
    }
    yield row(
        "legitimate numbers blocked", Target(True, 0.05), "%", block, share_of(Role.LEGITIMATE)
    )
    yield row("abusive calls already blocked", asked, "%", block, met)
    yield row("… with the threshold set for .05 % false blocks", None, "%", allowed, met)
    yield row("abusive calls already flagged or blocked", Target(False, 66), "%", flag, met)
    yield row("… with the threshold set for 2 % false flags", None, "%", loose, met)
    yield row("legitimate numbers flagged", Target(True, 2), "%", flag, share_of(Role.LEGITIMATE))
    yield row("AUC", Target(False, None), "", allowed, lambda name, _: measure.auc(clean, name))
    silent = {r.name for r in RIVALS if not r.probability}
    yield row(
        "expected calibration error",
        Target(True, 0.05),
        "",
        dict.fromkeys((name for name in table.scorers if name not in silent), 0.0),
        lambda name, _: measure.calibration_error(clean, name),
    )
    yield row(
        "reassigned numbers still blocked", Target(True, 2), "%", block, share_of(Role.REASSIGNED)
    )
    yield row("gray callers blocked", Target(True, 2), "%", block, share_of(Role.GRAY))


def _met(shots: Sequence[Snapshot]) -> _Figure:
    """Abusive calls from numbers that are past the threshold by then, in percent."""
    return lambda name, at: 100 * measure.calls_met(shots, name, at).value


def _of_probes(table: _Table, outcomes: Sequence[Outcome]) -> Iterator[Row]:
    if any(o.probes for o in outcomes):
        until, of = "fresh scam number: reports until", _reports_until(outcomes)
        yield table.row(f"{until} flagged", Target(True, 3), "reports", table.flag, of)
        yield table.row(f"{until} blocked", Target(True, 9), "reports", table.block, of)


def _of_strikes(table: _Table, outcomes: Sequence[Outcome]) -> Iterator[Row]:
    for line in by_target({line for o in outcomes for line in o.strikes}):
        yield table.row(line, TARGETS.get(line), "%", table.block, _struck(outcomes, line))
    for anchored, at_most in ANCHORED.items():
        sizes = [f"ring of {size}, {anchored} anchored" for size in RINGS]
        if any(line in o.strikes for o in outcomes for line in sizes):
            label = f"rings of 7 to 133, {anchored} anchored, together"
            yield table.row(label, at_most, "%", table.block, _struck(outcomes, *sizes))
            label = f"… upper end of the 95 % interval, {anchored} anchored"
            yield table.row(label, None, "%", table.block, _struck_at_most(outcomes, *sizes))


def _of_percents(table: _Table, outcomes: Sequence[Outcome]) -> Iterator[Row]:
    for line in sorted({line for o in outcomes for line in o.percents}):
        values = [v for o in outcomes for v in o.percents.get(line, [])]
        target = PERCENT_TARGETS.get(line.partition(",")[0])
        for name, value in percents(line, values).items():
            ours = {BATCH: value} if BATCH in table.scorers else {}
            yield Row(name, target, "%", dict.fromkeys(table.scorers, math.nan) | ours)


def _of_denials(
    table: _Table, outcomes: Sequence[Outcome], clean: Sequence[Snapshot]
) -> Iterator[Row]:
    for group, about in DENIALS.items():
        denied = [s for o in outcomes if o.task.group == group for s in o.shots]
        days = {s.day for s in clean} & {s.day for s in denied}
        for label, shots in ((f"calls blocked while {about}", denied), (WITHOUT, clean)):
            if days:
                met = _met([s for s in shots if s.day in days])
                yield table.row(label, None, "%", table.block, met)


def percents(line: str, values: Sequence[float]) -> dict[str, float]:
    """The rows of a line of percents: the mean, and of what happens to reporters the worst too."""
    mean = float(np.mean(values)) if values else math.nan
    about = {"liars": "weight lost to ", "speculators": "weight above a newcomer's, "}
    name = about.get(line.partition(",")[0], "") + line
    if name == line:
        return {line: mean}
    return {f"{name}, mean": mean, f"{name}, worst": max(values, default=math.nan)}


def _reports_until(outcomes: Sequence[Outcome]) -> _Figure:
    """The median over all probes."""

    def median(name: str, at: float) -> float:
        taken = [
            count
            for o in outcomes
            if o.probes
            for count in measure.reports_until(o.shots, PROBE_COUNTS, o.probes, name, at)
        ]
        return float(np.median(taken))

    return median


def by_target(lines: Iterable[str]) -> list[str]:
    """Lines of attacks, those with a target first, in the order of TARGETS."""
    order = list(TARGETS)
    return sorted(lines, key=lambda x: (order.index(x) if x in order else len(order), x))


def _struck(outcomes: Sequence[Outcome], *lines: str) -> _Figure:
    return lambda name, at: 100 * _hits(outcomes, lines, name, at).value


def _struck_at_most(outcomes: Sequence[Outcome], *lines: str) -> _Figure:
    """The upper end of the 95 % interval."""
    return lambda name, at: 100 * measure.interval(_hits(outcomes, lines, name, at))[1]


def _hits(outcomes: Sequence[Outcome], lines: Sequence[str], name: str, at: float) -> Share:
    return pooled(
        (measure.survived if line.startswith("whitewash") else measure.struck)(
            o.shots, o.strikes[line], name, at
        )
        for o in outcomes
        for line in lines
        if line in o.strikes
    )


def blocked_asked(task: Task) -> Target | None:
    """How many abusive calls should arrive blocked with these moderated numbers; None: unasked."""
    return BLOCKED_ASKED.get((task.gold_by, task.gold))


def setting(tasks: Sequence[Task], *, final: bool) -> str:
    """Which worlds were looked at, when, and how many of their numbers were moderated."""
    first = tasks[0]
    seeds = sorted({t.seed for t in tasks})
    counts = sorted({t.gold for t in tasks})
    return (
        f"{'held-out' if final else 'tuning'} seeds {', '.join(map(str, seeds))}; "
        f"scale {first.scale:g}; clean world looked at on days "
        f"{', '.join(f'{d:g}' for d in first.days)}; "
        f"moderated numbers {', '.join(map(str, counts))}"
        f"{f' ({first.gold_by}, by day {first.gold_until:g})' if any(counts) else ''}"
        f"{'' if first.make == 'plain' else f'; worlds: {first.make}'}"
    )


def heading(tasks: Sequence[Task], *, final: bool) -> str:
    return (
        f"{setting(tasks, final=final)}\n"
        "rivals flag at the threshold that gives 2 % false flags here, and block at: "
        + ", ".join(
            f"{r.name} {'ours' if r.block_at is None else f'{r.block_at:g}'}" for r in RIVALS
        )
        + "\nours online never blocks; - does not apply, or nothing was blocked before;"
        " ! the pass misses what is asked"
    )


def render(rows: Sequence[Row]) -> str:
    names = list(rows[0].values)
    width = max(len(r.label) for r in rows) + 2
    lines = ["".ljust(width) + "asked".rjust(8) + "".join(f"{n:>13}" for n in names)]
    for r in rows:
        cells = ""
        rivals = [r.values[x.name] for x in RIVALS if not math.isnan(r.values[x.name])]
        for name, value in r.values.items():
            missed = name == BATCH and r.target is not None and not math.isnan(value)
            missed = missed and not r.target.met(value, rivals)  # type: ignore[union-attr]
            cells += f"{'! ' if missed else ''}{_text(value, r.unit)}".rjust(13)
        lines.append(r.label.ljust(width) + aim(r.target).rjust(8) + cells)
    return "\n".join(lines)


def aim(target: Target | None) -> str:
    if target is None:
        return ""
    sign = "≤" if target.at_most else "≥"
    return sign + ("rivals" if target.value is None else f" {target.value:g}")


def _text(value: float, unit: str) -> str:
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "never"
    if unit == "reports":
        return f"{value:g}"
    return f"{value:.2f}" if unit == "%" else f"{value:.3f}"


def plain(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Rows for JSON; what does not apply is null, never reached is "never"."""
    return [
        {"row": r.label, "target": aim(r.target), "unit": r.unit}
        | {
            k: None if math.isnan(v) else "never" if math.isinf(v) else v
            for k, v in r.values.items()
        }
        for r in rows
    ]
