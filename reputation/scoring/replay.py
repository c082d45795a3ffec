"""The production arithmetic over a list of reports, without a database: for evaluation and tests.

    score(reports, *, now=None, gold=None, batch=False) -> {number: probability}

A probability at or past curves.BLOCK_AT means block, at or past curves.FLAG_AT flag: what comes
back is what would be published, gates and all. With batch=False reports are
folded and settled one by one as they come in, and block is never reached; with batch=True the trust
pass (reputation.scoring.batch) then learns from all of them together, and promotes.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from reputation.scoring import batch as trust_pass
from reputation.scoring import trust
from reputation.scoring.batch import UNDECIDED, Decision, Filed
from reputation.scoring.categories import UNWANTED, Side
from reputation.scoring.curves import BLOCK_AT
from reputation.scoring.evidence import (
    EMPTY,
    PRIOR,
    Bucket,
    BucketKey,
    Evidence,
    Voice,
    fold,
    logit,
)
from reputation.scoring.policy import JUST_UNDER, Standing, is_alone, judge, moderation
from reputation.scoring.promotion import Obstacle
from reputation.scoring.sentences import Reason
from reputation.scoring.trust import Record

# Categories of other vocabularies. One that is neither here nor in ours counts as "other".
SYNONYMS = {
    "scam": "loan_scam",
    "fraud": "loan_scam",
    "debt_collection": "illegal_collection",
    "collection": "illegal_collection",
    "harassment": "threat",
    "sales": "telemarketing",
    "spam": "other",
}


class Found(NamedTuple):
    """What would be published of a number, and what keeps it from block.

    `raw`: log-odds before calibration. `alone`: of policy.is_alone. `gates`: closed ones, as
    policy.closed_gates names them.
    `obstacles`: what keeps the pass from promoting it; of the online fold, which has none, empty.
    """

    probability: float
    raw: float
    alone: bool
    gates: tuple[Reason, ...]
    obstacles: tuple[Obstacle, ...]


def score(
    reports: Iterable[Mapping[str, Any]],
    *,
    now: float | None = None,
    gold: Mapping[Any, Decision] | None = None,
    batch: bool = False,
) -> dict[Any, float]:
    """What would be published at `now` of every number reported by then: its probability, 0 to 1.

    `reports`: mappings with `reporter`, `number` (any hashable), `label` (1 unwanted, 0 legitimate)
    and `time` (days); optionally `network`, `created` (the account's first day), `category`,
    `attestation`, `was_warned`, `withdrawn` (the day on which it was taken back), `stopped` (since
    the calls had stopped). In any order; simultaneous ones are put in an order of their own. Where
    `network` is missing each reporter is a network; where `created` is missing an account is as old
    as its first report; where `time` is missing, in all reports, no cap on days applies, nothing
    fades, and accounts are old. A reporter's later report on a number replaces the earlier.

    `now`: days, by default the time of the last report; later reports are left out, and so are
    later decisions. `gold`: number → what a moderator decided of it. ValueError for a report
    without a needed field or with an impossible one, naming it.
    """
    found = explain(reports, now=now, gold=gold, batch=batch)
    return {number: each.probability for number, each in found.items()}


def explain(
    reports: Iterable[Mapping[str, Any]],
    *,
    now: float | None = None,
    gold: Mapping[Any, Decision] | None = None,
    batch: bool = False,
) -> dict[Any, Found]:
    """`score` with the reasons: takes the same, raises the same."""
    filed, names, until = read(reports, now)
    decisions = names.decided(gold, until)
    if batch:
        evidence, obstacles, prior = trust_pass.run(filed, decisions)
    else:
        evidence = _fold_online(filed, decisions)
        obstacles, prior = [()] * len(evidence), PRIOR
    found = {}
    for name, number in names.numbers.items():
        moderated, since = decisions.get(number, UNDECIDED)
        promoted = batch and not obstacles[number]
        standing = Standing(moderated=moderated, moderated_at=since, promoted=promoted)
        told = judge(evidence[number], standing, until, prior=prior)
        p = told.probability if batch else min(told.probability, BLOCK_AT - JUST_UNDER)
        raw = logit(evidence[number], until, prior) + moderation(standing, until)
        alone = is_alone(evidence[number])
        found[name] = Found(p, raw, alone, told.gates, obstacles[number])
    return found


class _Names(NamedTuple):
    numbers: dict[Any, int]
    reporters: dict[Any, int]

    def decided(self, gold: Mapping[Any, Decision] | None, until: float) -> dict[int, Decision]:
        """Moderators' decisions by then about the reported numbers."""
        return {
            self.numbers[name]: decision
            for name, decision in (gold or {}).items()
            if name in self.numbers and decision.at <= until
        }


def read(
    reports: Iterable[Mapping[str, Any]], now: float | None
) -> tuple[list[Filed], _Names, float]:
    """Reports filed by `now`, in their order, with numbers and reporters numbered from 0."""
    rows = [(_time_of(place, report), place, report) for place, report in enumerate(reports)]
    dated = {time is not None for time, _, _ in rows}
    if len(dated) > 1:
        raise ValueError("some reports have a time and some have none: give all of them or none")
    if dated == {True}:
        rows = [row for row in rows if now is None or row[0] <= now]
    rows.sort(key=lambda row: (row[0] or 0.0, str(row[2]["reporter"]), str(row[2]["number"])))
    if now is None or dated != {True}:
        now = rows[-1][0] if rows and dated == {True} else 0.0
    names = _Names({}, {})
    first_seen: dict[Any, float] = {}
    filed = []
    for time, place, report in rows:
        who, at = report["reporter"], 0.0 if time is None else float(time)
        created = report.get("created")
        first_seen.setdefault(who, at if created is None else float(created))
        age = math.inf if time is None else at - first_seen[who]
        filed.append(_filed(place, report, names, at=at, age=age, now=now))
    return filed, names, now


def _time_of(place: int, report: Mapping[str, Any]) -> Any:
    """When a report was made (days), or None. Raises ValueError if the report cannot be read."""
    for field in ("reporter", "number", "label"):
        if field not in report:
            raise ValueError(f"report {place} has no {field}: give reporter, number, label, time")
    if report["label"] not in (0, 1):
        raise ValueError(
            f"report {place}: label must be 1 (unwanted) or 0, got {report['label']!r}"
        )
    time = report.get("time")
    if time is not None and not math.isfinite(time):
        raise ValueError(f"report {place}: time must be finite days, got {time!r}")
    return time


def _filed(
    place: int, report: Mapping[str, Any], names: _Names, *, at: float, age: float, now: float
) -> Filed:
    who, network = report["reporter"], report.get("network")
    attestation = _attestation(report.get("attestation"))
    unwanted = report["label"] == 1
    gone = _withdrawn(place, report, at, now)
    return Filed(
        reporter=names.reporters.setdefault(who, len(names.reporters)),
        number=names.numbers.setdefault(report["number"], len(names.numbers)),
        side=Side.UNWANTED if unwanted else Side.LEGITIMATE,
        at=at,
        age=age,
        category=_category(report.get("category"), unwanted),
        network=f"alone:{who}" if network is None else str(network),
        factor=trust.provenance(attestation, bool(report.get("was_warned"))),
        attested=attestation in trust.ATTESTED,
        dated=report.get("time") is not None,
        gone=gone,
        stopped=gone < math.inf and bool(report.get("stopped")),
    )


def _withdrawn(place: int, report: Mapping[str, Any], at: float, now: float) -> float:
    """The day on which a report was taken back, if that was by `now`; else inf."""
    day = report.get("withdrawn")
    if day is None:
        return math.inf
    if not (math.isfinite(day) and day >= at):
        raise ValueError(f"report {place}: withdrawn must be days, not before time, got {day!r}")
    return math.inf if day > now else float(day)


def _category(name: Any, unwanted: bool) -> str:
    if not unwanted:
        return "legitimate"
    name = SYNONYMS.get(name, name)
    known = name in UNWANTED
    return str(name) if known else "other"


def _attestation(name: Any) -> str:
    return name if name in trust.ATTESTATION_FACTORS else ""


class _Spoken:
    """A voice as it was counted, and the credit that settling gave it."""

    __slots__ = ("contribution", "credit", "first", "reporter", "voice")

    def __init__(self, reporter: int, voice: Voice, contribution: float, first: bool) -> None:
        self.reporter = reporter
        self.first = first
        self.voice = voice
        self.contribution = contribution
        self.credit = 0.0


class _Number:
    """One number as the online fold keeps it: the row, its buckets and its reports."""

    __slots__ = ("buckets", "early", "evidence", "exited", "moderated", "spoken")

    def __init__(self) -> None:
        self.evidence: Evidence = EMPTY
        self.buckets: dict[BucketKey, Bucket] = {}
        self.spoken: list[_Spoken] = []
        self.early: list[_Spoken] = []  # filed before the number's truth was plain
        self.exited: Side | None = None
        self.moderated = 0

    def exit(self, side: Side) -> None:
        """The number's truth is plain from now on."""
        if self.exited is not side:
            self.exited, self.early = side, list(self.spoken)

    def count(self, reporter: int, voice: Voice) -> _Spoken:
        first = trust.is_first(self.evidence, voice.side, voice.at)
        folded = fold(self.evidence, self.buckets, voice)
        self.evidence = folded.evidence
        self.buckets.update(folded.buckets)
        spoken = _Spoken(reporter, voice, folded.contribution, first)
        self.spoken.append(spoken)
        return spoken

    def drop(self, reporter: int) -> None:
        """Takes a reporter's earlier word back and folds the rest anew."""
        rest = [spoken for spoken in self.spoken if spoken.reporter != reporter]
        self.early = [spoken for spoken in self.early if spoken.reporter != reporter]
        self.evidence, self.buckets, self.spoken = EMPTY, {}, []
        for old in rest:
            folded = fold(self.evidence, self.buckets, old.voice)
            self.evidence, old.contribution = folded.evidence, folded.contribution
            self.buckets.update(folded.buckets)
            self.spoken.append(old)


def _fold_online(filed: list[Filed], decisions: Mapping[int, Decision]) -> list[Evidence]:
    """Evidence per number after folding and settling report by report, as production does."""
    numbers = [_Number() for _ in range(1 + max((f.number for f in filed), default=-1))]
    records = [Record() for _ in range(1 + max((f.reporter for f in filed), default=-1))]
    heard: set[tuple[int, int]] = set()
    words = trust_pass.all_words(filed)
    gone = [
        (word.gone, False, word.reporter, word.number)
        for word, report in zip(words, filed, strict=True)
        if word.gone == report.gone < math.inf  # replaced ones are dropped below
    ]
    decided = [(each.at, True, each.moderated, number) for number, each in decisions.items()]
    coming = sorted(gone + decided, reverse=True)

    def pass_time(until: float) -> None:
        while coming and coming[-1][0] < until:
            _, decides, what, place = coming.pop()
            if decides:
                _decide(numbers[place], records, what)
            else:
                numbers[place].drop(what)

    for report in words:
        pass_time(report.at)
        number, record = numbers[report.number], records[report.reporter]
        if (report.reporter, report.number) in heard:
            number.drop(report.reporter)
        heard.add((report.reporter, report.number))
        voice = report.voice(record, report.network)
        number.count(report.reporter, voice)
        _settle(number, records, voice.at)
    pass_time(math.inf)
    return [number.evidence for number in numbers]


def _decide(number: _Number, records: list[Record], moderated: int) -> None:
    """Credit in full the reporters who spoke before the truth was plain or a moderator decided."""
    number.moderated = moderated
    number.exit(Side.UNWANTED if moderated > 0 else Side.LEGITIMATE)
    for spoken in number.early:
        _credit(spoken, records, moderated * trust.MODERATOR_CREDIT)


def _settle(number: _Number, records: list[Record], now: float) -> None:
    """Credit the early reporters once the number's truth is plain, and again whenever it
    changes."""
    total = logit(number.evidence, now, PRIOR)
    if not trust.is_settled(total):
        return
    if number.moderated * total < 0.0:
        return  # against a moderator's word nothing settles
    number.exit(Side.UNWANTED if total > 0.0 else Side.LEGITIMATE)
    early = [s for s in number.early if s.voice.at >= now - trust.SETTLE_WINDOW]
    amounts = [
        trust.decayed_contribution(s.voice.category, s.contribution, s.voice.at, now) for s in early
    ]
    for spoken, new in zip(early, trust.settle(total, amounts), strict=True):
        if not abs(spoken.credit) >= trust.MODERATOR_CREDIT > abs(new):
            _credit(spoken, records, new)


def _credit(spoken: _Spoken, records: list[Record], new: float) -> None:
    if new != spoken.credit:
        records[spoken.reporter] = trust.credited(
            records[spoken.reporter], spoken.voice.side, spoken.credit, new, first=spoken.first
        )
        spoken.credit = new
