"""The common part of all decisions: they need a reason, count at once, and go on the record.

For use inside the transaction of the decision, on locked rows.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NotRequired, TypedDict, Unpack

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext as _

from reputation import counting
from reputation.models import (
    AuditEntry,
    Campaign,
    DecisionBatch,
    KeyGrant,
    NeverCalling,
    Number,
    QueueItem,
    QueueItemQuerySet,
    Report,
    Reporter,
)
from reputation.scoring import is_unwanted, trust

# A decided item returns only if refreshes still find it after this time.
DECIDED_RESTS: Final = timedelta(days=1)
# Verbs of entries that decide nothing: the actor only looked, or left or opened a case.
DECIDES_NOTHING: Final = frozenset(
    {
        "add_note",
        "approve_proposal",
        "assign",
        "close_dispute",
        "decline_proposal",
        "escalate",
        "export_audit",
        "hold_dispute",
        "judge_again",
        "leave",
        "open_dispute",
        "open_evidence",
        "propose",
        "read_message",
        "remove_note",
        "reveal_contact",
        "settle_review",
        "unmask_report",
        "withdraw_proposal",
    }
)
# The columns for when the truth became plain, which decides which reports settle; a decision about
# the truth changes them.
MOMENT_OF_TRUTH = ("settled_side", "settled_seq")


class Signed(TypedDict):
    """Who decides, why and when: the keywords of every audit entry."""

    actor: User
    reason: str
    now: datetime


class By(Signed):
    """Who takes a decision, why, when, and in which batch: keywords of every decision."""

    batch: NotRequired[DecisionBatch | None]


class DecisionError(Exception):
    """A decision was refused. `field` names the part at fault."""

    field = ""


class ParticularWrong(DecisionError):
    """A part of a decision, named by `field`, is missing or wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ReasonMissing(ParticularWrong):
    def __init__(self) -> None:
        super().__init__("reason", _("Give the reason: it goes on record with your name."))


class DecidedSince(DecisionError):
    """A later decision rests on this one."""

    def __init__(self) -> None:
        super().__init__(
            _("Something was decided since, or has ended. Take that back first, or decide anew.")
        )


def program(name: str) -> User:
    """The account under which the record names a program. Nobody can sign in as it."""
    actor, created = User.objects.get_or_create(username=name, defaults={"is_active": False})
    if created:
        actor.set_unusable_password()
        actor.save()
    return actor


def require_reason(reason: str) -> None:
    """Raises ReasonMissing for an empty reason."""
    if not reason.strip():
        raise ReasonMissing


