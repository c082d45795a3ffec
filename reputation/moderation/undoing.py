"""Undoes decisions. The decision stays on record, with an entry that it was undone.

Undoing that entry takes the decision again: an undo writes its entry in the form that it reads, and
restores the state that was in force before it.

A number's or campaign's standing becomes what it was before, reports count again, and reporters'
records lose the credits of the decision. Later events (reports, the trust pass) stay. A decision on
which a later one rests cannot be undone before that one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction
from django.db.models import Exists, Field, Model, OuterRef, Q
from django.utils.translation import gettext as _

from reputation import counting
from reputation.models import (
    AuditEntry,
    Campaign,
    Dispute,
    KeyGrant,
    NeverCalling,
    Number,
    Report,
    Reporter,
    ReportQuerySet,
)
from reputation.moderation import restating, retracting
from reputation.moderation.campaigns import lock as lock_campaign
from reputation.moderation.campaigns import may_join
from reputation.moderation.campaigns import put as put_campaign
from reputation.moderation.key_grants import lock as lock_grant
from reputation.moderation.key_grants import put as put_grant
from reputation.moderation.key_grants import require_not_own
from reputation.moderation.recording import (
    MOMENT_OF_TRUTH,
    By,
    DecidedSince,
    DecisionError,
    credit_anew,
    credits_of,
    end_silence,
    items_about,
    record,
    require_reason,
    written,
)
from reputation.moderation.reports import lock, restate, show
from reputation.moderation.silence import is_silent
from reputation.scoring import logit, to_days, trust

# Columns that only decisions change: if a value differs from the entry's, there was a later
# decision.
DECIDED = frozenset(
    {
        *("moderated", "moderated_at", "official", "name", "spoofed", "reassigned", "epoch_at"),
        *("pinned", "pinned_until", "pinned_after", "pinned_after_until"),
    }
)


class NotUndoable(DecisionError):
    """The entry made no decision, for example an unmasking."""


class AlreadyUndone(DecisionError):
    """The decision was already undone."""

    def __init__(self) -> None:
        super().__init__(_("This decision was taken back before."))


@transaction.atomic
def undo(*, entry: AuditEntry, **by: Unpack[By]) -> AuditEntry:
    """Undoes one decision. The undo of an undo takes the decision again, in the name of `actor`.

    Raises NotUndoable, AlreadyUndone, DecidedSince; DecisionError if the actor looks after the key.

    `batch`: the batch that is being undone as a whole.
    """
    require_reason(by["reason"])
    again = entry.undoes.verb if entry.verb == "undo" and entry.undoes else ""
    take_back = _TAKE_BACK.get(again or entry.verb)
    if take_back is None:
        raise NotUndoable(_("There is nothing to take back in this entry."))
    if entry.key_grant is not None:
        require_not_own(by["actor"], entry.key_grant)
    # Both checked while the rows of the entry are locked.
    undone = AuditEntry.objects.filter(undoes=entry)
    try:
        before, after = take_back(entry, by["now"])
    except DecidedSince:
        if undone.filter(undone_by=None).exists():  # what was decided since is its own undo
            raise AlreadyUndone from None
        raise
    if undone.exists():
        raise AlreadyUndone
    verb = again or "undo"
    return record(verb=verb, before=before, after=after, undoes=entry, **entry.subjects, **by)


type Change = tuple[dict[str, Any], dict[str, Any]]


def _standing(entry: AuditEntry, now: datetime) -> Change:
    number = Number.objects.select_for_update(no_key=True).get(decisions=entry)
    counting.lock_reporters(number)
    before = {name: getattr(number, name) for name in entry.after}
    is_now = written(before)
    if any(is_now[name] != entry.after[name] for name in DECIDED & set(entry.after)):
        raise DecidedSince
    settles = bool({"moderated", "epoch_at"} & set(entry.after))
    if settles:
        before["credits"] = credits_of(number)
    credits = _credits_before(entry, number, settles=settles)
    for name in entry.after:
        setattr(number, name, _read(Number, name, entry.before[name]))
    if "disputed" in entry.after:
        # Disputes are opened and decided without regard to other decisions.
        number.disputed = Dispute.objects.open().filter(number=number, held=True).exists()
    if "never_calls" in entry.after:
        if ended := _restore_silence(entry, number, now):
            before["silence"] = ended
    elif not number.official and NeverCalling.objects.filter(number=number).exists():
        raise DecidedSince  # it was entered as one that never calls
    if "epoch_at" in entry.after:
        counting.refold(number)
    if settles:
        # The reporters' records may link the number again to a campaign by its words.
        counting.find_campaigns([number])
        side = _stands_out(number, now) if entry.after.get("moderated") else 0
        if side and side == entry.after.get("settled_side"):
            # By now the evidence shows the truth without the decision. Later reports only agreed.
            for name in MOMENT_OF_TRUTH:
                setattr(number, name, entry.after[name])
        credit_anew(number, credits, now=now)
    number.trust_seq = counting.DUE
    counting.publish(number, now=now)
    return before, {name: getattr(number, name) for name in entry.after}


def _credits_before(entry: AuditEntry, number: Number, *, settles: bool) -> dict[Report, float]:
    """The reports that the entry credited or debited, each with the credit that it had before.

    `settles`: whether the entry decided the truth about the number.
    """
    earned = entry.before.get("credits", {})
    judged = set(counting.early_reports(number)) if settles else set()
    live = Report.objects.live().filter(number=number)
    if settles:
        # If there are many early reports, these may not have been the first.
        word = trust.MODERATOR_CREDIT
        judged |= set(live.filter(Q(credit__gte=word) | Q(credit__lte=-word)))
    if entry.verb == "undo":
        # The reports whose credits the undo took.
        judged |= set(live.filter(pk__in=list(earned)))
    return {report: earned.get(str(report.pk), 0.0) for report in judged}


def _restore_silence(entry: AuditEntry, number: Number, now: datetime) -> list[dict[str, Any]]:
    """Ends the days on which the number never calls, and restores those of before the entry.

    Returns the ended ones. Raises DecidedSince.
    """
    if number.never_calls and not number.official:
        raise DecidedSince  # it left the directory
    ended = end_silence(number)
    for days in entry.before.get("silence", []):
        NeverCalling.objects.create(number=number, **days)
    number.never_calls = is_silent(number, now=now)  # the days may have come, or be over
    return ended


def _stands_out(number: Number, now: datetime) -> int:
    """1 if the evidence says unwanted, -1 for legitimate, 0 for neither or if a moderator has
    decided."""
    total = logit(number.evidence, to_days(now), number.prior)
    if number.moderated or not trust.is_settled(total):
        return 0
    return 1 if total > 0 else -1


def _report_status(entry: AuditEntry, now: datetime) -> Change:
    report = _report(entry)
    number = lock([report])
    if report.status != entry.after["status"]:
        raise DecidedSince
    before = {name: getattr(report, name) for name in entry.after}
    status = Report.Status(entry.before["status"])
    counts = report.becoming(status) == Report.Status.LIVE
    into = Report.objects.filter(pk=entry.before.get("merged_into_id")).first()
    if status == Report.Status.MERGED and into is None:
        raise NotUndoable(_("The record does not say into which report this one was merged."))
    if counts and number.moderated:
        counting.lock_reporters(number)  # credits are assigned twice
    if "credit" in entry.after:
        fell = entry.verb != "undo" and _truth_fell(entry)
        credit = 0.0 if fell else entry.before["credit"]
        counting.assign_credits({report: credit}, anew=True)
    restate(number, [report], status, now=now, merged_into=into)
    if counts and number.moderated:
        credit_anew(number, {}, now=now)
    return before, {name: getattr(report, name) for name in entry.before}


def _truth_fell(entry: AuditEntry) -> bool:
    """Whether the decision about the number from which the report had its credit was undone after
    the report was rejected."""
    truths = AuditEntry.objects.filter(
        number=entry.number_id, verb__in=("confirm_number", "clear_number"), id__lt=entry.pk
    )
    fell = truths.filter(undone_by__id__gt=entry.pk).exists()
    return fell and abs(entry.before["credit"]) >= trust.MODERATOR_CREDIT


def _report_words(entry: AuditEntry, now: datetime) -> Change:
    report = _report(entry)
    number = lock([report])
    if report.hidden is not entry.after["hidden"]:
        raise DecidedSince
    show(report, number, hidden=entry.before["hidden"], now=now)
    return entry.after, entry.before


def _report(entry: AuditEntry) -> Report:
    return Report.objects.get(decisions=entry)


def _read(model: type[Model], name: str, value: Any) -> Any:
    """A column's value from its form in the record."""
    column = model._meta.get_field(name)
    return column.to_python(value) if isinstance(column, Field) else value


