"""The frontier: legitimate numbers blocked against abusive calls that arrive already blocked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes

from benchmarks.attacks import frontier as frontier_of
from benchmarks.attacks import measure
from benchmarks.attacks.frontier import ENGINES
from benchmarks.attacks.measure import BATCH, ONLINE, Role, Snapshot
from benchmarks.attacks.outcome import Outcome
from benchmarks.attacks.rivals import RIVALS
from benchmarks.attacks.table import thresholds
from reputation.scoring.curves import BLOCK_AT

# Told apart without colour: each rival has its own dashes and mark.
DASHES = ("-", "--", "-.", ":", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 3)))
MARKS = ("s", "^", "D", "v", "P", "X", "*")
NAME = 11  # points from one name to the next
SHOWN = 0.1  # the false-block axis is linear up to here and logarithmic beyond, in percent

Curve = list[tuple[float, float, float]]  # threshold, false blocks %, calls blocked %


def curve(shots: Sequence[Snapshot], scorer: str, at: Sequence[float]) -> Curve:
    """One point a threshold."""
    return [
        (
            t,
            100 * measure.rate(shots, scorer, t, Role.LEGITIMATE).value,
            100 * measure.calls_met(shots, scorer, t).value,
        )
        for t in at
    ]


def steps(shots: Sequence[Snapshot], scorer: str, count: int = 80) -> list[float]:
    """Thresholds that walk through the scores given to abusive numbers, highest first."""
    scores = np.concatenate([s.scores[scorer][s.role == Role.ABUSIVE] for s in shots])
    scores = scores[~np.isnan(scores)]
    return sorted({float(q) for q in np.quantile(scores, np.linspace(0, 1, count))}, reverse=True)


def attacked(outcomes: Sequence[Outcome], scorer: str, threshold: float) -> float:
    """Share of legitimate targets blocked in percent: mean of the lines of attack, or NaN."""
    lines: dict[str, list[measure.Share]] = {}
    for o in outcomes:
        for line, strikes in o.strikes.items():
            if not line.startswith("whitewash") and scorer in o.shots[0].scores:
                share = measure.struck(o.shots, strikes, scorer, threshold)
                lines.setdefault(line, []).append(share)
    means = [100 * measure.pooled(shares).value for shares in lines.values()]
    return float(np.mean(means)) if means else float("nan")


def frontier(outcomes: Sequence[Outcome], engines: Sequence[str], path: Path) -> None:
    """Draw the rivals over their thresholds and ours over BLOCK_AT, and write an SVG or PNG.

    Left the clean world; right, where attacks were run, the same against their targets. Below
    BLOCK_AT our gates do not count (a score under it flags), so that part of our line is thin: it
    is what the probability alone would do.
    """
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "frontier"  # the same figures give the same file
    clean = [s for o in outcomes if o.task.group == "clean" for s in o.shots]
    raids = [o for o in outcomes if o.strikes]
    panels = 2 if raids else 1
    size = (1 + 6.5 * panels, 5.5)
    figure, all_axes = pyplot.subplots(
        1, panels, figsize=size, layout="constrained", squeeze=False, sharey=True
    )
    axes, *more = all_axes[0]
    _draw(axes, engines, {n: curve(clean, n, at) for n, at in _walks(clean, engines).items()})
    axes.axhline(45, color="0.7", lw=0.8)
    axes.axvline(0.05, color="0.7", lw=0.8)
    axes.set_xscale("symlog", linthresh=SHOWN, linscale=0.6)
    axes.set_xlim(-0.004, 30)
    axes.set_ylim(0, 100)
    ticks = [0, 0.05, 0.1, 0.3, 1, 3, 10, 30]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xlabel("legitimate numbers blocked, % (grey lines: the targets)")
    axes.set_ylabel("abusive calls that arrive already blocked, %")
    axes.set_title("Without attack; marks: the threshold in use, lines: all others")
    axes.legend(loc="lower right", fontsize=8, framealpha=1)
    for right in more:
        walks = _walks(clean, engines, 40)
        curves = {
            name: [(t, attacked(raids, name, t), y) for t, _, y in curve(clean, name, at)]
            for name, at in walks.items()
        }
        _draw(right, engines, curves)
        right.set_xlim(-2, 102)
        right.set_xlabel("legitimate numbers under attack blocked, % (mean of all attacks)")
        right.set_title("The price under attack")
    dated = {"metadata": {"Date": None}} if path.suffix == ".svg" else {}
    figure.savefig(path, dpi=130, **dated)  # type: ignore[arg-type]
    pyplot.close(figure)


def conditions(outcomes: Sequence[Outcome], path: Path) -> None:
    """Draw ours with each condition of `frontier.CONDITIONS` loosened, a point each: the calls that
    arrive blocked over the targets that attacks get blocked (the mean of the worst lines)."""
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "frontier"
    clean = [s for o in outcomes if o.task.group == "clean" for s in o.shots]
    figure, axes = pyplot.subplots(figsize=(9, 5.5), layout="constrained")
    points = {}
    for name in ENGINES:
        worst = [frontier_of.worst(outcomes, name, column) for column in frontier_of.COLUMNS]
        met = 100 * measure.calls_met(clean, name, BLOCK_AT).value
        points["as shipped" if name == BATCH else name] = (float(np.nanmean(worst)), met)
    axes.set_xlim(-1, 1.6 * max(x for x, _ in points.values()) + 5)
    axes.set_ylim(min(y for _, y in points.values()) - 2, max(y for _, y in points.values()) + 2)
    for name, (x, y) in points.items():
        style = {"marker": "o", "ms": 10} if name == "as shipped" else {"marker": "x", "ms": 7}
        axes.plot([x], [y], color="black", ls="", **style)  # type: ignore[arg-type]
    _names(axes, points)
    axes.set_xlabel("targets under attack blocked, %: mean of the worst line of each kind")
    axes.set_ylabel("abusive calls that arrive already blocked, %")
    axes.set_title("What each condition for block costs, and what it keeps out")
    dated = {"metadata": {"Date": None}} if path.suffix == ".svg" else {}
    figure.savefig(path, dpi=130, **dated)  # type: ignore[arg-type]
    pyplot.close(figure)


def _walks(
    shots: Sequence[Snapshot], engines: Sequence[str], count: int = 120
) -> dict[str, list[float]]:
    """Thresholds to try for each scorer, the one in use among them."""
    block, _ = thresholds(engines)
    return {
        name: sorted({*steps(shots, name, count), at}, reverse=True) for name, at in block.items()
    }


def _draw(axes: Axes, engines: Sequence[str], curves: dict[str, Curve]) -> None:
    block, _ = thresholds(engines)
    for r, dash, mark in zip(RIVALS, DASHES, MARKS, strict=True):
        _line(axes, curves[r.name], color="0.45", lw=1, ls=dash)
        label = f"{r.name} at {block[r.name]:.3g}"
        point = [p for p in curves[r.name] if p[0] == block[r.name]]
        _line(axes, point, color="0.25", marker=mark, ms=7, ls=dash, lw=1, label=label)
    for name in engines:
        style = ":" if name == ONLINE else "-"
        _line(axes, curves[name], color="black", lw=1, ls=style, label=f"{name}, without gates")
        if name == ONLINE:
            continue
        past = [p for p in curves[name] if p[0] >= block[name]]
        _line(axes, past, color="black", lw=3, label=f"{name}, over BLOCK_AT")
        hollow = {"mfc": "white", "mew": 2.5, "ms": 11, "ls": "-", "lw": 3}
        label = f"{name} at {block[name]:.3g}"
        _line(axes, past[-1:], color="black", marker="o", label=label, **hollow)


def _names(axes: Axes, marks: dict[str, tuple[float, float]]) -> None:
    """Each mark's name to its right, from above to below, none over another."""
    low, high = axes.get_ylim()
    points = axes.get_window_extent().height * 72 / axes.figure.dpi / (high - low)  # a percent
    room = float("inf")
    for name, (x, y) in sorted(marks.items(), key=lambda mark: (-mark[1][1], mark[0])):
        room = min(room - NAME, y * points)
        axes.annotate(
            name,
            (x, y),
            (30, room - y * points),
            textcoords="offset points",
            va="center",
            fontsize=8,
            zorder=4,
            bbox={"fc": "white", "ec": "none", "pad": 0.5},
            arrowprops={"arrowstyle": "-", "lw": 0.6, "shrinkA": 0, "shrinkB": 3},
        )


def _line(axes: Axes, points: Curve, **style: object) -> None:
    axes.plot([x for _, x, _ in points], [y for _, _, y in points], **style)  # type: ignore[arg-type]
