from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from reputation.models.number import ACTIONS, STATUSES
from reputation.scoring import Action


class FeedChange(models.Model):
    """One change of a number's public state. Written and read by reputation.feeds.log.

    A row is written without a cursor, in the transaction that changes the number. After the commit,
    sequencing gives it the next cursor: 1, 2, 3 … without a gap.
    """

    cursor = models.BigIntegerField(null=True, blank=True)
    key = models.TextField(help_text="The number's canonical identity.")
    bucket = models.IntegerField(
        help_text="First 16 bits of the SHA-256 of the number's block (reputation.feeds.blocks)."
    )
    previous = models.CharField(max_length=5, help_text="The action before this change.")
    action = models.CharField(max_length=5)
    category = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=10)
    score = models.SmallIntegerField()
    campaign = models.CharField(
        max_length=16,
        blank=True,
        default="",
        db_default="",
        help_text="Key of the campaign that listed the number; usually empty.",
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Its index also finds the rows without a cursor.
            models.UniqueConstraint(fields=["cursor"], name="feed_cursor_unique"),
            models.CheckConstraint(condition=Q(cursor__gte=1), name="feed_cursor_positive"),
            models.CheckConstraint(
                condition=Q(bucket__gte=0, bucket__lt=65_536), name="feed_bucket_16_bits"
            ),
            models.CheckConstraint(
                condition=Q(action__in=ACTIONS, previous__in=ACTIONS), name="feed_action_known"
            ),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="feed_status_known"),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=100), name="feed_score_percent"
            ),
        ]
        indexes = [
            models.Index(fields=["bucket"], name="feed_by_bucket"),
            # Rows are stored in order of time, so one index entry for 32 pages is precise enough.
            BrinIndex(
                fields=["changed_at"], name="feed_lately", pages_per_range=32, autosummarize=True
            ),
            # Blocks that ended, perhaps by a decision (moderation.figures).
            models.Index(
                fields=["changed_at"],
                name="feed_unblocked",
                condition=Q(previous=Action.BLOCK.value),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cursor} {self.key} {self.action}"


class FeedHead(models.Model):
    """The log's two ends, in one row. A process that moves one of them holds the row's lock."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    cursor = models.BigIntegerField(default=0, help_text="The last cursor assigned.")
    horizon = models.BigIntegerField(
        default=0, help_text="The earliest cursor after which every change is stored."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="feed_head_is_one_row"),
            models.CheckConstraint(
                condition=Q(horizon__gte=0, horizon__lte=F("cursor")),
                name="feed_horizon_not_ahead",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.horizon}..{self.cursor}"


class FeedChecksum(models.Model):
    """A computed checksum, kept as a cache: it follows from the log
    (reputation.feeds.checksums)."""

    cursor = models.BigIntegerField(primary_key=True)
    checksum = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.cursor}: {bytes(self.checksum).hex()}"


class BucketSize(models.Model):
    """To how many entries private buckets are filled, by length of prefix."""

    length = models.SmallIntegerField(
        primary_key=True, help_text="Length of the prefix in hexadecimal digits."
    )
    numbers = models.IntegerField()
    ranges = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(numbers__gte=1, ranges__gte=1), name="bucket_size_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.length}: {self.numbers} + {self.ranges}"
