"""Fresh scam numbers whose reports come one by one, to count how many it takes."""

from __future__ import annotations

import random

from benchmarks.attacks.worlds import Kind, World, add_numbers, join, judge, write_report

PROBE_COUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20)  # reports after which to look
PROBE_FIRST, PROBE_PACE = 120.0, 0.5  # day, days between a probe's reports


def passer_by(world: World, time: float, heard: set[int], rng: random.Random) -> int:
    """Somebody not yet heard who reports at that time, drawn as the world draws its reporters."""
    a = world.accounts
    if rng.random() < world.assumptions.newcomer_share:
        i = join(world, [], time, rng)
    else:
        i = -1
        while i < 0 or i in heard or not a.created[i] <= time < a.quit[i]:
            i = rng.randrange(len(a))
            if rng.random() * 150 > a.reports[i]:
                i = -1
    heard.add(i)
    return i


def add_probes(world: World, *, probes: int, reports: int, pace: float, first: float) -> list[int]:
    """Add fresh scam numbers whose k-th report comes at `first` + k * `pace` days (k from 1).

    They are reported by whoever the world would send, right or wrong. Returns their indices.
    """
    rng = random.Random(world.seed * 104729 + 7)
    indices = add_numbers(
        world, probes, kind=Kind.SCAM, start=first, end=first + (reports + 1) * pace
    )
    for i in indices:
        heard: set[int] = set()
        for k in range(1, reports + 1):
            time = first + (k - rng.uniform(0.1, 0.4)) * pace
            who = passer_by(world, time, heard, rng)
            label = judge(world, who, i, time, rng)
            world.reports.append(write_report(world, who, i, time, label, rng))
    world.reports.sort(key=lambda r: r["time"])
    return indices
