from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q

from reputation.scoring import agreement

# A drawn number that nobody decided within this time is permanently recorded as missing.
WAITS: Final = timedelta(days=30)
# Older draws no longer count, since the service has changed since.
LASTS: Final = timedelta(days=365)


class CalibrationDrawQuerySet(models.QuerySet["CalibrationDraw"]):
    def waiting(self) -> "CalibrationDrawQuerySet":
        """The draws that were not decided and whose time is not over."""
        return self.filter(entry=None, missing_at=None)

    def answered(self) -> "CalibrationDrawQuerySet":
        """The draws whose number was decided in time, by a decision that is in force."""
        return self.filter(entry__isnull=False).exclude(number__moderated=0)

    def lately(self, now: datetime) -> "CalibrationDrawQuerySet":
        return self.filter(drawn_at__gt=now - LASTS)


class CalibrationDraw(models.Model):
    """A number that was drawn at random, from all numbers with evidence, for a moderator to decide.

    Moderators find it among the audits and cannot distinguish it from them. The evidence of its
    reports at the draw is stored, so the time of the decision does not matter. No number is drawn
    twice.
    """

    number = models.OneToOneField(
        "reputation.Number", on_delete=models.CASCADE, related_name="calibration_draw"
    )
    drawn_at = models.DateTimeField()
    raw = models.FloatField(help_text="Uncalibrated log-odds of the number's reports at the draw.")
    alone = models.BooleanField(
        help_text="Whether only one voice spoke against the number at the draw."
    )
    place = models.FloatField(help_text="Random position among the audits, 0 to 1.")
    entry = models.OneToOneField(
        "reputation.AuditEntry",
        on_delete=models.PROTECT,
        null=True,
        related_name="calibration_draw",
        help_text="The decision about the number.",
    )
    missing_at = models.DateTimeField(null=True, help_text="When the time for a decision ran out.")

    objects: ClassVar[CalibrationDrawQuerySet] = CalibrationDrawQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(entry=None) | Q(missing_at=None), name="draw_answered_or_missing"
            ),
            models.CheckConstraint(
                condition=Q(place__gte=0, place__lte=1), name="draw_place_is_a_share"
            ),
        ]
        indexes = [
            models.Index(
                fields=["drawn_at"], condition=Q(entry=None, missing_at=None), name="draw_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number_id}"


class Agreement(models.Model):
    """How established reporters agreed about the same numbers, as measured at a moment. Permanent.

    The columns are those of scoring.agreement.Agreement.
    """

    measured_at = models.DateTimeField()
    counts = models.JSONField(
        help_text="Numbers by how many reporters spoke, and how many of them said unwanted."
    )
    lasting = models.FloatField(
        help_text="Share of the time since its first report in which a bad number is reported."
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(lasting__gt=0, lasting__lt=1), name="agreement_lasting_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measured_at:%Y-%m-%d %H:%M}"

    @property
    def found(self) -> agreement.Agreement:
        """The measurement as the arithmetic takes it."""
        return agreement.Agreement(tuple(map(tuple, self.counts)), self.lasting)


class Calibration(models.Model):
    """The curves that came into use at a moment, and their basis. Permanent.

    `several` and `alone` are corners (raw, published) in log-odds; None: the shipped ones. The
    counts of draws below are their basis where draws suffice.
    """

    fitted_at = models.DateTimeField()
    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="The measurement that moved the built-in curves before the draws did.",
    )
    several = models.JSONField(null=True)
    alone = models.JSONField(null=True)
    answered = models.IntegerField(help_text="Draws that moderators decided.")
    missing = models.IntegerField(help_text="Draws without a decision when the curves were fitted.")
    unwanted = models.IntegerField(help_text="Decided draws that were found unwanted.")
    spread_at = models.DateTimeField(
        null=True, help_text="When all numbers were marked due for these curves."
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(several__isnull=True, alone__isnull=True)
                | Q(several__isnull=False, alone__isnull=False),
                name="calibration_has_both_curves",
            ),
            models.CheckConstraint(
                condition=Q(unwanted__gte=0, unwanted__lte=F("answered"), missing__gte=0),
                name="calibration_counts_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fitted_at:%Y-%m-%d %H:%M}"
