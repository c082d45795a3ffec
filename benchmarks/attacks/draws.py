"""How far off percentages are in worlds of each make, and after fits to numbers drawn at random.

    python -m benchmarks.attacks.calibration --check

Error: expected calibration error over ten equal bins (measure.expected_error), before gates: what
the curves alone would publish. Without draws the worker moves the curves that ship by how those
who are established agree (scoring.agreement), each day by what is known then. A fit is what it
makes of as many decided draws (reputation.counting.calibrating), and starts from there. Mean of
FITS draws in each world, on tuning seeds; in brackets the worst make's or fit's.

`flooded` says how far accounts that want to move the curves get.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.attacks import assumptions, measure
from benchmarks.attacks.heard import DAYS, Heard, agreed, heard
from benchmarks.attacks.worlds import Kind, World, build_world, number_name
from reputation.scoring import agreement, fitting
from reputation.scoring.curves import CURVES

FITS = 20
DRAWN = (30, 100, 300)
# A ring that makes numbers to fill the sample, each reported by three of its accounts.
RING, MADE = 30, 20
RINGS = "ring "

# New accounts that report at random, so many numbers each; and active ones of the world that do.
FRESH, FRESH_EACH = 1000, 5
ACTIVE, ACTIVE_EACH = 20, 50

SHIPPED: Mapping[float, fitting.Curves] = dict.fromkeys(DAYS, CURVES)

# None: drawn, and left undecided.
Draw = Callable[[random.Random, Sequence[Heard], int], Sequence[fitting.Sample | None]]


def at_random(rng: random.Random, found: Sequence[Heard], count: int) -> list[fitting.Sample]:
    """As the service draws: each number has the same chance, and few are of one account."""
    taken: Counter[str] = Counter()
    drawn: list[fitting.Sample] = []
    for each in rng.sample(found, len(found)):
        if len(drawn) < count and taken[each.first] < fitting.OF_ONE:
            taken[each.first] += 1
            drawn.append(each.sample)
    return drawn


def by_account(rng: random.Random, found: Sequence[Heard], count: int) -> list[fitting.Sample]:
    """An account first, then one of its numbers."""
    ahead = {place: rng.random() ** (1.0 / each.share) for place, each in enumerate(found)}
    return [found[place].sample for place in sorted(ahead, key=lambda k: -ahead[k])[:count]]


def moved(world: World) -> dict[float, fitting.Curves]:
    """The curves by day, as the agreement moves them."""
    return {day: agreement.moved(CURVES, agreed(world, day)) for day in DAYS}


def error(found: Sequence[Heard], curves: Mapping[float, fitting.Curves]) -> float:
    """`curves`: by day."""
    told, bad = [], []
    for day, used in curves.items():
        samples = [each.sample for each in found if each.day == day]
        raw = np.array([each.raw for each in samples])
        alone = np.array([each.alone for each in samples], np.bool_)
        told.append(fitting.published(used, raw, alone))
        bad.append(np.array([each.unwanted for each in samples], np.bool_))
    return measure.expected_error(np.concatenate(told), np.concatenate(bad))


def fits(
    found: Sequence[Heard],
    count: int,
    draw: Draw,
    name: str,
    before: Mapping[float, fitting.Curves],
    pool: Sequence[Heard] | None = None,
) -> list[float]:
    """The errors after FITS fits to so many numbers of `pool`, by default of those measured."""
    rng = random.Random(f"{name} {count}")
    errors = []
    for _ in range(FITS):
        drawn = draw(rng, found if pool is None else pool, count)
        decided = [each for each in drawn if each is not None]
        unwanted, missing = sum(each.unwanted for each in decided), len(drawn) - len(decided)
        curves = before
        if fitting.suffices(len(decided), unwanted=unwanted, missing=missing):
            curves = {day: fitting.refit(decided, before=used) for day, used in before.items()}
        errors.append(error(found, curves))
    return errors


def by_make(seeds: Sequence[int], scale: float) -> str:
    """A line a make: the error as shipped, without draws, after fits to DRAWN numbers, and to a
    hundred drawn by account."""
    draw_counts = (f"{count} draws" for count in DRAWN)
    columns = ["as shipped", "no draws", *draw_counts, "100 by account"]
    lines = [f"{'make':<14}" + "".join(f"{name:>18}" for name in columns)]
    means: list[list[float]] = []
    for make in assumptions.MAKES:
        cells: list[list[float]] = [[] for _ in columns]
        for seed in seeds:
            world = build_world(seed, scale=scale, make=make)
            found = list(heard(world, DAYS, batch=True))
            before = moved(world)
            cells[0].append(error(found, SHIPPED))
            cells[1].append(error(found, before))
            for cell, count in zip(cells[2:-1], DRAWN, strict=True):
                cell += fits(found, count, at_random, f"{make} {seed}", before)
            cells[-1] += fits(found, 100, by_account, f"{make} {seed}", before)
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
    errors: dict[str, list[float]] = {name: [] for name in ("no draws", *spoilt)}
    made = f"{RING} accounts list {RING * MADE} numbers"
    for seed in seeds:
        world = build_world(seed, scale=scale)
        found = list(heard(world, DAYS, batch=True))
        before = moved(world)
        errors["no draws"].append(error(found, before))
        for name, draw in spoilt.items():
            errors[name] += fits(found, 100, draw, f"{seed}", before)
        ringed = _with_ring(world)
        everything, before = list(heard(ringed, DAYS, batch=True)), moved(ringed)
        honest = [each for each in everything if not each.first.startswith(RINGS)]
        for whose, some in (("all", everything), ("others'", honest)):
            without = errors.setdefault(f"{made}: {whose}, no draws", [])
            without.append(error(some, before))
            fitted = errors.setdefault(f"{made}: {whose}, fitted", [])
            fitted += fits(some, 100, at_random, f"{seed}", before, everything)
    head = f"{'who spoils a hundred draws':<56}{'error':>8}{'worst':>8}"
    lines = [f"{name:<56}{np.mean(e):>8.3f}{max(e):>8.3f}" for name, e in errors.items()]
    return "\n".join([head, *lines])


def flooded(seeds: Sequence[int], scale: float) -> str:
    """How far the corners of the curves go when accounts report numbers at random, in log-odds."""
    far: dict[str, list[float]] = {}
    for seed in seeds:
        world = build_world(seed, scale=scale)
        before = moved(world)
        said = Counter(r["reporter"] for r in world.reports)
        active = [who for who, _ in said.most_common(ACTIVE)]
        fresh = [f"fresh {n}" for n in range(FRESH)]
        floods = (
            (f"{FRESH:,} new accounts, {FRESH_EACH} numbers within days", fresh, FRESH_EACH, 5.0),
            (f"{FRESH:,} accounts, {FRESH_EACH} numbers in months", fresh, FRESH_EACH, 130.0),
            (
                f"{ACTIVE} active accounts, {ACTIVE_EACH} numbers in months",
                active,
                ACTIVE_EACH,
                130.0,
            ),
        )
        for label, kind in ((1, "unwanted"), (0, "legitimate")):
            for name, who, each, within in floods:
                after = moved(_with_flood(world, who, each, label, within))
                by = max(_farthest(before[day], after[day]) for day in DAYS)
                far.setdefault(f"{name}, {kind}", []).append(by)
    head = f"{'who wants to move the curves':<56}{'moved by':>10}{'worst':>8}"
    lines = [f"{name:<56}{np.mean(by):>10.2f}{max(by):>8.2f}" for name, by in far.items()]
    return "\n".join([head, *lines])


def _farthest(one: fitting.Curves, other: fitting.Curves) -> float:
    (_, y), (_, v) = (np.array([*each.several, *each.alone]).T for each in (one, other))
    return float(np.abs(y - v).max())


def _with_flood(world: World, who: Sequence[str], each: int, label: int, within: float) -> World:
    """The world in which each of these accounts also reports so many of its numbers within so many
    days, drawn at random."""
    rng = random.Random("flood")
    created = {r["reporter"]: r["created"] for r in world.reports}
    template = world.reports[0] | {
        "label": label,
        "category": "telemarketing" if label else "legitimate",
    }
    made = []
    for account in who:
        begun = rng.uniform(20.0, 150.0 - within)
        times = sorted(rng.uniform(begun, begun + within) for _ in range(each))
        for at, number in zip(times, rng.sample(range(len(world.numbers)), each), strict=True):
            made.append(
                template
                | {
                    "reporter": account,
                    "network": f"network of {account}",
                    "number": number_name(number),
                    "time": at,
                    "created": created.get(account, times[0]),
                }
            )
    return replace(world, reports=sorted([*world.reports, *made], key=lambda r: r["time"]))


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
