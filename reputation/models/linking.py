from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reputation.models.report import Report
from reputation.models.reporter import Reporter


class LinkCode(models.Model):
    """A code of one account that another account shows to prove that both belong to one person.

    An e-mail with the code may be forged, so its address gets a second code: `shown_by` is the
    account that has to send it back.
    """

    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="link_codes")
    digest = models.CharField(max_length=32, unique=True, help_text=_("Keyed hash of the code."))
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    shown_by = models.ForeignKey(
        Reporter, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    second = models.CharField(
        max_length=32, blank=True, default="", help_text=_("Keyed hash of the second code.")
    )
    redeemed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_by=None, second="") | Q(shown_by__isnull=False) & ~Q(second=""),
                name="link_code_second_is_somebody_s",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("issued_at")), name="link_code_lives_a_while"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reporter_id} {self.issued_at:%Y-%m-%d %H:%M}"


class VoiceLink(models.Model):
    """Two voices of one person: since the link, `other` has spoken as `into`.

    Both reporters are kept. `kept` is what undoing the link needs (reports.snapshots): records and
    standing of both before, and the ids of the rows that belonged to `other`.
    """

    into = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="linked")
    linked_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    kept = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["other"], condition=Q(undone_at=None), name="link_one_per_voice"
            ),
            models.CheckConstraint(condition=~Q(into=models.F("other")), name="link_of_two_voices"),
        ]

    def __str__(self) -> str:
        return f"{self.other_id} into {self.into_id}"


class LinkedReport(models.Model):
    """A report that a link moved or merged, or that replaced such a report: how it was counted
    before and, to show what happened since, right after."""

    link = models.ForeignKey(VoiceLink, on_delete=models.CASCADE, related_name="reports")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="links")
    is_others = models.BooleanField(help_text="Whether the merged reporter had made the report.")
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "report"], name="linked_report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} in {self.link_id}"
