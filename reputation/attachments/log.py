"""The log of files that a reporter adds to a report as evidence: stored, chained, verified.

A file is stored unchanged, with all metadata that a camera wrote into it: altered evidence is
worthless. That is why only its reporter, and moderators on the record, may read it.
"""

import hashlib
import json
import logging
import re
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from typing import Any

import puremagic
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils.translation import gettext as _

from reputation.attachments import quotas
from reputation.models import NO_ENTRY, EvidenceEntry, Report, Reporter
from reputation.moderation import record, require_reason
from reputation.reports import ReporterBlocked, find_report

logger = logging.getLogger(__name__)

# puremagic's name of a kind of file → our media type. Its first guess in this table counts; other
# kinds are no evidence. Phones name their call recordings MP4 and 3GP too.
BINARY_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".heif": "image/heic",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".mp1": "audio/mpeg",  # puremagic's name for two of the four kinds of MP3 frame
    ".aac": "audio/aac",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".3gp": "video/3gpp",
    ".3ga": "video/3gpp",
    ".amr": "audio/amr",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
}
TEXT, MAIL = "text/plain", "message/rfc822"
# Media type → extension of the downloaded file.
EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "audio/amr": ".amr",
    "audio/ogg": ".ogg",
    TEXT: ".txt",
    MAIL: ".eml",
}
# Bytes that the kind of a file is recognised by.
HEAD = 4096
# Bytes that no text contains, as in the WHATWG's MIME sniffing standard: text in GB 18030 or ISO
# 2022 passes, programs and archives do not.
NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")  # UTF-16 announces itself, and holds NUL
NAME_LENGTH = 255
IN_MEMORY = 1_000_000
# A file without an entry is left alone for so long: its upload may be under way.
ORPHAN_AFTER = timedelta(days=1)
# The folders of content and drafts; others, such as the list of erasures, are not ours to sweep.
_OURS = re.compile(r"[0-9a-f]{2}|\.drafts")


type Content = File[bytes]


class EvidenceError(Exception):
    """A file was refused or does not exist. `field` names the part at fault, or is empty."""

    field = "file"


class EvidenceEmpty(EvidenceError):
    """The file is empty."""


class EvidenceTooLarge(EvidenceError):
    """The file is larger than settings.EVIDENCE_MAX_BYTES."""


class EvidenceTypeRefused(EvidenceError):
    """The content is of no accepted kind."""


class EvidenceErased(EvidenceError):
    """The file was in the log, and was erased."""


class EvidenceFull(EvidenceError):
    """The report already has settings.EVIDENCE_MAX_FILES files."""


class EvidenceQuotaUsed(EvidenceError):
    """The account has as much evidence as is kept of one."""


class EvidenceNotFound(EvidenceError):
    """The report has no such file."""

    field = ""


class StorageUnavailable(EvidenceError):
    """The storage is unreachable or full. Nothing was recorded."""

    field = ""


class Draft:
    """An incoming file: written chunk by chunk, hashed and checked on the way.

    Its content is in memory or in a file without a name, so that a killed process leaves nothing
    behind. Use it in a `with` block.
    """

    def __init__(self, *, name: str = "") -> None:
        self.name = "".join(filter(str.isprintable, name))[:NAME_LENGTH]
        self.size = 0
        self.media_type = ""
        self._hash = hashlib.sha256()
        self._head = b""
        self._spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *error: object) -> None:
        self._spool.close()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def content(self) -> Content:
        return File(self._spool)

    def write(self, chunk: bytes) -> None:
        """Adds a chunk. Refuses an unacceptable file as soon as its content shows it.

        Raises EvidenceTooLarge, EvidenceTypeRefused, StorageUnavailable.
        """
        self.size += len(chunk)
        if self.size > settings.EVIDENCE_MAX_BYTES:
            raise EvidenceTooLarge(
                _("The file has more than %d bytes. Send a smaller copy, or the part that matters.")
                % settings.EVIDENCE_MAX_BYTES
            )
        if not self.media_type:
            self._head += chunk
            if len(self._head) >= HEAD:
                self._tell()
        elif self.media_type in (TEXT, MAIL) and not self._head.startswith(WIDE_TEXT):
            _require_text(chunk)
        self._hash.update(chunk)
        with guarded("take a file in"):
            self._spool.write(chunk)

    def finish(self) -> None:
        """Ends the file after the last chunk. Raises EvidenceEmpty, EvidenceTypeRefused."""
        if self.size == 0:
            raise EvidenceEmpty(_("The file is empty. Choose another, or save it anew."))
        if not self.media_type:
            self._tell()
        self._spool.seek(0)

    def _tell(self) -> None:
        self.media_type = media_type_of(self._head[:HEAD])
        if self.media_type in (TEXT, MAIL) and not self._head.startswith(WIDE_TEXT):
            _require_text(self._head)


def media_type_of(head: bytes) -> str:
    """The media type, a key of EXTENSIONS, of a file that begins with `head` (HEAD bytes, or all).

    Raises EvidenceTypeRefused.
    """
    for guess in puremagic.magic_string(head):
        # A negative offset counts from the end, which the head need not contain.
        if guess.offset >= 0 and guess.extension in BINARY_TYPES:
            return BINARY_TYPES[guess.extension]
    if not head.startswith(WIDE_TEXT):
        _require_text(head)
        headers = BytesHeaderParser().parsebytes(head)
        if "From" in headers and ("Date" in headers or "Received" in headers):
            return MAIL
    return TEXT