def change_standing(
    number: Number,
    standing: Mapping[str, Any],
    *,
    published: datetime | None = None,
    now: datetime,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Puts a decision about a locked number into force. `standing`: columns of Number with new
    values.

    `published`: since when anybody could read what is decided, if before now. Updates reporters'
    credits, the evidence and the public answer. Returns the columns' values before and after, for
    the record; before also with the `credits` that may change, `published`, and the `silence` that
    a decision about `never_calls` ends.
    """
    truth = standing.get("moderated")
    settles = bool(truth) or "epoch_at" in standing
    noted = [*standing, *(name for name in MOMENT_OF_TRUTH if settles and name not in standing)]
    before = {name: getattr(number, name) for name in noted}
    earned = credits_of(number) if settles else {}
    ended = end_silence(number) if "never_calls" in standing else []
    for name, value in standing.items():
        setattr(number, name, value)
    if truth:
        counting.note_truth(number, truth)
        if published is not None:
            number.settled_seq = min(number.settled_seq, counting.said_before(number, published))
        counting.settle_by_standing([number], now=now)
    if "epoch_at" in standing:
        counting.refold(number)
        counting.settle([number], now=now)
    after = {name: getattr(number, name) for name in noted}
    counting.publish(number, now=now)
    known = {"credits": earned, "published": published, "silence": ended}
    return before | {name: value for name, value in known.items() if value}, after


def decide_standing(
    number: Number,
    standing: Mapping[str, Any],
    *,
    verb: str,
    published: datetime | None = None,
    **by: Unpack[By],
) -> Number:
    """Puts a decision about a locked number into force, as `change_standing`, and records it."""
    before, after = change_standing(number, standing, published=published, now=by["now"])
    record(verb=verb, before=before, after=after, number=number, **by)
    return number


def end_silence(number: Number) -> list[dict[str, Any]]:
    """Deletes the days on which the number calls nobody, so that they never apply to a later holder
    or a later entry. Returns them, for the record."""
    silence = NeverCalling.objects.filter(number=number)
    days = list(silence.values("since", "until", "source"))
    silence.delete()
    return [dict(each) for each in days]


def credits_of(number: Number) -> dict[str, float]:
    """The credits of the number's live reports except 0, by id as in JSON."""
    credited = Report.objects.live().filter(number=number).exclude(credit=0.0)
    return {str(pk): credit for pk, credit in credited.values_list("pk", "credit")}


def against(report: Report) -> float:
    """The credit that marks this report as untrue."""
    credit = trust.MODERATOR_CREDIT
    return -credit if is_unwanted(report.category) else credit


def credit_anew(number: Number, credits: dict[Report, float], *, now: datetime) -> None:
    """Assigns credits after a decision was undone: `credits`, those before it, then those that the
    number's current standing and evidence give.

    The number's reporters are locked.
    """
    counting.assign_credits(credits, anew=True)
    counting.settle_by_standing([number], now=now)


def record(
    *,
    verb: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    number: Number | None = None,
    report: Report | None = None,
    reporter: Reporter | None = None,
    campaign: Campaign | None = None,
    key_grant: KeyGrant | None = None,
    undoes: AuditEntry | None = None,
    **by: Unpack[By],
) -> AuditEntry:
    """Writes an audit entry, in the transaction that decides. Raises ReasonMissing.

    All audit entries are written here. `before`, `after`: the values that the decision changed.
    Queue items about the subject rest; an undo wakes them.
    """
    require_reason(by["reason"])
    entry = AuditEntry(
        at=by["now"],
        actor=by["actor"],
        verb=verb,
        number=number,
        report=report,
        reporter=reporter,
        campaign=campaign,
        key_grant=key_grant,
        batch=by.get("batch"),
        undoes=undoes,
        reason=by["reason"].strip(),
        before=written(before or {}),
        after=written(after or {}),
    )
    if undoes is not None and verb == "undo":
        items_about(undoes).wake()
    elif verb not in DECIDES_NOTHING:
        _waiting_for(entry.subject).rest(until=by["now"] + DECIDED_RESTS)
    entry.save(force_insert=True)
    return entry


def _waiting_for(subject: Any) -> QueueItemQuerySet:
    """The queue items that a decision on this subject answers."""
    if subject is None:
        return QueueItem.objects.none()
    of_model = (subject._meta.model_name,)
    kinds = QueueItem.ON_NUMBERS if isinstance(subject, Number) else of_model
    return QueueItem.objects.filter(kind__in=kinds, subject_id=subject.pk)


def items_about(entry: AuditEntry) -> QueueItemQuerySet:
    """All queue items about the number, report, reporter, campaign or organisation's key of an
    entry.
    """
    about = Q(pk=None)
    if entry.key_grant_id is not None:
        about |= Q(kind=QueueItem.Kind.KEY_GRANT, subject_id=entry.key_grant_id)
    if entry.campaign_id is not None:
        about |= Q(kind=QueueItem.Kind.CAMPAIGN, subject_id=entry.campaign_id)
    for name in ("number_id", "report_id", "reporter_id"):
        if (value := getattr(entry, name)) is not None:
            about |= Q(**{name: value})
    return QueueItem.objects.filter(about)


def written(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as in JSON: moments to the microsecond, so that an undo restores them exactly."""
    return {
        name: value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        for name, value in values.items()
    }
