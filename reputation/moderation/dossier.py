"""The data that a moderator sees before deciding on a number, in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reputation.lookup import A_DAY, HALF_LIFE, ranges
from reputation.models import (
    STANDING,
    AuditEntry,
    Dispute,
    EvidenceBucket,
    ImportedComplaint,
    Number,
    QueueItem,
    Report,
    Reporter,
    Traffic,
    standing_of,
)
from reputation.scoring import (
    CATEGORIES,
    EMPTY,
    EPOCH,
    GATE_DAYS,
    GATE_ESTABLISHED,
    GATE_NETWORKS,
    LEGITIMATE_HALF_LIFE,
    LONG_HALF_LIFE,
    SHORT_HALF_LIFE,
    Bucket,
    BucketKey,
    BucketKind,
    Evidence,
    Judgement,
    Reason,
    Side,
    Standing,
    Voice,
    decayed,
    explain,
    fold,
    judge,
    moderation,
    to_days,
    trust,
)

# The newest reports, decisions and disputes of a number that are shown.
NEWEST: Final = 50
# The newest reports that chart and attestations use; and the number of the chart's points.
CHARTED: Final = 2_000
POINTS: Final = 120
# A number's neighbours share all but this many last digits.
NEIGHBOURHOOD: Final = 2
NEIGHBOURS: Final = 12


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition for block. `have`: the degree to which it is met, in words."""

    name: str
    open: bool
    have: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The public answer, now or after a decision. `reasons` as in an answer to a lookup."""

    action: str
    status: str
    score: int
    confidence: float
    reasons: list[Reason]


@dataclass(frozen=True, slots=True)
class Point:
    """Score and action at one moment."""

    at: datetime
    score: int
    action: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Evidence on one side, in log-odds today. `rows`: (label, log-odds)."""

    total: float
    rows: list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A report with its reporter's record and its weight today."""

    report: Report
    sensitivity: float
    specificity: float
    today: float

    @property
    def unwanted(self) -> bool:
        return CATEGORIES[self.report.category].side is Side.UNWANTED


@dataclass(frozen=True, slots=True)
class Dossier:
    number: Number
    now: Outcome
    judgement: Judgement
    gates: list[Gate]
    against: Scale
    in_favour: Scale
    history: list[Point]
    spoken: list[Spoken]
    attestations: list[tuple[str, int]]
    networks: list[tuple[str, int, float]]
    range: ranges.Range | None
    neighbours: list[Number]
    decisions: list[AuditEntry]
    disputes: list[Dispute]
    lookups_a_day: float
    claim: QueueItem | None


def of(number: Number, *, now: datetime) -> Dossier:
    at = to_days(now)
    evidence, standing = number.evidence, number.standing
    judgement = judge(evidence, standing, at, prior=number.prior)
    decisions = list(
        AuditEntry.objects.filter(number=number)
        .select_related("actor", "undone_by", "report")
        .order_by("-at", "-id")[:NEWEST]
    )
    reports = list(
        Report.objects.filter(number=number)
        .select_related("reporter", "merged_into")
        .newest_first()[:NEWEST]
    )
    prefix = prefix_of(number.key)
    against, in_favour = _sides(evidence, standing, number, at)
    return Dossier(
        number=number,
        now=_outcome(evidence, standing, judgement, number, at),
        judgement=judgement,
        gates=gates(evidence, standing),
        against=against,
        in_favour=in_favour,
        history=history(number, decisions, now=now),
        spoken=[_spoken(report, at) for report in reports],
        attestations=_attestations(number),
        networks=_networks(number, at),
        range=ranges.describe([prefix])[0] if prefix else None,
        neighbours=_neighbours(number, prefix),
        decisions=decisions,
        disputes=list(Dispute.objects.filter(number=number).order_by("-opened_at", "-id")[:NEWEST]),
        lookups_a_day=lookups_a_day(number, now),
        claim=QueueItem.objects.filter(number=number, claimed_until__gt=now)
        .select_related("claimed_by")
        .first(),
    )


