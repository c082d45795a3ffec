"""How far reports can be believed, worked out from how reporters agree, without any moderator.

How many of its callers are bad, how often its people err and how long bad numbers go on calling
differs from service to service, and changes what a percentage should be. Numbers with one report
show none of the three. If several people report a number independently, the rate at which they
agree shows the first two: bad and good numbers are two classes, and the counts of reports that they
get follow from the share of each class and from two error rates (Dawid & Skene, Applied Statistics
28 (1979) 20; Hui & Walter, Biometrics 36 (1980) 167). The third shows in how recently bad numbers
were reported.

`moved` shifts the curves by the difference from worlds of the plain make, in log-odds. Only
statements of established reporters count, and only the first SAID about each number. Accounts
become established by agreeing, and enough of them could say what they like. So no corner moves by
more than MOST, blocks stay where they are, and flags begin nowhere sooner, since `fitting` holds
their corners: all that such accounts get is numbers that are flagged later.
"""

from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import fitting
from reputation.scoring.chains import Bools, Floats, Ints, within
from reputation.scoring.evidence import expit, log_odds
from reputation.scoring.fitting import Curves

# How many statements about a number are used, the first ones. Two cannot separate the share of bad
# numbers from the error rates.
SAID: Final = 3
# Only reports of the last so many days are used, since evidence fades.
RECENT: Final = 180.0
# Priors of the rates at which established reporters of the plain make call bad numbers unwanted and
# good numbers legitimate, with their weight in statements, since three statements a number measure
# the rates only roughly.
RIGHT: Final = (0.88, 0.82)
FIRM: Final = 60.0
ROUNDS: Final = 150
# With fewer numbers nothing is measured.
ENOUGH: Final = 100
# A number counts towards `lasting` once its first statement is so many days old.
SETTLED: Final = 5.0
# With fewer such numbers, `lasting` is that of the plain make: a single number, reported twice on a
# day, would move all percentages as far as they may move.
TELLING: Final = 30
# No corner is moved by more log-odds than this: nearly all that the benchmark's worlds of any make
# gain by it, and all that a thousand accounts which become established get.
MOST: Final = 0.8


class Agreement(NamedTuple):
    """What established reporters said of one number each.

    `counts`: numbers by how many spoke (1 to SAID, from row 0) and how many of them said unwanted.
    `lasting`: of the time since a bad number was first reported, the share through which it went on
    being reported, a mean over those reported twice: near 1 where they still call, 0 to 1. If too
    few numbers show it, the value of the plain make.
    """

    counts: tuple[tuple[int, ...], ...]
    lasting: float

    @property
    def numbers(self) -> int:
        return sum(map(sum, self.counts))


class Told(NamedTuple):
    """Log-odds that a number is bad if a single voice calls it unwanted, or legitimate, and that a
    bad number still calls."""

    unwanted: float
    legitimate: float
    lasting: float


# The mean of plain worlds; `python -m benchmarks.attacks.calibration --reference` prints it.
PLAIN: Final = Told(1.34, -2.2, 0.23)


def agreement(*, number: Ints, voice: Ints, unwanted: Bools, at: Floats, now: float) -> Agreement:
    """Each row is a statement of an established reporter; of a voice's statements on one number
    only the first counts.

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
    """The log-odds that the counts imply, by expectation maximisation over the two classes."""
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
    """The curves, shifted to the reliability that the agreement shows; unchanged if it covers too
    few numbers."""
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
    """`Agreement.lasting` of unwanted statements, by number."""
    begin, end = np.full(numbers, np.inf), np.full(numbers, -np.inf)
    np.minimum.at(begin, of, at)
    np.maximum.at(end, of, at)
    words = np.bincount(of, minlength=numbers)
    told_of = (words > 1) & (now - begin > SETTLED)
    if told_of.sum() < TELLING:
        return expit(PLAIN.lasting)
    since, count = now - begin[told_of], words[told_of]
    # If statements fall at random between two moments, the first and the last are this much less
    # apart than the moments.
    share = (end[told_of] - begin[told_of]) / since * count / (count - 1)
    return float((1.0 + np.minimum(share, 1.0).sum()) / (2.0 + len(share)))


def _begins(*columns: Ints) -> Bools:
    """Where a row differs from the one before."""
    differs = np.zeros(len(columns[0]), np.bool_)
    differs[:1] = True
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return differs
