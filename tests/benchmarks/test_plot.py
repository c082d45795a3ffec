from pathlib import Path

import numpy as np
import pytest

from benchmarks.attacks import plot
from benchmarks.attacks.attacks import Strike
from benchmarks.attacks.measure import Role, Snapshot
from benchmarks.attacks.outcome import Outcome, Task
from benchmarks.attacks.rivals import RIVALS

ROLE = np.array([Role.LEGITIMATE, Role.LEGITIMATE, Role.ABUSIVE, Role.ABUSIVE])
CALLS = np.array([0.0, 0.0, 3.0, 1.0])
SCORE = np.array([0.1, 0.8, 0.7, 0.95])
SHOT = Snapshot(1.0, ROLE, CALLS, {r.name: SCORE for r in RIVALS} | {"ours batch": SCORE})


def test_a_point_a_threshold() -> None:
    assert plot.curve([SHOT], "ours batch", [0.9, 0.75, 0.7]) == [
        (0.9, 0.0, 25.0),
        (0.75, 50.0, 25.0),
        (0.7, 50.0, 100.0),
    ]
    assert plot.steps([SHOT], "ours batch", 2) == [0.95, 0.7]


def outcome(group: str, strikes: dict[str, list[Strike]]) -> Outcome:
    return Outcome(Task(group, 1, 1.0, 0, (1.0,), ("ours batch",)), [SHOT], strikes)


RAID = outcome(
    "fresh",
    {
        "one": [Strike("one", 0, 0.0, 0.5, 3)],
        "other": [Strike("other", 0, 0.0, 0.5, 3), Strike("other", 1, 0.0, 0.5, 3)],
        "whitewash, 10 fresh": [Strike("whitewash, 10 fresh", 2, 0.0, 0.5, 10)],
    },
)


def test_attacks_weigh_alike_and_whitewashing_is_no_block() -> None:
    assert plot.attacked([RAID], "ours batch", 0.75) == 25.0
    assert plot.attacked([RAID], "ours batch", 0.05) == 100.0


@pytest.mark.slow
@pytest.mark.parametrize("outcomes", [[outcome("clean", {})], [outcome("clean", {}), RAID]])
def test_draws_the_same_svg_again(outcomes: list[Outcome], tmp_path: Path) -> None:
    drawn = []
    for path in (tmp_path / "one.svg", tmp_path / "two.svg"):
        plot.frontier(outcomes, ["ours batch"], path)
        drawn.append(path.read_text())
    assert "<svg" in drawn[0]
    assert drawn[0] == drawn[1]
