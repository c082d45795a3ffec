from typing import ClassVar

from django.db import models
from django.db.models import Q


class HourFigures(models.Model):
    """Reports of one hour by category and channel. Counted by reputation.moderation.figures."""

    pk = models.CompositePrimaryKey("hour", "category", "channel")
    hour = models.DateTimeField(help_text="Its first moment, UTC.")
    category = models.CharField(max_length=20)
    channel = models.CharField(max_length=4)
    reports = models.IntegerField()

    objects: ClassVar[models.Manager["HourFigures"]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reports__gte=0), name="hour_reports_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.reports} {self.category} by {self.channel}"


class DayFigures(models.Model):
    """The state of the service at the end of a day, or today so far."""

    day = models.DateField(primary_key=True, help_text="UTC.")
    flagged = models.IntegerField(help_text="Numbers told as flag at its end.")
    blocked = models.IntegerField(help_text="Numbers told as block at its end.")
    decisions = models.IntegerField(help_text="Audit entries of the day.")
    false_blocks = models.IntegerField(
        help_text="Decisions of the day that found a blocked number legitimate."
    )
    counted_at = models.DateTimeField()

    objects: ClassVar[models.Manager["DayFigures"]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(flagged__gte=0, blocked__gte=0, decisions__gte=0, false_blocks__gte=0),
                name="day_figures_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.flagged} flagged, {self.blocked} blocked"
