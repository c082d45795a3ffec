"""The trust pass: reliabilities of all reporters at once, clusters, and promotion to block.

Steps (each a grouped sum or a running one, so that SQL can mirror it):

  1. Latest word: per reporter and number the last report stands.
  2. Clusters (`clusters`): reporters that move together become one network.
  3. Rounds (`learn`): with the weights that the current records give, a smoothed verdict on each
     number around each report, leaving that report out; soft credits; records move towards them.
  4. `run`: fold every number anew (evidence.fold) with the records, clusters and provenance, and
     promote what policy.promotes allows; policy.judge applies the gates and BLOCK_AT.

Step 3 in formulas. For report i on number j with side s_i, time t_i, weight w_i (trust.weight of
the reporter's record, times provenance):

  K(a, b)   = 2^(−|t_a − t_b| / KERNEL_HALF_LIFE)
  old_i     = the account was ESTABLISHED_DAYS old, has said something twice, and is not found out:
              fewer than 1 disagreement, or ESTABLISHED_RATIO times more agreements. Verdicts may
              trust more than publishing does: they only decide who learns from whom.
  M1_i      = Σ w_m·K(i, m) over m with the same (j, s, network, old)       own report included
  x_i       = w_i·g(M1_i, c)/M1_i                       c: the network cap of the kind
  M2_i      = Σ x_m·K(i, m) over m with the same (j, s) that are not old
  x_i       = x_i·g(M2_i, c)/M2_i                       only where not old; c: NEWCOMERS_CAP by side
  M3_i      = Σ x_m over m with the same (j, s, UTC day)
  x_i       = x_i·g(M3_i, c)/M3_i                       c: DAY_CAP
  before_i  = logit(prior) + Σ ±x_m·K(i, m) over earlier m of j
  others_i  = logit(prior) + Σ ±x_m·K(i, m) over all m of j but i
  plain_i   = i or some earlier report of j had `before` past SETTLE_LOW or SETTLE_HIGH
  first_i   = Σ w_m·K(i, m) < FIRST_BELOW over earlier m with the same (j, s)
  credit_i  = 0 if plain_i, else trust.credit(others_i) where others_i ± x_i is settled;
              ±MODERATOR_CREDIT on moderated j, with novelty_i = 1
  novelty_i = Σ x_m·min(1, (1 + e_im)/o_im) / Σ x_m over m of j that say what the verdict says,
              other reporters only, the SUPPORT_VOICES earliest of that side; o_im: numbers on which
              both said the same; e_im = n_i·n_m/numbers: how many by chance
  strict_i  = the same with e_im = 0
  tp … fp   = Σ |credit_i|·novelty_i by side and sign
  firsts    = Σ |credit_i|·strict_i over the first_i that were right (strict_i = 1 on moderated j)
  g(E, c)   = c·tanh(E/c); + for unwanted and − for legitimate reports in the sums

  record_r ← record_r + step_n·(what round n gives r − record_r),  step_n = 1/(1 + n/STEP_SHRINK)

Where no report has a time (a closed panel, such as the crowd sets) nothing fades, nothing is plain
or first, the caps on networks and days fall away, weights reach PANEL_CAP, and the prior becomes
the mean verdict of the round.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reputation.scoring import trust
from reputation.scoring.categories import Side
from reputation.scoring.evidence import (
    DAY_CAP,
    EMPTY,
    NETWORK_ESTABLISHED_CAP,
    NETWORK_NEWCOMERS_CAP,
    NEWCOMERS_CAP,
    NEWCOMERS_LEGITIMATE_CAP,
    PRIOR,
    Bucket,
    BucketKey,
    Evidence,
    Voice,
    expit,
    fold,
    log_odds,
)
from reputation.scoring.policy import promotes
from reputation.scoring.trust import Record

ROUNDS: Final = 25
# Step n moves records by 1/(1 + n/8) of the way, so that numbers that take turns settle down.
STEP_SHRINK: Final = 8.0
# Rounds end early when no tally moves by more.
CONVERGED: Final = 0.01
# Of a number and side, as many reports take part in the search for mutual support: the earliest.
SUPPORT_VOICES: Final = 40
# Two-sided smoothing of a number's verdict around each report: numbers change hands within months.
KERNEL_HALF_LIFE: Final = 60.0

# Reporters who agree at least 3 times within 2 days of each other, on at least a quarter of what
# the less active of them said, speak with one voice (scoring.md, The pass).
CLUSTER_AGREEMENTS: Final = 3
CLUSTER_DAYS: Final = 2.0
CLUSTER_SHARE: Final = 0.25
# On famous numbers everybody meets everybody: agreement beyond so many neighbours says nothing.
CLUSTER_NEIGHBOURS: Final = 60


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as the pass reads it; reporters and numbers are numbered from 0.

    `at`: days. `age`: of the account when it reported, in days. `factor`: trust.provenance.
    `attested`: the call carried attestation A or B, or nobody looked.
    """

    reporter: int
    number: int
    side: Side
    at: float
    age: float
    category: str
    network: str
    factor: float
    attested: bool
    dated: bool

    @property
    def cap(self) -> float | None:
        return None if self.dated else trust.PANEL_CAP

    def voice(self, record: Record, network: str) -> Voice:
        return Voice(
            side=self.side,
            at=self.at,
            weight=trust.weight(record, self.side, cap=self.cap) * self.factor,
            category=self.category,
            network=network,
            established=trust.is_established(record, self.age),
            dated=self.dated,
        )


