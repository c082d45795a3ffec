"""The data that a moderator sees before deciding on a reporter."""

from dataclasses import dataclass

from django.utils.translation import ngettext

from reputation.models import AuditEntry, Report, Reporter
from reputation.moderation import notes
from reputation.moderation.dossier import CHARTED, NEWEST
from reputation.scoring import trust


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


def of(reporter: Reporter) -> ReporterDossier:
    record = reporter.record
    cluster = reporter.cluster
    members = (
        list(Reporter.objects.filter(cluster=cluster).order_by("pk")[:CHARTED]) if cluster else []
    )
    spoken = Report.objects.said_by(*(members or [reporter]))
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
            .exclude(verb__in=notes.VERBS)
            .select_related("actor", "undone_by")
            .order_by("-id")[:NEWEST]
        ),
    )
