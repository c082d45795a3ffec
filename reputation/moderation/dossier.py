"""The data that a moderator sees before deciding on a number, in a fixed number of queries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from reputation.counting import Counted, block_case_of, newest_counted
from reputation.lookup import ranges, traffic
from reputation.models import (
    AuditEntry,
    Dispute,
    EvidenceBucket,
    Number,
    QueueItem,
    Report,
)
from reputation.moderation import gates, notes
from reputation.moderation.gates import Gate
from reputation.moderation.history import Point, history
from reputation.moderation.voices import Cluster, Crowd, crowd
from reputation.scoring import (
    LEGITIMATE_HALF_LIFE,
    LONG_HALF_LIFE,
    SHORT_HALF_LIFE,
    BucketKind,
    Evidence,
    Judgement,
    Reason,
    Side,
    Standing,
    decayed,
    explain,
    judge,
    moderation,
    to_days,
    trust,
)

# The newest reports, decisions and disputes of a number that are shown.
NEWEST: Final = 50
# The newest reports that chart, summary and attestations use.
CHARTED: Final = 1_000
# A number's neighbours share all but this many last digits.
NEIGHBOURHOOD: Final = 2
NEIGHBOURS: Final = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """The public answer, now or after a decision. `reasons` as in an answer to a lookup."""

    action: str
    status: str
    score: int
    confidence: float
    reasons: list[Reason]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A report with its reporter's record."""

    report: Report
    sensitivity: float
    specificity: float


@dataclass(frozen=True, slots=True)
class Together:
    """The reports of one cluster, shown as one; `cluster` is None for a single report."""

    cluster: Cluster | None
    rows: list[Spoken]


@dataclass(frozen=True, slots=True)
class Dossier:
    """`against`, `in_favour`: the evidence of a side, in log-odds today, each with its label."""

    number: Number
    now: Outcome
    gates: list[Gate]
    asks: list[Gate]
    crowd: Crowd
    against: list[tuple[str, float]]
    in_favour: list[tuple[str, float]]
    history: list[Point]
    reports: list[Counted]
    spoken: list[Spoken]
    attestations: list[tuple[str, int]]
    networks: list[tuple[str, int, float]]
    range: ranges.Range | None
    neighbours: list[Number]
    decisions: list[AuditEntry]
    disputes: list[Dispute]
    older_disputes: int
    lookups_a_day: float
    claim: QueueItem | None

    @property
    def together(self) -> list[Together]:
        """The newest reports, those of a cluster together at the place of its newest."""
        clusters = {cluster.key: cluster for cluster in self.crowd.clusters}
        found: dict[tuple[str, int], Together] = {}
        for spoken in self.spoken:
            report = spoken.report
            cluster = clusters.get(report.reporter.cluster or 0)
            # A report that no longer counts is not grouped with its cluster.
            if cluster is None or report.status != Report.Status.LIVE:
                found["report", report.pk] = Together(None, [spoken])
            else:
                one = found.setdefault(("cluster", cluster.key), Together(cluster, []))
                one.rows.append(spoken)
        return list(found.values())


