"""What calibration is fitted to, and measured by: numbers heard that may be calling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.attacks.measure import CLEAN_DAYS, Role, roles
from benchmarks.attacks.worlds import Report, World
from reputation.scoring import fitting, replay

DAYS = CLEAN_DAYS[3:16:4]


class Heard(NamedTuple):
    """A number at a moment; who reported it first, and the share of all accounts' attention to it:
    of each account that reported it, one part in as many as it reported numbers."""

    number: str
    sample: fitting.Sample
    first: str
    share: float


def heard(world: World, days: Iterable[float], *, batch: bool) -> Iterator[Heard]:
    """Numbers heard that may be calling, by day; of each the category it is reported for most often
    by then. `batch`: as the pass scores them, else online."""
    index = world.index()
    times = [r["time"] for r in world.reports]
    for day in days:
        known = world.reports[: int(np.searchsorted(times, day, side="right"))]
        role, category = roles(world.numbers, day), _categories(known)
        first: dict[str, str] = {}
        share: Counter[str] = Counter()
        said = Counter(r["reporter"] for r in known)
        for r in known:
            first.setdefault(r["number"], r["reporter"])
            share[r["number"]] += 1.0 / said[r["reporter"]]  # type: ignore[assignment]
        for name, found in replay.explain(known, now=day, batch=batch).items():
            kind = role[index[name]]
            if kind in (Role.ABUSIVE, Role.LEGITIMATE, Role.REASSIGNED):
                bad = bool(kind == Role.ABUSIVE)
                sample = fitting.Sample(found.raw, bad, category[name], alone=found.alone)
                yield Heard(name, sample, first[name], share[name])


def _categories(reports: list[Report]) -> dict[str, str]:
    said: dict[str, Counter[str]] = {}
    for r in reports:
        said.setdefault(r["number"], Counter())[r["category"]] += 1
    return {number: counts.most_common(1)[0][0] for number, counts in said.items()}
