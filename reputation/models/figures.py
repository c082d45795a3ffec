from django.conf import settings
from django.db import models
from django.db.models import F, Q


class HourFigures(models.Model):
    """Reports of one hour by category and channel. Counted by reputation.moderation.figures."""

    pk = models.CompositePrimaryKey("hour", "category", "channel")
    hour = models.DateTimeField(help_text="Start of the hour, UTC.")
    category = models.CharField(max_length=20)
    channel = models.CharField(max_length=4)
    reports = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reports__gte=0), name="hour_reports_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.reports} {self.category} by {self.channel}"


class ClusterFigures(models.Model):
    """Reports of one hour by clusters of accounts, of the last day. Counted like HourFigures.

    The trust pass deletes all when it finds other clusters: then the whole day is counted anew.
    """

    pk = models.CompositePrimaryKey("hour", "cluster")
    hour = models.DateTimeField(help_text="Start of the hour, UTC.")
    cluster = models.BigIntegerField()
    reports = models.IntegerField()
    first = models.BigIntegerField(help_text="The lowest id of the accounts that reported.")
    last = models.BigIntegerField(help_text="The highest id of the accounts that reported.")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(reports__gt=0, first__lte=F("last")), name="cluster_figures_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.reports} by {self.cluster}"


class DayFigures(models.Model):
    """The state of the service at the end of a day, or today so far."""

    day = models.DateField(primary_key=True, help_text="UTC.")
    flagged = models.IntegerField(help_text="Numbers flagged at the end of the day.")
    blocked = models.IntegerField(help_text="Numbers blocked at the end of the day.")
    cursor = models.BigIntegerField(
        null=True, help_text="The last change of the log that both counts include."
    )
    decisions = models.IntegerField(help_text="Audit entries of the day.")
    false_blocks = models.IntegerField(
        help_text="Decisions of the day that found a blocked number legitimate."
    )
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(flagged__gte=0, blocked__gte=0, decisions__gte=0, false_blocks__gte=0),
                name="day_figures_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.flagged} flagged, {self.blocked} blocked"


class QualityFigures(models.Model):
    """How one moderator's decisions of one day hold. Counted by reputation.quality.tallies."""

    pk = models.CompositePrimaryKey("day", "actor", "code")
    day = models.DateField(
        help_text="UTC. A batch counts as one decision, on the day on which it began."
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(
        max_length=40, blank=True, help_text="Code of the reason; empty if it has free words only."
    )
    decisions = models.IntegerField()
    overturned = models.IntegerField()
    judged = models.IntegerField(help_text="Decisions that another moderator judged a second time.")
    agreed = models.IntegerField(help_text="Judged decisions on which the second moderator agreed.")
    lost = models.IntegerField(
        help_text="Judged decisions that were settled for the second moderator."
    )
    counted_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    overturned__gte=0,
                    overturned__lte=F("decisions"),
                    agreed__gte=0,
                    agreed__lte=F("judged"),
                    lost__gte=0,
                ),
                name="quality_figures_within_decisions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.actor_id} {self.code}: {self.decisions}"
