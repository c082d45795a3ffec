"""Fits the shipped calibration to simulated worlds, and prints the file to review and commit.

    python -m benchmarks.attacks.calibration --date 2026-11-29 \
        > reputation/scoring/calibration.json

Tuning seeds only, without attacks: every number heard that may be calling, on four days of each
world, online and in batch. Each seed gives a world of the plain make and one of any: nobody knows
of which make a service is, so what is published is right on average over many. Options: --seeds N,
--scale X. What safety holds down whatever the data say stands in `reputation.scoring.fitting`.

`--check` is about the curves in use, in worlds of each make (benchmarks.attacks.draws).
`--reference` prints what scoring.agreement.PLAIN holds: how established reporters agree in worlds
of the plain make.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.attacks import draws
from benchmarks.attacks.heard import DAYS, agreed, heard
from benchmarks.attacks.run import TUNING_SEEDS
from benchmarks.attacks.worlds import build_world
from reputation.scoring import agreement, fitting

MAKES = ("plain", "any")


def samples(seed: int, scale: float, make: str) -> Iterator[fitting.Sample]:
    world = build_world(seed, scale=scale, make=make)
    for batch in (False, True):
        for each in heard(world, DAYS, batch=batch):
            yield each.sample


def reference(seeds: Sequence[int], scale: float) -> agreement.Told:
    """The mean over plain worlds and DAYS."""
    worlds = [build_world(seed, scale=scale) for seed in seeds]
    found = [agreement.told(agreed(world, day)) for world in worlds for day in DAYS]
    return agreement.Told(*(round(float(mean), 2) for mean in np.mean(found, axis=0)))


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m benchmarks.attacks.calibration")
    p.add_argument("--seeds", type=int, help="how many tuning seeds: 12 to fit, 2 to check")
    p.add_argument("--scale", type=float, default=0.3)
    p.add_argument("--date", default="", help="of the fit, as it stands in the file")
    p.add_argument("--check", action="store_true", help="the error by make, and after a fit")
    p.add_argument("--reference", action="store_true", help="how plain worlds agree")
    options = p.parse_args()
    if options.check:
        seeds = TUNING_SEEDS[-(options.seeds or 2) :]
        print(draws.by_make(seeds, options.scale))
        print()
        print(draws.attacked(seeds, options.scale))
        print()
        print(draws.flooded(seeds, options.scale))
        return
    seeds = TUNING_SEEDS[: options.seeds or 12]
    if options.reference:
        print(reference(seeds, options.scale))
        return
    if not options.date:
        p.error("give --date, the date of the fit, or --check, or --reference")
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