def run(
    filed: Sequence[Filed], truths: Mapping[int, bool]
) -> tuple[list[Evidence], list[bool], float]:
    """Evidence per number after the pass, whether the pass promotes it, and the prior (see learn).

    `filed` in time order; `truths` of moderated numbers. Promotion says only that enough proven
    accounts stand behind the number: probability and gates are policy.judge's business.
    """
    standing = latest_words(filed)
    group = clusters(standing)
    records, prior = learn(standing, truths, group)
    count = 1 + max((f.number for f in filed), default=-1)
    evidence = [EMPTY] * count
    buckets: list[dict[BucketKey, Bucket]] = [{} for _ in evidence]
    proven: list[set[str]] = [set() for _ in evidence]
    attested: list[set[str]] = [set() for _ in evidence]
    words = [[0.0, 0.0] for _ in evidence]  # by Side, weight of accounts that are old enough
    for f in standing:
        record, network = records[f.reporter], group.get(f.reporter, f.network)
        voice = f.voice(record, network)
        folded = fold(evidence[f.number], buckets[f.number], voice)
        evidence[f.number] = folded.evidence
        buckets[f.number].update(folded.buckets)
        if f.age >= trust.ESTABLISHED_DAYS:
            words[f.number][f.side] += voice.weight
        if f.side is Side.UNWANTED and voice.weight:
            if trust.is_proven(record, f.age):
                proven[f.number].add(network)
            if f.attested:
                attested[f.number].add(network)
    promoted = [
        promotes(
            networks=evidence[n].networks,
            proven=len(proven[n]),
            attested=len(attested[n]),
            span_days=_span(evidence[n]),
            legitimate_share=words[n][Side.LEGITIMATE] / (sum(words[n]) or 1.0),
        )
        for n in range(count)
    ]
    return evidence, promoted, prior


def _span(evidence: Evidence) -> float:
    """Days between the first and the last unwanted report."""
    return (evidence.last_unwanted or 0.0) - (evidence.first_unwanted or 0.0)


def latest_words(filed: Sequence[Filed]) -> list[Filed]:
    """Per reporter and number the last report, in time order."""
    last = {(f.reporter, f.number): place for place, f in enumerate(filed)}
    return [f for place, f in enumerate(filed) if last[f.reporter, f.number] == place]


