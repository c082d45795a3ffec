"""The parts of a number's evidence besides its sums: buckets and chapters."""

from django.db import models
from django.db.models import Q

from reputation.models.number import Number


class EvidenceBucket(models.Model):
    """What one network, day, group of newcomers or import source has contributed to a number.

    Saturation needs it (scoring.evidence.Bucket); it can be rebuilt from the reports.
    """

    pk = models.CompositePrimaryKey("number_id", "side", "kind", "bucket")
    # No index of its own: the key begins with it. No constraint: buckets are only written beside
    # their number, under its lock.
    number = models.ForeignKey(
        Number,
        on_delete=models.CASCADE,
        related_name="buckets",
        db_index=False,
        db_constraint=False,
    )
    side = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    bucket = models.TextField()
    short = models.FloatField(help_text="Gathered log-odds that fade within weeks.")
    long = models.FloatField(help_text="Gathered log-odds that fade within a season.")
    at = models.DateTimeField(help_text="The moment for which both are valued.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(short__gte=0, long__gte=0), name="bucket_mass_not_negative"
            ),
            models.CheckConstraint(condition=Q(side__in=[0, 1]), name="bucket_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number_id}:{self.side}:{self.kind}:{self.bucket}"


class Chapter(models.Model):
    """A run of consecutive reports and complaints of a number, in the order of the fold
    (counting.chapters).

    Only for numbers with more than one chapter; it can be rebuilt from the reports.
    """

    pk = models.CompositePrimaryKey("number_id", "chapter")
    number = models.ForeignKey(
        Number,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    chapter = models.IntegerField(help_text="Position of the chapter, from 0.")
    own = models.JSONField(help_text="The evidence of this chapter alone (chapters.Part).")
    before = models.JSONField(
        null=True, help_text="The evidence of all earlier chapters; stored for some chapters only."
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number_id}:{self.chapter}"


class ChapterBucket(models.Model):
    """What a bucket of evidence held at the beginning of a chapter that changed it.

    `at` is empty if there was no such bucket yet.
    """

    pk = models.CompositePrimaryKey("number_id", "side", "kind", "bucket", "chapter")
    number = models.ForeignKey(
        Number,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    side = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    bucket = models.TextField()
    chapter = models.IntegerField()
    short = models.FloatField()
    long = models.FloatField()
    at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number_id}:{self.side}:{self.kind}:{self.bucket}:{self.chapter}"
