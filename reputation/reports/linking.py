"""Links the voices of one person, who may write by SMS, by e-mail and on the pages.

A code proves that one person holds both voices (link_codes.py). If both reported the same number,
they count once from then on; nothing is lost, and the link can be undone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from reputation import counting
from reputation.models import (
    RECORD,
    Complaint,
    IntakeSender,
    LinkCode,
    LinkedReport,
    Number,
    Report,
    Reporter,
    VoiceLink,
)
from reputation.reports import snapshots
from reputation.reports.filing import TAKEN_BACK, keep_revision
from reputation.scoring import CATEGORIES, Side, trust

# How long the account may undo a link itself; moderators always can.
UNDO_WITHIN = timedelta(days=30)

# A second voice of these kinds may be somebody's who has an account; keys speak for programs.
PEOPLE = frozenset({Reporter.Kind.PERSON, Reporter.Kind.SMS, Reporter.Kind.EMAIL})
SENDERS = frozenset({Reporter.Kind.SMS, Reporter.Kind.EMAIL})


class LinkError(Exception):
    """Two voices were not linked."""


class LinkRefused(LinkError):
    """These two cannot be one voice."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The voice that speaks for both now; how many reports it took over, and how many of the other
    voice no longer count because it had said the same itself."""

    reporter: Reporter
    moved: int
    doubled: int


@transaction.atomic
def merge_reporters(*, into: Reporter, other: Reporter, now: datetime) -> Merged:
    """Makes two voices of one person one: `other`, an SMS or e-mail sender, speaks as `into` now.

    Of two reports on one number the newer stands and the older is merged into it; what a moderator
    rejected stays rejected. The records add up, without what doubled reports had earned, and with
    what the older one had cost where the newer says the opposite. Doing it again changes nothing.
    `unlink` undoes it. Raises LinkRefused.
    """
    if other.kind not in SENDERS or into.kind not in PEOPLE:
        raise LinkRefused("Only SMS and e-mail senders are linked to an account, or to each other.")
    numbers = _numbers_of(into, other)
    into, other = _lock(numbers, into, other)
    refuse_blocked([into, other])
    if into.merged_into_id is not None or other.merged_into_id not in (None, into.pk):
        raise LinkRefused("One of these two voices has been linked to another one already.")
    if other.merged_into_id is not None:
        return Merged(into, 0, 0)
    link, rows = snapshots.begin(into, other, numbers.values(), now=now)
    counted = _counted(into, other)
    own = {report.number_id: report for report in Report.objects.filter(reporter=into)}
    others = Report.objects.filter(reporter=other).order_by("number_id")
    record = _sum(into.record, other.record)
    moved: list[int] = []
    doubled = 0
    for report in others:
        if (kept := own.get(report.number_id)) is None:
            moved.append(report.pk)
            continue
        if report.merged_into_id == kept.pk:
            continue
        if stands := _standing(report) > _standing(kept):
            keep_revision(kept, "updated", now)
        if stands or report.status == Report.Status.LIVE:
            keep_revision(report, "merged", now)
        if stands:
            _exchange(kept, report, numbers[report.number_id])
        doubled += report.status == Report.Status.LIVE
        if not stands and _side(report) != _side(kept):
            # Of the account's own older word the trust pass knows by the revision.
            record = _sum(record, _keep_cost(into, report))
        record = _retire(report, kept, record)
    Report.objects.filter(pk__in=moved).update(reporter=into)
    _speak(into, other, record)
    counting.revise(*numbers.values(), gone=counted, back=_counted(into, other))
    counting.settle(numbers.values(), now=now)
    counting.publish_all(numbers.values(), now=now)
    snapshots.finish(link, rows, numbers.values())
    return Merged(Reporter.objects.get(pk=into.pk), len(moved), doubled)


def links_of(reporter: Reporter, *, now: datetime) -> QuerySet[VoiceLink]:
    """The links that the person may still undo, newest first: of the last UNDO_WITHIN."""
    since = now - UNDO_WITHIN
    links = VoiceLink.objects.filter(into=reporter, undone_at=None, linked_at__gt=since)
    return links.select_related("other").order_by("-linked_at", "-pk")


@transaction.atomic
def undo_link(*, reporter: Reporter, link: int, now: datetime) -> None:
    """Undoes a link of the person's own, by its id. Raises LinkRefused.

    What was said since the link and is wrong by now costs both voices: whoever linked them had it
    said with the record of both. Where somebody else did, a moderator undoes the link.
    """
    found = links_of(reporter, now=now).filter(pk=link).first()
    if found is None:
        raise LinkRefused("You have no such link, or it is too old: write to the moderators.")
    refuse_blocked([Reporter.objects.get(pk=reporter.pk)])
    unlink(link=found, now=now, both_answer=True)


@transaction.atomic
def unlink(*, link: VoiceLink, now: datetime, both_answer: bool = False) -> None:
    """Makes two linked voices two again, each with its reports and its record.

    What `other` had said is as it was before the link, whatever the account did to it since; what a
    moderator decided since stands, and a block is on both. What came by SMS or e-mail of `other`
    since goes to it, all else that is new stays with the account; where `both_answer`, what of it
    is wrong by now costs both. Later links of the account are to be undone first. Undoing it twice
    changes nothing. Raises LinkRefused.
    """
    numbers = _numbers_of(link.into, link.other)
    into, other = _lock(numbers, link.into, link.other)
    link = VoiceLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if link.undone_at is not None:
        return
    later = VoiceLink.objects.filter(into=into, undone_at=None, pk__gt=link.pk)
    if into.merged_into_id is not None or later.exists():
        raise LinkRefused("Another link was made after this one: undo that one first.")
    counted = _counted(into, other)
    lost, gained = into.record, _record_in(link.kept["other"])
    rows = list(link.reports.select_related("report"))
    for row in rows:
        report, was = row.report, row.after["credit"]
        if row.is_others and report.reporter_id == into.pk and _restated(row):
            # What the account said of it is gone with the link; its record has the cost.
            _keep_cost(into, report)
            if both_answer:
                gained = _sum(gained, _keep_cost(other, report))
        if report.reporter_id != into.pk or not _to_restore(row) or _restated(row):
            continue
        # What it earned or cost since goes along with it, or is worked out anew.
        side = _side(report)
        if row.is_others:
            gained = trust.credited(gained, side, was, report.credit, first=report.first)
        if row.is_others or not _rejected_since(row):
            lost = trust.credited(lost, side, report.credit, was, first=report.first)
    came = _came_by(link, into, other)
    for report in came:
        side = _side(report)
        lost = trust.credited(lost, side, report.credit, 0.0, first=report.first)
        gained = trust.credited(gained, side, 0.0, report.credit, first=report.first)
        report.reporter = other
        report.save(update_fields=["reporter"])
    _restore(link, rows, other, numbers, now)
    into.record, other.record = lost, gained
    snapshots.restore_voice(into, link.kept)
    if both_answer:
        stayed = Report.objects.filter(reporter=into, counted_at__gt=link.linked_at)
        for voice, said in ((into, came), (other, stayed)):
            for report in said:
                voice.record = _sum(voice.record, _keep_cost(voice, report))
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
    VoiceLink.objects.filter(pk=link.pk).update(undone_at=now)
    snapshots.restore_truths(numbers.values(), link.kept)
    counting.revise(*numbers.values(), gone=counted, back=_counted(into, other))
    _credit(numbers.values(), now)
    counting.publish_all(numbers.values(), now=now)


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
        credit, status = report.credit, report.status
        is_kept = _rejected_since(row) or (
            row.is_others and report.reporter_id != other.pk and not _restated(row)
        )
        snapshots.restore_counted(report, row.before)
        if is_kept:
            report.credit = credit
        took_back = status in TAKEN_BACK and status != row.after["status"]
        if took_back and not row.is_others and report.status == Report.Status.LIVE:
            report.status = status
        for name, value in decided[row.report_id].items():
            setattr(report, name, value)
        if row.is_others:
            report.reporter = other
        snapshots.restore_words(report, after=link.kept["revision"])
        report.save()


def _to_restore(row: LinkedReport) -> bool:
    """All that `other` had said; of the account's own reports those that exchanged their words with
    one of `other`, and that the account has not changed since."""
    exchanged = row.after["seq"] != row.before["seq"]
    return row.is_others or (exchanged and not _restated(row))


def _restated(row: LinkedReport) -> bool:
    """Whether the account has said something else of this number since the link."""
    return bool(row.report.seq != row.after["seq"])


def _rejected_since(row: LinkedReport) -> bool:
    rejected = Report.Status.REJECTED
    return row.report.status == rejected and row.after["status"] != rejected


def _decided(rows: list[LinkedReport]) -> dict[int, dict[str, Any]]:
    """What moderators decided since the link about each report, or about the one into which the
    link merged it: that stays, whatever is undone."""
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


def _credit(numbers: Iterable[Number], now: datetime) -> None:
    """Credits as the numbers' standing and evidence give them now."""
    unsettled = []
    for number in numbers:
        if number.moderated:
            credit = number.moderated * trust.MODERATOR_CREDIT
            counting.assign_credits(dict.fromkeys(counting.early_reports(number), credit))
        else:
            unsettled.append(number)
    counting.settle(unsettled, now=now)