def clusters(filed: Sequence[Filed]) -> dict[int, str]:
    """Reporter → cluster, for those in one of two or more. `filed` in time order."""
    said: dict[tuple[int, Side], list[Filed]] = {}
    history: dict[int, int] = {}
    for f in filed:
        history[f.reporter] = history.get(f.reporter, 0) + 1
        if f.dated:
            said.setdefault((f.number, f.side), []).append(f)
    together: dict[tuple[int, int], int] = {}
    for line in said.values():
        for place, f in enumerate(line):  # in time order
            for other in line[place + 1 : place + 1 + CLUSTER_NEIGHBOURS]:
                if other.at - f.at > CLUSTER_DAYS:
                    break
                pair = (min(f.reporter, other.reporter), max(f.reporter, other.reporter))
                together[pair] = together.get(pair, 0) + 1
    parent: dict[int, int] = {}

    def root(member: int) -> int:
        while parent.setdefault(member, member) != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for (one, two), count in together.items():
        shorter = min(history[one], history[two])
        if count >= CLUSTER_AGREEMENTS and count >= CLUSTER_SHARE * shorter:
            low, high = sorted((root(one), root(two)))
            parent[high] = low
    return {member: f"cluster:{root(member)}" for member in parent}


def learn(
    filed: Sequence[Filed], truths: Mapping[int, bool], group: Mapping[int, str]
) -> tuple[list[Record], float]:
    """Records of all reporters after the rounds, and the prior.

    `filed` in time order, one per pair. The prior is PRIOR, except in a closed panel (no times):
    there it is the mean verdict, learned along.
    """
    if not filed:
        return [], PRIOR
    reporters = 1 + max(f.reporter for f in filed)
    tallies = [[0.0] * 5 for _ in range(reporters)]
    said = [0] * reporters
    for f in filed:
        said[f.reporter] += 1
    view = _View(filed, truths, group)
    for round_ in range(ROUNDS):
        records = [Record(*tally) for tally in tallies]
        trusted = [
            count >= 2
            and (
                record.disagreements < 1.0
                or record.agreements >= trust.ESTABLISHED_RATIO * record.disagreements
            )
            for count, record in zip(said, records, strict=True)
        ]
        sums = view.credits(records, trusted)
        step = 1.0 / (1.0 + round_ / STEP_SHRINK)
        moved = 0.0
        for tally, new in zip(tallies, sums, strict=True):
            for k in range(5):
                change = step * (new[k] - tally[k])
                tally[k] += change
                moved = max(moved, abs(change))
        if moved < CONVERGED:
            break
    return [Record(*tally) for tally in tallies], expit(view.base)


