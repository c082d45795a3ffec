"""The log of files that a reporter adds to a report as evidence: stored, chained, verified.

A file is stored unchanged, with all metadata that a camera wrote into it: altered evidence is
worthless. That is why only its reporter, and moderators on the record, may read it.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Unpack

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from reputation.attachments import content, quotas
from reputation.attachments.drafts import (
    Content,
    Draft,
    EvidenceErased,
    EvidenceFull,
    EvidenceNotFound,
    EvidenceQuotaUsed,
)
from reputation.models import NO_ENTRY, EvidenceEntry, Report, Reporter, take_turn, use_voice
from reputation.moderation import By
from reputation.reports import ReporterBlocked, find_report


@dataclass(frozen=True, slots=True)
class Attachment:
    """`created`: this content was not in the report's log before."""

    entry: EvidenceEntry
    created: bool


def check_room(*, reporter: Reporter, public_id: uuid.UUID, now: datetime) -> None:
    """Checks, before a client sends a file for nothing, whether the report could take one more.

    Raises ReportNotFound, ReporterBlocked, EvidenceFull, EvidenceQuotaUsed, StorageUnavailable.
    """
    report = _own(reporter, public_id)
    _require_bytes(reporter, 1, now)
    _require_room(EvidenceEntry.objects.filter(report=report).count())


def attach_evidence(
    *, reporter: Reporter, public_id: uuid.UUID, draft: Draft, now: datetime
) -> Attachment:
    """Stores a finished draft and enters it in the log of the reporter's own report.

    A repetition of stored content is no error and changes nothing. Withdrawn and rejected reports
    take evidence too: their reporters may still complain or appeal. Raises ReportNotFound,
    ReporterBlocked, EvidenceFull, EvidenceQuotaUsed, StorageUnavailable.
    """
    report = _own(reporter, public_id)
    known = _find(report, draft.sha256)
    if known is not None:
        return _again(known)
    _require_room(EvidenceEntry.objects.filter(report=report).count())
    _require_bytes(reporter, draft.size, now)
    content.require_share(report, reporter, draft.size, now=now)
    content.save(draft)
    return _enter(reporter, report, draft, now)


@transaction.atomic
def _enter(reporter: Reporter, report: Report, draft: Draft, now: datetime) -> Attachment:
    use_voice(reporter.pk)
    find_report(reporter=reporter, public_id=report.public_id)  # who was erased meanwhile has none
    take_turn(f"evidence {reporter.pk}")  # all files of an account share its quota
    # One at a time for each report: the chain has one end. No other row is locked meanwhile.
    Report.objects.select_for_update(no_key=True).get(pk=report.pk)
    known = _find(report, draft.sha256)
    if known is not None:
        return _again(known)
    _require_bytes(reporter, draft.size, now)
    content.secure(draft)
    last = EvidenceEntry.objects.filter(report=report).order_by("-position").first()
    position = last.position + 1 if last else 1
    _require_room(position - 1)
    entry = EvidenceEntry(
        report=report,
        position=position,
        sha256=draft.sha256,
        size=draft.size,
        media_type=draft.media_type,
        name=draft.name,
        added_at=now,
        previous=last.digest if last else NO_ENTRY,
    )
    entry.digest = digest_of(entry)
    entry.save(force_insert=True)
    return Attachment(entry, created=True)


def _again(known: EvidenceEntry) -> Attachment:
    if known.erased_at is not None:
        raise EvidenceErased(_("This file was erased from this report and is not taken again."))
    return Attachment(known, created=False)


@transaction.atomic
def erase_evidence(reports: Sequence[int], *, now: datetime) -> int:
    """Erases the files of these reports (by id), which say themselves when they were erased.

    The entries keep their hashes and lose their names. A file goes once this is committed, unless
    an entry of somebody else's report has the same content. Returns how many entries these were.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT reputation_erase_evidence(%s, %s)", [list(reports), now])
        hashes = sorted({row[0] for row in cursor.fetchall()})
        erased: int = cursor.rowcount
    if hashes:
        transaction.on_commit(lambda: content.drop_files(hashes))
    return erased


def list_evidence(*, reporter: Reporter, public_id: uuid.UUID) -> list[EvidenceEntry]:
    """The log of the reporter's own report, oldest first. Raises ReportNotFound."""
    report = find_report(reporter=reporter, public_id=public_id)
    return _log(report)


