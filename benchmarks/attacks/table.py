"""The one table: rows as in scoring.md "What it is measured by", columns ours and the rivals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.attacks import measure
from benchmarks.attacks.measure import (
    FALSE_BLOCKS_ALLOWED,
    FALSE_FLAGS_ALLOWED,
    Role,
    Snapshot,
    pooled,
)
from benchmarks.attacks.rivals import RIVALS

if TYPE_CHECKING:
    from benchmarks.attacks.run import Outcome, Task


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


# The lines with their figures from scoring.md; the others are ours and for information.
TARGETS = {
    "fresh, one network": Target(True, 0),
    "fresh, many networks": Target(True, 0),
    "fresh, slow over weeks": Target(True, 0),
    "aged, voted along, 10": Target(True, 1),
    "patient, 5": Target(True, 2),
    "patient, 10": Target(True, 6),
    "retaliation, 3 members": Target(True, 0),
    "spoofing storm, 15 victims": Target(True, 5),
    "whitewash, 10 fresh": Target(False, 45),
}


def thresholds(engines: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    """(block, flag) thresholds that need no data: ours, and the rivals' for block."""
    block_at, flag_at = 0.9, 0.6
    if engines:
        from reputation.scoring import policy

        block_at, flag_at = policy.BLOCK_AT, policy.FLAG_AT
    block = dict.fromkeys(engines, block_at)
    block |= {r.name: block_at if r.block_at is None else r.block_at for r in RIVALS}
    return block, dict.fromkeys(engines, flag_at)


def figures(outcomes: Sequence[Outcome], engines: Sequence[str]) -> list[Row]:
    """Every row, seeds pooled."""
    block, flag = thresholds(engines)
    scorers = [*engines, *(r.name for r in RIVALS)]
    clean = [s for o in outcomes if o.task.group == "clean" for s in o.shots]
    for r in RIVALS:
        flag[r.name] = measure.threshold_for(clean, r.name, FALSE_FLAGS_ALLOWED)
    rows: list[Row] = []

    def row(label: str, target: Target | None, unit: str, of: Callable[[str], float]) -> None:
        rows.append(Row(label, target, unit, {name: of(name) for name in scorers}))

    def role_rate(role: Role, at: dict[str, float]) -> Callable[[str], float]:
        return lambda name: 100 * measure.rate(clean, name, at[name], role).value

    row("legitimate numbers blocked", Target(True, 0.05), "%", role_rate(Role.LEGITIMATE, block))
    row(
        "abusive calls already blocked",
        Target(False, 45),
        "%",
        lambda name: 100 * measure.calls_met(clean, name, block[name]).value,
    )
    row(
        "… with the threshold set for .05 % false blocks",
        None,
        "%",
        lambda name: 100 * _at_allowed(clean, name, FALSE_BLOCKS_ALLOWED),
    )
    row(
        "abusive calls already flagged or blocked",
        Target(False, 66),
        "%",
        lambda name: 100 * measure.calls_met(clean, name, flag[name]).value,
    )
    row("legitimate numbers flagged", Target(True, 2), "%", role_rate(Role.LEGITIMATE, flag))
    row("AUC", Target(False, None), "", lambda name: measure.auc(clean, name))
    stated = {*engines, *(r.name for r in RIVALS if r.probability)}
    row(
        "expected calibration error",
        Target(True, 0.05),
        "",
        lambda n: measure.calibration_error(clean, n) if n in stated else math.nan,
    )
    row("reassigned numbers still blocked", Target(True, 2), "%", role_rate(Role.REASSIGNED, block))
    row("gray callers blocked", Target(True, 2), "%", role_rate(Role.GRAY, block))
    _probe_rows(rows, outcomes, scorers, flag, block)
    _strike_rows(rows, outcomes, scorers, block)
    _blacken_rows(rows, outcomes, clean, scorers, block)
    return rows


def _at_allowed(clean: Sequence[Snapshot], name: str, allowed: float) -> float:
    threshold = measure.threshold_for(clean, name, allowed)
    return measure.calls_met(clean, name, threshold).value


