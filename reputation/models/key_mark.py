from django.db import models
from django.db.models import Q


class KeyMark(models.Model):
    """Identifies a key with which this database was written, so that a wrong key is noticed.

    For PSEUDONYM_KEY a hash, for each of SEALING_KEYS its id (config.known_keys). Neither reveals
    the key.
    """

    class Purpose(models.TextChoices):
        PSEUDONYM = "pseudonym"
        SEALING = "sealing"

    purpose = models.CharField(max_length=9, choices=Purpose)
    mark = models.CharField(max_length=32)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "mark"], name="key_mark_once"),
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(purpose="pseudonym"), name="key_mark_one_pseudonym"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.mark}"
