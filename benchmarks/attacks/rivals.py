"""The published aggregators, each in a few lines: votes in, one score a number out.

Each takes `Votes` (the reports so far) and the day, and returns a score per number, NaN where
nobody voted. A reporter's last word on a number is the one that counts, as in the product.
`RIVALS` names the block threshold: the published default where there is one (count 4 and decayed
votes 4 are PhoneBlock's, majority .5 is the definition, Wilson .5 the customary one); scores that
are probabilities block at our own `BLOCK_AT`, because they claim to mean the same.

Sources: Wilson, JASA 22 (1927) 209; Josang and Ismail, The Beta Reputation System, Bled 2002;
PhoneBlock pull request 344 and issue 17 (evidence halves in four months; votes are spam less
legitimate evidence, one unit a user; blocked from 4 up); Dawid and Skene, Applied Statistics 28
(1979) 20. One-coin EM is Dawid-Skene with one accuracy a reporter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reputation.scoring import Floats, Ints

ROUNDS = 40
PHONEBLOCK_HALF_LIFE = 120.0  # days
WILSON_Z = 1.96


@dataclass(frozen=True, slots=True)
class Votes:
    """One row a reporter and number: indices from 0, label 1 unwanted or 0 legitimate, day, and the
    day on which the reporter took it back, infinite if never."""

    number: Ints
    reporter: Ints
    label: Ints
    time: Floats
    withdrawn: Floats
    numbers: int
    reporters: int

    def until(self, now: float) -> Votes:
        """The votes cast by then and not taken back; rows are by time."""
        standing = self.withdrawn > now
        standing[int(np.searchsorted(self.time, now, side="right")) :] = False
        return _last_word(self._only(standing))

    def _only(self, rows: NDArray[Any]) -> Votes:
        return Votes(
            self.number[rows],
            self.reporter[rows],
            self.label[rows],
            self.time[rows],
            self.withdrawn[rows],
            self.numbers,
            self.reporters,
        )

    def tally(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """(unwanted, legitimate) votes of each number, weighted if asked."""
        w = np.ones(len(self.label)) if weights is None else weights
        unwanted = np.bincount(self.number, w * self.label, self.numbers)
        return unwanted, np.bincount(self.number, w * (1 - self.label), self.numbers)


def read_votes(reports: Sequence[Mapping[str, Any]], index: Mapping[str, int]) -> Votes:
    """Turn replay's report dicts, sorted by time if they have one, into arrays."""
    reporters: dict[str, int] = {}
    who = [reporters.setdefault(r["reporter"], len(reporters)) for r in reports]
    return Votes(
        np.array([index[r["number"]] for r in reports], dtype=np.int64),
        np.array(who, dtype=np.int64),
        np.array([r["label"] for r in reports], dtype=np.int64),
        np.array([r.get("time", 0.0) for r in reports], dtype=np.float64),
        np.array([r.get("withdrawn", np.inf) for r in reports], dtype=np.float64),
        len(index),
        len(reporters),
    )


def _last_word(v: Votes) -> Votes:
    pair = v.number * v.reporters + v.reporter
    _, last = np.unique(pair[::-1], return_index=True)
    return v._only(np.sort(len(pair) - 1 - last))


def _unheard(score: Floats, votes: Votes) -> Floats:
    heard = np.bincount(votes.number, minlength=votes.numbers) > 0
    return np.where(heard, score, np.nan)


def count(votes: Votes, now: float) -> Floats:
    """Unwanted votes."""
    return _unheard(votes.tally()[0], votes)


def majority(votes: Votes, now: float) -> Floats:
    """Share of unwanted votes."""
    unwanted, legitimate = votes.tally()
    return _unheard(unwanted / np.maximum(unwanted + legitimate, 1), votes)


