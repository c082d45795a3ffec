"""Files that the holder adds to a dispute: a contract for the number, a register, a bill.

They may be added once the code came back, so that strangers store nothing here, and until the
decision. Only moderators read them, on record: whoever has the dispute's id may forward it, and the
files say more of a person than the dispute's words.
"""

import uuid
from datetime import datetime
from typing import Final, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from reputation.attachments import (
    Content,
    Draft,
    EvidenceFull,
    EvidenceNotFound,
    EvidenceQuotaUsed,
    content,
    quotas,
)
from reputation.disputes.codes import DisputeError
from reputation.disputes.opening import find_dispute
from reputation.models import Dispute, DisputeFile
from reputation.moderation import By
from reputation.privacy import retention

FILES_KEPT: Final = retention.DISPUTE_FILES.kept


class FilesClosed(DisputeError):
    """The dispute takes no files: the code did not come back yet, or a moderator has decided."""


def check_room(*, public_id: uuid.UUID, now: datetime) -> None:
    """Checks, before a client sends a file for nothing, whether the dispute could take one more.

    Raises DisputeNotFound, FilesClosed, EvidenceFull, EvidenceQuotaUsed, StorageUnavailable.
    """
    _require_room(find_dispute(public_id=public_id), 1, now)


def add_file(*, public_id: uuid.UUID, draft: Draft, now: datetime) -> tuple[DisputeFile, bool]:
    """Adds a finished draft to an open dispute or appeal; returns the file, and whether it is new.

    The same content again changes nothing. Raises DisputeNotFound, FilesClosed, EvidenceFull,
    EvidenceQuotaUsed, StorageUnavailable.
    """
    dispute = find_dispute(public_id=public_id)
    if known := dispute.files.filter(sha256=draft.sha256).first():
        return known, False
    _require_room(dispute, draft.size, now)
    content.save(draft)
    return _enter(dispute, draft, now)


@transaction.atomic
def _enter(found: Dispute, draft: Draft, now: datetime) -> tuple[DisputeFile, bool]:
    dispute = Dispute.objects.select_for_update(no_key=True).get(pk=found.pk)
    if known := dispute.files.filter(sha256=draft.sha256).first():
        return known, False
    _require_room(dispute, draft.size, now)
    content.secure(draft)
    last = dispute.files.aggregate(last=Max("position"))["last"] or 0
    added = DisputeFile.objects.create(
        dispute=dispute,
        position=last + 1,
        sha256=draft.sha256,
        size=draft.size,
        media_type=draft.media_type,
        name=draft.name,
        added_at=now,
    )
    return added, True


def files_of(dispute: Dispute) -> QuerySet[DisputeFile]:
    """The files of a dispute, in the order in which they came."""
    return dispute.files.order_by("position")


@transaction.atomic
def remove_file(*, public_id: uuid.UUID, sha256: str) -> None:
    """The holder takes a file back before the decision, one sent by mistake for instance.

    A file that is not there is no error. Raises DisputeNotFound, FilesClosed.
    """
    find_dispute(public_id=public_id)
    dispute = Dispute.objects.select_for_update(no_key=True).get(public_id=public_id)
    _require_open(dispute)
    _drop(dispute.files.filter(sha256=sha256))


def open_file(*, dispute: Dispute, sha256: str, **by: Unpack[By]) -> tuple[DisputeFile, Content]:
    """A file for a moderator; the reading goes on the record. The caller closes it.

    Raises ReasonMissing, EvidenceNotFound, StorageUnavailable.
    """
    entry = dispute.files.filter(sha256=sha256).first()
    if entry is None:
        raise EvidenceNotFound(_("The dispute has no such file."))
    after = {"dispute": str(dispute.public_id), "position": entry.position, "sha256": sha256}
    return entry, content.open_on_record(entry, number=dispute.number, after=after, **by)


def verify_files(dispute: Dispute) -> list[str]:
    """The faults of a dispute's files, a sentence each. Reads them. Raises StorageUnavailable."""
    return [
        f"The file {file.position} is missing or was changed."
        for file in files_of(dispute)
        if not content.is_whole(file)
    ]


@transaction.atomic
def forget_files(disputes: QuerySet[Dispute]) -> int:
    """Erases the files of these disputes; the content goes once this is committed, unless somebody
    else sent it too. Returns how many files these were."""
    return _drop(DisputeFile.objects.filter(dispute__in=disputes))


def forget_old_files(*, now: datetime) -> int:
    """Erases the files of disputes that are over: decided, and so the appeal, FILES_KEPT ago."""
    over = Q(decided_at__lte=now - FILES_KEPT)
    appealed = Dispute.objects.filter(appeal_of__isnull=False).exclude(over).values("appeal_of")
    return forget_files(Dispute.objects.filter(over).exclude(pk__in=appealed))


def _drop(files: QuerySet[DisputeFile]) -> int:
    hashes = sorted(set(files.values_list("sha256", flat=True)))
    count, _each = files.delete()
    if hashes:
        transaction.on_commit(lambda: content.drop_files(hashes))
    return count


def _require_open(dispute: Dispute) -> None:
    if dispute.status != Dispute.Status.OPEN:
        raise FilesClosed(
            _("Files can be added once the code came back, until a moderator decides.")
        )


def _require_room(dispute: Dispute, size: int, now: datetime) -> None:
    _require_open(dispute)
    if dispute.files.count() >= settings.EVIDENCE_MAX_FILES:
        raise EvidenceFull(
            _(
                "A dispute takes %d files, and this one has them. Put what belongs together into "
                "one file, such as a PDF."
            )
            % settings.EVIDENCE_MAX_FILES
        )
    case = Dispute.objects.filter(Q(pk=dispute.pk) | Q(pk=dispute.appeal_of_id))
    kept, most = quotas.of_case(list(case.values_list("pk", flat=True)))
    if kept + size > most:
        raise EvidenceQuotaUsed(
            _("A dispute may store %d MB of files. This file does not fit: send a smaller copy.")
            % (most // 1_000_000)
        )
    content.require_space(size, now=now)
