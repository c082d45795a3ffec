from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from reputation.models.audit import AuditEntry

# A decision that nobody judged again after this time is no longer fresh enough to compare.
LAPSES: Final = timedelta(days=30)


class SecondReviewQuerySet(models.QuerySet["SecondReview"]):
    def waiting(self, now: datetime) -> "SecondReviewQuerySet":
        """The reviews of decisions in force that nobody has judged yet."""
        return self.filter(
            judged_at=None, sampled_at__gt=now - LAPSES, entry__undone_by__isnull=True
        )

    def disputed(self) -> "SecondReviewQuerySet":
        """The reviews that a senior has to settle: they differ from a decision that is in force."""
        return self.exclude(verdict=F("entry__verb")).filter(
            judged_at__isnull=False, settled_at=None, entry__undone_by__isnull=True
        )

    def numbers(self) -> models.QuerySet[Any]:
        """The ids of the numbers that the reviews are about."""
        return self.filter(entry__number__isnull=False).values("entry__number")

    def reporters(self) -> models.QuerySet[Any]:
        return self.filter(entry__reporter__isnull=False).values("entry__reporter")

    def show_to(self, user: Any) -> None:
        """Notes that this user judges the reviews now, and has seen them."""
        for review in self.select_for_update():
            review.reviewer = user
            review.shown_to = sorted({*review.shown_to, user.pk})
            review.save(update_fields=["reviewer", "shown_to"])

    def held_by(self, user: Any, now: datetime) -> "SecondReviewQuerySet":
        """The reviews that this user judges now: no other page may show them what was decided."""
        return self.waiting(now).filter(reviewer=user)

    def known_to(self, user: Any) -> "SecondReviewQuerySet":
        """The reviews that this user cannot judge blind, since they decided about the same subject
        or saw the case before."""
        by_them = AuditEntry.objects.filter(actor=user)
        number = by_them.filter(number=OuterRef("entry__number"))
        reporter = by_them.filter(reporter=OuterRef("entry__reporter"))
        return self.filter(
            Q(entry__actor=user)
            | Q(shown_to__contains=[user.pk]) & ~Q(reviewer=user)
            | Exists(number)
            | Exists(reporter)
        )


class SecondReview(models.Model):
    """A decision that was drawn to be judged a second time, by a moderator who does not know it.

    `verdict` is the verb that the second moderator would have chosen. If it differs from the
    decision's, a senior settles who was right.
    """

    class Outcome(models.TextChoices):
        FIRST = "first"
        SECOND = "second"
        BOTH = "both"

    entry = models.OneToOneField(
        "reputation.AuditEntry", on_delete=models.PROTECT, related_name="second_review"
    )
    sampled_at = models.DateTimeField()
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    shown_to = ArrayField(
        models.IntegerField(), default=list, help_text="Users who have seen the case."
    )
    verdict = models.CharField(max_length=30, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    judged_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=6, choices=Outcome, blank=True, default="")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    settled_reason = models.TextField(blank=True, default="")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SecondReviewQuerySet] = SecondReviewQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        # No `view` permission: which reviews a user may see depends on who made the decision
        # (reputation.quality).
        default_permissions = ()
        permissions = [
            ("settle_secondreview", "Can settle disagreements of second reviews"),
            ("see_quality", "Can see the agreement and overturn rates of all moderators"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(judged_at=None, verdict="", reason="")
                | Q(judged_at__isnull=False, reviewer__isnull=False)
                & ~Q(verdict="")
                & ~Q(reason=""),
                name="second_review_judged_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, outcome="", settled_reason="")
                | Q(
                    settled_at__isnull=False,
                    judged_at__isnull=False,
                    settled_by__isnull=False,
                    outcome__in=["first", "second", "both"],
                )
                & ~Q(settled_reason=""),
                name="second_review_settled_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(settled_by=None) | ~Q(settled_by=F("reviewer")),
                name="second_review_settled_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sampled_at"], condition=Q(judged_at=None), name="second_review_waiting"
            ),
            models.Index(
                fields=["reviewer"], condition=Q(judged_at=None), name="second_review_held"
            ),
            models.Index(
                fields=["judged_at"], condition=Q(settled_at=None), name="second_review_disputed"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
