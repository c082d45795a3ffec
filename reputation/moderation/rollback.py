"""Finds the decisions of one account or one batch that may be taken back together, with the effect.

Such a batch has the subject `entry`: its targets are audit entries, newest first, and `undo` undoes
each. An entry whose subject was decided again since cannot be undone: the preview names it, and the
batch leaves it out. Undoing the batch takes the decisions again.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Unpack

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from reputation import counting
from reputation.models import AuditEntry, Campaign, DecisionBatch, Number, Report
from reputation.moderation import retracting
from reputation.moderation.previews import Preview, effects, some
from reputation.moderation.recording import DECIDES_NOTHING, By, DecisionError
from reputation.moderation.undoing import UNDOABLE, is_about_block, is_in_steps, switched, undo
from reputation.reports import hold_with_linked

# How many decisions that cannot be taken back a page names.
NAMED: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """`entries`: ids of the decisions to take back, newest first. `left`: decisions that cannot be
    taken back at all, the newest NAMED."""

    entries: list[int]
    left: list[AuditEntry]


def of_account(account: User, *, since: datetime, until: datetime) -> Found:
    """An account's decisions in a period, both ends included, that are in force."""
    return _found(AuditEntry.objects.filter(actor=account, at__gte=since, at__lte=until))


def of_batch(batch: DecisionBatch) -> Found:
    """The decisions of a batch or an import that are in force."""
    return _found(AuditEntry.objects.filter(batch=batch))


def _found(entries: QuerySet[AuditEntry]) -> Found:
    standing = entries.filter(undone_by=None).exclude(pk__in=_cancelled(entries)).order_by("-id")
    undoable = standing.filter(verb__in=[*UNDOABLE, "undo"])
    decided = standing.exclude(verb__in=[*UNDOABLE, "undo", *DECIDES_NOTHING])
    left = decided.select_related(*AuditEntry.SUBJECTS)
    return Found(list(undoable.values_list("pk", flat=True)), list(left[:NAMED]))


def _cancelled(entries: QuerySet[AuditEntry]) -> set[int]:
    """The ids of entries that only undo another of them, so that neither has an effect.

    If such an undo was itself undone among them, the decision stands, and so on.
    """
    undoing = entries.filter(undoes__in=entries.order_by().values("pk"))
    cancelled: set[int] = set()
    # From the oldest, since each takes back an older one.
    for pk, undone in undoing.order_by("id").values_list("pk", "undoes_id"):
        if undone not in cancelled:
            cancelled.add(pk)
    return cancelled


def take_back_each(entries: Iterable[AuditEntry], **by: Unpack[By]) -> None:
    for entry in entries:
        undo(entry=entry, **by)