def _record_in(kept: Mapping[str, Any]) -> trust.Record:
    return trust.Record(**{name: kept[name] for name in RECORD})


def _numbers_of(into: Reporter, other: Reporter) -> dict[int, Number]:
    """The numbers that either reported, by id, locked in the order of their keys."""
    reported = Report.objects.filter(reporter__in=[into, other]).values("number")
    locked = Number.objects.select_for_update().filter(pk__in=reported).order_by("key")
    return {number.pk: number for number in locked}


def _counted(*voices: Reporter) -> list[Report]:
    """All that counts of what the voices said, as it counts now."""
    return list(Report.objects.live().filter(reporter__in=voices).select_related("reporter"))


def refuse_blocked(reporters: Iterable[Reporter]) -> None:
    """Raises LinkRefused."""
    if any(reporter.blocked_at is not None for reporter in reporters):
        raise LinkRefused("A voice that is blocked cannot be linked: write to the moderators.")


def _lock(numbers: Iterable[int], into: Reporter, other: Reporter) -> tuple[Reporter, Reporter]:
    """Both voices as they are now, locked with all whom settling may credit, in ids' order."""
    wanted = set(Report.objects.filter(number__in=numbers).values_list("reporter", flat=True))
    locked = {
        reporter.pk: reporter
        for reporter in Reporter.objects.select_for_update(no_key=True)
        .filter(pk__in=wanted | {into.pk, other.pk})
        .order_by("pk")
    }
    return locked[into.pk], locked[other.pk]


