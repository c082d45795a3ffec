from pathlib import Path

import numpy as np

from benchmarks.attacks import plot
from benchmarks.attacks.measure import Role, Snapshot
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


def test_draws_a_png(tmp_path: Path) -> None:
    path = tmp_path / "frontier.png"
    plot.frontier([SHOT], ["ours batch"], path)
    assert path.read_bytes().startswith(b"\x89PNG")
