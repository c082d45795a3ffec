"""A decided case as it was before the decision, for the moderator who judges it a second time.

It holds the reports and decisions of before; not what the decision changed, who took it, or why.
Reports that were changed since appear as they are now. Withdrawn reports, except the one that the
decision is about, and the records of reporters do not appear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reputation.counting import newest_counted
from reputation.models import AuditEntry, Dispute, Number, Report, Reporter, SecondReview
from reputation.moderation import dossier, history
from reputation.privacy import mask
from reputation.quality.questions import ANSWERS, question_of
from reputation.scoring import is_unwanted


@dataclass(frozen=True, slots=True)
class CaseReport:
    """A report as it was filed, personal data masked. `crowd`: the cluster of its reporter."""

    at: datetime
    number: str
    category: str
    unwanted: bool
    words: str
    claimed_name: str
    attestation: str
    established: bool
    first: bool
    reporter: str
    crowd: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """`question` and `answers`: as in questions.ANSWERS. `score` and `action` as clients were told;
    `unwanted`, `legitimate`, `networks`: of the reports that are shown. `earlier`: verb and moment
    of decisions that stood then.
    """

    at: datetime
    question: str
    answers: Sequence[str]
    number: Number | None
    reporter: Reporter | None
    dispute: Dispute | None
    statement: str
    score: int | None
    action: str
    reports: Sequence[CaseReport]
    unwanted: int
    legitimate: int
    networks: int
    earlier: Sequence[tuple[str, datetime]]


def case_of(review: SecondReview) -> ReviewCase:
    entry = review.entry
    question = question_of(entry)
    reports = _reports(entry)
    score, action = _answer_before(entry)
    dispute = _dispute(entry) if question == "dispute" else None
    shown = [_case_report(report, entry) for report in reports]
    unwanted = sum(each.unwanted for each in shown)
    return ReviewCase(
        at=entry.at,
        question=question,
        answers=ANSWERS[question],
        number=entry.number,
        reporter=entry.reporter,
        dispute=dispute,
        statement=mask(dispute.statement) if dispute else "",
        score=score,
        action=action,
        reports=shown,
        unwanted=unwanted,
        legitimate=len(shown) - unwanted,
        networks=len({report.network for report in reports}),
        earlier=_earlier(entry),
    )


def _reports(entry: AuditEntry) -> list[Report]:
    """The reports filed before the decision, the one that it is about first, then the newest."""
    reports = Report.objects.filter(filed_at__lte=entry.at).select_related("reporter", "number")
    if entry.number_id is not None:
        reports = reports.filter(number=entry.number_id)
    else:
        reports = reports.said_by(entry.reporter_id)
    # Withdrawn ones of then or now say nothing: their reporter took them back.
    newest = list(reports.exclude(status=Report.Status.WITHDRAWN).newest_first()[: dossier.NEWEST])
    if entry.report_id is None:
        return newest
    return [entry.report, *(each for each in newest if each.pk != entry.report_id)]  # type: ignore[list-item]


def _case_report(report: Report, entry: AuditEntry) -> CaseReport:
    return CaseReport(
        at=report.filed_at,
        number=report.number.key,
        category=report.category,
        unwanted=is_unwanted(report.category),
        # Not admin.words: it says which words are hidden, which is what may have been decided.
        words=mask(report.words),
        claimed_name=mask(report.claimed_name),
        attestation=report.attestation,
        established=report.established,
        first=report.first,
        reporter=report.reporter.handle,
        crowd=report.reporter.cluster or 0,
        chosen=report.pk == entry.report_id,
    )


def _answer_before(entry: AuditEntry) -> tuple[int | None, str]:
    """Score and action just before, worked out from the reports of then that still stand."""
    number: Any = entry.number
    if number is None:
        return None, ""
    counted = [
        each for each in newest_counted(number, dossier.CHARTED) if each.counted_at < entry.at
    ]
    decisions = list(AuditEntry.objects.filter(number=number).order_by("at", "id"))
    points = history.history(number, counted, decisions, now=entry.at)
    before = [point for point in points if point.at < entry.at]
    return (before[-1].score, before[-1].action) if before else (0, "allow")


def _dispute(entry: AuditEntry) -> Dispute | None:
    return Dispute.objects.filter(public_id=entry.after.get("dispute")).first()


def _earlier(entry: AuditEntry) -> list[tuple[str, datetime]]:
    earlier = AuditEntry.objects.filter(
        id__lt=entry.pk, verb__in={verb for some in ANSWERS.values() for verb in some}
    ).exclude(undone_by__at__lt=entry.at)
    if entry.number_id is not None:
        earlier = earlier.filter(number=entry.number_id)
    else:
        earlier = earlier.filter(reporter=entry.reporter_id)
    if entry.batch_id is not None:
        earlier = earlier.exclude(batch=entry.batch_id)
    return list(earlier.order_by("-id").values_list("verb", "at")[: dossier.NEWEST])
