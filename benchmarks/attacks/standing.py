"""What the pass thinks of reporters, and which label a number is shown with.

The figures come from the pass's own functions over the reports known on a day, as
`reputation.scoring.replay` reads them; nothing is learnt here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.attacks.worlds import Report
from reputation.scoring import batch, replay, trust
from reputation.scoring.batch import Decision, Filed
from reputation.scoring.categories import Side
from reputation.scoring.evidence import EMPTY, Bucket, BucketKey, Evidence, fold
from reputation.scoring.mix import fold_mix, leading
from reputation.scoring.trust import Record

NEWCOMER = trust.weight(Record(), Side.UNWANTED)  # of a reporter without any record


class Learnt(NamedTuple):
    """Names by which reporters and numbers go, their reports, records, and clusters."""

    reporters: Mapping[str, int]
    numbers: Mapping[str, int]
    filed: Sequence[Filed]
    records: Sequence[Record]
    group: Mapping[int, str]

    def weight(self, reporter: str) -> float:
        """Log-odds of the reporter's next unwanted report, before caps and provenance."""
        place = self.reporters.get(reporter)
        return NEWCOMER if place is None else trust.weight(self.records[place], Side.UNWANTED)

    def labels(self) -> dict[str, str]:
        """The leading category of each number that has one."""
        count = len(self.numbers)
        evidence: list[Evidence] = [EMPTY] * count
        buckets: list[dict[BucketKey, Bucket]] = [{} for _ in range(count)]
        mixes: list[dict[str, float]] = [{} for _ in range(count)]
        for f in self.filed:
            voice = f.voice(self.records[f.reporter], self.group.get(f.reporter, f.network))
            folded = fold(evidence[f.number], buckets[f.number], voice)
            mixes[f.number] = fold_mix(
                mixes[f.number],
                before=evidence[f.number].at,
                after=folded.evidence.at,
                voice=voice,
                contribution=folded.contribution,
            )
            evidence[f.number] = folded.evidence
            buckets[f.number].update(folded.buckets)
        return {name: leading(mixes[place]) for name, place in self.numbers.items()}


def learn(reports: Sequence[Report], now: float, gold: Mapping[str, Decision] | None) -> Learnt:
    """What the pass learns at `now` (days) from the reports filed by then."""
    filed, names, _ = replay.read(reports, now)
    words = batch.all_words(filed)
    group = batch.clusters(words)
    table = batch.learn(words, names.decided(gold, now), group).records
    records = [Record(*column) for column in table.T.tolist()]
    standing = [word for word in words if word.gone == math.inf]
    return Learnt(names.reporters, names.numbers, standing, records, group)
