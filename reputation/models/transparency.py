from django.db import models
from django.db.models import Q


class TransparencyMonth(models.Model):
    """The public figures of one month that has ended. Counted once and never changed, since the
    difference of two counts would reveal suppressed figures."""

    month = models.DateField(primary_key=True, help_text="First day of the month, UTC.")
    figures = models.JSONField(help_text="The figures that reputation.quality.transparency counts.")
    counted_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="transparency_by_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
