"""The figures that worlds are drawn from, and the makes of world that differ in them."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

FIXED = ("max_volume", "lifetime", "scam_calls")  # what the seed does not move
SPREAD = 0.25  # how far it moves the others, as a share of each


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a world is drawn from; `jittered` moves every figure by up to SPREAD of itself."""

    abusive: int = 2500
    legitimate: int = 3000
    gray: int = 60
    scam_share: float = 0.50
    telemarketing_share: float = 0.30
    max_volume: float = 3000.0  # calls a day
    calls_per_report: float = 300.0
    legitimate_reports: float = 1.2  # mean over the 180 days, log-normal
    gray_reports: float = 25.0
    asked: float = 0.3  # legitimate answers drawn by each unwanted report after the first
    reassigned_share: float = 0.35  # of the abusive numbers that end early enough
    reassigned_reports: float = 1 / 40  # a day
    newcomer_share: float = 0.20  # reports filed by an account made on the spot
    careless: float = 0.12
    muddled: float = 0.05
    sensitivity: float = 0.90  # mean of the honest
    specificity: float = 0.92
    carrier_networks: int = 40
    behind_carrier: float = 0.35
    roaming: float = 0.15
    attested_share: float = 0.6  # numbers whose calls carry attestation at all
    attestation_known: bool = True  # False: nobody looks, and each report says ""
    lifetime: float = 1.0  # factor on how long abusive numbers live
    scam_calls: float = 1.0  # factor on how many calls a day scams make

    def jittered(self, rng: np.random.Generator) -> Assumptions:
        """Return these assumptions with each real figure moved; counts of numbers stay.

        The two accuracies are moved in their error, so that .92 becomes .90 to .94.
        """
        changes: dict[str, float] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, int) or f.name in FIXED:
                continue
            factor = float(rng.uniform(1 - SPREAD, 1 + SPREAD))
            if f.name in ("sensitivity", "specificity"):
                changes[f.name] = 1 - (1 - value) * factor
            else:
                changes[f.name] = value * factor
        return replace(self, **changes)  # type: ignore[arg-type]

    def scaled(self, scale: float) -> Assumptions:
        return replace(
            self,
            abusive=max(20, round(self.abusive * scale)),
            legitimate=max(20, round(self.legitimate * scale)),
            gray=max(5, round(self.gray * scale)),
        )


# Worlds of another make than the one that scoring was tuned on. Each names what differs from
# `Assumptions` before the seed moves everything a little; "any" draws nearly all of it anew.
MAKES: dict[str, dict[str, Any]] = {
    "plain": {},
    "few abusive": {"abusive": 1000, "legitimate": 4500},
    "many abusive": {"abusive": 4000, "legitimate": 1500},
    "quiet": {"calls_per_report": 750.0, "legitimate_reports": 0.6},
    "busy": {"calls_per_report": 120.0, "legitimate_reports": 2.5},
    "mistaken": {"sensitivity": 0.80, "specificity": 0.82, "careless": 0.22, "muddled": 0.12},
    "exact": {"sensitivity": 0.97, "specificity": 0.97, "careless": 0.04, "muddled": 0.01},
    "carriers": {"carrier_networks": 12, "behind_carrier": 0.80, "roaming": 0.35},
    "fleeting": {"lifetime": 0.35, "scam_share": 0.65, "telemarketing_share": 0.20},
    "lasting": {"lifetime": 3.0, "scam_share": 0.25, "telemarketing_share": 0.45},
    "handed on": {"reassigned_share": 0.8, "reassigned_reports": 1 / 12},
    "bare": {"attested_share": 0.1},
    "attested": {"attested_share": 0.9},
    "unseen": {"attestation_known": False},
    "any": {},
}


def assumptions_of(make: str, seed: int) -> Assumptions:
    """What a world of that make is drawn from, before the seed moves it a little.

    "any": each figure is drawn over a range that the seed alone decides. ValueError for a make that
    is not in MAKES.
    """
    if make not in MAKES:
        raise ValueError(f"make must be one of {', '.join(MAKES)}, got {make!r}")
    if make != "any":
        return replace(Assumptions(), **MAKES[make])
    rng = random.Random(f"make {seed}")
    abusive = round(5500 * rng.uniform(0.15, 0.75))
    scam = rng.uniform(0.2, 0.75)

    def factor(low: float, high: float) -> float:
        return math.exp(rng.uniform(math.log(low), math.log(high)))

    plain = Assumptions()
    return replace(
        plain,
        abusive=abusive,
        legitimate=5500 - abusive,
        scam_share=scam,
        telemarketing_share=(1 - scam) * rng.uniform(0.3, 0.8),
        calls_per_report=plain.calls_per_report * factor(0.4, 2.5),
        legitimate_reports=plain.legitimate_reports * factor(0.5, 2.5),
        asked=rng.uniform(0.05, 0.6),
        reassigned_share=rng.uniform(0.1, 0.8),
        reassigned_reports=plain.reassigned_reports * factor(0.5, 3),
        newcomer_share=rng.uniform(0.08, 0.5),
        careless=rng.uniform(0.03, 0.25),
        muddled=rng.uniform(0.01, 0.15),
        sensitivity=rng.uniform(0.78, 0.96),
        specificity=rng.uniform(0.80, 0.97),
        carrier_networks=round(factor(8, 80)),
        behind_carrier=rng.uniform(0.1, 0.75),
        roaming=rng.uniform(0.05, 0.35),
        attested_share=rng.uniform(0.0, 0.9),
        lifetime=factor(0.35, 3.0),
    )
