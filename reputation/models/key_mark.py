from django.db import models
from django.db.models import Q


class KeyMark(models.Model):
    """What stands for a key with which this database was written, so that a wrong one is noticed.

    Of PSEUDONYM_KEY a hash, of each of SEALING_KEYS the id (config.known_keys). No key follows
    from either.
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
