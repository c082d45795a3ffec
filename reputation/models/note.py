from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Note(models.Model):
    """A note of a moderator for moderators about a subject. Nobody else ever reads it.

    Stored masked, and deleted after a year (privacy.retention).
    """

    class Kind(models.TextChoices):
        NUMBER = "number"
        REPORT = "report"
        REPORTER = "reporter"
        DISPUTE = "dispute"
        CAMPAIGN = "campaign"

    kind = models.CharField(max_length=8, choices=Kind)
    subject_id = models.BigIntegerField(help_text="Id of the row in the kind's table.")
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
