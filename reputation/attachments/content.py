"""Content in the store: saved once under its SHA-256, and dropped with its last use.

Logs of reports and files of disputes (reputation.models.StoredFile) name content; their rows come
after it and go before it, so that none ever lacks its content.
"""

import hashlib
import logging
import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Unpack

from django.core.files.storage import storages
from django.db import transaction
from django.utils.translation import gettext as _

from reputation.attachments import quotas
from reputation.attachments.drafts import (
    EXTENSIONS,
    Content,
    Draft,
    StorageUnavailable,
    guarded,
)
from reputation.models import (
    DisputeFile,
    EvidenceEntry,
    Number,
    Report,
    Reporter,
    StoredFile,
    take_turn,
)
from reputation.moderation import By, record, require_reason

logger = logging.getLogger(__name__)

# A file without an entry is left alone for so long: its upload may be under way.
ORPHAN_AFTER = timedelta(days=1)
# The folders of content and drafts; others, such as the list of erasures, are not ours to sweep.
_OURS = re.compile(r"[0-9a-f]{2}|\.drafts")


def require_space(size: int, *, now: datetime) -> None:
    """Raises StorageUnavailable, with a line in the log, unless `size` more bytes may be kept."""
    if lacking := quotas.evidence_lacks(size, now=now):
        logger.error("evidence is refused: %s is used up. Make room, or change it.", lacking)
        raise _no_room()


def require_share(report: Report, reporter: Reporter, size: int, *, now: datetime) -> None:
    """Takes `size` bytes of what new accounts of a network may store in a day. Raises
    StorageUnavailable, with a line in the log."""
    if not quotas.take_share(report, reporter, size, now=now):
        logger.warning("evidence is refused: new accounts of a network have stored a day's share")
        raise _no_room()


def _no_room() -> StorageUnavailable:
    return StorageUnavailable(
        _("There is no room for evidence now. Nothing was recorded: try again later.")
    )


def save(draft: Draft) -> None:
    """Stores the content of a finished draft, before a row names it. Raises StorageUnavailable.

    A row without content would be a false record, while content without a row is only a file that
    no request can reach.
    """
    with guarded("save a file"):
        storages["evidence"].save(storage_name(draft.sha256), draft.content)


def secure(draft: Draft) -> None:
    """Stores the content again if it is gone, and keeps it until this transaction ends, in which a
    row will name it. Another sender of the same content may have had it erased a moment ago.

    Raises StorageUnavailable.
    """
    take_turn(draft.sha256)
    with guarded("save a file"):
        if not storages["evidence"].exists(storage_name(draft.sha256)):
            draft.content.seek(0)
            storages["evidence"].save(storage_name(draft.sha256), draft.content)


def open_own(entry: StoredFile) -> Content:
    """The content of a file that the reader may see, as the caller has checked.

    The caller closes it. Raises StorageUnavailable.
    """
    with guarded("open a file"):
        file: Content = storages["evidence"].open(storage_name(entry.sha256))
    return file


def open_on_record(
    entry: StoredFile,
    *,
    number: Number,
    report: Report | None = None,
    after: dict[str, Any],
    **by: Unpack[By],
) -> Content:
    """A file for a moderator; the reading goes on the record. The caller closes it.

    Raises ReasonMissing, StorageUnavailable.
    """
    require_reason(by["reason"])
    file = open_own(entry)
    try:
        record(verb="open_evidence", number=number, report=report, after=after, **by)
    except BaseException:
        file.close()
        raise
    return file


def is_whole(entry: StoredFile) -> bool:
    """Whether the content is there, and what it was. Reads it. Raises StorageUnavailable."""
    with guarded("read a file"):
        try:
            with storages["evidence"].open(storage_name(entry.sha256)) as file:
                digest = hashlib.sha256()
                for chunk in file.chunks():
                    digest.update(chunk)
                return digest.hexdigest() == entry.sha256
        except FileNotFoundError:
            return False


def sweep(*, since: datetime, now: datetime) -> None:
    """Drops again the files that were erased since, and those that never came into a log: a process
    may have been killed in between. Drafts and orphans younger than ORPHAN_AFTER stay."""
    recent = EvidenceEntry.objects.filter(erased_at__gte=since)
    drop_files(recent.values_list("sha256", flat=True).distinct())
    storage = storages["evidence"]
    try:
        folders, _files = storage.listdir("")
    except FileNotFoundError:
        return  # nothing is stored yet
    for folder in filter(_OURS.fullmatch, folders):
        names = storage.listdir(folder)[1]
        for name in set(names) - _used(names):
            if storage.get_modified_time(f"{folder}/{name}") >= now - ORPHAN_AFTER:
                continue
            if storage_name(name) == f"{folder}/{name}":
                drop_files([name])
            else:
                storage.delete(f"{folder}/{name}")


def drop_files(hashes: Iterable[str]) -> None:
    """Deletes content that no row names any more. Raises StorageUnavailable."""
    for sha256 in hashes:
        with transaction.atomic():
            take_turn(sha256)
            if not _used([sha256]):
                with guarded("delete a file"):
                    storages["evidence"].delete(storage_name(sha256))


def _used(hashes: Collection[str]) -> set[str]:
    """The contents among these that a report or a dispute has."""
    rows = (
        EvidenceEntry.objects.filter(sha256__in=hashes, erased_at=None),
        DisputeFile.objects.filter(sha256__in=hashes),
    )
    return {sha256 for each in rows for sha256 in each.values_list("sha256", flat=True)}


def download_name(entry: StoredFile) -> str:
    """The file name of a download. The sender's own name for the file may reveal too much."""
    return f"evidence-{entry.sha256[:12]}{EXTENSIONS[entry.media_type]}"


def storage_name(sha256: str) -> str:
    """The path of content in the storage. 256 folders keep each folder small."""
    return f"{sha256[:2]}/{sha256}"
