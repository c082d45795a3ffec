"""Erasing what is kept of a person (GDPR article 17, PIPL article 47).

What goes: words, claimed names, call-back numbers, time and log of the calls of each report, what
it said before, the files and their names, messages, complaints, contacts and statements of
disputes, moderators' notes on the person's reports, voices and disputes, and the keyed hash under
which the person spoke.

What stays, without a person: kind, moment and weight of each report, and the keyed hash of its
network, so that the warning to others stands and counts as much as before; of disputes the same
hash, by which holds and losses are counted; hashes in the chain of evidence, with the day of the
erasure; what moderators wrote.
Two things stay under the keyed hash, in a row of its own: mistakes and a block, since erasing would
otherwise wash both off, and the wish to get no more answers. Linked voices keep them under each of
their hashes. The row also has the days of the erasures, for 400 days, and the crowd of an account
that was opened beyond a cap, and nothing else.
"""

import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from reputation import attachments, campaigns, counting
from reputation.disputes import forget_files
from reputation.models import (
    NOBODY,
    Complaint,
    Dispute,
    Erasure,
    EvidenceEntry,
    IntakeMessage,
    IntakeSender,
    LinkCode,
    LoggedCall,
    Note,
    Number,
    OwnRule,
    Report,
    Reporter,
    ReportRevision,
    VoiceLink,
)
from reputation.rights import erasure_list
from reputation.rights.data_subjects import (
    DataSubject,
    Name,
    disputes_of,
    hold_voices_and_senders,
    voices_of,
)
from reputation.scoring import trust

# The columns with free words or personal data. Categories and counts stay.
WORDS: Final = (
    *("comment", "comment_public", "transcript", "transcript_public"),
    *("claimed_name", "callback_number", "other_accounts"),
)
# Reports in one transaction: their numbers are locked meanwhile.
AT_ONCE: Final = 500


@dataclass(slots=True)
class Erased:
    """How much was erased."""

    voices: int = 0
    reports: int = 0
    files: int = 0
    messages: int = 0
    complaints: int = 0
    disputes: int = 0

    def __iadd__(self, other: "Erased") -> "Erased":
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        return self


def erase(*, who: DataSubject, now: datetime, noted_at: datetime | None = None) -> Erased:
    """Erases a person: all their voices (`voices_of`) and their disputes (`disputes_of`).

    Safe to repeat after it was killed: a voice loses its name last. `noted_at`: when it was erased
    first, if this does it again. Raises StorageUnavailable.
    """
    done, noted_at = Erased(), noted_at or now
    voices = voices_of(who.names)
    for kind, handle in {*who.names, *((voice.kind, voice.handle) for voice in voices)}:
        if not handle.startswith(NOBODY):
            erasure_list.note(Erasure.subject_of(kind, handle), noted_at)
    _erase_disputes(disputes_of(who), done)  # while the voices have the names that lead there
    while True:
        for batch in _batches(voices):
            _erase_reports(batch, done, now)
        if _leave(voices, done, now, noted_at):
            break
    return done


@transaction.atomic
def _erase_disputes(statements: QuerySet[Dispute], done: Erased) -> None:
    done.files += forget_files(statements)
    disputes = list(statements.values_list("pk", flat=True))
    Note.objects.filter(kind=Note.Kind.DISPUTE, subject_id__in=disputes).delete()
    done.disputes = statements.update(statement="", contact_sealed=b"", contact_hash="")


@transaction.atomic
def erase_report(*, report: Report, now: datetime, noted_at: datetime | None = None) -> Erased:
    """Erases words and files of one report, whose reporter stays: unlawful content, for instance.

    The message by which it came goes too. Raises StorageUnavailable.
    """
    done, noted_at = Erased(), noted_at or now
    subject = Erasure.subject_of("report", str(report.public_id))
    erasure_list.note(subject, noted_at)
    _erase_reports([report.pk], done, now, is_named=True)
    done.messages = _empty(IntakeMessage.objects.filter(report=report))
    Erasure.objects.get_or_create(subject=subject, erased_at=noted_at)
    return done


