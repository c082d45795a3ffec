"""`make faults` runs: after a moment without a fault, all that was acknowledged is there."""

import subprocess
import sys

import pytest

from config.settings import BASE_DIR


@pytest.mark.slow
def test_without_a_fault_nothing_is_lost():
    command = [sys.executable, "-m", "benchmarks.faults", "--only", "none", "--seconds", "1"]
    done = subprocess.run(
        command, cwd=BASE_DIR, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    kept = {row[0]: row[1:] for row in rows if row and row[0] in ("report", "bulk", "decision")}
    assert set(kept) == {"report", "bulk", "decision"}
    assert all(int(acknowledged) > 0 for _, acknowledged, *_ in kept.values())
