"""`make bench` runs each benchmark; none of them may have been left behind by what it measures."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))
WITHOUT_ARGUMENTS = ["panel", "tracing"]


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_needs_no_more_than_the_developers_packages(name):
    run("-c", f"import benchmarks.{name}")


@pytest.mark.slow
@pytest.mark.parametrize("name", [each for each in BENCHMARKS if each not in WITHOUT_ARGUMENTS])
def test_a_benchmark_says_how_it_is_called(name):
    assert run("-m", f"benchmarks.{name}", "--help").startswith("usage: ")


@pytest.mark.slow
def test_shards_are_learnt_from_alike_by_one_and_by_two_processes():
    printed = run("-m", "benchmarks.trust_shards", "--reports", "20000", "--most", "40000")

    assert "processes that share nothing" in printed
    assert "the same records: to the bit: reached" in printed
    assert "memory:" in printed