class _View:
    """Everything about the reports that stays the same from round to round."""

    def __init__(
        self, filed: Sequence[Filed], truths: Mapping[int, bool], group: Mapping[int, str]
    ) -> None:
        self.reporter = [f.reporter for f in filed]
        self.unwanted = [f.side is Side.UNWANTED for f in filed]
        self.old_enough = [f.age >= trust.ESTABLISHED_DAYS for f in filed]
        self.factor = [f.factor for f in filed]
        self.dated = any(f.dated for f in filed)
        self.truth = [truths.get(f.number) for f in filed]
        self.by_network = _Chains(
            [(f.number, f.side, group.get(f.reporter, f.network)) for f in filed], filed
        )
        self.by_side = _Chains([(f.number, f.side) for f in filed], filed)
        self.by_number = _Chains([f.number for f in filed], filed)
        days: dict[tuple[int, Side, int], int] = {}
        self.day = [
            days.setdefault((f.number, f.side, math.floor(f.at)), len(days)) if f.dated else -1
            for f in filed
        ]
        self.days = len(days)
        self.support = _Support(filed)
        self.base = log_odds(PRIOR)

    def weights(self, records: Sequence[Record]) -> list[float]:
        """w_i: each report's weight before the caps."""
        cap = None if self.dated else trust.PANEL_CAP
        both = [
            (
                trust.weight(record, Side.LEGITIMATE, cap=cap),
                trust.weight(record, Side.UNWANTED, cap=cap),
            )
            for record in records
        ]
        return [
            both[r][u] * factor
            for r, u, factor in zip(self.reporter, self.unwanted, self.factor, strict=True)
        ]

    def shares(self, weights: Sequence[float], trusted: Sequence[bool]) -> list[float]:
        """x_i: what the caps leave of each report's weight."""
        reporter, unwanted = self.reporter, self.unwanted
        share = list(weights)
        old = [enough and trusted[r] for enough, r in zip(self.old_enough, reporter, strict=True)]
        caps = ((True, NETWORK_ESTABLISHED_CAP), (False, NETWORK_NEWCOMERS_CAP))
        for kind, cap in caps if self.dated else ():
            own = [x if o is kind else 0.0 for x, o in zip(share, old, strict=True)]
            mass = self.by_network.smoothed(own)
            for i, o in enumerate(old):
                if o is kind:
                    share[i] *= _left(mass[i], cap)
        mass = self.by_side.smoothed([0.0 if o else x for x, o in zip(share, old, strict=True)])
        for i, o in enumerate(old):
            if not o:
                cap = NEWCOMERS_CAP if unwanted[i] else NEWCOMERS_LEGITIMATE_CAP
                share[i] *= _left(mass[i], cap)
        per_day = [0.0] * self.days
        for d, x in zip(self.day, share, strict=True):
            if d >= 0:
                per_day[d] += x
        left = [_left(total, DAY_CAP) for total in per_day]
        return [x * left[d] if d >= 0 else x for d, x in zip(self.day, share, strict=True)]

    def credits(self, records: Sequence[Record], trusted: Sequence[bool]) -> list[list[float]]:
        """Per reporter the credits that these records would give: tp, fn, tn, fp, firsts."""
        weights = self.weights(records)
        share = self.shares(weights, trusted)
        signed = [x if u else -x for x, u in zip(share, self.unwanted, strict=True)]
        forward = self.by_number.forward(signed)
        smooth = self.by_number.smoothed(signed)
        if not self.dated:
            share_unwanted = sum(expit(self.base + total) for total in smooth) / len(smooth)
            self.base = log_odds(min(max(share_unwanted, 0.02), 0.98))
        plain = self.by_number.plain(forward, self.base) if self.dated else [False] * len(share)
        before = self.by_side.preceding(weights)
        sums = [[0.0] * 5 for _ in records]
        base, low, high = self.base, trust.SETTLE_LOW, trust.SETTLE_HIGH
        for i, verdict in enumerate(smooth):
            if plain[i] or not share[i]:
                continue
            truth = self.truth[i]
            if truth is not None:
                credit = trust.MODERATOR_CREDIT if truth else -trust.MODERATOR_CREDIT
                first_credit = abs(credit)
            elif low < base + verdict < high:
                continue
            else:
                credit = trust.credit(base + verdict - signed[i])
                if not credit:
                    continue
                novelty, strict = self.support.novelty(i, credit > 0.0, share)
                first_credit = abs(credit) * strict
                credit *= novelty
            mine, unwanted = sums[self.reporter[i]], self.unwanted[i]
            # Places of Record's fields: tp, fn, tn, fp, firsts.
            if credit > 0.0:
                mine[0 if unwanted else 1] += credit
            else:
                mine[3 if unwanted else 2] -= credit
            if before[i] < trust.FIRST_BELOW and unwanted is (credit > 0.0):
                mine[4] += first_credit
        return sums


def _left(mass: float, cap: float) -> float:
    """g(mass)/mass: the share of each weight that a cap lets through."""
    return cap * math.tanh(mass / cap) / mass if mass > 1e-12 else 1.0