def _probe_rows(
    rows: list[Row],
    outcomes: Sequence[Outcome],
    scorers: Sequence[str],
    flag: dict[str, float],
    block: dict[str, float],
) -> None:
    from benchmarks.attacks.run import PROBE_COUNTS

    probed = [o for o in outcomes if o.probes]
    if not probed:
        return
    for label, at, most in (
        ("fresh scam number: reports until flagged", flag, 3),
        ("fresh scam number: reports until blocked", block, 9),
    ):
        values = {
            name: float(
                np.median(
                    [
                        t
                        for o in probed
                        for t in measure.reports_until(
                            o.shots, PROBE_COUNTS, o.probes, name, at[name]
                        )
                    ]
                )
            )
            for name in scorers
        }
        rows.append(Row(label, Target(True, most), "reports", values))


def _strike_rows(
    rows: list[Row], outcomes: Sequence[Outcome], scorers: Sequence[str], block: dict[str, float]
) -> None:
    lines: dict[str, list[Outcome]] = {}
    for o in outcomes:
        for line in o.strikes:
            lines.setdefault(line, []).append(o)
    order = list(TARGETS)
    for line in sorted(lines, key=lambda x: (order.index(x) if x in order else 99, x)):
        figure = measure.survived if line.startswith("whitewash") else measure.struck
        values = {
            name: 100
            * pooled(figure(o.shots, o.strikes[line], name, block[name]) for o in lines[line]).value
            for name in scorers
        }
        rows.append(Row(line, TARGETS.get(line), "%", values))


def _blacken_rows(
    rows: list[Row],
    outcomes: Sequence[Outcome],
    clean: Sequence[Snapshot],
    scorers: Sequence[str],
    block: dict[str, float],
) -> None:
    blackened = [s for o in outcomes if o.task.group == "blacken" for s in o.shots]
    days = {s.day for s in clean} & {s.day for s in blackened}
    for label, shots in (
        ("calls blocked while members are blackened", blackened),
        ("… on the same days without", clean),
    ):
        of_days = [s for s in shots if s.day in days]
        if of_days and blackened:
            values = {
                name: 100 * measure.calls_met(of_days, name, block[name]).value for name in scorers
            }
            rows.append(Row(label, None, "%", values))


def heading(tasks: Sequence[Task], *, final: bool) -> str:
    first = tasks[0]
    seeds = sorted({t.seed for t in tasks})
    return (
        f"{'held-out' if final else 'tuning'} seeds {', '.join(map(str, seeds))}; "
        f"scale {first.scale:g}; clean world looked at on days "
        f"{', '.join(f'{d:g}' for d in first.days)}; moderated numbers {first.gold}\n"
        "rivals flag at the threshold that gives 2 % false flags here, and block at: "
        + ", ".join(
            f"{r.name} {'ours' if r.block_at is None else f'{r.block_at:g}'}" for r in RIVALS
        )
        + "\n! ours misses the target"
    )


def render(rows: Sequence[Row]) -> str:
    names = list(rows[0].values)
    width = max(len(r.label) for r in rows) + 2
    lines = ["".ljust(width) + "target".rjust(8) + "".join(f"{n:>13}" for n in names)]
    for r in rows:
        cells = ""
        rivals = [r.values[x.name] for x in RIVALS if not math.isnan(r.values[x.name])]
        for name, value in r.values.items():
            missed = name.startswith("ours") and r.target is not None and not math.isnan(value)
            missed = missed and not r.target.met(value, rivals)  # type: ignore[union-attr]
            cells += f"{'! ' if missed else ''}{_text(value, r.unit)}".rjust(13)
        lines.append(r.label.ljust(width) + _aim(r).rjust(8) + cells)
    return "\n".join(lines)


def _aim(row: Row) -> str:
    if row.target is None:
        return ""
    sign = "≤" if row.target.at_most else "≥"
    return sign + ("rivals" if row.target.value is None else f" {row.target.value:g}")


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
        {"row": r.label, "target": _aim(r), "unit": r.unit}
        | {
            k: None if math.isnan(v) else "never" if math.isinf(v) else v
            for k, v in r.values.items()
        }
        for r in rows
    ]
