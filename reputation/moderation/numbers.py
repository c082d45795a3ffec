"""Moderators' decisions about numbers."""

from datetime import datetime, timedelta
from typing import Any, Final, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from reputation import counting
from reputation.identity import Identity
from reputation.models import AuditEntry, Number
from reputation.moderation.recording import (
    MOMENT_OF_TRUTH,
    By,
    ParticularWrong,
    decide_standing,
    require_reason,
)
from reputation.scoring import Action

# A pin overrides the arithmetic, so it has to be renewed.
LONGEST_PIN = timedelta(days=366)
# The columns of a number that is neither pinned nor held.
UNPINNED: Final[dict[str, Any]] = {
    "pinned": "",
    "pinned_until": None,
    "pinned_after": "",
    "pinned_after_until": None,
}
# Long enough for a second person to wake up.
HOLD = timedelta(hours=24)
# Reports that old no longer count anyway, so an earlier day is probably a slip.
OLDEST_HOLDER = timedelta(days=3_653)


@transaction.atomic
def confirm_number(
    *, identity: Identity, published: datetime | None = None, **by: Unpack[By]
) -> Number:
    """A moderator confirms that calls from this number are unwanted: it may now be blocked.

    `published`: since when anybody could read it. Who only says it since then earns nothing.
    """
    return _decide("confirm_number", identity, by, published, moderated=1, moderated_at=by["now"])


@transaction.atomic
def clear_number(
    *, identity: Identity, published: datetime | None = None, **by: Unpack[By]
) -> Number:
    """A moderator judges the number legitimate: reports alone no longer flag or block it.

    `published`: as of `confirm_number`.
    """
    cleared = {"moderated": -1, "moderated_at": by["now"], "promoted": False}
    return _decide("clear_number", identity, by, published, **cleared)


@transaction.atomic
def pin_number(*, identity: Identity, action: Action, until: datetime, **by: Unpack[By]) -> Number:
    """Fixes the public action, above all evidence, until that moment. Raises ParticularWrong.

    The first reassessment after it (within minutes) removes the pin.
    """
    if not by["now"] < until <= by["now"] + LONGEST_PIN:
        raise ParticularWrong("until", _("A pin ends within a year from now. Give its last day."))
    pin = {"pinned": action.value, "pinned_until": until}
    return _decide("pin_number", identity, by, **UNPINNED | pin)


@transaction.atomic
def hold_number(*, identity: Identity, **by: Unpack[By]) -> Number:
    """Keeps a number from being blocked for HOLD, until others can look: a pin at flag.

    A pin that stood before returns when the hold ends: it took two persons, and a hold takes one.
    """
    require_reason(by["reason"])
    number = counting.lock_number(identity, now=by["now"])
    standing = {"pinned": Action.FLAG.value, "pinned_until": by["now"] + HOLD}
    if not number.pinned_after:  # else it is held already
        standing |= {"pinned_after": number.pinned, "pinned_after_until": number.pinned_until}
    return decide_standing(number, standing, verb="hold_number", **by)


@transaction.atomic
def unpin_number(*, identity: Identity, **by: Unpack[By]) -> Number:
    """Lets the evidence decide the public action again."""
    return _decide("unpin_number", identity, by, **UNPINNED)


@transaction.atomic
def mark_official(*, identity: Identity, name: str, **by: Unpack[By]) -> Number:
    """Enters the number in the verified directory under `name`; reports alone never block it."""
    return _decide("mark_official", identity, by, official=True, promoted=False, name=name)


@transaction.atomic
def unmark_official(*, identity: Identity, **by: Unpack[By]) -> Number:
    """Takes the number out of the verified directory."""
    return _decide("unmark_official", identity, by, official=False, name="", never_calls=False)


@transaction.atomic
def mark_spoofed(*, identity: Identity, **by: Unpack[By]) -> Number:
    """Marks a number that others fake as their caller ID: holds it at flag and says so."""
    return _decide("mark_spoofed", identity, by, spoofed=True)


@transaction.atomic
def unmark_spoofed(*, identity: Identity, **by: Unpack[By]) -> Number:
    """Removes the mark: calls from this number come from its holder."""
    return _decide("unmark_spoofed", identity, by, spoofed=False)


@transaction.atomic
def mark_reassigned(
    *, identity: Identity, since: datetime | None = None, **by: Unpack[By]
) -> Number:
    """Marks a new holder: reports and decisions about the old one no longer count, but stay on
    record.

    `since`: the new holder's first day, now by default, at most OLDEST_HOLDER ago; later reports
    count. Raises ParticularWrong.
    """
    if since is not None and since > by["now"]:
        raise ParticularWrong(
            "since", _("That day lies in the future. Give the new holder's first day.")
        )
    if since is not None and since < by["now"] - OLDEST_HOLDER:
        raise ParticularWrong("since", _("That day is more than ten years ago. Give a later one."))
    return _decide("mark_reassigned", identity, by, **of_new_holder(since or by["now"]))


def of_new_holder(since: datetime) -> dict[str, Any]:
    """The columns of a number that has another holder since then: nothing about the former one
    counts."""
    return {
        "reassigned": True,
        "epoch_at": since,
        "settled_side": 0,
        "settled_seq": 0,
        "moderated": 0,
        "moderated_at": None,
        "promoted": False,
        "official": False,
        "name": "",
        "never_calls": False,
        "holder_verified": False,
        "disputed": False,
        "spoofed": False,
        "immune_until": None,
        **UNPINNED,
    }


@transaction.atomic
def unmark_reassigned(*, identity: Identity, **by: Unpack[By]) -> Number:
    """Removes the mark: the old holder still has the number, and reports about them count again.

    Decisions about them do not come back: see `undo`.
    """
    marks = AuditEntry.objects.filter(number__key=identity.key, verb="mark_reassigned")
    marked = marks.order_by("-id").first()
    # When the number's truth became plain: earlier reports predicted it, later ones only agreed.
    truth = {name: marked.before[name] for name in MOMENT_OF_TRUTH} if marked else {}
    return _decide("unmark_reassigned", identity, by, reassigned=False, epoch_at=None, **truth)


def _decide(
    verb: str, identity: Identity, by: By, published: datetime | None = None, **standing: Any
) -> Number:
    require_reason(by["reason"])
    number = counting.lock_number(identity, now=by["now"])
    return decide_standing(number, standing, verb=verb, published=published, **by)
