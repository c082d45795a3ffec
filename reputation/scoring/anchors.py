"""Trust that comes from outside: which accounts back which, and how much trust one passes on.

Accounts can agree with one another as often as somebody makes accounts. So what agreement is worth
starts from anchors, which nobody gets by agreeing: a bad number that an account reported before
anybody else and that a moderator later confirmed, or a moderator's word for the account (given).

  i  is a first: an unwanted report before which nobody's word on that side still counted
  m  backs i's reporter r: m is the next to say the same of that number, within WINDOW days, from
     another network, and is anchored
  support(r, m)  = anchor_m · mean over the firsts of r that m backs of how plain i's number is
                   without i, times heeded_r; so at most 1 for a pair, however many numbers the
                   two share
  heeded_r       = knows_r (scoring.learning) · company_r (scoring.company)
  firsts_r       = given_r + MODERATOR_CREDIT · heeded_r · (firsts that a moderator confirmed)
                   + Σ over m of support(r, m)
  anchor_r       = clip((firsts_r − COLLUDERS)/BEYOND, 0, 1), 0 for one who raises false alarms
                   (trust.raises_false_alarms)

One account counts once behind another, and COLLUDERS accounts together make no third. A ring with
up to so many anchored accounts in it stays where it was, at any size and on any schedule.

An account that is not anchored has at most COLLUDERS accounts that stand behind it: `backers`. The
voices against a number rest on anchored accounts: on the speaker where it is anchored itself, else
on its backers. A number may be blocked where more than COLLUDERS voices rest on anchored accounts,
each on one of its own (`carried`): then more than COLLUDERS paths lead to it that share no account
(Menger, Fund. Math. 10 (1927) 96). All paths to accounts in one hand pass through those of them
that others stand behind, so COLLUDERS of these block nothing, whoever else speaks for them.
"""

from collections.abc import Mapping, Set
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring.chains import Bools, Floats, Ints, starts, within
from reputation.scoring.trust import SETTLE_WINDOW

# This many anchored accounts of one person achieve nothing: neither a third anchor nor a block.
COLLUDERS: Final = 2
# Trust beyond COLLUDERS at which an account is fully believed. It may be less than a whole account,
# since the accounts of one person give nothing beyond COLLUDERS, however plain their numbers are.
BEYOND: Final = 0.5
# The most backers of an account; an account with more is anchored.
BACKERS: Final = COLLUDERS
# Days within which a backer must say the same. Numbers change hands, so a later report may mean
# another caller. And the longer the window, the sooner an honest account errs about a number on
# which a member of a ring was first.
WINDOW: Final = SETTLE_WINDOW
# Probabilities by the other reports alone between which a first counts from 0 to 1: it counts in
# full unless they doubt it. Safety rests on the backer's own anchor, not on this.
PLAIN_RAMP: Final = (0.3, 0.5)
# Least support at which an account counts as a backer. Little is enough: a backer counts once,
# however much it says, and two accounts of one person stay two.
BACKED: Final = 0.25
NO_BACKER: Final = -1


class Links(NamedTuple):
    """Pairs of reporters: `share` (0 to 1) is what an anchored `backer` passes on to `backed`."""

    backed: Ints
    backer: Ints
    share: Floats


def backings(
    *,
    reporter: Ints,
    network: Ints,
    at: Floats,
    line: Ints,
    first: Bools,
    backs: Bools,
    moderated: Bools,
) -> tuple[Ints, Ints]:
    """Pairs of a first and a report that backs it, the same in every round.

    Columns as in shards.Reports; `line`: number and side as one key; `first`: reports that are
    firsts; `backs`: reports that may back.
    """
    order = np.argsort(line, kind="stable")
    ordered = line[order]
    latest = np.maximum.accumulate(np.where(first[order], np.arange(len(order)), -1))
    found = latest >= 0
    found[found] = ordered[found] == ordered[latest[found]]
    backing, backed = order[found], order[latest[found]]
    keep = (reporter[backing] != reporter[backed]) & (network[backing] != network[backed])
    keep &= (at[backing] - at[backed] <= WINDOW) & ~moderated[backed] & backs[backing]
    return backed[keep], backing[keep]


def backers(links: Links, anchor: Floats) -> Ints:
    """The strongest backers of each reporter, in BACKERS columns; NO_BACKER if there are fewer.
    `anchor`: anchor_r of each reporter.
    """
    support = links.share * anchor[links.backer]
    some = np.flatnonzero(support >= BACKED)
    order = some[np.lexsort((links.backer[some], -support[some], links.backed[some]))]
    who = links.backed[order]
    begin = starts(who)
    place = within(np.diff(np.r_[begin, len(who)]))
    found = np.full((len(anchor), BACKERS), NO_BACKER, np.int64)
    early = place < BACKERS
    found[who[early], place[early]] = links.backer[order[early]]
    return found


def carried(voices: Mapping[str, Set[int]], *, most: int) -> int:
    """How many voices can each be matched to an account of its own, counted up to `most`.

    `voices`: by network, the accounts on which its voice may rest. A maximum bipartite matching.
    """
    carries: dict[int, str] = {}

    def carry(voice: str, asked: set[int]) -> bool:
        for account in voices[voice]:
            if account not in asked:
                asked.add(account)
                if account not in carries or carry(carries[account], asked):
                    carries[account] = voice
                    return True
        return False

    found = 0
    for voice in voices:
        found += carry(voice, set())
        if found == most:
            break
    return found


def strength(firsts: Floats) -> Floats:
    """anchor_r of records without too many false alarms: 0 to 1."""
    return np.clip((firsts - COLLUDERS) / BEYOND, 0.0, 1.0)


def plainness(others: Floats) -> Floats:
    """How plain it is that a number is unwanted, by the log-odds that the others alone give."""
    low, high = PLAIN_RAMP
    return np.clip((1.0 / (1.0 + np.exp(-others)) - low) / (high - low), 0.0, 1.0)
