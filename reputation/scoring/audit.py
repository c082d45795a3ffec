"""Which numbers moderators should decide first, to learn most about reporters.

A decision that a number is bad anchors the account that reported it first, and passes trust on to
the accounts that it backs; a decision that it is legitimate takes trust from all accounts that
called it unwanted. So the most useful numbers are those whose first reporter is not anchored and
backs many, and those that only unanchored accounts report: rings that confirm themselves have both
kinds. Numbers that only a liar reports (canaries) count like any other that a moderator cleared.

    worth_j = p_j · Σ over firsts i of j of lack_i · (1 + Σ over whom r_i backs of share·lack / 3)
              + (1 − p_j) · Σ over unwanted m of j of lack_m / 3
    lack_r  = 1 − anchor_r; 0 for who raises false alarms already

`rank` takes reports as replay does, and ranks by worth times what is at stake: 1 + the unwanted
reports of the last LATELY days.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from reputation.scoring import anchors, batch, learning, replay
from reputation.scoring.anchors import Links
from reputation.scoring.batch import Decision
from reputation.scoring.chains import Bools, Floats, Ints, starts, within
from reputation.scoring.learning import Learnt, Records
from reputation.scoring.records import FIRSTS, false_alarms
from reputation.scoring.shards import Crew, Desk, Reports

# An account needs this many anchored backers, so each brings it 1/NEEDED nearer.
NEEDED: Final = anchors.COLLUDERS + 1
# Another number of the same first reporter tells little more than the first one.
AGAIN: Final = 0.2
LATELY: Final = 30.0  # days


def worth(reports: Reports, truth: Ints, learnt: Learnt) -> Floats:
    """How far records would move, in anchored accounts, if each number were decided; at least 0.

    `reports`, `truth`: what `learning.learn` was given; `learnt`: what it returned. 0 for numbers
    that are decided.
    """
    return _found(reports, truth, learnt)[0]


def urgency(reports: Reports, truth: Ints, learnt: Learnt) -> Floats:
    """`worth` times one more than the unwanted reports of the last LATELY days: what to ask first.

    A decision on a number that calls now tells as much, and answers more people.
    """
    value, lately = _found(reports, truth, learnt)
    return value * (1.0 + lately)


def _found(reports: Reports, truth: Ints, learnt: Learnt) -> tuple[Floats, Ints]:
    desk: Desk = {"reports": reports, "audited": truth}
    desk.update(first=learnt.first, verdict=learnt.verdict)
    last = float(reports.at.max(initial=-np.inf))
    lack = _lack(learnt.records)
    seen = glance(desk, lack, last)
    return _value([seen], lack, learnt.links), seen.lately


def most_urgent(
    crew: Crew, learnt: Records, *, last: float, limit: int
) -> list[tuple[int, float, int]]:
    """The numbers of greatest `urgency`, from high to low: id, urgency (above 0), accounts.

    Of all shards of a crew after `learning.learn_records`. On their desks lie "ids" and "audited",
    the id and moderators' decision of each number. `last`: the day of the last report of all. The
    accounts are those whom a number's truth would tell, about: the terms of its `worth`, who call
    it unwanted and whom its first reporters stand behind, as far as they are neither anchored nor
    known for false alarms.
    """
    lack = _lack(learnt.records)
    seen = list(crew.each(glance, crew.share("lack", lack), last))
    ids = np.concatenate([each.ids for each in seen])
    value = _value(seen, lack, learnt.links)
    value *= 1.0 + np.concatenate([each.lately for each in seen])
    best = np.lexsort((ids, -value))[:limit]
    best = best[value[best] > 0.0]
    said = {
        pk: (who, firsts) for some in crew.each(_speakers, ids[best]) for pk, who, firsts in some
    }
    return [
        (pk, worth, _accounts(*said[pk], learnt))
        for pk, worth in zip(ids[best].tolist(), value[best].tolist(), strict=True)
    ]


class Glance(NamedTuple):
    """The contribution of one shard. By number: `ids`, `lately` (unwanted reports), `p` (that it is
    unwanted), `loss`, `open` (nobody decided it, and it is no former holder's). `number`, `who`: of
    each first that stands."""

    ids: Ints
    lately: Ints
    p: Floats
    loss: Floats
    open: Bools
    number: Ints
    who: Ints


def glance(desk: Desk, lack: Floats, last: float) -> Glance:
    """One shard's part of `worth` and `urgency`. `lack`: of each reporter."""
    reports: Reports = desk["reports"]
    truth = desk["audited"]
    count = len(truth)
    p = np.zeros(count)
    p[reports.number] = 1.0 / (1.0 + np.exp(-desk["verdict"]))  # the last report's stays
    stands = reports.unwanted & np.isinf(reports.gone)
    first = np.flatnonzero(desk["first"] & stands)
    loss = np.where(stands, lack[reports.reporter], 0.0) / NEEDED
    ids = desk.get("ids", np.arange(count))
    return Glance(
        ids=ids,
        lately=np.bincount(
            reports.number, stands & (reports.at >= last - LATELY), minlength=count
        ).astype(np.int64),
        p=p,
        loss=(1.0 - p) * np.bincount(reports.number, loss, minlength=count),
        open=(truth == 0) & (ids >= 0),
        number=reports.number[first],
        who=reports.reporter[first],
    )


def _lack(records: Floats) -> Floats:
    lack = 1.0 - anchors.strength(records[FIRSTS])
    lack[false_alarms(records)] = 0.0
    return lack


def _value(seen: Sequence[Glance], lack: Floats, links: Links) -> Floats:
    """The worth of the numbers of all shards, one shard after the other."""
    reach = np.bincount(links.backer, links.share * lack[links.backed], minlength=len(lack))
    begin = np.cumsum([0, *(len(each.ids) for each in seen)])
    number = np.concatenate([each.number + at for each, at in zip(seen, begin[:-1], strict=True)])
    who = np.concatenate([each.who for each in seen])
    p = np.concatenate([each.p for each in seen])
    # Equal gains of a reporter are ordered by the number's id, which does not depend on the shards.
    ids = np.concatenate([each.ids for each in seen])[number]
    gain = p[number] * lack[who] * (1.0 + reach[who] / NEEDED)
    gain *= AGAIN ** _places(who, gain, ids)
    found = np.bincount(number, gain, minlength=len(p))
    found = found + np.concatenate([each.loss for each in seen])
    return np.where(np.concatenate([each.open for each in seen]), found, 0.0)


def _speakers(desk: Desk, ids: Ints) -> list[tuple[int, Ints, Ints]]:
    """The reporters who call each of these numbers unwanted, and whether each report is a first."""
    reports: Reports = desk["reports"]
    there = np.flatnonzero(np.isin(desk["ids"], ids))
    rows = np.isin(reports.number, there) & reports.unwanted & np.isinf(reports.gone)
    who, number, first = reports.reporter[rows], reports.number[rows], desk["first"][rows]
    return [
        (int(desk["ids"][each]), who[number == each], who[(number == each) & first])
        for each in there.tolist()
    ]


def _accounts(who: Ints, firsts: Ints, learnt: Records) -> int:
    records, links = learnt.records, learnt.links
    open_ = (anchors.strength(records[FIRSTS]) < 1.0) & ~false_alarms(records)
    behind = np.isin(links.backer, firsts[open_[firsts]]) & (links.share > 0.0)
    return int(open_[np.union1d(who, links.backed[behind])].sum())


def _places(who: Ints, gain: Floats, number: Ints) -> Ints:
    """The rank of each first among its reporter's firsts, from 0, the greatest gain first."""
    order = np.lexsort((number, -gain, who))
    place = np.empty(len(who), np.int64)
    place[order] = within(np.diff(np.r_[starts(who[order]), len(who)]))
    return place


def rank(
    reports: Iterable[Mapping[str, Any]],
    *,
    now: float | None = None,
    gold: Mapping[Any, Decision] | None = None,
) -> list[Any]:
    """The numbers reported by `now` that are not in `gold`, the most informative first.

    Takes and raises what `replay.score` does.
    """
    filed, names, until = replay.read(reports, now)
    words = batch.all_words(filed)
    columns = batch.columns(words, batch.clusters(words))
    truth, decided = batch.by_number(names.decided(gold, until), len(names.numbers))
    value = urgency(columns, truth, learning.learn(columns, truth, decided))
    order = np.argsort(-value, kind="stable")
    known = list(names.numbers)
    return [known[place] for place in order.tolist() if truth[place] == 0]
