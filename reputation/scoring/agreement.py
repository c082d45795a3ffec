"""How far reports can be believed, worked out from how reporters agree, without any moderator.

How many of its callers are bad, how often its people err and how long bad numbers go on calling
differs from service to service, and changes what a percentage should be. Numbers with one report
tell none of it. Where several people report one number without knowing of each other, how often
they agree tells the first two: bad and good numbers are two classes, and the counts of reports that
they get follow from the share of each class and from two error rates (Dawid & Skene, Applied
Statistics 28 (1979) 20; Hui & Walter, Biometrics 36 (1980) 167). The third shows in how recently
bad numbers were reported.

`moved` moves curves by what that says, in log-odds, against worlds of the plain make. Only words of
established reporters count, and of each number the first SAID. Accounts become established by
agreeing, and many that did can say what they like. So no corner moves by more than MOST, blocks
stay where they are, and flags begin nowhere sooner, since `fitting` holds their corners: all that
such accounts get is numbers that are flagged later.
"""

from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import fitting
from reputation.scoring.chains import Bools, Floats, Ints, within
from reputation.scoring.evidence import expit, log_odds
from reputation.scoring.fitting import Curves

# Words of one number that are looked at: its first ones. Two cannot tell the share of bad numbers
# from the errors, and people are asked about numbers of which more are heard.
SAID: Final = 3
# Reports of so many days are looked at: evidence fades.
RECENT: Final = 180.0
# How often established reporters of the plain make call bad numbers unwanted, and good ones
# legitimate, each held as firmly as by so many words: three words a number tell it vaguely.
RIGHT: Final = (0.88, 0.82)
FIRM: Final = 60.0
ROUNDS: Final = 150
# Of fewer numbers nothing follows.
ENOUGH: Final = 100
# A number tells how long it goes on calling so many days after its first word.
SETTLED: Final = 5.0
# Of fewer numbers that tell it: as long as those of the plain make. One number alone, reported
# twice on a day, would move all percentages as far as they may.
TELLING: Final = 30
# No corner is moved by more log-odds than this: nearly all that the benchmark's worlds of any make
# gain by it, and all that a thousand accounts which become established get.
MOST: Final = 0.8


class Agreement(NamedTuple):
    """What established reporters said of one number each.

    `counts`: numbers by how many spoke (1 to SAID, from row 0) and how many of them said unwanted.
    `lasting`: of the time since a bad number was first reported, the share through which it went on
    being reported, a mean over those reported twice: near 1 where they still call, 0 to 1. Where
    too few tell, that of the plain make.
    """

    counts: tuple[tuple[int, ...], ...]
    lasting: float

    @property
    def numbers(self) -> int:
        return sum(map(sum, self.counts))


class Told(NamedTuple):
    """In log-odds: that a number is bad whom one voice alone calls unwanted, or legitimate, and
    that a bad number still calls."""

    unwanted: float
    legitimate: float
    lasting: float


# The mean of plain worlds; `python -m benchmarks.attacks.calibration --reference` prints it.
PLAIN: Final = Told(1.34, -2.2, 0.23)


def agreement(*, number: Ints, voice: Ints, unwanted: Bools, at: Floats, now: float) -> Agreement:
    """One row a word of an established reporter; of a voice's words on one number the first counts.

    `at` and `now`: days.
    """
    ordered = np.lexsort((at, voice, number))
    first = ordered[_begins(number[ordered], voice[ordered])]
    order = first[np.lexsort((at[first], number[first]))]
    _, of, spoke = np.unique(number[order], return_inverse=True, return_counts=True)
    said, early = unwanted[order], within(spoke) < SAID
    against = np.bincount(of[early], said[early], len(spoke)).astype(np.int64)
    counts = np.zeros((SAID, SAID + 1), np.int64)
    np.add.at(counts, (np.minimum(spoke, SAID) - 1, against), 1)
    return Agreement(
        tuple(map(tuple, counts.tolist())), _lasting(of[said], at[order][said], len(spoke), now)
    )


def told(of: Agreement) -> Told:
    """What the counts say, by expectation and maximisation over the two classes."""
    table = np.array(of.counts, np.float64)
    row, hits = np.nonzero(table)
    count, spoke = table[row, hits], row + 1
    sens, spec = RIGHT
    bad = np.full(SAID, 0.5)
    for _ in range(ROUNDS):
        share = bad[row]
        one = share * sens**hits * (1.0 - sens) ** (spoke - hits)
        other = (1.0 - share) * (1.0 - spec) ** hits * spec ** (spoke - hits)
        of_bad = count * one / (one + other)
        of_good = count - of_bad
        bad = (1.0 + np.bincount(row, of_bad, SAID)) / (2.0 + np.bincount(row, count, SAID))
        sens, spec = (
            (FIRM * start + (kept * right).sum()) / (FIRM + (kept * spoke).sum())
            for start, kept, right in zip(
                RIGHT, (of_bad, of_good), (hits, spoke - hits), strict=True
            )
        )
    alone = log_odds(float(bad[0]))
    return Told(
        alone + float(np.log(sens / (1.0 - spec))),
        alone - float(np.log(spec / (1.0 - sens))),
        log_odds(of.lasting),
    )


def moved(before: Curves, of: Agreement) -> Curves:
    """The curves, moved to where these reporters' words can be believed as far as they say; as they
    are where too few numbers are spoken of."""
    if of.numbers < ENOUGH:
        return before
    found = told(of)
    still = found.lasting - PLAIN.lasting
    low = _bounded(found.legitimate - PLAIN.legitimate + still)
    high = _bounded(found.unwanted - PLAIN.unwanted + still)
    several, alone = ([(x, y + (low if x < 0.0 else high)) for x, y in knots] for knots in before)
    held = fitting.held(several)
    return Curves(held, fitting.held_alone(alone, held))


def _bounded(by: float) -> float:
    return min(max(by, -MOST), MOST)


def _lasting(of: Ints, at: Floats, numbers: int, now: float) -> float:
    """`Agreement.lasting` of unwanted words, by number."""
    begin, end = np.full(numbers, np.inf), np.full(numbers, -np.inf)
    np.minimum.at(begin, of, at)
    np.maximum.at(end, of, at)
    words = np.bincount(of, minlength=numbers)
    told_of = (words > 1) & (now - begin > SETTLED)
    if told_of.sum() < TELLING:
        return expit(PLAIN.lasting)
    since, count = now - begin[told_of], words[told_of]
    # Of words at random between two moments, the first and the last are so much less apart.
    share = (end[told_of] - begin[told_of]) / since * count / (count - 1)
    return float((1.0 + np.minimum(share, 1.0).sum()) / (2.0 + len(share)))


def _begins(*columns: Ints) -> Bools:
    """Where a row differs from the one before."""
    differs = np.zeros(len(columns[0]), np.bool_)
    differs[:1] = True
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return differs
