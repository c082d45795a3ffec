from typing import ClassVar

from django.db import models
from django.db.models import Q

NO_ENTRY = "0" * 64
HEX = r"^[0-9a-f]{64}$"


class EvidenceQuerySet(models.QuerySet["EvidenceEntry"]):
    def in_order(self) -> "EvidenceQuerySet":
        return self.order_by("report_id", "position")


class StoredFile(models.Model):
    """Facts about a file that somebody sent. The content is stored once, under its SHA-256."""

    position = models.SmallIntegerField(help_text="Position among the files, from 1.")
    sha256 = models.CharField(max_length=64, help_text="SHA-256 of the content, in hex.")
    size = models.BigIntegerField(help_text="Size in bytes.")
    media_type = models.CharField(
        max_length=40, help_text="Media type of the content, not guessed from the name."
    )
    name = models.TextField(
        blank=True, help_text="File name that the sender gave; only the sender sees it."
    )
    added_at = models.DateTimeField()

    class Meta:
        abstract = True


class EvidenceEntry(StoredFile):
    """One file added to a report. Permanent: the database refuses to change or delete it.

    The only exception is erasure (reputation.rights). It empties `name` and sets `erased_at`; the
    hashes stay, so that the chain still shows what was there and when.

    A report's entries form a chain: each digest covers the previous digest, so no entry can be
    changed, dropped or inserted later without breaking every later one
    (reputation.attachments.digest_of).
    """

    report = models.ForeignKey(
        "reputation.Report", on_delete=models.PROTECT, related_name="evidence"
    )
    previous = models.CharField(
        max_length=64, help_text="Digest of the previous entry; zeros for the first."
    )
    digest = models.CharField(max_length=64)
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="When the file and its name were erased."
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


class DisputeFile(StoredFile):
    """One file that a holder added to a dispute. It is deleted some time after the end of the
    dispute."""

    dispute = models.ForeignKey(
        "reputation.Dispute", on_delete=models.CASCADE, related_name="files"
    )

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["dispute", "position"], name="dispute_file_in_order"),
            models.UniqueConstraint(fields=["dispute", "sha256"], name="dispute_file_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex=HEX, size__gt=0, position__gt=0),
                name="dispute_file_has_content",
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="dispute_file_by_content")]

    def __str__(self) -> str:
        return f"{self.dispute_id}:{self.position} {self.sha256[:12]}"