def _require_text(chunk: bytes) -> None:
    if NOT_TEXT.search(chunk):
        raise EvidenceTypeRefused(
            _(
                "This is no kind of file that can be evidence here. Send a picture (PNG, JPEG, "
                "WebP, HEIC), a PDF, a recording (WAV, MP3, AAC, M4A, MP4, 3GP, AMR, Ogg), an "
                "e-mail (EML) or plain text such as a call log in CSV."
            )
        )


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
    # The content is saved before the entry: an entry without content would be a false record, while
    # content without an entry is only a file that no request can reach.
    with guarded("save a file"):
        storages["evidence"].save(storage_name(draft.sha256), draft.content)
    return _enter(report, draft, now)


@transaction.atomic
def _enter(report: Report, draft: Draft, now: datetime) -> Attachment:
    # One at a time for each report: the chain has one end. No other row is locked meanwhile.
    Report.objects.select_for_update(no_key=True).get(pk=report.pk)
    known = _find(report, draft.sha256)
    if known is not None:
        return _again(known)
    _lock_content(draft.sha256)
    with guarded("save a file"):
        # Who had sent the same content may just have had it erased.
        if not storages["evidence"].exists(storage_name(draft.sha256)):
            draft.content.seek(0)
            storages["evidence"].save(storage_name(draft.sha256), draft.content)
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
        transaction.on_commit(lambda: drop_files(hashes))
    return erased


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
        kept = set(EvidenceEntry.objects.filter(sha256__in=names).values_list("sha256", flat=True))
        for name in set(names) - kept:
            if storage.get_modified_time(f"{folder}/{name}") >= now - ORPHAN_AFTER:
                continue
            if storage_name(name) == f"{folder}/{name}":
                drop_files([name])
            else:
                storage.delete(f"{folder}/{name}")


def drop_files(hashes: Iterable[str]) -> None:
    """Deletes content that no entry has any more. Raises StorageUnavailable."""
    for sha256 in hashes:
        with transaction.atomic():
            _lock_content(sha256)
            if not EvidenceEntry.objects.filter(sha256=sha256, erased_at=None).exists():
                with guarded("delete a file"):
                    storages["evidence"].delete(storage_name(sha256))


def _lock_content(sha256: str) -> None:
    """Nobody else adds or drops a file of this content until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])


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
    return entry, _open(entry)


def open_evidence(
    *, actor: User, report: Report, sha256: str, reason: str, now: datetime
) -> tuple[EvidenceEntry, Content]:
    """A file of any report for a moderator; the reading goes on the record. The caller closes it.

    Raises ReasonMissing, EvidenceNotFound, StorageUnavailable.
    """
    require_reason(reason)
    entry = _require_entry(report, sha256)
    file = _open(entry)
    try:
        record(
            actor=actor,
            verb="open_evidence",
            reason=reason,
            now=now,
            number=report.number,
            report=report,
            after={"position": entry.position, "sha256": entry.sha256},
        )
    except BaseException:
        file.close()
        raise
    return entry, file


def open_own(entry: EvidenceEntry) -> Content:
    """The file of an entry that the reader may see, as the caller has checked.

    The caller closes it. Raises StorageUnavailable.
    """
    return _open(entry)


def verify_evidence(report: Report) -> list[str]:
    """The faults of a report's log and its files, a sentence each; empty when there is none.

    Of an erased entry the name is gone, so that its digest cannot be worked out: its place in the
    chain is checked.

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
            if _stored_hash(entry) != entry.sha256:
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


def download_name(entry: EvidenceEntry) -> str:
    """The file name of a download. The reporter's own name for the file may reveal too much."""
    return f"evidence-{entry.sha256[:12]}{EXTENSIONS[entry.media_type]}"


def storage_name(sha256: str) -> str:
    """The path of content in the storage. 256 folders keep each folder small."""
    return f"{sha256[:2]}/{sha256}"


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
                "Of one account %d MB of evidence are kept, more once it is a month old. This file "
                "does not fit in: send a smaller copy."
            )
            % (most // 1_000_000)
        )
    if lacking := quotas.evidence_lacks(size, now=now):
        logger.error("evidence is refused: %s is used up. Make room, or change it.", lacking)
        raise StorageUnavailable(
            _("There is no room for evidence now. Nothing was recorded: try again later.")
        )


def _open(entry: EvidenceEntry) -> Content:
    with guarded("open a file"):
        file: Content = storages["evidence"].open(storage_name(entry.sha256))
    return file


def _stored_hash(entry: EvidenceEntry) -> str:
    with guarded("read a file"):
        try:
            with storages["evidence"].open(storage_name(entry.sha256)) as file:
                digest = hashlib.sha256()
                for chunk in file.chunks():
                    digest.update(chunk)
                return digest.hexdigest()
        except FileNotFoundError:
            return ""


@contextmanager
def guarded(purpose: str) -> Iterator[None]:
    """Turns any exception of a storage into StorageUnavailable: they share no base class."""
    try:
        yield
    except Exception as error:
        logger.exception("evidence storage could not %s", purpose)
        raise StorageUnavailable(
            _("Evidence can be neither stored nor read now. Nothing was recorded: try again later.")
        ) from error
