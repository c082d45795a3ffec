"""Who agrees with whom, and how often the same two do.

The support that one reporter gives another counts min(1, (1 + e)/o) on each of the o numbers on
which both said the same, where e = n_a·n_b / (all numbers) is how many they would share by chance,
where they spoke of n_a and n_b: a group that only ever confirms itself earns, over all its numbers,
about one agreement each.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from reputation.scoring.chains import Bools, Floats, Indices, Ints, starts, within
from reputation.scoring.pairs import Pairs, counted, unordered
from reputation.scoring.relations import first_words

# At most this many reports of a number and side, the earliest, are searched for mutual support.
SUPPORT_VOICES: Final = 40
UNKNOWN: Final = -2
NOBODY: Final = -1


def early(line: Ints, among: Ints) -> Ints:
    """The SUPPORT_VOICES first of these reports on each number and side, by line and time."""
    order = among[np.argsort(line[among], kind="stable")]
    begin = starts(line[order])
    return order[within(np.diff(np.r_[begin, len(order)])) < SUPPORT_VOICES]


def overlaps(reporter: Ints, line: Ints, reporters: int) -> Pairs:
    """Pairs of reporters who said the same, and on how many numbers."""
    voices = early(line, first_words(reporter, line))
    who, line = reporter[voices], line[voices]
    found = []
    for gap in range(1, SUPPORT_VOICES):
        same = line[gap:] == line[:-gap]
        if not same.any():
            break
        found.append(unordered(who[gap:][same], who[:-gap][same], reporters))
    return counted(found)


@dataclass(frozen=True, slots=True)
class Support:
    """Supporters of the reports of a shard, as far as they were asked for.

    `voices`: what `early` found, a line's from `begin` to `end`. `slot`: by side and report, which
    of the groups holds its supporters; a group's begin at `start` among `supporter` and `fair`.
    """

    voices: Indices
    begin: Indices
    end: Indices
    slot: Indices
    start: Ints
    supporter: Indices
    fair: Floats

    @classmethod
    def of(cls, line: Ints, lines: int, stands: Bools) -> "Support":
        voices = early(line, np.flatnonzero(stands))
        begin = np.searchsorted(line[voices], np.arange(lines + 1)).astype(np.int32)
        return cls(
            voices=voices.astype(np.int32),
            begin=begin[:-1],
            end=begin[1:],
            slot=np.full((2, len(line)), UNKNOWN, np.int32),
            start=np.zeros(0, np.int64),
            supporter=np.zeros(0, np.int32),
            fair=np.zeros(0),
        )

    def unknown(self, reports: Ints, unwanted: Bools) -> Bools:
        """The reports whose supporters must be looked up (`knowing`) before `novelty`."""
        return np.asarray(self.slot[unwanted.astype(np.int64), reports] == UNKNOWN)

    def novelty(self, reports: Ints, unwanted: Bools, share: Floats) -> Floats:
        """Mean worth of those who say that a report's number is (un)wanted, by their share."""
        if not len(self.start):
            return np.zeros(len(reports))
        amounts = share[self.supporter]
        total = np.add.reduceat(amounts, self.start)
        mean = np.add.reduceat(amounts * self.fair, self.start) / np.maximum(total, 1e-300)
        slot = self.slot[unwanted.astype(np.int64), reports]
        return np.where(slot == NOBODY, 0.0, mean[slot])

    def knowing(
        self,
        reports: Ints,
        unwanted: Bools,
        *,
        number: Indices,
        who: Indices,
        fair: Callable[[Indices, Indices], Floats],
    ) -> "Support":
        """This with the supporters of further reports, which were not looked up before.

        `number`, `who`: of each report. `fair`: what the support of the second for the first counts
        on each number.
        """
        line = number[reports] * 2 + unwanted
        size = (self.end[line] - self.begin[line]).astype(np.int64)
        supporter = self.voices[np.repeat(self.begin[line], size) + within(size)]
        me, other = np.repeat(who[reports], size), who[supporter]
        keep = me != other
        owner = np.repeat(np.arange(len(size)), size)[keep]
        supporter, me, other = supporter[keep], me[keep], other[keep]
        kept = np.bincount(owner, minlength=len(size))
        some = np.flatnonzero(kept)
        slot = self.slot.copy()
        side = unwanted.astype(np.int64)
        slot[side, reports] = NOBODY
        slot[side[some], reports[some]] = len(self.start) + np.arange(len(some))
        begin = len(self.supporter) + np.cumsum(kept[some]) - kept[some]
        return replace(
            self,
            slot=slot,
            start=np.r_[self.start, begin],
            supporter=np.r_[self.supporter, supporter],
            fair=np.r_[self.fair, fair(me, other)],
        )
