from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Note(models.Model):
    """What moderators tell one another about a subject. Nobody else ever reads it.

    Masked as it is stored, and forgotten after a year (privacy.retention).
    """

    class Kind(models.TextChoices):
        NUMBER = "number"
        REPORT = "report"
        REPORTER = "reporter"
        DISPUTE = "dispute"
        CAMPAIGN = "campaign"

    kind = models.CharField(max_length=8, choices=Kind)
    subject_id = models.BigIntegerField(help_text="The row of the kind's table.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    words = models.TextField()

    class Meta:
        default_permissions = ("view", "add")
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="note_says_something")]
        indexes = [
            models.Index(fields=["kind", "subject_id", "-id"], name="note_by_subject"),
            models.Index(fields=["at"], name="note_by_age"),
        ]

    def __str__(self) -> str:
        return self.words[:60]


class Desk(models.Model):
    """How a moderator works: whether away, and whether told by mail of what waits for them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="desk"
    )
    away_until = models.DateTimeField(null=True, blank=True)
    digest_hours = models.IntegerField(
        default=0, help_text="Between two mails at least; 0: no mails."
    )
    language = models.CharField(max_length=10, default="en", help_text="Of the mails.")
    told = models.JSONField(default=list, help_text="What the last mail told of.")
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hours__gte=0, digest_hours__lte=168), name="desk_digest_range"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
