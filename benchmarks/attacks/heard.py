"""What calibration is fitted to, and measured by: numbers heard that may be calling, and how those
who are established agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.attacks.measure import CLEAN_DAYS, Role, roles
from benchmarks.attacks.worlds import Report, World
from reputation.scoring import agreement, fitting, replay
from reputation.scoring import batch as trust_pass
from reputation.scoring.categories import Side
from reputation.scoring.trust import Record

DAYS = CLEAN_DAYS[3:16:4]


class Heard(NamedTuple):
    """A number on a day; who reported it first, and the share of all accounts' attention to it:
    of each account that reported it, one part in as many as it reported numbers."""

    number: str
    day: float
    sample: fitting.Sample
    first: str
    share: float


def heard(world: World, days: Iterable[float], *, batch: bool) -> Iterator[Heard]:
    """Numbers heard that may be calling, by day; of each the category it is reported for most often
    by then. `batch`: as the pass scores them, else online."""
    index = world.index()
    for day in days:
        known = _known(world, day)
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
                yield Heard(name, day, sample, first[name], share[name])


def agreed(world: World, day: float) -> agreement.Agreement:
    """How those agree whom the pass of that day finds established, as counting.agreeing has it."""
    filed, _, now = replay.read(_known(world, day), day)
    words = trust_pass.all_words(filed)
    group = trust_pass.clusters(words)
    learnt = trust_pass.learn(words, {}, group)
    records = [Record(*column) for column in learnt.records.T.tolist()]
    voices: dict[str, int] = {}
    rows = [
        (
            word.number,
            voices.setdefault(group.get(word.reporter, f"{word.reporter}"), len(voices)),
            word.side is Side.UNWANTED,
            word.at,
        )
        for word in words
        if word.gone == np.inf and word.voice(records[word.reporter], "").established
    ]
    number, voice, unwanted, at = np.array(rows, np.float64).reshape(-1, 4).T
    return agreement.agreement(
        number=number.astype(np.int64),
        voice=voice.astype(np.int64),
        unwanted=unwanted.astype(np.bool_),
        at=at,
        now=now,
    )


def _known(world: World, day: float) -> list[Report]:
    times = [r["time"] for r in world.reports]
    return world.reports[: int(np.searchsorted(times, day, side="right"))]


def _categories(reports: list[Report]) -> dict[str, str]:
    said: dict[str, Counter[str]] = {}
    for r in reports:
        said.setdefault(r["number"], Counter())[r["category"]] += 1
    return {number: counts.most_common(1)[0][0] for number, counts in said.items()}