def of(number: Number, *, now: datetime) -> Dossier:
    at = to_days(now)
    evidence, standing = number.evidence, number.standing
    judgement = judge(evidence, standing, at, prior=number.prior)
    decisions = list(
        AuditEntry.objects.filter(number=number)
        .exclude(verb__in=notes.VERBS)
        .select_related("actor", "undone_by", "report")
        .order_by("-at", "-id")[:NEWEST]
    )
    reports = list(
        Report.objects.filter(number=number)
        .select_related("reporter", "merged_into")
        .newest_first()[:NEWEST]
    )
    disputed = Dispute.objects.filter(number=number)
    disputes = list(disputed.order_by("-opened_at", "-id")[:NEWEST])
    prefix = prefix_of(number.key)
    against, in_favour = _sides(evidence, standing, at)
    counted = newest_counted(number, CHARTED)
    case = block_case_of((report.voice(reweigh=True), report) for report in counted)
    return Dossier(
        number=number,
        now=_outcome(evidence, standing, judgement, number, at),
        gates=gates.of_answer(evidence, standing, at),
        asks=gates.of_trust_pass(case),
        crowd=crowd(counted),
        against=against,
        in_favour=in_favour,
        history=history(number, counted, decisions, now=now),
        reports=counted,
        spoken=[_spoken(report) for report in reports],
        attestations=_attestations(counted),
        networks=_networks(number, at),
        range=ranges.describe([prefix])[0] if prefix else None,
        neighbours=_neighbours(number, prefix),
        decisions=decisions,
        disputes=disputes,
        older_disputes=disputed.count() - NEWEST if len(disputes) == NEWEST else 0,
        lookups_a_day=traffic.a_day(number, now=now),
        claim=QueueItem.objects.filter(number=number, claimed_until__gt=now)
        .select_related("claimed_by")
        .first(),
    )


def _outcome(
    evidence: Evidence, standing: Standing, judgement: Judgement, number: Number, at: float
) -> Outcome:
    return Outcome(
        action=judgement.action.value,
        status=judgement.status.value,
        score=judgement.score,
        confidence=judgement.confidence,
        reasons=explain(
            evidence, standing, judgement, at, number.campaign.told if number.campaign else None
        ),
    )


def _sides(
    evidence: Evidence, standing: Standing, at: float
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    short, long, legitimate = decayed(evidence, at)
    decision = moderation(standing, at)
    decided = (_("a moderator's decision"), abs(decision))
    against = [
        (_("reports that fade within weeks"), short),
        (_("reports that fade within a season"), long),
        *([decided] if decision > 0 else []),
    ]
    in_favour = [
        (_("reports as legitimate"), legitimate),
        *([decided] if decision < 0 else []),
    ]
    return against, in_favour


def _spoken(report: Report) -> Spoken:
    record = report.reporter.record
    return Spoken(report, trust.sensitivity(record), trust.specificity(record))


def _attestations(reports: Sequence[Counted]) -> list[tuple[str, int]]:
    names = {
        "A": _("A: the carrier knows caller and number"),
        "B": _("B: the carrier knows the caller"),
        "C": _("C: it came through a gateway"),
        "failed": _("failed: most likely somebody else"),
        "none": _("none: the call carried none"),
        "": _("not known"),
    }
    counts = Counter(report.attestation for report in reports)
    return [(label, counts[name]) for name, label in names.items() if counts[name]]


def _networks(number: Number, at: float) -> list[tuple[str, int, float]]:
    """(network or cluster, side, log-odds today) of the heaviest networks."""
    rows = EvidenceBucket.objects.filter(
        number=number, kind__in=[BucketKind.NETWORK, BucketKind.NETWORK_NEWCOMERS]
    )
    masses: dict[tuple[str, int], float] = {}
    for row in rows.order_by("side", "kind", "bucket")[:CHARTED]:
        age = max(0.0, at - to_days(row.at))
        slow = LONG_HALF_LIFE if row.side == Side.UNWANTED else LEGITIMATE_HALF_LIFE
        mass = row.short * 2 ** (-age / SHORT_HALF_LIFE) + row.long * 2 ** (-age / slow)
        network = (row.bucket, row.side)
        masses[network] = masses.get(network, 0.0) + mass
    most = sorted(masses, key=lambda network: -masses[network])[:8]
    return [(name, side, masses[name, side]) for name, side in most]


def prefix_of(key: str) -> str:
    """The number's block; "" in countries where ranges have no score."""
    try:
        return ranges.read_prefix(key[:-NEIGHBOURHOOD])
    except ranges.InvalidNumberPrefix:
        return ""


def _neighbours(number: Number, prefix: str) -> list[Number]:
    if not prefix:
        return []
    near = Number.objects.filter(key__startswith=prefix).exclude(pk=number.pk)
    return list(near.exclude(status="unknown").order_by("key")[:NEIGHBOURS])