def is_about_block(entry: AuditEntry) -> bool:
    """Whether undoing the entry blocks its reporter, or lifts a block."""
    return entry.decision in ("block_reporter", "unblock_reporter")


def switched(entry: AuditEntry) -> tuple[ReportQuerySet, Report.Status]:
    """The reports that undoing an entry about a block concerns, and the status that they get."""
    named = entry.after.get("reports", [])
    if entry.decision == ("block_reporter" if entry.verb == "undo" else "unblock_reporter"):
        # All that count by now, as a block does: also those that were filed since.
        live = Report.objects.live().filter(Q(pk__in=named) | Q(reporter=entry.reporter_id))
        return live, Report.Status.REJECTED
    if entry.verb == "block_reporter" and entry.before["blocked_at"] is None:
        # Also what the same block took out when it came into force again.
        blocked = {"reporter": entry.reporter_id, "after__blocked_at": entry.after["blocked_at"]}
        entries = AuditEntry.objects.filter(**blocked)
        named = [pk for each in entries for pk in each.after.get("reports", [])]
    # Reports that were rejected one by one stay rejected.
    singly = AuditEntry.objects.filter(report=OuterRef("pk"), verb="reject_report", undone_by=None)
    dropped = Report.objects.filter(~Exists(singly), pk__in=named, status=Report.Status.REJECTED)
    return dropped, Report.Status.LIVE


