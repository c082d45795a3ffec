from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from reputation.models.report import Report


class LoggedCall(models.Model):
    """One call or message in a reporter's own log of a number that they reported.

    It changes no score. Only the reporter reads it, and a complaint lists it.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField()
    channel = models.CharField(
        max_length=4, choices=Report.Channel, default=Report.Channel.CALL.value
    )
    seconds = models.IntegerField(
        null=True, blank=True, help_text="Length of the call in seconds; empty if unknown."
    )
    conduct = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    words = models.TextField(blank=True, default="")
    imported = models.BooleanField(
        default=False,
        help_text="The call comes from the log of a phone or carrier, not from memory.",
    )
    noted_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            # A log that is imported twice is stored once.
            models.UniqueConstraint(fields=["report", "at", "channel"], name="logged_call_once"),
            models.CheckConstraint(
                condition=Q(channel__in=["call", "sms"]), name="logged_call_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(seconds=None) | Q(seconds__gte=0, seconds__lte=86_400),
                name="logged_call_seconds_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.at:%Y-%m-%d %H:%M}"
