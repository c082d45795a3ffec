from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """One moderator's decision, for good: the database refuses to change or delete it."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=30)
    number = models.ForeignKey(
        "reputation.Number", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    report = models.ForeignKey(
        "reputation.Report", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    reason = models.TextField()
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="audit_reason_given"),
        ]
        indexes = [models.Index(fields=["number", "-at", "-id"], name="audit_by_number")]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"