def outcome(number: Number, *, now: datetime, **changes: Any) -> Outcome:
    """The public answer if these columns of the standing had these values. No query."""
    at = to_days(now)
    changed = replace(number.standing, **changes)
    evidence = number.evidence
    judgement = judge(evidence, changed, at, prior=number.prior)
    return _outcome(evidence, changed, judgement, number, at)


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


# --- gates ---


def gates(evidence: Evidence, standing: Standing) -> list[Gate]:
    """Each condition for block (scoring.policy.closed_gates), and the degree to which it is met."""
    span = 0.0
    if evidence.first_unwanted is not None and evidence.last_unwanted is not None:
        span = evidence.last_unwanted - evidence.first_unwanted
    confirmed = standing.moderated > 0
    shielded = standing.moderated < 0 or standing.official or standing.holder_verified
    met = _("not needed: confirmed") if confirmed else ""
    counted = [
        Gate(name, confirmed or (have >= least and not shielded), met or f"{have:g} / {least:g}")
        for name, have, least in (
            (_("networks"), evidence.networks, GATE_NETWORKS),
            (_("established reporters"), evidence.established_networks, GATE_ESTABLISHED),
            (_("days between first and last"), round(span, 1), GATE_DAYS),
        )
    ]
    yes, no = _("yes"), _("no")
    return [
        *counted,
        Gate(
            _("the trust pass or a moderator agrees"),
            confirmed or (standing.promoted and not shielded),
            met or (yes if standing.promoted else no),
        ),
        Gate(
            _("nobody vouches for it (directory, holder, clearance)"),
            confirmed or not shielded,
            met or (no if shielded else yes),
        ),
        Gate(_("no open dispute"), not standing.disputed, no if standing.disputed else yes),
        Gate(_("no suspicion of spoofing"), not standing.spoofed, no if standing.spoofed else yes),
    ]


# --- evidence ---


def _sides(
    evidence: Evidence, standing: Standing, number: Number, at: float
) -> tuple[Scale, Scale]:
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
    return (
        Scale(sum(value for _name, value in against), against),
        Scale(sum(value for _name, value in in_favour), in_favour),
    )


def _spoken(report: Report, at: float) -> Spoken:
    record = report.reporter.record
    live = report.status == Report.Status.LIVE
    _side, today = trust.decayed_contribution(report.voice, report.contribution, at)
    return Spoken(
        report=report,
        sensitivity=trust.sensitivity(record),
        specificity=trust.specificity(record),
        today=today if live else 0.0,
    )


def _attestations(number: Number) -> list[tuple[str, int]]:
    names = {
        "A": _("A: the carrier knows caller and number"),
        "B": _("B: the carrier knows the caller"),
        "C": _("C: it came through a gateway"),
        "failed": _("failed: most likely somebody else"),
        "none": _("none: the call carried none"),
        "": _("not known"),
    }
    newest = Report.objects.live().filter(number=number).newest_first()[:CHARTED]
    counts: Counter[str] = Counter(newest.values_list("attestation", flat=True))
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


def lookups_a_day(number: Number, now: datetime) -> float:
    row = Traffic.objects.filter(number=number).first()
    if row is None:
        return 0.0
    age = max(0.0, to_days(now) - to_days(row.at))
    return row.count * A_DAY * 2 ** (-age / HALF_LIFE)


# --- neighbours ---


def prefix_of(key: str) -> str:
    """The block of the number, or "" where ranges have no score."""
    try:
        return ranges.read_prefix(key[:-NEIGHBOURHOOD])
    except ranges.InvalidPrefix:
        return ""


def _neighbours(number: Number, prefix: str) -> list[Number]:
    if not prefix:
        return []
    near = Number.objects.filter(key__startswith=prefix).exclude(pk=number.pk)
    return list(near.exclude(status="unknown").order_by("key")[:NEIGHBOURS])


