"""When decay alone may next change a number's action or status."""

import math
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from reputation.scoring import curves
from reputation.scoring.crossings import first_crossing, first_crossings
from reputation.scoring.evidence import PRIOR, Evidence, decayed, log_odds
from reputation.scoring.policy import (
    CONFIDENCE_UNIT,
    HOLDER_WEIGHT,
    Standing,
    confirmed_until,
    moderation,
    rests_at,
)


def reassess_at(
    evidence: Evidence, standing: Standing, now: float, *, prior: float = PRIOR
) -> float | None:
    """When decay alone may next change the action or the status (days), None when it never will.

    Minds FLAG_AT, BLOCK_AT, fading decisions, the end of immunity, the rest of a block, and the
    moment evidence runs out (status unknown). At most a minute late. Judge again then, and ask
    again.
    """
    now = max(now, evidence.at)
    ages = [first_crossing(*each) for each in _crossings(evidence, standing, now, prior)]
    return _earliest(evidence, standing, now, ages)


def reassess_all(
    numbers: Sequence[tuple[Evidence, Standing, float]], now: float
) -> list[float | None]:
    """`reassess_at` of each evidence, standing and prior, in an eighth of the time if there are
    many."""
    asked = [
        _crossings(evidence, standing, max(now, evidence.at), prior)
        for evidence, standing, prior in numbers
    ]
    columns = np.array([each for some in asked for each in some]).reshape(-1, 4).T
    ages = iter(first_crossings(*columns))
    return [
        _earliest(evidence, standing, max(now, evidence.at), list(islice(ages, len(some))))
        for (evidence, standing, _), some in zip(numbers, asked, strict=True)
    ]


def _crossings(
    evidence: Evidence, standing: Standing, now: float, prior: float
) -> list[tuple[float, float, float, float]]:
    """What first_crossing has to be asked."""
    short, long, legitimate = decayed(evidence, now)
    decision = moderation(standing, now)
    lasting, fading = -HOLDER_WEIGHT * standing.holder_verified, decision
    if standing.moderated_at is None:
        lasting, fading = lasting + decision, 0.0
    base = log_odds(prior) + lasting
    asked = [(short, long, fading - legitimate, level - base) for level in curves.levels()]
    if not lasting:
        # Confidence rounds to .00 where information / (information + unit) passes .005.
        spent = 0.005 * CONFIDENCE_UNIT / 0.995
        asked.append((short, long, legitimate + abs(fading), spent))
    return asked


def _earliest(
    evidence: Evidence, standing: Standing, now: float, ages: Iterable[float | None]
) -> float | None:
    """The first of what comes with these ages, and of what has a moment of its own."""
    found = [now + age for age in ages if age is not None]
    if standing.immune_until is not None and standing.is_immune(now):
        found.append(standing.immune_until)
    ends = [confirmed_until(evidence, standing)]
    if standing.promoted:
        ends.append(rests_at(evidence))
    found += [at for at in ends if now < at < math.inf]
    if standing.linked_until is not None and standing.link(now):
        found.append(standing.linked_until)
    return min(found, default=None)
