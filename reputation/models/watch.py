from django.conf import settings
from django.db import models
from django.db.models import Q


class Watch(models.Model):
    """An account that wants to hear when a number's standing changes. Deleted with the account."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches"
    )
    key = models.TextField(help_text="Key of the number, which may have no reports.")
    said = models.CharField(
        max_length=10, help_text="The last standing of which the person was told."
    )
    language = models.CharField(max_length=10, help_text="Language of the mail.")
    since = models.DateTimeField()
    checked_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="watch_once"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(said=""), name="watch_says"),
        ]
        indexes = [models.Index(fields=["checked_at"], name="watch_checked")]

    def __str__(self) -> str:
        return self.key


class Reminder(models.Model):
    """An account that wants a mail on the day on which the answer to a complaint is due.

    Deleted when that mail is sent, and with the complaint and the account.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders"
    )
    complaint = models.OneToOneField(
        "reputation.Complaint", on_delete=models.CASCADE, related_name="reminder"
    )
    on = models.DateField(help_text="The day of the mail.")
    zone = models.CharField(
        max_length=64,
        default="UTC",
        db_default="UTC",
        help_text="The time zone of that day.",
    )
    language = models.CharField(max_length=10, help_text="Language of the mail.")

    class Meta:
        default_permissions = ("view",)
        indexes = [models.Index(fields=["on"], name="reminder_due")]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.on}"