def _standing(report: Report) -> tuple[bool, bool, datetime, int]:
    """Which of two reports of one person stands: the greater."""
    return (
        report.status == Report.Status.REJECTED,
        report.status == Report.Status.LIVE,
        report.counted_at,
        report.pk,
    )


# What a report says and how it was counted. Who said it, of which number, and the evidence that
# hangs on it stay where they are.
_EXCHANGED = [
    field.attname
    for field in Report._meta.concrete_fields
    if field.name not in ("id", "public_id", "number", "reporter", "filed_at", "seq")
]


def _exchange(kept: Report, retired: Report, number: Number) -> None:
    """Gives the report that stays the newer statement, and the one that is retired the older."""
    for name in _EXCHANGED:
        kept_value, retired_value = getattr(kept, name), getattr(retired, name)
        setattr(kept, name, retired_value)
        setattr(retired, name, kept_value)
    if retired.merged_into_id == retired.pk:  # a moderator had merged the kept one into it
        retired.merged_into = kept
    kept.filed_at = min(kept.filed_at, retired.filed_at)
    # Places in the fold order are unique, so the one that no longer counts takes a new one first.
    number.seq += 1
    place, retired.seq = retired.seq, number.seq
    retired.save()
    kept.seq = place
    kept.save()


def _retire(report: Report, kept: Report, record: trust.Record) -> trust.Record:
    """Stops counting the doubled report; the record without what it earned or cost."""
    if report.status == Report.Status.LIVE:
        report.status = Report.Status.MERGED.value
        report.merged_into = kept
    record = trust.credited(record, _side(report), report.credit, 0.0, first=report.first)
    report.credit, report.full_side = 0.0, 0
    report.save()
    return record


def _keep_cost(voice: Reporter, report: Report) -> trust.Record:
    """What the report has cost whoever filed it, which lasts with this voice from now on."""
    cost = trust.credited(trust.Record(), _side(report), 0.0, report.credit)
    voice.kept_fp += cost.fp
    voice.kept_fn += cost.fn
    return trust.Record(fp=cost.fp, fn=cost.fn)


def _side(report: Report) -> Side:
    return CATEGORIES[report.category].side


def _speak(into: Reporter, other: Reporter, record: trust.Record) -> None:
    """`into` has the record of both, and all that hangs on `other` hangs on it."""
    into.record, other.record = record, trust.Record()
    into.kept_fp += other.kept_fp
    into.kept_fn += other.kept_fn
    into.created_at = min(into.created_at, other.created_at)
    into.vouched_at = into.vouched_at or other.vouched_at
    # Suspicion is inherited. The trust pass looks for clusters anew.
    into.cluster = into.cluster or other.cluster
    other.merged_into = into
    into.moved_seq += 1
    into.save()
    other.save()
    Reporter.objects.filter(merged_into=other).update(merged_into=into)
    IntakeSender.objects.filter(reporter=other).update(reporter=into)
    Complaint.objects.filter(reporter=other).update(reporter=into)
    LinkCode.objects.filter(reporter=other, redeemed_at=None).delete()


def _sum(one: trust.Record, two: trust.Record) -> trust.Record:
    return trust.Record(*(getattr(one, n) + getattr(two, n) for n in RECORD))
