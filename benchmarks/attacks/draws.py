"""How far off percentages are in worlds of each make, and after fits to numbers drawn at random.

    python -m benchmarks.attacks.calibration --check

Error: expected calibration error over ten equal bins (measure.expected_error), before gates: what
the curves alone would publish. A fit is what the worker makes of as many decided draws
(reputation.counting.calibrating): it starts from the curves that ship. Mean of FITS draws in each
world, on tuning seeds; in brackets the worst make's or fit's.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.attacks import assumptions, measure
from benchmarks.attacks.heard import DAYS, Heard, heard
from benchmarks.attacks.worlds import Kind, World, build_world
from reputation.scoring import fitting, policy

FITS = 20
DRAWN = (30, 100, 300)
# A ring that makes numbers to fill the sample, each reported by three of its accounts.
RING, MADE = 30, 20
RINGS = "ring "

# None: drawn, and left undecided.
Draw = Callable[[random.Random, Sequence[Heard], int], Sequence[fitting.Sample | None]]


def at_random(
    rng: random.Random, found: Sequence[Heard], count: int, of_one: int = fitting.OF_ONE
) -> list[fitting.Sample]:
    """As the service draws: each number has the same chance, and few are of one account."""
    taken: Counter[str] = Counter()
    drawn: list[fitting.Sample] = []
    for each in rng.sample(found, len(found)):
        if len(drawn) < count and taken[each.first] < of_one:
            taken[each.first] += 1
            drawn.append(each.sample)
    return drawn


def by_account(rng: random.Random, found: Sequence[Heard], count: int) -> list[fitting.Sample]:
    """An account first, then one of its numbers."""
    ahead = {place: rng.random() ** (1.0 / each.share) for place, each in enumerate(found)}
    return [found[place].sample for place in sorted(ahead, key=lambda k: -ahead[k])[:count]]


def error(found: Sequence[Heard], curves: fitting.Curves) -> float:
    raw = np.array([each.sample.raw for each in found])
    alone = np.array([each.sample.alone for each in found])
    bad = np.array([each.sample.unwanted for each in found])
    return measure.expected_error(fitting.published(curves, raw, alone), bad)


def fits(
    found: Sequence[Heard], count: int, draw: Draw, name: str, pool: Sequence[Heard] | None = None
) -> list[float]:
    """The errors after FITS fits to so many numbers of `pool`, by default of those measured."""
    rng = random.Random(f"{name} {count}")
    errors = []
    for _ in range(FITS):
        drawn = draw(rng, found if pool is None else pool, count)
        decided = [each for each in drawn if each is not None]
        enough = fitting.suffices(decided, missing=len(drawn) - len(decided))
        curves = fitting.refit(decided, before=policy.CURVES) if enough else policy.CURVES
        errors.append(error(found, curves))
    return errors


def by_make(seeds: Sequence[int], scale: float) -> str:
    """A line a make: the error as shipped, after fits to DRAWN numbers, and to a hundred drawn by
    account."""
    columns = ["as shipped", *(f"{count} draws" for count in DRAWN), "100 by account"]
    lines = [f"{'make':<14}" + "".join(f"{name:>18}" for name in columns)]
    means: list[list[float]] = []
    for make in assumptions.MAKES:
        cells: list[list[float]] = [[] for _ in columns]
        for seed in seeds:
            world = build_world(seed, scale=scale, make=make)
            found = list(heard(world, DAYS, batch=True))
            cells[0].append(error(found, policy.CURVES))
            for cell, count in zip(cells[1:-1], DRAWN, strict=True):
                cell += fits(found, count, at_random, f"{make} {seed}")
            cells[-1] += fits(found, 100, by_account, f"{make} {seed}")
        means.append([float(np.mean(cell)) for cell in cells])
        lines.append(f"{make:<14}" + "".join(f"{np.mean(c):>10.3f} ({max(c):.3f})" for c in cells))
    columns_of = np.array(means).T
    lines.append(
        f"{'all makes':<14}" + "".join(f"{c.mean():>10.3f} ({c.max():.3f})" for c in columns_of)
    )
    return "\n".join(lines)


def attacked(seeds: Sequence[int], scale: float) -> str:
    """The error in plain worlds after a hundred draws that somebody spoils."""
    spoilt: dict[str, Draw] = {
        "nobody": at_random,
        "one in ten decided wrongly": _wrongly(0.1),
        "three in ten decided wrongly": _wrongly(0.3),
        "all decided as legitimate": _alike(unwanted=False),
        "all decided as unwanted": _alike(unwanted=True),
        "half of the legitimate ones left": _easy,
    }
    errors: dict[str, list[float]] = {name: [] for name in ("as shipped", *spoilt)}
    made = f"{RING} accounts list {RING * MADE} numbers"
    for seed in seeds:
        world = build_world(seed, scale=scale)
        found = list(heard(world, DAYS, batch=True))
        errors["as shipped"].append(error(found, policy.CURVES))
        for name, draw in spoilt.items():
            errors[name] += fits(found, 100, draw, f"{seed}")
        everything = list(heard(_with_ring(world), DAYS, batch=True))
        honest = [each for each in everything if not each.first.startswith(RINGS)]
        for whose, some in (("all", everything), ("others'", honest)):
            shipped = errors.setdefault(f"{made}: {whose}, as shipped", [])
            shipped.append(error(some, policy.CURVES))
            fitted = errors.setdefault(f"{made}: {whose}, fitted", [])
            fitted += fits(some, 100, at_random, f"{seed}", everything)
    head = f"{'who spoils a hundred draws':<56}{'error':>8}{'worst':>8}"
    lines = [f"{name:<56}{np.mean(e):>8.3f}{max(e):>8.3f}" for name, e in errors.items()]
    return "\n".join([head, *lines])


def _wrongly(share: float) -> Draw:
    def draw(rng: random.Random, found: Sequence[Heard], count: int) -> list[fitting.Sample]:
        return [
            replace(each, unwanted=each.unwanted != (rng.random() < share))
            for each in at_random(rng, found, count)
        ]

    return draw


def _alike(*, unwanted: bool) -> Draw:
    def draw(rng: random.Random, found: Sequence[Heard], count: int) -> list[fitting.Sample]:
        return [replace(each, unwanted=unwanted) for each in at_random(rng, found, count)]

    return draw


def _easy(rng: random.Random, found: Sequence[Heard], count: int) -> list[fitting.Sample | None]:
    drawn = at_random(rng, found, count)
    return [each if each.unwanted or rng.random() < 0.5 else None for each in drawn]


def _with_ring(world: World) -> World:
    """The world with RING new accounts that list MADE numbers each, three of them on each number.

    The numbers are legitimate ones of the world that nobody else reports.
    """
    rng = random.Random("ring")
    reported = {r["number"] for r in world.reports}
    quiet = [
        name
        for name, place in world.index().items()
        if name not in reported and world.numbers.kind[place] == Kind.LEGITIMATE
    ]
    template = world.reports[0]
    made = []
    for name in rng.sample(quiet, min(len(quiet), RING * MADE)):
        at = rng.uniform(5.0, 170.0)
        for place, member in enumerate(rng.sample(range(RING), 3)):
            made.append(
                template
                | {
                    "reporter": f"{RINGS}{member}",
                    "network": f"{RINGS}{member}",
                    "number": name,
                    "time": at + place,
                    "created": 0.0,
                }
            )
    reports = sorted([*world.reports, *made], key=lambda r: r["time"])
    return replace(world, reports=reports)