# --- the score over time ---


def history(number: Number, decisions: Sequence[AuditEntry], *, now: datetime) -> list[Point]:
    """The score since the first report, from the reports live today and from the decisions.

    Computed by the production arithmetic, not read from a log: withdrawn and rejected reports are
    left out. The last point is the current answer.
    """
    voices = _voices(number)
    moments = [number.created_at, *(entry.at for entry in decisions)]
    if voices:
        moments.append(EPOCH + timedelta(days=voices[0].at))
    first = min(moments)
    if now - first < timedelta(days=1):
        first = now - timedelta(days=1)
    step = (now - first) / POINTS
    ticks = {first + place * step for place in range(POINTS)} | {
        moment
        for entry in decisions
        for moment in (entry.at - timedelta(seconds=1), entry.at)
        if moment >= first
    }
    then = _standings(number, decisions)
    points = []
    buckets: dict[BucketKey, Bucket] = {}
    evidence, heard = EMPTY, 0
    for moment in sorted(ticks):
        at = to_days(moment)
        while heard < len(voices) and voices[heard].at <= at:
            folded = fold(evidence, buckets, voices[heard])
            evidence = folded.evidence
            buckets.update(folded.buckets)
            heard += 1
        judgement = judge(evidence, then(moment), at, prior=number.prior)
        points.append(Point(moment, judgement.score, judgement.action.value))
    last = judge(number.evidence, number.standing, to_days(now), prior=number.prior)
    return [*points, Point(now, last.score, last.action.value)]


def _voices(number: Number) -> list[Voice]:
    """What counts of the number, in the order of time, at most the newest CHARTED of each kind."""
    reports = Report.objects.live().filter(number=number, counted_at__gte=number.epoch_at or EPOCH)
    voices = reports.order_by("-seq")[:CHARTED].voices()
    complaints = ImportedComplaint.objects.filter(number=number).order_by("-seq")[:CHARTED]
    voices += [
        complaint.voice
        for complaint in complaints
        if complaint.filed_at >= (number.epoch_at or EPOCH)
    ]
    return sorted(voices, key=lambda voice: voice.at)


def _standings(number: Number, decisions: Iterable[AuditEntry]) -> Any:
    """A function from a moment to the standing then, found by reverting later decisions."""
    present = {name: getattr(number, name) for name in STANDING}
    in_order = sorted(decisions, key=lambda entry: (entry.at, entry.pk))

    def at(moment: datetime) -> Standing:
        values = dict(present)
        for entry in reversed(in_order):
            if entry.at <= moment:
                break
            values |= _of_standing(entry.before)
        return standing_of(values)

    return at


def _of_standing(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Number._meta.get_field(name).to_python(value)  # type: ignore[union-attr]
        for name, value in values.items()
        if name in STANDING
    }


# --- reporters ---


@dataclass(frozen=True, slots=True)
class ReporterDossier:
    reporter: Reporter
    sensitivity: float
    specificity: float
    members: list[Reporter]
    reports: list[Report]
    decisions: list[AuditEntry]

    @property
    def size(self) -> str:
        count = len(self.members)
        return ngettext("%d account moves as one", "%d accounts move as one", count) % count


def of_reporter(reporter: Reporter) -> ReporterDossier:
    record = reporter.record
    cluster = reporter.cluster
    members = (
        list(Reporter.objects.filter(cluster=cluster).order_by("pk")[:CHARTED]) if cluster else []
    )
    spoken = Report.objects.filter(reporter__in=members or [reporter])
    return ReporterDossier(
        reporter=reporter,
        sensitivity=trust.sensitivity(record),
        specificity=trust.specificity(record),
        members=members,
        reports=list(
            spoken.select_related("number", "reporter", "merged_into").newest_first()[:NEWEST]
        ),
        decisions=list(
            AuditEntry.objects.filter(reporter=reporter)
            .select_related("actor", "undone_by")
            .order_by("-id")[:NEWEST]
        ),
    )