def is_in_steps(entry: AuditEntry) -> bool:
    """Whether undoing the entry leaves reports to `restating.carry_out`."""
    return is_about_block(entry) and switched(entry)[0].count() > restating.AT_ONCE


def _block(entry: AuditEntry, now: datetime) -> Change:
    ids = [entry.reporter_id] if entry.reporter_id else []
    restating.hold(ids, undoes=entry)
    reports, becomes = switched(entry)
    later = reports.count() > restating.AT_ONCE
    numbers = [] if later else restating.lock_numbers(reports, reporters=ids)
    reporter = Reporter.objects.select_for_update(no_key=True, of=("self",)).get(decisions=entry)
    before = {"blocked_at": reporter.blocked_at}
    if written(before)["blocked_at"] != entry.after["blocked_at"]:
        raise DecidedSince
    # Before the numbers are published, since the words of a blocked reporter link no number to a
    # campaign.
    reporter.blocked_at = _read(Reporter, "blocked_at", entry.before["blocked_at"])
    reporter.save(update_fields=["blocked_at"])
    if later:
        moved = list(reports.order_by("pk").values_list("pk", flat=True))
        restating.put_off(entry, moved, becomes)
    else:
        moved = [each.pk for each in restating.switch(reports, numbers, becomes, now=now)]
    return before, {"blocked_at": reporter.blocked_at, "reports": moved}


def _campaign(entry: AuditEntry, now: datetime) -> Change:
    campaign = lock_campaign(Campaign.objects.get(decisions=entry))
    names = [name for name in entry.before if name != "numbers"]
    before = {name: getattr(campaign, name) for name in names}
    is_now = written(before)
    if any(is_now[name] != entry.after[name] for name in names if name != "held"):
        raise DecidedSince
    values = {name: _read(Campaign, name, entry.before[name]) for name in names}
    if (pk := values.get("joined_to_id")) is not None:
        into = Campaign.objects.filter(pk=pk).first()
        if into is None or not may_join(campaign, into):
            raise DecidedSince
    put_campaign(campaign, values, now=now)
    return before, values


def _key_grant(entry: AuditEntry, now: datetime) -> Change:
    grant = lock_grant(KeyGrant.objects.get(decisions=entry))
    before = {name: getattr(grant, name) for name in entry.after}
    if written(before) != entry.after:
        raise DecidedSince
    values = {name: _read(KeyGrant, name, entry.before[name]) for name in entry.after}
    put_grant(grant, values)
    return before, values


def _left(entry: AuditEntry, now: datetime) -> Change:
    """Undoes the leaving of items: `record` wakes them. Undoing that puts them to rest again."""
    items = items_about(entry)
    rest = list(items.select_for_update().order_by("pk").values_list("rests_until", flat=True))
    if entry.verb == "undo":
        if until := entry.before["rests_until"]:
            items.rest(until=datetime.fromisoformat(until))
        return {}, {}
    return {"rests_until": max(filter(None, rest), default=None)}, {}


_TAKE_BACK: dict[str, Callable[[AuditEntry, datetime], Change]] = {
    **dict.fromkeys(
        (
            *("confirm_number", "clear_number", "pin_number", "unpin_number", "hold_number"),
            *("mark_official", "unmark_official", "mark_spoofed", "unmark_spoofed"),
            *("mark_reassigned", "unmark_reassigned"),
            *("mark_never_calling", "unmark_never_calling"),
        ),
        _standing,
    ),
    "reject_report": _report_status,
    "merge_report": _report_status,
    "hide_report": _report_words,
    "unhide_report": _report_words,
    "confirm_campaign": _campaign,
    "release_campaign": _campaign,
    "join_campaign": _campaign,
    **dict.fromkeys(("grant_key", "refuse_key", "change_key", "end_key"), _key_grant),
    "block_reporter": _block,
    "unblock_reporter": _block,
    retracting.VERB: retracting.switch,
    "leave": _left,
}
UNDOABLE = frozenset(_TAKE_BACK)
