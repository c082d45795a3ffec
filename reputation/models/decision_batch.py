import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _


class DecisionBatch(models.Model):
    """One decision on many subjects, taken step by step; each subject has its own audit entry.

    A batch with the subject `entry` undoes decisions on record (moderation.rollback).

    `targets` are done in order: `done` counts the finished ones. An undo of the batch goes through
    its entries from the newest, and `undone` counts them.
    """

    class Subject(models.TextChoices):
        NUMBER = "number"
        REPORT = "report"
        REPORTER = "reporter"
        ENTRY = "entry"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=8, choices=Subject)
    verb = models.CharField(max_length=30)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    targets = ArrayField(models.BigIntegerField())
    done = models.IntegerField(default=0)
    failures = models.JSONField(
        default=dict, help_text="Target → the reason why it was not decided."
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    undo_actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undo_reason = models.TextField(blank=True, default="")
    undone = models.IntegerField(default=0)
    undo_failures = models.JSONField(default=dict)
    undo_finished_at = models.DateTimeField(null=True, blank=True)
    left_to_worker = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The worker takes the next steps: they had to wait, or no page asks for them.",
    )

    class Meta:
        verbose_name = _("bulk decision")
        verbose_name_plural = _("bulk decisions")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="batch_reason_given"),
            models.CheckConstraint(
                condition=Q(done__gte=0, undone__gte=0)
                & Q(done__lte=Func(F("targets"), function="cardinality")),
                name="batch_done_within_targets",
            ),
            models.CheckConstraint(
                condition=Q(undo_actor=None, undo_reason="") | ~Q(undo_reason=""),
                name="batch_undo_reason_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} × {len(self.targets)}"

    @property
    def is_over(self) -> bool:
        """Whether all is decided, or, once it is being undone, all is undone."""
        ended_at = self.finished_at if self.undo_actor_id is None else self.undo_finished_at
        return ended_at is not None