def erase_again(*, now: datetime) -> Erased:
    """Erases what a backup brought back: voices and reports of the list that are older than their
    erasure. Raises StorageUnavailable."""
    done, listed = Erased(), erasure_list.erasures()
    for kind, handle, created_at in Reporter.objects.exclude(handle__startswith=NOBODY).values_list(
        "kind", "handle", "created_at"
    ):
        at = listed.get(Erasure.subject_of(kind, handle))
        if at is not None and created_at < at:
            done += erase(who=DataSubject([(kind, handle)]), now=now, noted_at=at)
    for report in Report.objects.filter(erased_at=None).only("public_id", "filed_at").iterator():
        at = listed.get(Erasure.subject_of("report", str(report.public_id)))
        if at is not None and report.filed_at < at:
            done += erase_report(report=report, now=now, noted_at=at)
    return done


def _batches(voices: Collection[Reporter]) -> Iterator[list[int]]:
    """The ids of reports that say something yet, some at a time, until none is left."""
    left = Report.objects.filter(reporter__in=voices).filter(_speaking()).order_by("pk")
    while batch := list(left.values_list("pk", flat=True)[:AT_ONCE]):
        yield batch


def _speaking() -> Q:
    """Reports that were not erased, or of which something was said or added since."""
    calls = LoggedCall.objects.filter(report=OuterRef("pk"))
    files = EvidenceEntry.objects.filter(report=OuterRef("pk"), erased_at=None)
    silent = Q(**dict.fromkeys(WORDS, ""), occurred_at=None, erased_at__isnull=False)
    return ~silent | Exists(calls) | Exists(files)


@transaction.atomic
def _erase_reports(
    batch: Collection[int], done: Erased, now: datetime, *, is_named: bool = False
) -> None:
    numbers = list(
        Number.objects.select_for_update(no_key=True)
        .filter(pk__in=Report.objects.filter(pk__in=batch).values("number"))
        .order_by("key")
    )
    day = Erasure.day_of(now)
    gone = dict.fromkeys(WORDS, "") | {
        "occurred_at": None,
        "erased_at": day,
    }
    reports = Report.objects.filter(pk__in=batch)
    campaigns.forget_marks(reports.select_related("reporter"))
    done.reports += reports.update(**gone)
    for revision in ReportRevision.objects.filter(report__in=batch):
        emptied = {name: "" for name in WORDS if name in revision.content} | {"occurred_at": None}
        if any(revision.content.get(name) != nothing for name, nothing in emptied.items()):
            revision.content |= emptied
            revision.save(update_fields=["content"])
    LoggedCall.objects.filter(report__in=batch).delete()
    Note.objects.filter(kind=Note.Kind.REPORT, subject_id__in=batch).delete()
    done.files += attachments.erase_evidence(list(batch), now=day)
    # A network belongs to many people and counts once, so erasing and reporting anew gains none.
    # The network of an e-mail is its address. Reports of unknown networks count as one network.
    # Who came back is in the network of what they had erased before (Reporter.erased_on).
    by_mail = IntakeMessage.objects.filter(channel="email", report=OuterRef("pk"))
    joined = Report.objects.filter(
        number=OuterRef("number"), network=OuterRef("network"), erased_at__isnull=False
    ).exclude(pk__in=batch)
    if not is_named:
        mailed = reports.filter(Exists(by_mail), ~Exists(joined)).select_related("reporter")
        _forget_networks(list(mailed), numbers, now)


def _forget_networks(mailed: Collection[Report], numbers: list[Number], now: datetime) -> None:
    Report.objects.filter(pk__in=[report.pk for report in mailed]).update(network="")
    live = [report for report in mailed if report.status == Report.Status.LIVE]
    ids = {report.number_id for report in live}
    concerned = [number for number in numbers if number.pk in ids]
    counting.revise(*concerned, gone=live, back=live)
    counting.publish_all(concerned, now=now)


