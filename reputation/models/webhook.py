from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _


class Webhook(models.Model):
    """An address of a moderators' team for messages about events, and how far it has been told.

    `seen_item`, `seen_decision` and `seen_deadline` move only after the receiver has accepted the
    events before: no event is lost, and a message may come twice.
    """

    class Event(models.TextChoices):
        ITEM = "item"
        DECISION = "decision"
        DEADLINE = "deadline"

    url = models.TextField()
    sealed = models.BinaryField(help_text="The sealed secret that signs deliveries.")
    events = ArrayField(models.CharField(max_length=10, choices=Event))
    added_at = models.DateTimeField()
    seen_item = models.BigIntegerField(
        default=0, help_text="Id of the last queue item that was seen."
    )
    seen_decision = models.BigIntegerField(
        default=0, help_text="Position in the audit chain of the last decision that was seen."
    )
    seen_deadline = models.DateTimeField(help_text="Deadlines up to then were announced.")
    sent_at = models.DateTimeField(null=True, blank=True)
    failures = models.IntegerField(default=0, help_text=_("Failed attempts in a row."))
    problem = models.TextField(
        blank=True, default="", help_text=_("The problem of the last attempt.")
    )
    problem_of = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        help_text="Details of the problem (reputation.faults).",
    )
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the next attempt is due.")
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(fields=["url"], name="webhook_url_unique"),
            models.CheckConstraint(
                condition=Q(
                    events__contained_by=["item", "decision", "deadline"], events__len__gt=0
                ),
                name="webhook_events_known",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def bound(self) -> str:
        return f"webhook {self.url}"
