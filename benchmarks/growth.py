"""What an operation costs among 0.1, 1 and 10 million numbers.

    python benchmarks/growth.py [--numbers N …] [--each REPORTS] [--rounds N] [--keep] [ACT …]

Fills a database for each size (growing/databases.py), with EACH reports a number, and measures all
of them in turn, round by round: a shared machine is never quiet. The costs are processor time, of
the process that serves and of PostgreSQL for it, and the pages of tables and indexes that
PostgreSQL looked at; medians over rounds. The ratio is the largest size to the smallest. Exits with
1 when an act costs more than MOST times as much.

--keep leaves the databases for the next run. ACT: words of what is measured, all by default.
--sizing prints what a country of 1, 10 and 100 million phones needs, computed from the costs among
the largest of these sizes (growing/sizing.py has the assumptions).
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import orjson

from benchmarks.growing import databases, serving, sizing
from benchmarks.growing.costs import JUDGED, LISTED, LOOKUP, REFRESH, REPORT, WEIGHED, Cost

SIZES = (100_000, 1_000_000, 10_000_000)
MOST = 1.5
# How often each act is done in a round, and in how many rounds at most.
ACTS = {
    LOOKUP: (200, 9),
    "lookup, any number alike": (200, 9),
    "lookup of a number never reported": (200, 9),
    REPORT: (40, 9),
    "report again": (20, 9),
    "report withdrawn": (15, 9),
    "report on the most reported number": (6, 9),
    "report again on the most reported number": (10, 3),
    "any report on the most reported number withdrawn": (10, 3),
    "page of the most reported number": (4, 9),
    "panel: numbers": (4, 9),
    "panel: numbers, blocked": (4, 9),
    "panel: a number found": (4, 9),
    "panel: a number": (6, 9),
    "panel: the most reported number": (3, 9),
    "panel: reports": (3, 9),
    "panel: a report": (3, 9),
    "panel: the reporter with most reports": (3, 9),
    LISTED: (1, 1),
    "change of the list, published and fetched": (20, 9),
    JUDGED: (2, 9),
    WEIGHED: (1, 9),
    # Two after one that is not measured: the worker does so every five minutes.
    REFRESH: (2, 3),
    "the figures of the dashboard": (2, 3),
    "panel: the queue": (4, 9),
}


class World:
    """The process that acts in one database."""

    def __init__(self, numbers: int) -> None:
        self.numbers = numbers
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--in", str(numbers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def cost(self, act: str, times: int) -> Cost:
        assert self.process.stdin
        self.process.stdin.write(f"{act} {times}\n")
        self.process.stdin.flush()
        return Cost(**orjson.loads(self._answer()))

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()

    def _answer(self) -> str:
        assert self.process.stdout
        if not (line := self.process.stdout.readline()):
            sys.exit(f"the process of {self.numbers:,} numbers has ended")
        return line


@contextmanager
def worlds(sizes: Sequence[int]) -> Iterator[list[World]]:
    started: list[World] = []
    try:
        started.extend(World(numbers) for numbers in sizes)
        yield started
    finally:
        for world in started:
            world.stop()


def measure(sizes: Sequence[int], acts: Sequence[str], rounds: int) -> dict[str, list[Cost]]:
    """The costs of each act, by size."""
    found: dict[str, list[Cost]] = {}
    with worlds(sizes) as started:
        for act in acts:
            times, most = ACTS[act]
            seen: list[list[Cost]] = [[] for _ in sizes]
            for turn in range(min(rounds, most)):
                order = list(zip(started, seen, strict=True))
                for world, costs in order[turn % len(order) :] + order[: turn % len(order)]:
                    costs.append(world.cost(act, times))
            found[act] = [_median(costs) for costs in seen]
            print(f"  {time.strftime('%H:%M:%S')} {act}", file=sys.stderr, flush=True)
    return found


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        *(
            statistics.median(getattr(cost, name) for cost in costs)
            for name in Cost.__dataclass_fields__
        )
    )


def table(sizes: Sequence[int], found: dict[str, list[Cost]]) -> int:
    """Prints the table; returns how many acts grow beyond MOST."""
    names = [f"{numbers / 1e6:g} M" for numbers in sizes]
    wide = 10 * len(names)
    head = "".join(f"{name:>10}" for name in names)
    print(
        f"{'numbers':<43}{'CPU µs, server and SQL':>{wide}}{'of it in SQL':>{wide}}"
        f"{'pages':>{wide}}  state-"
    )
    print(f"{'':<43}{head * 3}  ments     ratio, at most {MOST}")
    missed = 0
    for act, costs in found.items():
        whole = [cost.own + cost.database for cost in costs]
        ratio = whole[-1] / whole[0]
        missed += ratio > MOST
        cells = "".join(f"{each * 1e6:>10,.0f}" for each in whole)
        cells += "".join(f"{cost.database * 1e6:>10,.0f}" for cost in costs)
        cells += "".join(f"{cost.buffers:>10,.0f}" for cost in costs)
        print(
            f"{act:<43}{cells}{costs[-1].statements:>7.1f}{ratio:>10.2f}  "
            f"{'met' if ratio <= MOST else 'MISSED'}"
        )
    return missed


def _measured(numbers: int, each: int, costs: Mapping[str, Cost]) -> sizing.Measured:
    on_disk, listed = databases.measured(numbers)
    # The process that has published has done everything else but that before.
    process = costs["panel: a report"].peak
    return sizing.Measured(
        costs=costs,
        number=on_disk["number"] / numbers,
        report=on_disk["report"] / (numbers * each),
        listed=listed / numbers,
        process=process,
        publishing=(costs[LISTED].peak - process) / listed * 1e6,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("acts", nargs="*", metavar="ACT")
    parser.add_argument("--numbers", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--each", type=int, default=5, help="reports a number")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="the databases, for the next run")
    parser.add_argument("--sizing", action="store_true", help="print what countries need, too")
    parser.add_argument("--in", type=int, dest="within", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.within:
        serving.serve(options.within)
        return 0
    acts = [act for act in ACTS if not options.acts or any(each in act for each in options.acts)]
    if options.sizing and options.acts:
        parser.error("--sizing needs all acts: name none")
    now = datetime.now(UTC)
    import django

    django.setup()
    try:
        for numbers in options.numbers:
            databases.prepare(numbers, options.each, now)
        sizes = ", ".join(databases.size(numbers) for numbers in options.numbers)
        print(
            f"{os.cpu_count()} cores, {options.each} reports a number, databases of {sizes}, "
            f"load of the machine {os.getloadavg()[0]:.1f} before\n"
        )
        found = measure(options.numbers, acts, options.rounds)
        missed = table(options.numbers, found)
        if options.sizing:
            numbers = options.numbers[-1]
            costs = {act: of_sizes[-1] for act, of_sizes in found.items()}
            print("", *sizing.lines(_measured(numbers, options.each, costs)), sep="\n")
    finally:
        for numbers in () if options.keep else options.numbers:
            databases.drop(numbers)
    print(f"\n{missed} of {len(acts)} cost more than {MOST} times as much.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
