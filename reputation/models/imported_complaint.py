from django.db import models
from django.db.models import Q

from reputation.scoring import CATEGORIES, Voice, to_days


class PublishedByAuthority(models.Model):
    """The stored part of a complaint that an authority published, without a known reporter."""

    source = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the row as published.")
    category = models.CharField(max_length=20)
    subject = models.TextField(blank=True, default="")
    occurred_at = models.DateTimeField(null=True, blank=True)
    filed_at = models.DateTimeField()
    seq = models.IntegerField()
    weight = models.FloatField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.source} {self.number_id}"  # type: ignore[attr-defined]


class RetractedComplaint(PublishedByAuthority):
    """A complaint whose import was taken back (moderation.complaint_imports). It does not count; it
    is stored so that it can be put back, and is not imported again in the meantime."""

    number = models.ForeignKey(
        "reputation.Number", on_delete=models.PROTECT, related_name="retracted_complaints"
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="complaint_retracted_once"),
        ]


class ImportedComplaint(PublishedByAuthority):
    """A complaint that counts.

    All complaints of one source count as one capped voice (scoring.evidence), never as truth.
    """

    number = models.ForeignKey(
        "reputation.Number", on_delete=models.PROTECT, related_name="imported_complaints"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="complaint_imported_once"),
            models.UniqueConstraint(fields=["number", "seq"], name="complaint_seq_unique"),
            models.CheckConstraint(
                condition=Q(category__in=sorted(CATEGORIES)), name="complaint_category_known"
            ),
        ]

    @property
    def voice(self) -> Voice:
        """The complaint as a voice of the fold; its network is unknown."""
        return Voice(
            side=CATEGORIES[self.category].side,
            at=to_days(self.filed_at),
            weight=self.weight,
            category=self.category,
            source=self.source,
        )