class _Support:
    """Who agrees with whom, and how often the same two do.

    The support that one reporter gives another counts min(1, (1 + e)/o) on each of the o numbers
    on which both said the same, where e = n_a·n_b / (all numbers) is how many they would share by
    chance, with n_a and n_b reports: a group that only ever confirms itself earns, over all its
    numbers, about one agreement each. A very active group can raise e; what makes an account proven
    is counted without it.
    """

    def __init__(self, filed: Sequence[Filed]) -> None:
        self.filed = filed
        self.lines: dict[tuple[int, Side], list[int]] = {}
        for i, f in enumerate(filed):
            line = self.lines.setdefault((f.number, f.side), [])
            if len(line) < SUPPORT_VOICES:
                line.append(i)
        self.overlap: dict[tuple[int, int], int] = {}
        overlap = self.overlap
        for line in self.lines.values():
            who = sorted(filed[i].reporter for i in line)
            for place, a in enumerate(who):
                for b in who[place + 1 :]:
                    pair = (a, b)
                    overlap[pair] = overlap.get(pair, 0) + 1
        self.said: dict[int, int] = {}
        for f in filed:
            self.said[f.reporter] = self.said.get(f.reporter, 0) + 1
        self.numbers = len({f.number for f in filed})
        self.known: dict[tuple[int, bool], list[tuple[int, float, float]]] = {}

    def novelty(self, i: int, unwanted: bool, share: Sequence[float]) -> tuple[float, float]:
        """Mean of that count over those who call report i's number (un)wanted, by share.

        With and without the allowance for chance.
        """
        supporters = self.known.get((i, unwanted))
        if supporters is None:
            supporters = self.known[i, unwanted] = self._supporters(i, unwanted)
        total = fair = strict = 0.0
        for m, by_chance, plainly in supporters:
            total += share[m]
            fair += share[m] * by_chance
            strict += share[m] * plainly
        return (fair / total, strict / total) if total else (0.0, 0.0)

    def _supporters(self, i: int, unwanted: bool) -> list[tuple[int, float, float]]:
        me = self.filed[i].reporter
        side = Side.UNWANTED if unwanted else Side.LEGITIMATE
        found = []
        for m in self.lines.get((self.filed[i].number, side), ()):
            other = self.filed[m].reporter
            if other != me:
                pair = (me, other) if me < other else (other, me)
                shared = max(1, self.overlap.get(pair, 1))
                chance = self.said[me] * self.said[other] / self.numbers
                found.append((m, min(1.0, (1.0 + chance) / shared), 1.0 / shared))
        return found


class _Chains:
    """Reports linked within their group in time order, with the kernel between neighbours."""

    def __init__(self, keys: Sequence[object], filed: Sequence[Filed]) -> None:
        last: dict[object, int] = {}
        self.before = [-1] * len(filed)
        self.fade = [0.0] * len(filed)
        for i, key in enumerate(keys):
            previous = last.get(key, -1)
            last[key] = i
            if previous >= 0:
                self.before[i] = previous
                gap = filed[i].at - filed[previous].at
                self.fade[i] = math.exp2(-gap / KERNEL_HALF_LIFE)

    def forward(self, amounts: Sequence[float]) -> list[float]:
        """Σ amounts·K over the report and the earlier ones of its group."""
        out = list(amounts)
        for i, previous in enumerate(self.before):
            if previous >= 0:
                out[i] += out[previous] * self.fade[i]
        return out

    def smoothed(self, amounts: Sequence[float]) -> list[float]:
        """Σ amounts·K over all reports of the group, the report itself included."""
        out = self.forward(amounts)
        back = list(amounts)
        for i in range(len(back) - 1, -1, -1):
            previous = self.before[i]
            if previous >= 0:
                back[previous] += back[i] * self.fade[i]
        return [f + b - own for f, b, own in zip(out, back, amounts, strict=True)]

    def preceding(self, amounts: Sequence[float]) -> list[float]:
        """Σ amounts·K over the earlier reports of the group."""
        out = self.forward(amounts)
        return [total - own for total, own in zip(out, amounts, strict=True)]

    def plain(self, forward: Sequence[float], base: float) -> list[bool]:
        """Whether the number's truth was plain to everybody before the report was filed."""
        out = [False] * len(forward)
        for i, previous in enumerate(self.before):
            if previous >= 0:
                out[i] = out[previous] or trust.is_settled(base + forward[previous])
        return out
