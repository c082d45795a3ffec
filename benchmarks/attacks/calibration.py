"""Fits the shipped calibration to simulated worlds, and prints the file to review and commit.

    python -m benchmarks.attacks.calibration --date 2026-11-29 \
        > reputation/scoring/calibration.json

Tuning seeds only, without attacks: every number heard that may be calling, on four days of each
world, online and in batch. Each seed gives a world of the plain make and one of any: nobody knows
of which make a service is, so what is published is right on average over many. Options: --seeds N,
--scale X. What safety holds down whatever the data say stands in `reputation.scoring.fitting`.

    python -m benchmarks.attacks.calibration --check

prints how far off the curves in use are in worlds of each make without any moderated number, and
how far after a fit to a hundred numbers drawn at random from those reported, as
`manage.py fit_calibration` makes it. Both before gates: what the curves alone would publish.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator

import numpy as np

from benchmarks.attacks import assumptions, measure
from benchmarks.attacks.measure import CLEAN_DAYS, Role, roles
from benchmarks.attacks.run import TUNING_SEEDS
from benchmarks.attacks.worlds import Report, build_world
from reputation.scoring import fitting, policy, replay

DAYS = CLEAN_DAYS[3:16:4]
MAKES = ("plain", "any")


DRAWS, DRAWN = 20, 100  # how often, and how many numbers a service has moderators decide


def samples(
    seed: int, scale: float, make: str, ways: tuple[bool, ...] = (False, True)
) -> Iterator[fitting.Sample]:
    """Numbers heard, by day; of each the category it is reported for most often by then. `ways`:
    online (False), in batch, or both."""
    world = build_world(seed, scale=scale, make=make)
    index = world.index()
    times = [r["time"] for r in world.reports]
    for day in DAYS:
        known = world.reports[: int(np.searchsorted(times, day, side="right"))]
        role, category = roles(world.numbers, day), _categories(known)
        for batch in ways:
            for name, found in replay.explain(known, now=day, batch=batch).items():
                kind = role[index[name]]
                if kind in (Role.ABUSIVE, Role.LEGITIMATE, Role.REASSIGNED):
                    yield fitting.Sample(
                        found.raw, bool(kind == Role.ABUSIVE), category[name], alone=found.alone
                    )


def _categories(reports: list[Report]) -> dict[str, str]:
    said: dict[str, Counter[str]] = {}
    for r in reports:
        said.setdefault(r["number"], Counter())[r["category"]] += 1
    return {number: counts.most_common(1)[0][0] for number, counts in said.items()}


def check(seed: int, scale: float) -> str:
    """A line a make: the calibration error of the curves in use, and after fits, on average."""
    used = policy.CURVES
    lines = [f"{'make':<14}{'as shipped':>12}{f'fitted to {DRAWN}':>16}{'worst of fits':>16}"]
    for make in assumptions.MAKES:
        found = list(samples(seed, scale, make, (True,)))
        rng = random.Random(f"{make} {seed}")
        errors = []
        for _ in range(DRAWS):
            drawn = rng.sample(found, DRAWN)
            content = fitting.fit(drawn, fitted="", data="", before=used)
            read = fitting.read_knots
            errors.append(error(found, fitting.Curves(read(content), read(content, "alone"))))
        lines.append(
            f"{make:<14}{error(found, used):>12.3f}{np.mean(errors):>16.3f}{max(errors):>16.3f}"
        )
    return "\n".join(lines)


def error(found: list[fitting.Sample], curves: fitting.Curves) -> float:
    """Expected calibration error over ten equal bins (measure.expected_error)."""
    raw, alone = (np.array([getattr(s, name) for s in found]) for name in ("raw", "alone"))
    bad = np.array([s.unwanted for s in found])
    return measure.expected_error(fitting.published(curves, raw, alone), bad)


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m benchmarks.attacks.calibration")
    p.add_argument("--seeds", type=int, default=12, help="how many tuning seeds")
    p.add_argument("--scale", type=float, default=0.3)
    p.add_argument("--date", default="", help="of the fit, as it stands in the file")
    p.add_argument("--check", action="store_true", help="the error by make, and after a fit")
    options = p.parse_args()
    if options.check:
        print(check(TUNING_SEEDS[-1], options.scale))
        return
    if not options.date:
        p.error("give --date, the date of the fit, or --check")
    seeds = TUNING_SEEDS[: options.seeds]
    found = [s for seed in seeds for make in MAKES for s in samples(seed, options.scale, make)]
    days = ", ".join(f"{day:g}" for day in DAYS)
    data = (
        f"simulated worlds (benchmarks.attacks) of the makes {' and '.join(MAKES)}, tuning seeds "
        f"{seeds[0]} to {seeds[-1]}, scale {options.scale:g}, days {days}, online and batch, "
        "no attacks"
    )
    print(json.dumps(fitting.fit(found, fitted=options.date, data=data), indent=1))


if __name__ == "__main__":
    main()
