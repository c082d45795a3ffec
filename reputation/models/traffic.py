from django.db import models
from django.db.models import Q


class Traffic(models.Model):
    """How often a number is looked up (reputation.lookup): a count that halves every week."""

    number = models.OneToOneField(
        "reputation.Number", on_delete=models.CASCADE, primary_key=True, related_name="traffic"
    )
    count = models.FloatField()
    at = models.DateTimeField(help_text="The moment for which the count is valued.")

    class Meta:
        verbose_name_plural = "traffic"
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=0), name="traffic_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.number_id}: {self.count:.0f}"