def wilson(votes: Votes, now: float) -> Floats:
    """Lower end of the 95 % score interval of the share of unwanted votes."""
    unwanted, legitimate = votes.tally()
    n = np.maximum(unwanted + legitimate, 1)
    p, z2 = unwanted / n, WILSON_Z**2
    half = WILSON_Z * np.sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    return _unheard((p + z2 / (2 * n) - half) / (1 + z2 / n), votes)


def beta(votes: Votes, now: float) -> Floats:
    """Mean of the Beta(unwanted + 1, legitimate + 1) posterior."""
    unwanted, legitimate = votes.tally()
    return _unheard((unwanted + 1) / (unwanted + legitimate + 2), votes)


def decayed(votes: Votes, now: float) -> Floats:
    """Decayed unwanted less decayed legitimate votes, not below 0, rounded: PhoneBlock."""
    age = np.maximum(now - votes.time, 0)
    unwanted, legitimate = votes.tally(0.5 ** (age / PHONEBLOCK_HALF_LIFE))
    return _unheard(np.floor(np.maximum(unwanted - legitimate, 0) + 0.5), votes)


def one_coin(votes: Votes, now: float) -> Floats:
    """EM with one accuracy a reporter, add-one smoothed, and a prevalence."""
    agreed: Callable[[Floats], Floats] = lambda p: np.where(votes.label == 1, p, 1 - p)  # noqa: E731
    filed = np.bincount(votes.reporter, minlength=votes.reporters)
    p = majority(votes, now)
    heard = ~np.isnan(p)
    for _ in range(ROUNDS):
        right = np.bincount(votes.reporter, agreed(p[votes.number]), votes.reporters)
        accuracy = (right + 1) / (filed + 2)
        prior = _logit(np.clip(np.mean(p[heard]), 1e-6, 1 - 1e-6)) if heard.any() else 0.0
        step = _logit(accuracy)[votes.reporter] * (2 * votes.label - 1)
        p = _unheard(_expit(prior + np.bincount(votes.number, step, votes.numbers)), votes)
    return p


def dawid_skene(votes: Votes, now: float) -> Floats:
    """EM with a confusion matrix a reporter, add-one smoothed, and a prevalence."""
    p = majority(votes, now)
    heard = ~np.isnan(p)
    unwanted = votes.label == 1
    for _ in range(ROUNDS):
        bad = p[votes.number]
        bad_filed = np.bincount(votes.reporter, bad, votes.reporters)
        good_filed = np.bincount(votes.reporter, 1 - bad, votes.reporters)
        hit = np.bincount(votes.reporter, bad * unwanted, votes.reporters)
        false_alarm = np.bincount(votes.reporter, (1 - bad) * unwanted, votes.reporters)
        sens, f = (hit + 1) / (bad_filed + 2), (false_alarm + 1) / (good_filed + 2)
        prior = _logit(np.clip(np.mean(p[heard]), 1e-6, 1 - 1e-6)) if heard.any() else 0.0
        ratio = np.where(unwanted, np.log(sens / f)[votes.reporter], 0.0)
        ratio = np.where(unwanted, ratio, np.log((1 - sens) / (1 - f))[votes.reporter])
        p = _unheard(_expit(prior + np.bincount(votes.number, ratio, votes.numbers)), votes)
    return p


def _logit(p: Any) -> Any:
    return np.log(p) - np.log1p(-p)


def _expit(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -500, 500))), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Rival:
    name: str
    score: Callable[[Votes, float], Floats]
    block_at: float | None  # None: our own BLOCK_AT
    probability: bool


RIVALS: tuple[Rival, ...] = (
    Rival("count", count, 4.0, False),
    Rival("majority", majority, 0.5 + 1e-9, True),
    Rival("Wilson", wilson, 0.5, False),
    Rival("Beta", beta, None, True),
    Rival("PhoneBlock", decayed, 4.0, False),
    Rival("one-coin", one_coin, None, True),
    Rival("Dawid-Skene", dawid_skene, None, True),
)


def rival(name: str, among: Iterable[Rival] = RIVALS) -> Rival:
    return next(r for r in among if r.name == name)
