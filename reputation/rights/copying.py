"""A copy of all that is kept of a person, as a ZIP (GDPR articles 15 and 20, PIPL article 45)."""

import base64
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q

from reputation import attachments
from reputation.disputes import contact_of, files_of
from reputation.models import (
    Complaint,
    Dispute,
    EvidenceEntry,
    IntakeMessage,
    IntakeSender,
    LinkCode,
    Note,
    OwnRule,
    Report,
    Reporter,
    StoredFile,
    VoiceLink,
)
from reputation.moderation import reasons
from reputation.privacy import unseal
from reputation.rights.data_subjects import DataSubject, disputes_of, voices_of

_REPORT = (
    *("public_id", "number__key", "status", "returns_as", "category", "conduct"),
    *("comment", "comment_public", "transcript", "transcript_public", "other_accounts"),
    *("hidden", "claimed_name", "callback_number", "channel", "attestation", "was_warned"),
    *("call_count", "occurred_at", "filed_at", "counted_at", "since", "network", "weight"),
    *("established", "first", "contribution", "credit", "erased_at"),
)
_CALL = ("at", "channel", "seconds", "conduct", "words", "imported", "noted_at")
_VOICE = (
    *("kind", "handle", "created_at", "tp", "fn", "tn", "fp", "firsts", "cluster", "vouched_at"),
    *("blocked_at", "crowd", "kept_fp", "kept_fn", "erased_on"),
)
_COMPLAINT = (
    *("public_id", "authority__slug", "language", "prepared_at", "status", "filed_at"),
    *("reference", "answered_at", "outcome", "manifests"),
)
_DISPUTE = (
    *("public_id", "number__key", "status", "grounds", "statement", "network", "via", "language"),
    *("opened_at", "verified_at", "deadline_at", "decided_at", "reason"),
)


def write_copy(
    to: IO[bytes],
    *,
    who: DataSubject,
    accounts: Collection[Mapping[str, Any]] = (),
    notes: bool = False,
    now: datetime,
) -> None:
    """Writes the ZIP: `data.json`, and in folders files and e-mails as they came.

    `accounts`: the data that the pages hold. `notes`: includes the notes of moderators about the
    person, as law may demand (docs/guide/privacy.md). Raises StorageUnavailable.
    """
    voices = voices_of(who.names)
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        data = {
            "made_at": now,
            "accounts": list(accounts),
            "voices": list(Reporter.objects.filter(pk__in=_ids(voices)).values(*_VOICE)),
            "links": list(
                VoiceLink.objects.filter(Q(into__in=voices) | Q(other__in=voices)).values(
                    "into__handle", "other__handle", "linked_at", "undone_at"
                )
            ),
            "link_codes": list(
                LinkCode.objects.filter(reporter__in=voices).values("issued_at", "redeemed_at")
            ),
            "senders": list(
                IntakeSender.objects.filter(reporter__in=voices).values(
                    "channel", "handle", "language", "first_seen_at", "stopped_at", "surplus"
                )
            ),
            "own_list": list(
                OwnRule.objects.filter(reporter__in=voices)
                .order_by("pk")
                .values("action", "pattern", "created_at")
            ),
            "reports": list(_reports(archive, voices)),
            "messages": list(_messages(archive, voices)),
            "complaints": list(
                Complaint.objects.filter(reporter__in=voices).order_by("pk").values(*_COMPLAINT)
            ),
            "disputes": list(_disputes(archive, who)),
        }
        if notes:
            data["notes"] = list(_notes(voices, who))
        text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        archive.writestr("data.json", text.encode("utf-8", "surrogatepass"))


def _ids(voices: Collection[Reporter]) -> list[int]:
    return [voice.pk for voice in voices]


def _reports(archive: ZipFile, voices: Collection[Reporter]) -> Iterator[dict[str, Any]]:
    for report in Report.objects.filter(reporter__in=voices).order_by("pk").values("pk", *_REPORT):
        pk = report.pop("pk")
        entries = EvidenceEntry.objects.filter(report=pk).select_related("report").in_order()
        files = []
        for entry in entries:
            shown = attachments.shown_fields(entry)
            if entry.erased_at is None:
                shown["file"] = _stored(archive, f"files/{report['public_id']}", entry)
            files.append(shown)
        revisions = Report(pk=pk).revisions.order_by("pk").values("at", "change", "content")
        calls = Report(pk=pk).calls.order_by("at").values(*_CALL)
        yield report | {"earlier": list(revisions), "calls": list(calls), "files": files}


def _stored(archive: ZipFile, folder: str, entry: StoredFile) -> str:
    """Copies a file into the folder, and returns its path there."""
    path = f"{folder}/{entry.position}-{attachments.download_name(entry)}"
    with attachments.open_own(entry) as file, archive.open(path, "w") as target:
        for chunk in file.chunks():
            target.write(chunk)
    return path


def _messages(archive: ZipFile, voices: Collection[Reporter]) -> Iterator[dict[str, Any]]:
    """Messages as they came and what was answered. Where their time is up, the words are gone."""
    for message in IntakeMessage.objects.filter(sender__reporter__in=voices).order_by("pk"):
        entry: dict[str, Any] = {
            "id": message.public_id,
            "channel": message.channel,
            "received_at": message.received_at,
            "status": message.status,
        }
        if message.sealed:
            entry |= json.loads(unseal(bytes(message.sealed), bound=message.bound))
            if raw := base64.b64decode(entry.pop("raw", "")):
                entry["file"] = f"messages/{message.public_id}.eml"
                archive.writestr(entry["file"], raw)
        if message.sealed_reply:
            reply = unseal(bytes(message.sealed_reply), bound=message.reply_bound)
            entry["answer"] = reply.decode()
        yield entry


def _notes(voices: Collection[Reporter], who: DataSubject) -> Iterator[dict[str, Any]]:
    reports = Report.objects.filter(reporter__in=voices).values_list("pk", flat=True)
    disputes = disputes_of(who).values_list("pk", flat=True)
    about = (
        (Note.Kind.REPORTER, _ids(voices)),
        (Note.Kind.REPORT, list(reports)),
        (Note.Kind.DISPUTE, list(disputes)),
    )
    for kind, subjects in about:
        for note in Note.objects.filter(kind=kind, subject_id__in=subjects).order_by("pk"):
            yield {"kind": note.kind, "at": note.at, "words": note.words}


def _disputes(archive: ZipFile, who: DataSubject) -> Iterator[dict[str, Any]]:
    for dispute in disputes_of(who).order_by("pk"):
        shown = Dispute.objects.filter(pk=dispute.pk).values(*_DISPUTE)[0]
        shown["reason"] = reasons.in_words(shown["reason"])
        files = []
        for entry in files_of(dispute):
            path = _stored(archive, f"files/{dispute.public_id}", entry)
            files.append({"name": entry.name, "added_at": entry.added_at, "file": path})
        yield shown | {"contact": contact_of(dispute), "files": files}
