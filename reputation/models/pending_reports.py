from collections.abc import Iterable
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reputation.models.audit import AuditEntry
from reputation.models.report import Report


class PendingReportsQuerySet(models.QuerySet["PendingReports"]):
    def about(self, reporters: Iterable[int]) -> "PendingReportsQuerySet":
        """Those that follow from decisions about these reporters."""
        return self.filter(entry__reporter__in=list(reporters))


class PendingReports(models.Model):
    """Some of the reports of a reporter about whom a moderator decided, before they have got the
    status that follows: see reputation.moderation.restating. A row is one step's work, and is
    deleted with it.
    """

    entry = models.ForeignKey(
        AuditEntry,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The decision that is carried out or taken back.",
    )
    status = models.CharField(max_length=9, choices=Report.Status)
    reports = ArrayField(models.BigIntegerField())

    objects: ClassVar[models.Manager["PendingReports"]] = PendingReportsQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{len(self.reports)} reports {self.status}"
