from django.db import models
from django.utils.translation import gettext_lazy as _


class PaidMessage(models.Model):
    """A text message or call that cost us money, for the budgets (reputation.disputes.costs).

    The number is not stored.
    """

    class Purpose(models.TextChoices):
        CODE = "code", _("code for a dispute")
        ANSWER = "answer", _("answer to a text message")

    sent_at = models.DateTimeField()
    country = models.CharField(max_length=2)
    purpose = models.CharField(max_length=6, choices=Purpose)

    class Meta:
        indexes = [models.Index(fields=["sent_at"], name="paid_message_by_time")]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.country} at {self.sent_at:%Y-%m-%d %H:%M}"