@transaction.atomic
def _leave(voices: Collection[Reporter], done: Erased, now: datetime, noted_at: datetime) -> bool:
    """The last step: deletes messages, and the names of the voices. False, and nothing is deleted,
    if a report came in meanwhile."""
    ids = [voice.pk for voice in voices]
    senders = hold_voices_and_senders(ids)
    locked = list(Reporter.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    if Report.objects.filter(reporter__in=ids).filter(_speaking()).exists():
        return False
    done.messages = _erase_messages(senders)
    done.complaints = _delete_rows_of(ids)
    stopped = _stopped(senders, locked)
    for sender in senders:
        IntakeSender.objects.filter(pk=sender.pk).update(
            handle=_nobody(), language="", stopped_at=None
        )
    blocked_at = next((voice.blocked_at for voice in locked if voice.blocked_at), None)
    records = {voice.pk: voice.record for voice in locked}
    for voice in locked:
        if voice.handle.startswith(NOBODY):
            continue
        Erasure.objects.get_or_create(
            subject=Erasure.subject_of(voice.kind, voice.handle), erased_at=noted_at
        )
        kind, handle, crowd = voice.kind, voice.handle, voice.crowd
        voice.handle, voice.crowd = _nobody(), ""
        voice.save(update_fields=["handle", "crowd"])
        done.voices += 1
        if kind != Reporter.Kind.KEY:
            _keep_mistakes(
                (kind, handle),
                records.get(voice.merged_into_id or voice.pk, voice.record),
                blocked_at,
                stopped.get((kind, handle)),
                erased_on=voice.erased_on,
                crowd=crowd,
                now=now,
            )
    return True


def _delete_rows_of(ids: Collection[int]) -> int:
    """Deletes the reporters' rows that nobody else needs; returns how many complaints."""
    complaints = Complaint.objects.filter(reporter__in=ids).delete()[1]
    LinkCode.objects.filter(Q(reporter__in=ids) | Q(shown_by__in=ids)).delete()
    OwnRule.objects.filter(reporter__in=ids).delete()
    Note.objects.filter(kind=Note.Kind.REPORTER, subject_id__in=ids).delete()
    VoiceLink.objects.filter(Q(into__in=ids) | Q(other__in=ids)).delete()
    return complaints.get("reputation.Complaint", 0)


def _stopped(
    senders: Collection[IntakeSender], voices: Collection[Reporter]
) -> dict[Name, IntakeSender]:
    """The senders who asked for no more answers, by the name of the voice that they speak in."""
    named = {(voice.kind, voice.handle) for voice in voices}
    stopped: dict[Name, IntakeSender] = {}
    for sender in senders:
        if sender.stopped_at is not None:
            own, speaks = (sender.channel, sender.handle), sender.reporter
            # The e-mails of an account speak in its voice, and have none of their own.
            stopped[own if own in named else (speaks.kind, speaks.handle)] = sender
    return stopped


def _keep_mistakes(
    name: Name,
    record: trust.Record,
    blocked_at: datetime | None,
    stopped: IntakeSender | None,
    *,
    erased_on: Collection[datetime],
    crowd: str,
    now: datetime,
) -> None:
    """Keeps the mistakes and the block of a forgotten voice, under its keyed hash.

    `record`: of the voice that spoke for it, if it was linked, so that no link washes them off.
    `crowd`: the accounts beyond a cap with which it counts, also when it comes back.
    """
    if not (record.fp or record.fn or blocked_at or stopped):
        return
    kind, handle = name
    left = Reporter.objects.create(
        kind=kind,
        handle=handle,
        created_at=now,
        erased_on=sorted({*erased_on, *Erasure.days_of([name])}),
        fp=record.fp,
        fn=record.fn,
        kept_fp=record.fp,
        kept_fn=record.fn,
        blocked_at=blocked_at,
        crowd=crowd,
    )
    if stopped is not None:
        IntakeSender.objects.create(
            channel=stopped.channel,
            handle=stopped.handle,
            reporter=left,
            first_seen_at=now,
            stopped_at=stopped.stopped_at,
        )


def _erase_messages(senders: Collection[IntakeSender]) -> int:
    mail = [s.handle for s in senders if s.channel == IntakeSender.Channel.EMAIL]
    claimed = IntakeMessage.objects.filter(sender=None, claimed__in=mail)
    IntakeMessage.objects.filter(answers__in=claimed).update(answers=None)
    claimed.update(answers=None)
    unproven = claimed.delete()[0]
    return unproven + _empty(IntakeMessage.objects.filter(sender__in=senders))


def _empty(messages: QuerySet[IntakeMessage]) -> int:
    """Deletes the words of messages. Their outcome stays, as it does when their time is up; those
    that wait for a moderator wait no more."""
    waiting = (
        IntakeMessage.Status.RECEIVED,
        IntakeMessage.Status.ASKED,
        IntakeMessage.Status.KEPT,
    )
    messages.filter(status__in=waiting).update(status=IntakeMessage.Status.CLOSED)
    return messages.update(
        sealed=b"",
        sealed_reply=b"",
        masked="",
        token="",
        digest=RawSQL("replace(gen_random_uuid()::text, '-', '')", []),
    )


def _nobody() -> str:
    return f"{NOBODY}{secrets.token_hex(12)}"
