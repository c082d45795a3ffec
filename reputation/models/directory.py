from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from reputation.models.number import Number


class OfficialNumber(Number):
    """A number of the verified directory: banks, authorities, emergency contacts."""

    class Meta:
        proxy = True
        default_permissions = ("view",)  # edited with mark_official_number
        verbose_name = _("entry of the verified directory")
        verbose_name_plural = _("verified directory")

    def __str__(self) -> str:
        return self.key


class NeverCalling(models.Model):
    """A number of the verified directory that never calls anybody (do-not-originate).

    In force from `since` to `until`, both days included; `Number.never_calls` says whether it is in
    force now.
    """

    number = models.OneToOneField(
        "reputation.Number", on_delete=models.CASCADE, primary_key=True, related_name="silence"
    )
    since = models.DateField()
    until = models.DateField(
        null=True, blank=True, help_text=_("The last day; empty if it never ends.")
    )
    source = models.TextField(help_text=_("The list or page that says so."))

    class Meta:
        default_permissions = ("view",)  # edited with mark_official_number
        verbose_name = _("number that never calls")
        verbose_name_plural = _("numbers that never call")
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="never_calling_has_source"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="never_calling_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number_id}: {self.since} – {self.until or ''}"


class NumbersFile(models.Model):
    """The list of its numbers that an organisation publishes under its own domain.

    `decided`: the content that a moderator accepted last; `declined`: content that a moderator
    declined since; `found`: the present content, while it waits for a decision. All in the checked
    form of docs/guide/telephone-numbers.md.
    """

    domain = models.CharField(max_length=253, unique=True)
    name = models.CharField(
        max_length=100, help_text=_("The organisation, as the directory names it.")
    )
    added_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, default="", help_text=_("Why the last fetch failed."))
    problem_of = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        help_text="Details of the problem (reputation.faults).",
    )
    decided = models.JSONField(default=dict)
    declined = models.JSONField(default=dict)
    found = models.JSONField(null=True, blank=True)
    found_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("published list of an organisation's numbers")
        verbose_name_plural = _("published lists of organisations' numbers")
        constraints = [
            models.CheckConstraint(
                condition=Q(found__isnull=True, found_at=None) | Q(found_at__isnull=False),
                name="numbers_file_found_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return self.domain
