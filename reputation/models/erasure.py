from django.db import models


class Erasure(models.Model):
    """An erasure and its day, by keyed hash alone, so that a restored backup is erased again.

    `subject` stands for a voice or for one report (reputation.rights.erasing). It does not tell who
    that was, but somebody who knows the address can tell that it was erased.
    """

    subject = models.CharField(max_length=32)
    erased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "erased_at"], name="erasure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.erased_at:%Y-%m-%d}"
