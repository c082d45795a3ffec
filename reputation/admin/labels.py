"""What columns are called in the panel, in the reader's language.

Given here and not in the models: a label is no schema, and each would be a migration.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reputation.models import (
    AuditEntry,
    DecisionBatch,
    Dispute,
    ImportedComplaint,
    Number,
    Report,
    Reporter,
)

LABELS: dict[str, Any] = {
    "action": _("action"),
    "actor": _("by"),
    "after": _("after"),
    "at": _("when"),
    "attestation": _("attestation"),
    "before": _("before"),
    "blocked_at": _("blocked"),
    "call_count": _("calls"),
    "callback_number": _("call-back number"),
    "category": _("category"),
    "channel": _("channel"),
    "cluster": _("cluster"),
    "complaints": _("complaints"),
    "conduct": _("conduct"),
    "contribution": _("counted"),
    "counted_at": _("last said"),
    "country": _("country"),
    "created_at": _("created"),
    "credit": _("settled credit"),
    "deadline_at": _("deadline"),
    "decided_at": _("decided on"),
    "decided_by": _("decided by"),
    "disputed": _("disputed"),
    "established": _("established"),
    "filed_at": pgettext_lazy("when it was filed", "filed"),
    "first": _("first to say so"),
    "first_reported_at": _("first reported"),
    "grounds": _("grounds"),
    "handle": _("handle"),
    "held": _("block held"),
    "hidden": _("hidden"),
    "holder_verified": _("holder verified"),
    "kind": _("kind"),
    "language": _("language"),
    "last_reported_at": _("last reported"),
    "line_type": _("kind of line"),
    "merged_into": _("merged into"),
    "moderated": _("moderator's decision"),
    "moderated_at": _("decided on"),
    "name": _("name"),
    "network": _("network"),
    "number": _("number"),
    "occurred_at": _("call came"),
    "official": _("official"),
    "opened_at": _("opened"),
    "pinned": _("pinned"),
    "pinned_until": _("pinned until"),
    "promoted": _("opened by the trust pass"),
    "reason": _("reason"),
    "reassigned": _("new holder"),
    "report": _("report"),
    "reporter": _("reporter"),
    "reports": _("reports"),
    "score": _("score"),
    "source": _("source"),
    "spoofed": _("spoofed"),
    "status": _("status"),
    "verb": _("decision"),
    "verified_at": _("verified"),
    "via": _("code sent by"),
    "was_warned": _("was warned"),
    "weight": _("weight"),
}


WORDS: dict[str, Any] = {
    "allow": _("allow"),
    "flag": _("flag"),
    "block": _("block"),
    "unknown": _("unknown"),
    "clear": _("clear"),
    "listed": _("listed"),
    "official": _("official"),
    "disputed": _("disputed"),
    "spoofed": _("spoofed"),
    "reassigned": _("new holder"),
    "live": _("counts"),
    "settled": _("settled"),
    "withdrawn": _("withdrawn"),
    "rejected": _("rejected"),
    "merged": _("merged"),
}


def name_columns() -> None:
    for model in (AuditEntry, DecisionBatch, Dispute, ImportedComplaint, Number, Report, Reporter):
        for column in model._meta.fields:
            if column.name in LABELS:
                column.verbose_name = LABELS[column.name]


_say: Callable[[str], str] = str


def sentence(text: str) -> str:
    """A reason of a score in the reader's language, as the pages for people say it."""
    return _say(text)


def say_with(translate: Callable[[str], str]) -> None:
    """Who speaks for sentences: the pages do (web.reasons), and the panel cannot import them."""
    global _say
    _say = translate


def word(name: str) -> Any:
    """What an action, a status or a category is called."""
    return WORDS.get(name) or (gettext(name.replace("_", " ")) if name else "")


def worded(column: str) -> Callable[[Model], Any]:
    """A column of a list whose values are words."""

    @admin.display(description=LABELS[column])
    def shown(row: Model) -> Any:
        return word(getattr(row, column))

    return shown
