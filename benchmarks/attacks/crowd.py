"""The batch pass on public crowd-labelling sets with known truth.

    python -m benchmarks.attacks.crowd [--data DIR]

DIR holds `<name>/labels.csv` (worker,item,label) and `<name>/truth.csv` (item,truth). A label is a
report and label 1 is "unwanted". The sets carry no times and no networks, and neither do these
reports, so that fading, clusters and the caps on networks and days stay out of it: what is judged
is how the pass learns whom to believe. An item is called 1 when its probability passes one half; a
tie counts half.

Sets with more than two classes are judged one against the rest, the class with the highest score
wins, for every method alike; the figure of merit is over the binary sets.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.rivals import RIVALS, read_votes, rival
from benchmarks.attacks.worlds import Report
from reputation.scoring import Floats

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "crowd"
METHODS = ("majority", "one-coin", "Dawid-Skene")

Scorer = Callable[[list[Report], dict[str, int]], Floats]


@dataclass(frozen=True, slots=True)
class CrowdSet:
    name: str
    labels: list[tuple[str, str, int]]  # worker, item, label
    truth: dict[str, int]

    @property
    def classes(self) -> list[int]:
        return sorted(set(self.truth.values()) | {label for _, _, label in self.labels})


def read_set(folder: Path) -> CrowdSet:
    """Read one set; raises FileNotFoundError or KeyError naming what is missing."""
    with (folder / "labels.csv").open(newline="") as f:
        labels = [(r["worker"], r["item"], int(r["label"])) for r in csv.DictReader(f)]
    with (folder / "truth.csv").open(newline="") as f:
        truth = {r["item"]: int(r["truth"]) for r in csv.DictReader(f)}
    return CrowdSet(folder.name, labels, truth)


def as_reports(crowd: CrowdSet, positive: int) -> list[Report]:
    """The labels as reports without times, `positive` against the rest."""
    return [
        {"reporter": f"w{worker}", "number": item, "label": int(label == positive)}
        for worker, item, label in crowd.labels
    ]


def accuracy(crowd: CrowdSet, scorer: Scorer) -> float:
    """Share of the items with known truth that are called right; items without labels are a tie."""
    items = sorted(crowd.truth)
    index = {item: i for i, item in enumerate(items)}
    for _, item, _ in crowd.labels:
        index.setdefault(item, len(index))
    truth = np.array([crowd.truth[item] for item in items])
    classes = crowd.classes

    def scores(positive: int) -> Floats:
        return scorer(as_reports(crowd, positive), index)[: len(items)]

    if len(classes) <= 2:
        p = np.nan_to_num(scores(1), nan=0.5)
        return float(np.mean(np.where(p == 0.5, 0.5, (p > 0.5) == (truth == 1))))
    table: NDArray[np.float64] = np.nan_to_num(np.stack([scores(c) for c in classes]), nan=0.0)
    best = table == table.max(axis=0)
    right = best[[classes.index(t) for t in truth], np.arange(len(truth))]
    return float(np.mean(right / best.sum(axis=0)))


def published(name: str) -> Scorer:
    def score(reports: list[Report], index: dict[str, int]) -> Floats:
        return rival(name, RIVALS).score(read_votes(reports, index).until(0.0), 0.0)

    return score


def ours(reports: list[Report], index: dict[str, int]) -> Floats:
    from reputation.scoring import replay

    column = np.full(len(index), np.nan)
    for number, p in replay.score(reports, batch=True).items():
        column[index[number]] = p
    return column


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m benchmarks.attacks.crowd")
    p.add_argument("--data", type=Path, default=DATA, help="folder of crowd sets")
    options = p.parse_args()
    folders = sorted(f for f in options.data.iterdir() if (f / "labels.csv").is_file())
    scorers: dict[str, Scorer] = {name: published(name) for name in METHODS}
    scorers["ours batch"] = ours
    rows: list[tuple[CrowdSet, list[float]]] = []
    for folder in folders:
        crowd = read_set(folder)
        print(f"{crowd.name}: {len(crowd.labels):,} labels", file=sys.stderr, flush=True)
        rows.append((crowd, [100 * accuracy(crowd, scorer) for scorer in scorers.values()]))
    print("accuracy, %".ljust(22) + "".join(f"{name:>13}" for name in scorers))
    for crowd, row in rows:
        classes = "" if len(crowd.classes) == 2 else f" ({len(crowd.classes)} classes)"
        print((crowd.name + classes).ljust(22) + "".join(f"{x:13.2f}" for x in row))
    binary = [row for crowd, row in rows if len(crowd.classes) == 2]
    print("mean of the binary".ljust(22) + "".join(f"{x:13.2f}" for x in np.mean(binary, axis=0)))


if __name__ == "__main__":
    main()
