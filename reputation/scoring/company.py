"""The company that an account keeps: whether anchored accounts say what it and others say.

Accounts that guess together confirm one another's guesses. Each of them looks like somebody who was
called, once one of its few guesses is right. But several of them call a number unwanted that nobody
else reports. If people really were called, anchored accounts report a good part of the numbers that
several of them report.

  others_i  = how many networks but i's say the same of its number, MOST at most
  due_i     = 1 − (1 − q_r)^others_i: the chance that an anchored account is among so many; q_r: the
              share of anchored accounts in all words but those of i's reporter r
  met_i     = Σ anchor_m over m that say the same of the number, but i, at most 1; 1 where a
              moderator confirmed it
  company_r = (GRANTED + Σ met_i)/(GRANTED + Σ due_i) over the unwanted i of r that stand, that
              somebody else says too and that no moderator had decided, LOW to HIGH as 0 to 1

An attacker who follows an account to spoil its company leaves it at least (GRANTED + Σ
met_i)/(GRANTED + its reports). That hurts only accounts that share few reports with anchored ones.
"""

from typing import Final

import numpy as np

from reputation.scoring.chains import Floats, Indices

# At most this many networks that say the same count.
MOST: Final = 8
# Reports taken as met and due in advance, since a few may miss all anchored accounts by chance.
GRANTED: Final = 3.0
# People who were called have a ratio of 1 if all numbers call alike, and more if some call many,
# since active people report those. Crews that confirm their own guesses are far below.
LOW: Final = 0.55
HIGH: Final = 0.75


def due(others: Indices, share: Floats) -> Floats:
    """The chance that an anchored account is among so many others; `share`: of anchored accounts in
    the words of others, 0 to 1."""
    left, chance = 1.0 - share, np.ones(len(others))
    for count in range(1, MOST + 1):
        more = others >= count
        chance[more] *= left[more]
    return 1.0 - chance


def believed(met: Floats, due: Floats) -> Floats:
    """company_r of each reporter, by the sums over its words: 0 to 1."""
    return np.clip(((GRANTED + met) / (GRANTED + due) - LOW) / (HIGH - LOW), 0.0, 1.0)
