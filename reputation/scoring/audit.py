"""Which numbers moderators should decide so that their decisions tell most about reporters.

A decision that a number is bad anchors who reported it first, and lets trust flow on to whom that
reporter stands behind; a decision that it is legitimate takes trust from all who called it
unwanted. So the numbers that come first are those whose first reporter is not anchored and stands
behind many, and those that only unanchored accounts speak against: rings that confirm themselves
are of both kinds. Numbers that only a liar reports (canaries) count like any other that a moderator
cleared.

    worth_j = p_j · Σ over firsts i of j of lack_i · (1 + Σ over whom r_i backs of share·lack / 3)
              + (1 − p_j) · Σ over unwanted m of j of lack_m / 3
    lack_r  = 1 − anchor_r; 0 for who is found out already

`rank` takes reports as replay does, and ranks by worth times what is at stake: 1 + the unwanted
reports of the last LATELY days.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from reputation.scoring import anchors, batch, learning, replay
from reputation.scoring.chains import Floats, Ints
from reputation.scoring.learning import FIRSTS, Learnt, Reports

# So many anchored accounts must stand behind another, so one brings it that much nearer.
NEEDED: Final = anchors.COLLUDERS + 1
# Another number of the same first reporter tells little more than the first one.
AGAIN: Final = 0.2
LATELY: Final = 30.0  # days


def worth(reports: Reports, truth: Ints, learnt: Learnt) -> Floats:
    """How far records would move, in anchored accounts, if each number were decided; at least 0.

    `reports`, `truth`: what `learning.learn` was given; `learnt`: what it returned. 0 for numbers
    that are decided.
    """
    count = len(truth)
    if not len(reports):
        return np.zeros(count)
    records, links = learnt.records, learnt.links
    lack = 1.0 - anchors.strength(records[FIRSTS])
    lack[learning.found_out(records)] = 0.0
    reach = np.bincount(links.backer, links.share * lack[links.backed], minlength=len(lack))
    p = np.zeros(count)
    p[reports.number] = 1.0 / (1.0 + np.exp(-learnt.verdict))  # the last report's stays
    stands = reports.unwanted & np.isinf(reports.gone)
    first = np.flatnonzero(learnt.first & stands)
    who = reports.reporter[first]
    gain = p[reports.number[first]] * lack[who] * (1.0 + reach[who] / NEEDED)
    gain *= AGAIN ** _places(who, gain)
    loss = np.where(stands, lack[reports.reporter], 0.0) / NEEDED
    found = np.bincount(reports.number[first], gain, minlength=count)
    found = found + (1.0 - p) * np.bincount(reports.number, loss, minlength=count)
    return np.where(truth == 0, found, 0.0)


def urgency(reports: Reports, truth: Ints, learnt: Learnt) -> Floats:
    """`worth` times one more than the unwanted reports of the last LATELY days: what to ask first.

    A decision on a number that calls now tells as much, and answers more people.
    """
    value = worth(reports, truth, learnt)
    if not len(reports):
        return value
    lately = reports.unwanted & np.isinf(reports.gone)
    lately &= reports.at >= reports.at.max() - LATELY
    return value * (1.0 + np.bincount(reports.number, lately, minlength=len(value)))


def accounts(reports: Reports, learnt: Learnt, numbers: Ints) -> list[int]:
    """About how many accounts the truth of each of `numbers` would tell: the terms of its `worth`.

    Those who call it unwanted and whom its first reporters stand behind, as far as they are neither
    anchored nor found out.
    """
    records, links = learnt.records, learnt.links
    open_ = (anchors.strength(records[FIRSTS]) < 1.0) & ~learning.found_out(records)
    said = np.isin(reports.number, numbers) & reports.unwanted & np.isinf(reports.gone)
    first = reports.reporter[said & learnt.first]
    behind = np.flatnonzero(np.isin(links.backer, first[open_[first]]) & (links.share > 0.0))
    backer, backed = links.backer[behind], links.backed[behind]
    rows = np.flatnonzero(said)
    found = []
    for number in numbers:
        own = rows[reports.number[rows] == number]
        firsts = reports.reporter[own[learnt.first[own]]]
        who = np.union1d(reports.reporter[own], backed[np.isin(backer, firsts[open_[firsts]])])
        found.append(int(open_[who].sum()))
    return found


def _places(who: Ints, gain: Floats) -> Ints:
    """Of each first, its place among those of its reporter, from 0, the greatest gain first."""
    order = np.lexsort((-gain, who))
    ordered = who[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(who) else ordered
    sizes = np.diff(np.r_[starts, len(who)])
    place = np.empty(len(who), np.int64)
    place[order] = np.arange(len(who)) - np.repeat(starts, sizes)
    return place


def rank(
    reports: Iterable[Mapping[str, Any]],
    *,
    now: float | None = None,
    gold: Mapping[Any, int] | None = None,
) -> list[Any]:
    """The numbers reported by `now` that are not in `gold`, the most telling first.

    Takes and raises what `replay.score` does.
    """
    filed, names, _ = replay.read(reports, now)
    words = batch.all_words(filed)
    columns = batch.columns(words, batch.clusters(words))
    truth = np.zeros(len(names.numbers), np.int64)
    for number, unwanted in (gold or {}).items():
        if number in names.numbers:
            truth[names.numbers[number]] = 1 if unwanted else -1
    value = urgency(columns, truth, learning.learn(columns, truth))
    order = np.argsort(-value, kind="stable")
    known = list(names.numbers)
    return [known[place] for place in order.tolist() if truth[place] == 0]
