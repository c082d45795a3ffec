"""Undoes a link of two voices: each gets its reports and its record back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from reputation import counting
from reputation.models import (
    RECORD,
    Complaint,
    IntakeSender,
    LinkedReport,
    Number,
    Report,
    Reporter,
    VoiceLink,
    hold_voices,
)
from reputation.reports import snapshots
from reputation.reports.filing import TAKEN_BACK, keep_revision
from reputation.reports.linking import (
    LinkRefused,
    keep_cost,
    live_reports_of,
    lock_voices,
    numbers_of,
    refuse_blocked,
    refuse_pending,
    side_of,
    sum_of,
)
from reputation.scoring import trust

# How long the account may undo a link itself; moderators always can.
UNDO_WITHIN = timedelta(days=30)


def links_of(reporter: Reporter, *, now: datetime) -> QuerySet[VoiceLink]:
    """The links that the person may still undo, newest first: of the last UNDO_WITHIN."""
    since = now - UNDO_WITHIN
    links = VoiceLink.objects.filter(into=reporter, undone_at=None, linked_at__gt=since)
    return links.select_related("other").order_by("-linked_at", "-pk")


@transaction.atomic
def undo_link(*, reporter: Reporter, link: int, now: datetime) -> None:
    """Undoes a link of the person's own, by its id, once. Raises LinkRefused.

    Reports since the link that are wrong by now cost both voices, since the person who linked them
    filed them with the record of both. If somebody else linked them, a moderator undoes the link.
    """
    found = links_of(reporter, now=now).filter(pk=link).first()
    if found is None:
        if VoiceLink.objects.filter(into=reporter, pk=link, undone_at__isnull=False).exists():
            return
        raise LinkRefused("You have no such link, or it is too old: write to the moderators.")
    refuse_blocked([Reporter.objects.get(pk=reporter.pk)])
    unlink(link=found, now=now, both_answer=True)


@transaction.atomic
def unlink(*, link: VoiceLink, now: datetime, both_answer: bool = False) -> None:
    """Makes two linked voices two again, each with its reports and its record.

    The reports of `other` are as they were before the link, whatever the account did to them since;
    what a moderator decided since stands, and both voices keep a block. New reports that came by
    SMS or e-mail of `other` go to it, all others stay with the account. `both_answer`: new reports
    that are wrong by now cost both voices. Later links of the account are to be undone first.
    Undoing a link twice changes nothing. Raises LinkRefused.
    """
    hold(link)
    numbers = numbers_of(link.into, link.other)
    into, other = lock_voices(numbers, link.into, link.other)
    link = VoiceLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if link.undone_at is not None:
        return
    later = VoiceLink.objects.filter(into=into, undone_at=None, pk__gt=link.pk)
    if into.merged_into_id is not None or later.exists():
        raise LinkRefused("Another link was made after this one: undo that one first.")
    refuse_pending([into, other])
    counted = live_reports_of(into, other)
    rows = list(link.reports.select_related("report"))
    lost, gained = _records(link, rows, into, other, both_answer=both_answer)
    came = _came_by(link, into, other)
    for report in came:
        side = side_of(report)
        lost = trust.credited(lost, side, report.credit, 0.0, first=report.first)
        gained = trust.credited(gained, side, 0.0, report.credit, first=report.first)
        report.reporter = other
        report.save(update_fields=["reporter"])
    _restore(link, rows, other, numbers, now)
    if link.kept["other"].get("vouched_at") and None in (into.vouched_at, other.vouched_at):
        # A moderator ended the vouching since, for the person who speaks with both voices.
        gained, other.vouched_at = trust.unvouched(gained), None
    into.record, other.record = lost, gained
    snapshots.restore_voice(into, link.kept)
    if both_answer:
        stayed = Report.objects.filter(reporter=into, counted_at__gt=link.linked_at)
        for voice, said in ((into, came), (other, stayed)):
            for report in said:
                voice.record = sum_of(voice.record, keep_cost(voice, report))
    _part(link, into, other)
    VoiceLink.objects.filter(pk=link.pk).update(undone_at=now)
    snapshots.restore_truths(numbers.values(), link.kept)
    counting.revise(*numbers.values(), gone=counted, back=live_reports_of(into, other))
    counting.settle_by_standing(numbers.values(), now=now)
    counting.publish_all(numbers.values(), now=now)


def hold(link: VoiceLink) -> None:
    """Locks the senders and the voices of the link, so that none of them reports. Call it before
    any number is locked."""
    senders = IntakeSender.objects.select_for_update().filter(pk__in=link.kept["senders"])
    list(senders.order_by("pk"))  # before voices, as whatever they send does
    hold_voices([link.other_id])


def _records(
    link: VoiceLink,
    rows: list[LinkedReport],
    into: Reporter,
    other: Reporter,
    *,
    both_answer: bool,
) -> tuple[trust.Record, trust.Record]:
    """The records of `into` and of `other` without the link, as far as its reports tell."""
    lost, gained = into.record, _record_in(link.kept["other"])
    for row in rows:
        report, was = row.report, row.after["credit"]
        if row.is_others and report.reporter_id == into.pk and _restated(row):
            # The account's own earlier statement went with the link; its record keeps the cost.
            keep_cost(into, report)
            if both_answer:
                gained = sum_of(gained, keep_cost(other, report))
        if report.reporter_id != into.pk or not _to_restore(row) or _restated(row):
            continue
        # Its credit or debit since then goes with it, or is computed again.
        side = side_of(report)
        if row.is_others:
            gained = trust.credited(gained, side, was, report.credit, first=report.first)
        if row.is_others or not _rejected_since(row):
            lost = trust.credited(lost, side, report.credit, was, first=report.first)
    return lost, gained


def _part(link: VoiceLink, into: Reporter, other: Reporter) -> None:
    """Saves both voices, and gives `other` back its senders, complaints and followers."""
    other.merged_into = None
    other.blocked_at = other.blocked_at or into.blocked_at
    into.moved_seq += 1
    other.moved_seq += 1
    into.save()
    other.save()
    Reporter.objects.filter(pk__in=link.kept["followers"], merged_into=into).update(
        merged_into=other
    )
    for model, kept in ((IntakeSender, "senders"), (Complaint, "complaints")):
        model.objects.filter(pk__in=link.kept[kept], reporter=into).update(reporter=other)


def _restore(
    link: VoiceLink,
    rows: list[LinkedReport],
    other: Reporter,
    numbers: dict[int, Number],
    now: datetime,
) -> None:
    """Gives reports back what they said and how they were counted, on numbers that are locked."""
    restored = [row for row in rows if _to_restore(row)]
    decided = _decided(rows)
    for row in restored:
        keep_revision(row.report, "restored", now)
        # Places in the fold order are unique, and two reports may have to exchange theirs.
        number = numbers[row.report.number_id]
        number.seq += 1
        Report.objects.filter(pk=row.report_id).update(seq=number.seq)
    for row in restored:
        report = row.report
        credit, wish = report.credit, "" if row.is_others else _wish(row)
        is_kept = _rejected_since(row) or (
            row.is_others and report.reporter_id != other.pk and not _restated(row)
        )
        snapshots.restore_counted(report, row.before)
        if is_kept:
            report.credit = credit
        for name, value in decided[row.report_id].items():
            setattr(report, name, value)
        if report.status in Report.KEPT_OUT:
            report.returns_as = wish or report.returns_as
        elif wish:
            report.status = Report.after(report.status, Report.Status(wish)).value
        if row.is_others:
            report.reporter = other
        snapshots.restore_words(report, after=link.kept["revision"])
        report.save()


def _wish(row: LinkedReport) -> str:
    """The status that the account set on its own report since the link: withdrawn, settled, or "".
    One that it said again is not restored."""
    report, after = row.report, row.after
    if report.status in TAKEN_BACK and report.status != after["status"]:
        return report.status
    # Of links from before reports noted it, there was nothing to note.
    return report.returns_as if report.returns_as != after.get("returns_as", "") else ""


def _to_restore(row: LinkedReport) -> bool:
    """Whether unlinking restores the row: if the report is `other`'s, or is the account's own,
    exchanged its words with a report of `other`, and was not changed by the account since."""
    exchanged = row.after["seq"] != row.before["seq"]
    return row.is_others or (exchanged and not _restated(row))


def _restated(row: LinkedReport) -> bool:
    """Whether the account has said something else of this number since the link."""
    return bool(row.report.seq != row.after["seq"])


def _rejected_since(row: LinkedReport) -> bool:
    rejected = Report.Status.REJECTED
    return row.report.status == rejected and row.after["status"] != rejected


def _decided(rows: list[LinkedReport]) -> dict[int, dict[str, Any]]:
    """Moderators' decisions since the link about each report, or about the one into which the link
    merged it. These stay when the link is undone."""
    linked = {row.report_id: row for row in rows}
    before: dict[int, list[Any]] = {}
    for row in rows:
        before.setdefault(row.report.number_id, []).append(row.before)
    decided: dict[int, dict[str, Any]] = {}
    for row in rows:
        judged = row.report
        if judged.merged_into_id in linked:
            judged = linked[judged.merged_into_id].report
        were, of_this = before[judged.number_id], decided.setdefault(row.report_id, {})
        if judged.hidden and not any(each["hidden"] for each in were):
            of_this["hidden"] = True
        rejected = Report.Status.REJECTED.value
        if judged.status == rejected and all(each["status"] != rejected for each in were):
            of_this |= {"status": rejected, "merged_into_id": None}
        if judged.status == Report.Status.MERGED and judged.merged_into_id not in linked:
            of_this |= {"status": judged.status, "merged_into_id": judged.merged_into_id}
    return decided


def _came_by(link: VoiceLink, into: Reporter, other: Reporter) -> list[Report]:
    """First reports of numbers that came by SMS or e-mail of `other` since the link."""
    new = Report.objects.filter(
        reporter=into, filed_at__gte=link.linked_at, messages__sender__in=link.kept["senders"]
    )
    known = Report.objects.filter(Q(reporter=other) | Q(links__link=link)).values("number")
    return list(new.exclude(number__in=known).distinct())


def _record_in(kept: Mapping[str, Any]) -> trust.Record:
    return trust.Record(**{name: kept[name] for name in RECORD})
