"""The frontier: legitimate numbers blocked against abusive calls that arrive already blocked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes

from benchmarks.attacks import measure
from benchmarks.attacks.measure import Role, Snapshot
from benchmarks.attacks.rivals import RIVALS
from benchmarks.attacks.table import thresholds

# Told apart without colour: each rival has its own dashes and mark.
DASHES = ("-", "--", "-.", ":", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 3)))
MARKS = ("s", "^", "D", "v", "P", "X", "*")
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


def frontier(shots: Sequence[Snapshot], engines: Sequence[str], path: Path) -> None:
    """Draw the rivals over their thresholds and ours over BLOCK_AT, and write a PNG.

    Below BLOCK_AT our gates do not count (a score under it flags), so that part of our line is
    thin: it is what the probability alone would do.
    """
    mpl.use("Agg")
    figure, axes = pyplot.subplots(figsize=(8, 5.5), layout="constrained")
    block, _ = thresholds(engines)
    for r, dash, mark in zip(RIVALS, DASHES, MARKS, strict=True):
        _line(axes, curve(shots, r.name, steps(shots, r.name)), color="0.45", lw=1, ls=dash)
        _, x, y = curve(shots, r.name, [block[r.name]])[0]
        label = f"{r.name} at {block[r.name]:.3g}"
        axes.plot([x], [y], mark, color="0.25", ms=7, ls=dash, lw=1, label=label)
    for name in engines:
        points = curve(shots, name, steps(shots, name, 160))
        _line(axes, points, color="black", lw=1, ls=":" if "online" in name else "-")
        past = [p for p in points if p[0] >= block[name]]
        if any(y > 0 for _, _, y in past):
            _line(axes, past, color="black", lw=3, label=f"{name}, over BLOCK_AT")
            _, x, y = curve(shots, name, [block[name]])[0]
            label = f"{name} at {block[name]:.3g}"
            axes.plot([x], [y], "o", color="black", ms=11, mfc="white", mew=2.5, label=label)
    axes.axhline(45, color="0.7", lw=0.8)
    axes.axvline(0.05, color="0.7", lw=0.8)
    axes.set_xscale("symlog", linthresh=SHOWN, linscale=0.6)
    axes.set_xlim(-0.004, 30)
    axes.set_ylim(0, 100)
    ticks = [0, 0.05, 0.1, 0.3, 1, 3, 10, 30]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xlabel("legitimate numbers blocked, % (grey lines: the targets)")
    axes.set_ylabel("abusive calls that arrive already blocked, %")
    axes.set_title("No attack; marks are the thresholds in use, lines all others")
    axes.legend(loc="lower right", fontsize=8, framealpha=1)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


def _line(axes: Axes, points: Curve, **style: object) -> None:
    axes.plot([x for _, x, _ in points], [y for _, _, y in points], **style)  # type: ignore[arg-type]