def read_evidence(
    *, reporter: Reporter, public_id: uuid.UUID, sha256: str
) -> tuple[EvidenceEntry, Content]:
    """A file of the reporter's own report. The caller closes it.

    Raises ReportNotFound, EvidenceNotFound, StorageUnavailable.
    """
    report = find_report(reporter=reporter, public_id=public_id)
    entry = _require_entry(report, sha256)
    return entry, content.open_own(entry)


def open_evidence(
    *, report: Report, sha256: str, **by: Unpack[By]
) -> tuple[EvidenceEntry, Content]:
    """A file of any report for a moderator; the reading goes on the record. The caller closes it.

    Raises ReasonMissing, EvidenceNotFound, StorageUnavailable.
    """
    entry = _require_entry(report, sha256)
    after = {"position": entry.position, "sha256": sha256}
    return entry, content.open_on_record(
        entry, number=report.number, report=report, after=after, **by
    )


def verify_evidence(report: Report) -> list[str]:
    """The faults of a report's log and its files, a sentence each; empty when there is none.

    An erased entry has lost its name, so its digest cannot be computed; only its place in the chain
    is checked.

    Reads every file. Raises StorageUnavailable when the storage answers with an error.
    """
    faults = []
    previous = NO_ENTRY
    for place, entry in enumerate(_log(report), 1):
        if (entry.position, entry.previous) != (place, previous):
            faults.append(f"Entry {entry.position} does not follow the entry before it.")
        if entry.erased_at is None:
            if entry.digest != digest_of(entry):
                faults.append(f"Entry {entry.position} was changed: its digest does not fit.")
            if not content.is_whole(entry):
                faults.append(f"The file of entry {entry.position} is missing or was changed.")
        previous = entry.digest
    return faults


def entry_fields(entry: EvidenceEntry) -> dict[str, Any]:
    """The fields that an entry's digest covers. Times to the microsecond, in UTC."""
    return {
        "report": str(entry.report.public_id),
        "position": entry.position,
        "sha256": entry.sha256,
        "size": entry.size,
        "type": entry.media_type,
        "name": entry.name,
        "added_at": _moment(entry.added_at),
        "previous": entry.previous,
    }


def shown_fields(entry: EvidenceEntry) -> dict[str, Any]:
    """An entry as its reporter and packs have it: with its digest, and when it was erased."""
    shown = entry_fields(entry) | {"digest": entry.digest}
    if entry.erased_at is not None:
        shown["erased_at"] = _moment(entry.erased_at)
    return shown


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest_of(entry: EvidenceEntry) -> str:
    """SHA-256 in hex of the record as JSON: keys sorted, no spaces, ASCII with \\u escapes.

    A few lines of standard library can verify a log this way: docs/guide/evidence.md.
    """
    text = json.dumps(entry_fields(entry), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _own(reporter: Reporter, public_id: uuid.UUID) -> Report:
    report = find_report(reporter=reporter, public_id=public_id)
    if reporter.blocked_at is not None:
        raise ReporterBlocked(
            _(
                "Evidence from this reporter is no longer accepted. Write to the moderators to "
                "appeal."
            )
        )
    return report


def _log(report: Report) -> list[EvidenceEntry]:
    entries = EvidenceEntry.objects.filter(report=report).select_related("report")
    return list(entries.order_by("position"))


def _find(report: Report, sha256: str) -> EvidenceEntry | None:
    entries = EvidenceEntry.objects.filter(report=report, sha256=sha256)
    return entries.select_related("report").first()


def _require_entry(report: Report, sha256: str) -> EvidenceEntry:
    entry = _find(report, sha256)
    if entry is None:
        raise EvidenceNotFound(
            _("The report has no such file. Its list of evidence has the SHA-256 of each.")
        )
    if entry.erased_at is not None:
        raise EvidenceNotFound(
            _("This file was erased on %s. The log keeps its SHA-256.")
            % entry.erased_at.astimezone(UTC).strftime("%Y-%m-%d")
        )
    return entry


def _require_room(taken: int) -> None:
    if taken >= settings.EVIDENCE_MAX_FILES:
        raise EvidenceFull(
            _(
                "A report takes %d files, and this one has them. Put what belongs together into "
                "one file, such as a PDF."
            )
            % settings.EVIDENCE_MAX_FILES
        )


def _require_bytes(reporter: Reporter, size: int, now: datetime) -> None:
    kept, most = quotas.of_account(reporter, now=now)
    if kept + size > most:
        raise EvidenceQuotaUsed(
            _(
                "An account may store %d MB of evidence, and more once it is a month old. This "
                "file does not fit: send a smaller copy."
            )
            % (most // 1_000_000)
        )
    content.require_space(size, now=now)
