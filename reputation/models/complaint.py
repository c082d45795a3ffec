import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reputation.models.authority import Authority, Channel
from reputation.models.report import Report
from reputation.models.reporter import Reporter


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def of(self, reporter: Reporter) -> "ComplaintQuerySet":
        """Complaints of the reporter and of linked accounts, newest first, with related rows."""
        return (
            self.filter(Q(reporter=reporter) | Q(reporter__merged_into=reporter))
            .select_related("authority", "channel")
            .prefetch_related("reports__number")
            .order_by("-prepared_at", "-id")
        )


class Complaint(models.Model):
    """A complaint that a reporter prepared for an authority, and its progress.

    The complainant's name and address are only in the pack, and never stored.
    """

    class Status(models.TextChoices):
        PREPARED = "prepared", _("prepared")
        FILED = "filed", _("filed")
        ANSWERED = "answered", _("answered")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        FORWARDED = "forwarded", _("passed on to another authority")
        RESOLVED = "resolved", _("the calls stopped")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="complaints")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="complaints")
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    reports = models.ManyToManyField(Report, related_name="complaints")
    language = models.CharField(max_length=10)
    prepared_at = models.DateTimeField()
    manifests = ArrayField(
        models.CharField(max_length=64),
        default=list,
        help_text=_("SHA-256 of the manifest of each pack that was handed out."),
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.PREPARED)
    filed_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(
        max_length=100,
        blank=True,
        default="",
        help_text=_("Case number that the authority gave it."),
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True, default="")

    objects: ClassVar[models.Manager["Complaint"]] = ComplaintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status="prepared", filed_at=None, answered_at=None, reference="", outcome=""
                )
                | Q(status="filed", filed_at__isnull=False, answered_at=None, outcome="")
                | (
                    Q(status="answered", filed_at__isnull=False, answered_at__isnull=False)
                    & ~Q(outcome="")
                ),
                name="filing_status_fits_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "accepted", "refused", "forwarded", "resolved"]),
                name="filing_outcome_known",
            ),
        ]
        indexes = [
            models.Index(fields=["reporter", "-prepared_at", "-id"], name="filing_by_reporter")
        ]

    def __str__(self) -> str:
        return str(self.public_id)
