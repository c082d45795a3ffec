from typing import ClassVar

from django.db import models
from django.db.models import Q

NO_ENTRY = "0" * 64
HEX = r"^[0-9a-f]{64}$"


class EvidenceQuerySet(models.QuerySet["EvidenceEntry"]):
    def in_order(self) -> "EvidenceQuerySet":
        return self.order_by("report_id", "position")


class EvidenceEntry(models.Model):
    """One file added to a report, for good: the database refuses to change or delete it.

    One change is lawful: erasing (reputation.rights). It empties `name` and sets `erased_at`; the
    hashes stay, so that the chain goes on to show what was there and when.

    A report's entries form a chain: each digest covers the previous digest, so no entry can be
    changed, dropped or inserted later without breaking every later one
    (reputation.attachments.digest_of). The content is stored once, under its SHA-256.
    """

    report = models.ForeignKey(
        "reputation.Report", on_delete=models.PROTECT, related_name="evidence"
    )
    position = models.SmallIntegerField(help_text="Place in the report's log: 1, 2, 3 …")
    sha256 = models.CharField(max_length=64, help_text="Of the content, in hex.")
    size = models.BigIntegerField(help_text="Bytes.")
    media_type = models.CharField(max_length=40, help_text="From the content, not from its name.")
    name = models.TextField(
        blank=True, help_text="As the reporter called it; shown to nobody else."
    )
    added_at = models.DateTimeField()
    previous = models.CharField(max_length=64, help_text="Digest of the entry before, or zeros.")
    digest = models.CharField(max_length=64)
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="When its file and its name were erased."
    )

    objects: ClassVar[models.Manager["EvidenceEntry"]] = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="evidence_position_unique"),
            models.UniqueConstraint(fields=["report", "sha256"], name="evidence_once_per_report"),
            models.UniqueConstraint(fields=["report", "previous"], name="evidence_never_forks"),
            models.CheckConstraint(
                condition=Q(position=1, previous=NO_ENTRY)
                | (Q(position__gt=1) & ~Q(previous=NO_ENTRY)),
                name="evidence_begins_with_zeros",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=HEX, previous__regex=HEX, digest__regex=HEX),
                name="evidence_hashes_are_hex",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="evidence_not_empty"),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(name=""), name="evidence_erased_with_its_name"
            ),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="evidence_by_content"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}:{self.position} {self.sha256[:12]}"
