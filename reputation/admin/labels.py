"""The panel's labels of columns, in the reader's language.

They are not in the models, where each change of a label would need a migration.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from reputation.languages import comma
from reputation.lookup import CHANNELS, LINES
from reputation.models import (
    AuditEntry,
    Campaign,
    DecisionBatch,
    Dispute,
    ImportedComplaint,
    KeyGrant,
    Number,
    NumbersFile,
    Proposal,
    Report,
    Reporter,
    Webhook,
)
from reputation.moderation import ADMINISTRATOR, AUDITOR, MODERATOR, SENIOR
from reputation.scoring import CATEGORIES

# Django's own for an empty choice: it has no Chinese of it, so our catalogue has.
NO_CHOICE = _("- Select an option -")

LABELS: dict[str, Any] = {
    "about": _("about"),
    "answered_by": _("answered by"),
    "proposer": _("proposed by"),
    "state": _("state"),
    "until": _("until"),
    "since": _("since"),
    "action": _("action"),
    "actor": _("by"),
    "added_at": _("added"),
    "after": _("after"),
    "appeal_of": _("appeal of"),
    "at": _("when"),
    "asked_at": _("asked on"),
    "attestation": _("attestation"),
    "batch": _("bulk decision"),
    "before": _("before"),
    "blocked_at": _("blocked"),
    "call_count": _("calls"),
    "callback_number": _("call-back number"),
    "campaign": _("campaign"),
    "category": _("category"),
    "channel": _("channel"),
    "cluster": _("cluster"),
    "complaints": _("complaints"),
    "confirmed_at": _("confirmed"),
    "confirmed_until": _("confirmed until"),
    "conduct": _("conduct"),
    "contribution": _("counted"),
    "counted_at": _("last said"),
    "country": _("country"),
    "created_at": _("created"),
    "credit": _("settled credit"),
    "checked_at": _("fetched"),
    "deadline_at": _("deadline"),
    "decided_at": _("decided on"),
    "decided_by": _("decided by"),
    "disputed": _("disputed"),
    "epoch_at": _("new holder since"),
    "established": _("established"),
    "established_networks": _("networks of established reporters"),
    "evidence_at": _("as of"),
    "disabled_at": _("given up"),
    "domain": _("domain"),
    "due_at": _("next attempt"),
    "events": _("told of"),
    "expires_at": _("until"),
    "failures": _("failed in a row"),
    "found_at": _("changed"),
    "problem": _("problem"),
    "filed_at": pgettext_lazy("when it was filed", "filed"),
    "finished_at": _("finished"),
    "first": _("first to say so"),
    "first_at": _("first reported"),
    "grouped_at": _("grouped"),
    "first_reported_at": _("first reported"),
    "first_unwanted_at": _("unwanted since"),
    "firsts": _("firsts"),
    "gathered": _("let through"),
    "grounds": _("grounds"),
    "handle": _("handle"),
    "held": _("block held"),
    "hidden": _("hidden"),
    "holder_verified": _("holder verified"),
    "immune_until": _("protected until"),
    "imported": _("imported complaints"),
    "key": _("key"),
    "kind": _("kind"),
    "known": _("abusive by its numbers"),
    "language": _("language"),
    "last_at": _("last reported"),
    "last_reported_at": _("last reported"),
    "last_unwanted_at": _("last unwanted"),
    "legitimate": _("legitimate"),
    "line_type": _("kind of line"),
    "linked": _("what its words do"),
    "linked_until": _("words count until"),
    "listed": _("listed on their own"),
    "lookups_per_minute": _("Lookups a minute"),
    "merged_into": _("merged into"),
    "moderated": _("moderator's decision"),
    "moderated_at": _("decided on"),
    "name": _("name"),
    "network": _("network"),
    "never_calls": _("never calls"),
    "networks": _("networks"),
    "newcomers": _("new accounts"),
    "number": _("number"),
    "numbers": _("numbers"),
    "occurred_at": _("call came"),
    "official": _("official"),
    "opened_at": _("opened"),
    "organisation": _("organisation"),
    "pinned": _("pinned"),
    "pinned_after": _("pinned after that"),
    "pinned_after_until": _("pinned after that until"),
    "pinned_until": _("pinned until"),
    "prior": _("before any report"),
    "promoted": _("opened by the trust pass"),
    "public_id": _("id"),
    "reason": _("reason"),
    "reassess_at": _("looked at again"),
    "reassigned": _("new holder"),
    "report": _("report"),
    "reporter": _("reporter"),
    "reporters": _("reporters"),
    "reports": _("reports"),
    "saturated": _("withheld"),
    "score": _("score"),
    "sent_at": _("last message taken"),
    "seq": _("place in order"),
    "settled_seq": _("settled at"),
    "settled_side": _("settled as"),
    "source": _("source"),
    "spoofed": _("spoofed"),
    "status": _("status"),
    "subject": _("subject"),
    "supporters": _("as legitimate"),
    "trust_seq": _("trust pass at"),
    "trouble": _("trouble"),
    "undoes": _("takes back"),
    "unwanted_long": _("unwanted, slow to fade"),
    "unwanted_short": _("unwanted, quick to fade"),
    "url": _("address"),
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
    "clear": _("not listed"),
    "listed": _("listed"),
    "official": _("official"),
    "disputed": _("disputed"),
    "spoofed": _("spoofed"),
    "reassigned": _("new holder"),
    "failed": _("failed"),
    "none": _("none"),
    "live": _("counts"),
    "settled": _("settled"),
    "withdrawn": _("withdrawn"),
    "rejected": _("rejected"),
    "merged": _("merged"),
}


# Acts, named as in laws.
CONDUCT = {
    "threats": _("threats"),
    "insult_or_defamation": _("insult or defamation"),
    "false_accusation": _("false accusation"),
    "witness_retaliation": _("retaliation against a witness"),
    "repeated_intimidation": _("repeated intimidation"),
    "privacy_disclosure": _("disclosure of private matters"),
    "contacted_third_parties": _("contact of third parties"),
    "undisclosed_collector": _("collector who did not say so"),
    "no_written_notice": _("no written notice of the debt"),
}
ROLE_WORDS = {
    MODERATOR: _("moderator"),
    SENIOR: _("senior moderator"),
    AUDITOR: _("auditor"),
    ADMINISTRATOR: _("administrator"),
}
WORDS |= LINES | CHANNELS
WORDS |= {name: gettext_lazy(category.label) for name, category in CATEGORIES.items()}


def name_columns() -> None:
    for model in (
        *(AuditEntry, Campaign, DecisionBatch, Dispute, ImportedComplaint, KeyGrant),
        *(Number, NumbersFile, Proposal, Report, Reporter, Webhook),
    ):
        for column in model._meta.fields:
            if column.name in LABELS:
                column.verbose_name = LABELS[column.name]


def word(name: str) -> Any:
    """The word for an action, a status, a category or another value of a column."""
    return WORDS.get(name) or (gettext(name.replace("_", " ")) if name else "")


def roles_in_words(roles: Iterable[str]) -> str:
    """The roles of an account in the reader's language."""
    return comma().join(str(ROLE_WORDS.get(role, role)) for role in sorted(roles))


def worded(column: str) -> Any:
    """A column of a list whose values are shown in words."""

    @admin.display(description=LABELS[column], ordering=column)
    def shown(row: Model) -> Any:
        value = getattr(row, column)
        if column == "action":
            return format_html('<span class="told {}">{}</span>', value, word(value))
        return word(value)

    shown.__name__ = column
    return shown
