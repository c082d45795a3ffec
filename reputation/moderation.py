"""What moderators decide. Each decision needs a reason, counts at once, and goes on the record."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from reputation import folding, refolding
from reputation.identity import Identity
from reputation.models import AuditEntry, Number, Report
from reputation.reports import drop_report
from reputation.scoring import trust
from reputation.scoring.categories import CATEGORIES, Side


class DecisionError(Exception):
    """A decision was not taken. `field` names the part at fault."""

    field = ""


class ReasonMissing(DecisionError):
    field = "reason"


@transaction.atomic
def confirm_number(*, actor: User, identity: Identity, reason: str, now: datetime) -> Number:
    """A moderator confirms that calls from this number are unwanted: it may be blocked now."""
    return _rule(actor, identity, "confirm_number", reason, now, moderated=1, moderated_at=now)


@transaction.atomic
def clear_number(*, actor: User, identity: Identity, reason: str, now: datetime) -> Number:
    """A moderator judges the number legitimate: reports alone no longer flag or block it."""
    return _rule(
        actor, identity, "clear_number", reason, now, moderated=-1, moderated_at=now, promoted=False
    )


@transaction.atomic
def mark_official(
    *, actor: User, identity: Identity, name: str, reason: str, now: datetime
) -> Number:
    """Enters the number in the verified directory under `name`; reports alone never block it."""
    return _rule(
        actor, identity, "mark_official", reason, now, official=True, promoted=False, name=name
    )


@transaction.atomic
def mark_spoofed(*, actor: User, identity: Identity, reason: str, now: datetime) -> Number:
    """Others call under this number: hold it at flag and say so."""
    return _rule(actor, identity, "mark_spoofed", reason, now, spoofed=True)


@transaction.atomic
def mark_reassigned(*, actor: User, identity: Identity, reason: str, now: datetime) -> Number:
    """The number has a new holder: nothing that was said or decided of the old one counts now.

    It stays on record.
    """
    return _rule(
        actor,
        identity,
        "mark_reassigned",
        reason,
        now,
        reassigned=True,
        epoch_at=now,
        settled_side=0,
        settled_seq=0,
        moderated=0,
        moderated_at=None,
        promoted=False,
        official=False,
        name="",
        holder_verified=False,
        disputed=False,
        spoofed=False,
        pinned="",
    )


@transaction.atomic
def reject_report(*, actor: User, report: Report, reason: str, now: datetime) -> Report:
    """A moderator finds a report untrue: it stops counting, and its reporter loses trust."""
    _require(reason)
    number = Number.objects.select_for_update().get(pk=report.number_id)
    folding.lock_reporters(number)
    report.refresh_from_db()
    before = {"status": report.status}
    against = -1.0 if CATEGORIES[report.category].side is Side.UNWANTED else 1.0
    folding.assign_credits({report: against * trust.MODERATOR_CREDIT})
    if report.status != Report.Status.REJECTED:
        # A withdrawn one too: its reporter could bring it back otherwise.
        drop_report(report, number, status=Report.Status.REJECTED, now=now)
    _record(actor, "reject_report", reason, now, before, {"status": report.status}, number, report)
    return report


def _rule(
    actor: User,
    identity: Identity,
    verb: str,
    reason: str,
    now: datetime,
    **standing: Any,
) -> Number:
    _require(reason)
    number = folding.lock_number(identity, now=now)
    before = {name: getattr(number, name) for name in standing}
    for name, value in standing.items():
        setattr(number, name, value)
    if standing.get("moderated"):
        folding.note_truth(number, standing["moderated"])
        truth = float(standing["moderated"]) * trust.MODERATOR_CREDIT
        folding.assign_credits(dict.fromkeys(folding.early_reports(number), truth))
    if "epoch_at" in standing:
        refolding.refold(number)
    folding.publish(number, now=now)
    after = {name: getattr(number, name) for name in standing}
    _record(actor, verb, reason, now, before, after, number)
    return number


def _require(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("Give the reason: it goes on record, and the holder may ask for it.")


def _record(
    actor: User,
    verb: str,
    reason: str,
    now: datetime,
    before: dict[str, Any],
    after: dict[str, Any],
    number: Number,
    report: Report | None = None,
) -> None:
    AuditEntry.objects.create(
        at=now,
        actor=actor,
        verb=verb,
        number=number,
        report=report,
        reason=reason,
        before=before,
        after=after,
    )
