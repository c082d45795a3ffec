"""Quotas of storage, in bytes: evidence by account, by network and in all, messages, free space.

Sums in all are counted once a minute in each process, so that they can be passed by what comes
within a minute; the rate limits bound that.
"""

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet, Sum

from edge import look, spend
from reputation.models import DisputeFile, EvidenceEntry, Report, Reporter, account_age
from reputation.scoring import trust


@dataclass(frozen=True, slots=True)
class DayShare:
    """How many bytes of one kind everybody in a network may store in a day. They are counted in the
    cache, so not while it is away."""

    of: str
    most: int

    def left(self, network: str) -> int:
        """How many bytes are left of the day's share."""
        usage = look(*self._counted(network))
        return self.most if usage is None else usage.remaining * 1_000

    def take(self, network: str, size: int) -> None:
        spend(*self._counted(network), times=1 + size // 1_000)

    def _counted(self, network: str) -> tuple[str, str, str]:
        return self.of, network, f"{self.most // 1_000}/d"


# Of new accounts: else whoever opens them could fill EVIDENCE_TOTAL_BYTES alone.
EVIDENCE_DAILY: Final = DayShare("evidence-bytes", 1_000_000_000)


def of_account(reporter: Reporter, *, now: datetime) -> tuple[int, int]:
    """Bytes of evidence that are kept of the reporter, and how many may be."""
    kept = _bytes(EvidenceEntry.objects.filter(report__reporter=reporter, erased_at=None))
    fresh = _is_fresh(reporter, now)
    most = settings.EVIDENCE_FRESH_BYTES if fresh else settings.EVIDENCE_ACCOUNT_BYTES
    return kept, most


def _is_fresh(reporter: Reporter, now: datetime) -> bool:
    return account_age(reporter.created_at, reporter.vouched_at, now) < trust.ESTABLISHED_DAYS


def take_share(report: Report, reporter: Reporter, size: int, *, now: datetime) -> bool:
    """Takes `size` bytes of the day's share that new accounts of the report's network have; False
    if less is left."""
    if not _is_fresh(reporter, now):
        return True
    if EVIDENCE_DAILY.left(report.network) <= size:
        return False
    EVIDENCE_DAILY.take(report.network, size)
    return True


def of_case(disputes: Collection[int]) -> tuple[int, int]:
    """Bytes of files that are kept of a dispute and its appeal (by id), and how many may be."""
    return _bytes(DisputeFile.objects.filter(dispute__in=disputes)), settings.EVIDENCE_FRESH_BYTES


def evidence_lacks(size: int, *, now: datetime) -> str:
    """The setting that keeps `size` more bytes of evidence from being kept, or nothing."""
    if _evidence(_minute(now)) + size > settings.EVIDENCE_TOTAL_BYTES:
        return "EVIDENCE_TOTAL_BYTES"
    return "" if has_space(size) else "DISK_RESERVE_BYTES"


def messages_fit(*, now: datetime) -> bool:
    """Whether one more message may be kept."""
    return _messages(_minute(now)) < settings.MESSAGES_TOTAL_BYTES


def has_space(size: int = 0) -> bool:
    """Whether DISK_RESERVE_BYTES stay free where files are kept, after `size` more bytes."""
    free = (shutil.disk_usage(folder).free for folder in _folders())
    return all(bytes_ - size >= settings.DISK_RESERVE_BYTES for bytes_ in free)


def can_write() -> bool:
    """Whether files can be written where they are kept: a file system with errors becomes
    read-only, folders can belong to another account, and the account's own quota can be used up,
    which lets it make empty files."""
    try:
        for folder in _folders():
            with TemporaryFile(dir=folder, buffering=0) as file:
                file.write(b"x")
    except OSError:
        return False
    return True


def _folders() -> Iterator[Path]:
    """The folder of the files, or its nearest existing parent."""
    for folder in (settings.DATA_DIR, settings.EVIDENCE_DIR, settings.FEEDS_DIR):
        yield next(one for one in (folder, *folder.parents) if one.exists())


def _minute(now: datetime) -> int:
    return int(now.timestamp() // 60)


@lru_cache(maxsize=1)
def _evidence(_minute: int) -> int:
    return _bytes(EvidenceEntry.objects.filter(erased_at=None)) + _bytes(DisputeFile.objects.all())


def _bytes(files: "QuerySet[EvidenceEntry] | QuerySet[DisputeFile]") -> int:
    return int(files.aggregate(sum=Sum("size"))["sum"] or 0)


@lru_cache(maxsize=1)
def _messages(_minute: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(octet_length(sealed)), 0) FROM reputation_intakemessage"
        )
        return int(cursor.fetchone()[0])
