"""The trust pass without a database: reliabilities of all reporters, clusters, promotion to block.

  1. `all_words`: per reporter and number the last report stands; the earlier ones only teach.
  2. `clusters`: reporters that move together become one network (scoring.clusters).
  3. `learn`: the records of all reporters, learnt together (scoring.learning).
  4. `run`: fold every number anew (evidence.fold) with the records, clusters and provenance, and
     promote where promotion.BlockCase has no obstacle; policy.judge applies the gates and BLOCK_AT.

reputation.counting.trust_pass is the same over the database's rows.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import trust
from reputation.scoring.anchors import NO_BACKER
from reputation.scoring.categories import Side
from reputation.scoring.chains import Floats, Ints
from reputation.scoring.clusters import ALONE, find_clusters
from reputation.scoring.evidence import EMPTY, Bucket, BucketKey, Evidence, Voice, fold, goes_on
from reputation.scoring.learning import Learnt
from reputation.scoring.learning import learn as learn_records
from reputation.scoring.promotion import BlockCase, Obstacle
from reputation.scoring.shards import Reports
from reputation.scoring.trust import Record


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as the pass reads it; reporters and numbers are numbered from 0.

    `at`: days. `age`: of the account when it reported, in days. `factor`: trust.provenance.
    `attested`: the call carried attestation A or B. `gone`: the day on which the report was taken
    back or replaced, inf where it stands; `stopped`: it went because the calls had stopped.
    `since`: see Voice.
    """

    reporter: int
    number: int
    side: Side
    at: float
    age: float
    category: str
    network: str
    factor: float
    attested: bool
    dated: bool
    gone: float = math.inf
    stopped: bool = False
    since: float | None = None

    @property
    def cap(self) -> float | None:
        return None if self.dated else trust.PANEL_CAP

    def voice(self, record: Record, network: str) -> Voice:
        return Voice(
            side=self.side,
            at=self.at,
            weight=trust.weight(record, self.side, cap=self.cap) * self.factor,
            category=self.category,
            network=network,
            established=trust.is_established(record, self.age),
            dated=self.dated,
            since=self.since,
        )


class Decision(NamedTuple):
    """A moderator's decision about a number (policy.Standing.moderated), and its day."""

    moderated: int
    at: float


UNDECIDED: Final = Decision(0, math.inf)


def run(
    filed: Sequence[Filed], decisions: Mapping[int, Decision]
) -> tuple[list[Evidence], list[tuple[Obstacle, ...]], float]:
    """Evidence per number after the pass, what keeps the pass from promoting it, and the prior (see
    learn).

    `filed` in time order; `decisions` by number. No obstacles: promoted; probability and gates are
    policy.judge's business.
    """
    evidence, cases, prior = hear(filed, decisions)
    return evidence, [case.obstacles() for case in cases], prior


def hear(
    filed: Sequence[Filed], decisions: Mapping[int, Decision]
) -> tuple[list[Evidence], list[BlockCase], float]:
    """`run` without the conditions for block: evidence and case of each number, and the prior."""
    words = all_words(filed)
    group = clusters(words)
    learnt = learn(words, decisions, group)
    records = [Record(*column) for column in learnt.records.T.tolist()]
    backers = [tuple(b for b in row if b != NO_BACKER) for row in learnt.backers.tolist()]
    count = 1 + max((f.number for f in filed), default=-1)
    evidence = [EMPTY] * count
    buckets: list[dict[BucketKey, Bucket]] = [{} for _ in evidence]
    cases = [BlockCase() for _ in evidence]
    for f in words:
        if f.gone < math.inf:
            continue
        record, network = records[f.reporter], group.get(f.reporter, f.network)
        voice = f.voice(record, network)
        folded = fold(evidence[f.number], buckets[f.number], voice)
        evidence[f.number] = folded.evidence
        buckets[f.number].update(folded.buckets)
        cases[f.number].hear(
            voice,
            rests_on=trust.rests_on(record, f.reporter, backers[f.reporter]),
            old_enough=f.age >= trust.ESTABLISHED_DAYS,
            attested=f.attested,
        )
    return evidence, cases, learnt.prior


def all_words(filed: Sequence[Filed]) -> list[Filed]:
    """The reports in time order; a report that its reporter replaced is gone from that day on, and
    one that says the same again has been said since the one before."""
    last: dict[tuple[int, int], float] = {}
    words = []
    for f in reversed(filed):
        until = min(f.gone, last.get((f.reporter, f.number), math.inf))
        words.append(f if until == f.gone else replace(f, gone=until, stopped=False))
        last[f.reporter, f.number] = f.at
    words.reverse()
    said: dict[tuple[int, int], Filed] = {}
    for place, f in enumerate(words):
        before = said.get((f.reporter, f.number))
        if before and before.side is f.side and before.gone == f.at and goes_on(before.at, f.at):
            f = words[place] = replace(f, since=before.at if before.since is None else before.since)
        said[f.reporter, f.number] = f
    return words


def clusters(filed: Sequence[Filed]) -> dict[int, str]:
    """Reporter → cluster, for those in one of two or more. `filed` in time order."""
    found = find_clusters(columns(filed, {}))
    return {who: f"cluster:{c}" for who, c in enumerate(found.tolist()) if c != ALONE}


def learn(
    filed: Sequence[Filed], decisions: Mapping[int, Decision], group: Mapping[int, str]
) -> Learnt:
    """Records of all reporters after the rounds, and more (see learning.learn).

    `filed` in time order, one that stands per reporter and number; `group`: what `clusters` found.
    """
    reports = columns(filed, group)
    return learn_records(reports, *by_number(decisions, 1 + int(reports.number.max(initial=-1))))


def by_number(decisions: Mapping[int, Decision], count: int) -> tuple[Ints, Floats]:
    """The truth and the day of the decision of each number, as learning.learn takes them."""
    truth, decided = np.zeros(count, np.int64), np.full(count, np.inf)
    for number, decision in decisions.items():
        if number < count:
            truth[number], decided[number] = decision
    return truth, decided


def columns(filed: Sequence[Filed], group: Mapping[int, str]) -> Reports:
    names: dict[str, int] = {}
    networks = [names.setdefault(group.get(f.reporter, f.network), len(names)) for f in filed]
    begin = math.floor(min((f.at for f in filed), default=0.0))
    return Reports(
        reporter=np.array([f.reporter for f in filed], np.int64),
        number=np.array([f.number for f in filed], np.int64),
        network=np.array(networks, np.int64),
        unwanted=np.array([f.side is Side.UNWANTED for f in filed], np.bool_),
        at=np.array([f.at for f in filed], np.float64),
        day=np.array([math.floor(f.at) - begin if f.dated else -1 for f in filed], np.int64),
        old_enough=np.array([f.age >= trust.ESTABLISHED_DAYS for f in filed], np.bool_),
        factor=np.array([f.factor for f in filed], np.float64),
        gone=np.array([f.gone for f in filed], np.float64),
        stopped=np.array([f.stopped for f in filed], np.bool_),
    )
