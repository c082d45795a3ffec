"""Relations between the reports of one shard that do not depend on the reporters' records.

Each function takes the shard's reports in the order of time, and `line`: number and side of each.
"""

from typing import Final

import numpy as np

from reputation.scoring.chains import Bools, Chains, Floats, Indices, Ints
from reputation.scoring.shards import Complaints, Reports

# Two-sided smoothing of a number's verdict around each report: numbers change hands within months.
KERNEL_HALF_LIFE: Final = 60.0


def other_networks(line: Ints, network: Ints, speaks: Bools) -> Ints:
    """How many networks other than its own say the same as each report, among reports that
    `speak`."""
    there = np.unique(joint_keys(line, network)[speaks], return_index=True)[1]
    return np.bincount(line[speaks][there], minlength=int(line.max(initial=0)) + 1)[line] - 1


def left_before(reports: Reports, by_side: Chains, line: Ints, gone: Ints) -> Floats:
    """The faded sum, at each report, of the earlier reports on its side that stood then, each as
    1."""
    left = by_side.forward(np.ones(len(reports))) - 1.0
    if not len(gone):
        return left
    # From the day on which a report was taken back, what was left of it is subtracted again.
    at = np.r_[reports.at, reports.gone[gone]]
    fade = np.exp2((reports.at[gone] - reports.gone[gone]) / KERNEL_HALF_LIFE)
    amount = np.r_[np.zeros(len(reports)), fade]
    order = np.argsort(at, kind="stable")
    ended = np.empty(len(at))
    chains = Chains(np.r_[line, line[gone]][order], at[order], KERNEL_HALF_LIFE)
    ended[order] = chains.forward(amount[order])
    # A report's own end lies after it, so it never counts against itself.
    return np.asarray(left - ended[: len(reports)])


def days_since_complaint(reports: Reports, complaints: Complaints) -> Floats:
    """Days from the last complaint about the number to each report; inf where there is none."""
    count, since = len(complaints.at), np.full(len(reports), np.inf)
    if not count:
        return since
    number = np.r_[complaints.number, reports.number]
    at = np.r_[complaints.at, reports.at]
    order = np.lexsort((at, number))  # of equal moments complaints first
    latest = np.maximum.accumulate(np.where(order < count, np.arange(len(order)), 0))
    last = np.empty(len(order), np.int64)
    last[order] = order[latest]
    last = last[count:]
    some = np.flatnonzero((last < count) & (number[last] == reports.number))
    since[some] = reports.at[some] - at[last[some]]
    return since


def heirs(reports: Reports, line: Ints, gone: Ints) -> Ints:
    """For each report, the last statement of its reporter that repeats it, without a gap between
    them."""
    heir = np.arange(len(reports))
    word = joint_keys(reports.reporter, line)
    alike = np.flatnonzero(np.isin(word, word[gone]))
    pairs = zip(word[alike].tolist(), reports.at[alike].tolist(), strict=True)
    said = dict(zip(pairs, alike.tolist(), strict=True))
    for place in gone[::-1].tolist():  # later ones of a number stand behind earlier ones
        again = said.get((int(word[place]), float(reports.gone[place])), place)
        heir[place] = heir[max(again, place)]
    return heir


def first_words(reporter: Indices, line: Indices) -> Ints:
    """The first word of each reporter about each number and side: who says it again says no
    more."""
    return np.sort(np.unique(joint_keys(reporter, line), return_index=True)[1])


def once_each(reports: Ints, heir: Indices) -> Ints:
    """One of these reports for each heir: a statement and its repetitions count once."""
    return reports[np.unique(heir[reports], return_index=True)[1]]


def lines_of(reports: Reports) -> Ints:
    """Number and side of each report, as one key: the other side of the same number is key ^ 1."""
    return np.asarray(reports.number * 2 + reports.unwanted, np.int64)


def joint_keys(one: Indices, other: Indices) -> Ints:
    """A key for each pair, the same for equal pairs."""
    low = int(other.min(initial=0))
    width = int(other.max(initial=0)) - low + 1
    return one.astype(np.int64) * width + (other - low)
