from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import models

from reputation.privacy import pseudonym


class Erasure(models.Model):
    """An erasure and its day, as a keyed hash, so that a restored backup is erased again.

    `subject` stands for a voice or for one report (`subject_of`). It does not reveal whose, but
    somebody who knows the address can find out that it was erased.
    """

    subject = models.CharField(max_length=32)
    erased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "erased_at"], name="erasure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.erased_at:%Y-%m-%d}"

    @staticmethod
    def subject_of(kind: str, name: str) -> str:
        """The pseudonym in the list for a voice (its kind and handle), or for a report ("report"
        and its public id)."""
        return pseudonym("erasure", f"{kind}\0{name}")

    @staticmethod
    def day_of(at: datetime) -> datetime:
        """The beginning of the day (UTC): all that reports keep of when they were erased."""
        return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    @staticmethod
    def days_of(names: Iterable[tuple[str, str]]) -> list[datetime]:
        """The days on which voices of these names were erased, as in Report.erased_at."""
        subjects = [Erasure.subject_of(*name) for name in names]
        found = Erasure.objects.filter(subject__in=subjects).values_list("erased_at", flat=True)
        return sorted({Erasure.day_of(at) for at in found})
