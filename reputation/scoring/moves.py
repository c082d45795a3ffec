"""Which records moved far enough to change how reports count."""

from typing import Final

import numpy as np

from reputation.scoring import trust
from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.records import FN, FP, TN, TP, anchored, weights
from reputation.scoring.shards import Desk, Reports

# A record that moves a report's weight by less than this leaves numbers as they are.
MOVED: Final = 0.02


def moved(old: Floats, new: Floats) -> Bools:
    """Which reporters' reports count differently now: by weight, or as established or proven."""
    out = np.zeros(old.shape[1], np.bool_)
    for before, after in zip(weights(old), weights(new), strict=True):
        out |= np.abs(after - before) > MOVED
    for ranked in (established, anchored):
        out |= ranked(old) != ranked(new)
    return out


def established(records: Floats) -> Bools:
    """trust.is_established of each record, apart from the account's age."""
    agreed = records[TP] + records[TN]
    disagreed = records[FP] + records[FN]
    enough = agreed >= trust.ESTABLISHED_AGREEMENTS
    return np.asarray(enough & (agreed >= trust.ESTABLISHED_RATIO * disagreed))


def behind(desk: Desk, records: Floats, moved: Bools) -> tuple[Ints, int]:
    """The ids of numbers with live reports that count otherwise than these records imply although
    their reporters have not `moved`; and how many numbers have such a report or one of a moved
    reporter. Former holders' (ids below 0) count for nothing.

    On the desk lie "reports", "ids" of numbers, and as "counted" what each report counts for, and
    whether its reporter counts as established.
    """
    reports: Reports = desk["reports"]
    weight, ranked = desk["counted"]
    legitimate, unwanted = weights(records)
    who = reports.reporter
    now = np.where(reports.unwanted, unwanted[who], legitimate[who]) * reports.factor
    off = np.abs(now - weight) > MOVED
    off |= (established(records)[who] & reports.old_enough) != ranked
    counts = desk["ids"][reports.number] >= 0
    off &= np.isinf(reports.gone) & counts
    theirs = moved[who] & counts
    concerned = len(np.unique(reports.number[off | theirs]))
    return desk["ids"][np.unique(reports.number[off & ~theirs])], concerned