def preview(*, actor: User, targets: Collection[int], now: datetime, most: int) -> Preview:
    """The effect on the public answers: undoes, reads, and rolls back.

    For up to `most` numbers, first those that others decided on since, and for the numbers that
    decisions about reporters and campaigns concern, which act together: see `previews.some`.
    """
    tried = _tried(targets, most)
    refused: list[tuple[AuditEntry, str]] = []

    def take_back(entry: AuditEntry) -> None:
        if complaints := retracting.complaints_of([entry]):
            shown = [pk for pk in complaints if tried.by_complaint.get(pk) in tried.rows]
            retracting.move(shown, count=entry.before["count"], now=now)
        else:
            undo(entry=entry, actor=actor, reason="preview", now=now)

    def decide(numbers: Collection[Number]) -> dict[int, str]:
        counting.lock_reporters(*numbers)
        for entry in tried.entries:
            try:
                with transaction.atomic():
                    take_back(entry)
            except DecisionError as error:
                refused.append((entry, str(error)))
        link_anew(numbers, now=now)
        return {}

    wide = [entry for entry in tried.entries if entry.number_id is None]
    reporters = {entry.reporter_id for entry in wide if entry.reporter_id is not None}
    campaigns = [entry.campaign_id for entry in wide if entry.campaign_id is not None]
    with transaction.atomic():
        # Voices and campaigns are locked before their numbers, as in their decisions.
        hold_with_linked(reporters)
        list(Campaign.objects.select_for_update().filter(pk__in=campaigns).order_by("pk"))
        found = effects(tried.rows, decide, locks=tried.locks, reporters=reporters, now=now)
        transaction.set_rollback(True)
    return Preview(found, tried.left, refused)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What a preview takes back. `entries`: the decisions, then the parts of files; `rows`: how
    many of them concern each number that is shown; `locks`: numbers that they lock besides;
    `by_complaint`: the numbers of the files' complaints; `left`: how many numbers are not shown.
    """

    entries: list[AuditEntry]
    rows: Counter[int]
    locks: set[int]
    by_complaint: dict[int, int]
    left: int


def _tried(targets: Collection[int], most: int) -> _Tried:
    """Chooses the numbers that are shown, and the entries that concern them."""
    entries = list(_contested(targets).select_related("number", "undoes").order_by("-id"))
    parts = [entry for entry in entries if retracting.complaints_of([entry])]
    others = [entry for entry in entries if not retracting.complaints_of([entry])]
    keys = {
        entry.number_id: (not entry.contested, entry.number.key)
        for entry in entries
        if entry.number is not None
    }
    chosen = sorted(keys, key=keys.__getitem__)[:most]
    decisions = [entry for entry in others if entry.number_id is None or entry.number_id in chosen]
    rows = Counter(entry.number_id for entry in decisions if entry.number_id is not None)
    # About reporters and campaigns, and with them about many numbers.
    wide = {entry: concerned(entry) for entry in others if entry.number_id is None}
    about_wide = set[int]().union(*wide.values())
    # The undo of a block locks all numbers or leaves them to steps; that of a campaign locks all.
    locks = set[int]().union(*(about for entry, about in wide.items() if not is_in_steps(entry)))
    rows.update(some(dict.fromkeys(about_wide - rows.keys(), 1)))
    by_complaint = retracting.numbers_by_complaint(retracting.complaints_of(parts))
    # At most `most` numbers of files, which may have thousands.
    about_parts = set(by_complaint.values())
    rows.update(dict.fromkeys(set(sorted(about_parts)[:most]) - rows.keys(), 1))
    left = (keys.keys() | about_parts | about_wide) - rows.keys()
    return _Tried([*decisions, *parts], rows, locks, by_complaint, len(left))


def _contested(targets: Collection[int]) -> QuerySet[Any]:
    """The entries with `contested`: whether another decision on their number followed."""
    later = AuditEntry.objects.filter(number=OuterRef("number"), id__gt=OuterRef("id"))
    later = later.exclude(pk__in=targets).exclude(verb__in=DECIDES_NOTHING)
    entries = AuditEntry.objects.filter(pk__in=targets)
    return entries.annotate(contested=Exists(later))


def concerned(entry: AuditEntry) -> set[int]:
    """The ids of the numbers whose answers an entry's undo may change."""
    return numbers_of_undoing(AuditEntry.objects.filter(pk=entry.pk))


def numbers_of(entries: QuerySet[AuditEntry]) -> set[int]:
    """The ids of the numbers that these entries concern."""
    found: set[int] = set()
    complaints: list[int] = []
    reports: list[int] = []
    read = entries.select_related(None).select_related("campaign")
    for entry in read.only("number", "campaign__key", "after"):
        if entry.number_id is not None:
            found.add(entry.number_id)
        elif entry.campaign is not None:
            found.update(counting.concerned(entry.campaign.key))
        else:
            complaints += retracting.complaints_of([entry])
            reports += entry.after.get("reports", [])
    found.update(retracting.numbers_by_complaint(complaints).values())
    found.update(
        Report.objects.filter(pk__in=reports).order_by().values_list("number_id", flat=True)
    )
    return found


def numbers_of_undoing(entries: QuerySet[AuditEntry]) -> set[int]:
    """The ids of the numbers that undoing these entries concerns: of a block that comes into force
    again, or is lifted, also those that the reporter reported since."""
    found = numbers_of(entries)
    for entry in entries.filter(reporter__isnull=False).select_related("undoes"):
        if is_about_block(entry):
            reports, _status = switched(entry)
            found.update(reports.order_by().values_list("number_id", flat=True))
    return found


def link_anew(numbers: Iterable[Number], *, now: datetime) -> None:
    """Publishes once more those of the locked numbers that have reports in a campaign.

    Their links depend on reporters' records, which are complete only after the last undo.
    """
    ids = [number.pk for number in numbers]
    spoken = Report.objects.filter(number__in=ids, campaign__isnull=False)
    chosen = Number.objects.filter(pk__in=spoken.values("number")).order_by("key")
    found = list(chosen.select_for_update(no_key=True))
    counting.find_campaigns(found)
    counting.publish_all(found, now=now)
