"""The table of decisions: the permission and the particulars of each, and when it is offered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

from django.contrib.auth.models import User

from reputation import moderation
from reputation.disputes import (
    DisputeError,
    decide_dispute,
    has_contact,
    hold_dispute,
    is_barred,
    open_for_holder,
    reveal_contact,
)
from reputation.models import AuditEntry, Dispute, KeyGrant, Number, Report, Reporter
from reputation.moderation import permissions
from reputation.scoring import Action

# Longest name and source of an entry of the directory, in characters.
NAME_LENGTH = 120
SOURCE_LENGTH = 500

# The keyword by which the verbs take a subject, if it is not the name of its kind. For a number,
# they take the identity.
_CALLED = {"numbersfile": "file", "keygrant": "grant"}


def always(subject: Any) -> bool:
    return True


def nobody(subject: Any, user: User) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Rule:
    """A decision about a kind of subject.

    `act`: the verb that takes it. `fields`: its own particulars. `offered`: whether it would change
    the subject. `batch`: may be taken on many rows. `tells`: the public answer may change. `shows`:
    decides nothing, but shows the subject's personal data once. `two`: always needs two persons
    (decisions.plans). `urgent`: may be taken even if another moderator has the subject. `barred`:
    whether this user, who has the permission, must leave this subject to others.
    """

    verb: str
    permission: str
    act: Callable[..., object]
    fields: tuple[str, ...] = ()
    offered: Callable[[Any], bool] = always
    batch: bool = False
    tells: bool = True
    shows: bool = False
    two: bool = False
    urgent: bool = False
    barred: Callable[[Any, User], bool] = nobody
    subject: str = ""

    def take(self, subject: Any, given: Mapping[str, Any], by: Mapping[str, Any]) -> object:
        """Takes the decision with the particulars `given`. `by`: actor, reason and now."""
        called: dict[str, Any] = {_CALLED.get(self.subject, self.subject): subject}
        if isinstance(subject, Number):
            called = {"identity": subject.identity}
        return self.act(**called, **{name: given[name] for name in self.fields}, **by)


def start_of_day(day: date) -> datetime:
    """The first moment of a day in UTC."""
    return datetime.combine(day, time.min, UTC)


def end_of_day(day: date) -> datetime:
    """The last moment of a day in UTC."""
    return datetime.combine(day, time.max, UTC)


def _block_cluster(*, reporter: Reporter, **by: Any) -> object:
    return moderation.block_cluster(cluster=reporter.cluster or 0, **by)


def _never_calling(*, since: datetime, source: str, **given: Any) -> object:
    return moderation.mark_never_calling(
        silence=moderation.Silence(since.date(), None, source), **given
    )


def _open_dispute(**given: Any) -> object:
    try:
        return open_for_holder(**given)
    except DisputeError as error:
        raise moderation.DecisionError(str(error)) from error


def _is_open(dispute: Dispute) -> bool:
    return dispute.status == Dispute.Status.OPEN


_ABOUT_NUMBERS = (
    Rule(
        "confirm_number",
        permissions.CHANGE_NUMBER,
        moderation.confirm_number,
        offered=lambda number: number.moderated <= 0,
        batch=True,
    ),
    Rule(
        "clear_number",
        permissions.CHANGE_NUMBER,
        moderation.clear_number,
        offered=lambda number: number.moderated >= 0,
        batch=True,
    ),
    Rule(
        "mark_spoofed",
        permissions.CHANGE_NUMBER,
        moderation.mark_spoofed,
        offered=lambda number: not number.spoofed,
    ),
    Rule(
        "unmark_spoofed",
        permissions.CHANGE_NUMBER,
        moderation.unmark_spoofed,
        offered=lambda number: number.spoofed,
    ),
    Rule("mark_reassigned", permissions.CHANGE_NUMBER, moderation.mark_reassigned, ("since",)),
    Rule(
        "unmark_reassigned",
        permissions.CHANGE_NUMBER,
        moderation.unmark_reassigned,
        offered=lambda number: number.reassigned,
    ),
    Rule(
        "pin_number", permissions.PIN_NUMBER, moderation.pin_number, ("action", "until"), two=True
    ),
    Rule(
        "unpin_number",
        permissions.PIN_NUMBER,
        moderation.unpin_number,
        offered=lambda number: bool(number.pinned),
        two=True,
    ),
    Rule(
        "hold_number",
        permissions.HOLD_NUMBER,
        moderation.hold_number,
        offered=lambda number: number.action == Action.BLOCK,
        batch=True,
        urgent=True,
    ),
    Rule(
        "mark_official",
        permissions.MARK_OFFICIAL,
        moderation.mark_official,
        ("name",),
        offered=lambda number: not number.official,
        two=True,
    ),
    Rule(
        "unmark_official",
        permissions.MARK_OFFICIAL,
        moderation.unmark_official,
        offered=lambda number: number.official,
        two=True,
    ),
    Rule(
        "mark_never_calling",
        permissions.MARK_OFFICIAL,
        _never_calling,
        ("name", "since", "source"),
        offered=lambda number: not number.never_calls,
        two=True,
    ),
    Rule(
        "unmark_never_calling",
        permissions.MARK_OFFICIAL,
        moderation.unmark_never_calling,
        offered=lambda number: number.never_calls,
        two=True,
    ),
    Rule(
        "open_dispute",
        permissions.CHANGE_DISPUTE,
        _open_dispute,
        ("grounds", "statement", "contact"),
        offered=lambda number: not number.disputed,
    ),
)
_ABOUT_REPORTS = (
    Rule(
        "reject_report",
        permissions.CHANGE_REPORT,
        moderation.reject_report,
        offered=lambda report: report.status != Report.Status.REJECTED,
        batch=True,
    ),
    Rule(
        "hide_report",
        permissions.CHANGE_REPORT,
        moderation.hide_report,
        offered=lambda report: not report.hidden,
        batch=True,
    ),
    Rule(
        "unhide_report",
        permissions.CHANGE_REPORT,
        moderation.unhide_report,
        offered=lambda report: report.hidden,
    ),
    Rule(
        "merge_report",
        permissions.CHANGE_REPORT,
        moderation.merge_report,
        ("keep",),
        offered=lambda report: report.status == Report.Status.LIVE,
    ),
    Rule(
        "unmask_report",
        permissions.UNMASK_REPORT,
        moderation.unmask_report,
        tells=False,
        shows=True,
    ),
)
_ABOUT_REPORTERS = (
    Rule(
        "block_reporter",
        permissions.CHANGE_REPORTER,
        moderation.block_reporter,
        offered=lambda reporter: reporter.blocked_at is None,
        batch=True,
    ),
    Rule(
        "block_cluster",
        permissions.DECIDE_ON_MANY,
        _block_cluster,
        offered=lambda reporter: reporter.cluster is not None,
    ),
    Rule(
        "unblock_reporter",
        permissions.CHANGE_REPORTER,
        moderation.unblock_reporter,
        offered=lambda reporter: reporter.blocked_at is not None,
    ),
    Rule(
        "unlink_reporter",
        permissions.CHANGE_REPORTER,
        moderation.unlink_reporter,
        offered=lambda reporter: reporter.merged_into_id is not None,
    ),
)
_ABOUT_DISPUTES = (
    Rule(
        "uphold_dispute",
        permissions.CHANGE_DISPUTE,
        partial(decide_dispute, upheld=True),
        offered=_is_open,
        barred=is_barred,
    ),
    Rule(
        "reject_dispute",
        permissions.CHANGE_DISPUTE,
        partial(decide_dispute, upheld=False),
        offered=_is_open,
        barred=is_barred,
    ),
    Rule(
        "hold_dispute",
        permissions.CHANGE_DISPUTE,
        hold_dispute,
        offered=_is_open,
        barred=is_barred,
    ),
    Rule(
        "reveal_contact",
        permissions.UNMASK_REPORT,
        reveal_contact,
        offered=has_contact,
        tells=False,
        shows=True,
    ),
)
_ABOUT_CAMPAIGNS = (
    Rule(
        "confirm_campaign",
        permissions.CHANGE_CAMPAIGN,
        moderation.confirm_campaign,
        ("until",),
    ),
    Rule(
        "release_campaign",
        permissions.CHANGE_CAMPAIGN,
        moderation.release_campaign,
        offered=lambda campaign: campaign.confirmed_at is not None,
    ),
    Rule(
        "join_campaign",
        permissions.CHANGE_CAMPAIGN,
        moderation.join_campaign,
        offered=lambda campaign: bool(
            campaign.like_id
            and campaign.joined_to_id is None
            and campaign.confirmed_at is None
            and not campaign.joined.exists()
        ),
    ),
)
_ABOUT_FILES = (
    Rule(
        "accept_numbers_file",
        permissions.MARK_OFFICIAL,
        moderation.published_lists.accept_file,
        offered=lambda file: file.found is not None,
        tells=False,
        two=True,
    ),
    Rule(
        "decline_numbers_file",
        permissions.MARK_OFFICIAL,
        moderation.published_lists.decline_file,
        offered=lambda file: file.found is not None,
        tells=False,
    ),
)

_TERMS = ("scopes", "lookups_per_minute", "verifies_attestation", "until")


def _lasts(grant: KeyGrant) -> bool:
    return grant.granted_at is not None and grant.ended_at is None


_ABOUT_KEYS = (
    Rule(
        "grant_key",
        permissions.CHANGE_KEY_GRANT,
        moderation.grant_key,
        _TERMS,
        offered=lambda grant: grant.granted_at is None and grant.ended_at is None,
        tells=False,
    ),
    Rule(
        "refuse_key",
        permissions.CHANGE_KEY_GRANT,
        moderation.refuse_key,
        offered=lambda grant: grant.granted_at is grant.refused_at is grant.ended_at is None,
        tells=False,
    ),
    Rule(
        "change_key",
        permissions.CHANGE_KEY_GRANT,
        moderation.change_key,
        _TERMS,
        offered=_lasts,
        tells=False,
    ),
    Rule("end_key", permissions.CHANGE_KEY_GRANT, moderation.end_key, offered=_lasts, tells=False),
)

# The rules by kind of subject and verb.
RULES: dict[str, dict[str, Rule]] = {
    subject: {rule.verb: replace(rule, subject=subject) for rule in rules}
    for subject, rules in (
        ("number", _ABOUT_NUMBERS),
        ("report", _ABOUT_REPORTS),
        ("reporter", _ABOUT_REPORTERS),
        ("dispute", _ABOUT_DISPUTES),
        ("campaign", _ABOUT_CAMPAIGNS),
        ("numbersfile", _ABOUT_FILES),
        ("keygrant", _ABOUT_KEYS),
    )
}
# Kinds decided only in the panel: a moderator's program may not make further keys.
PANEL_ONLY = frozenset({"keygrant"})
# No two kinds share a verb.
BY_VERB = {verb: rule for rules in RULES.values() for verb, rule in rules.items()}
# The permissions by verb, for audit entries.
_PERMISSIONS = {verb: rule.permission for verb, rule in BY_VERB.items()} | {
    "leave": permissions.WORK_QUEUE,
    "import_complaints": permissions.DECIDE_ON_MANY,
}


def permission_to_undo(entry: AuditEntry) -> str:
    """The permission to undo the decision of an entry, the same as to take it; "" if there is
    nothing to undo."""
    return _PERMISSIONS.get(entry.decision, "")


def may_undo(user: User, entry: AuditEntry) -> bool:
    permission = permission_to_undo(entry)
    return bool(permission) and user.has_perm(permission)
