"""The panel's words for audit entries, and reporters' words as the panel shows them."""

import re
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from reputation.admin.decisions import NAMES
from reputation.identity import display
from reputation.models import (
    AuditEntry,
    Authority,
    Channel,
    DecisionBatch,
    Dispute,
    Proposal,
    Provision,
    Report,
    Statute,
)
from reputation.privacy import mask

# Keys as reputation.identity makes them.
_KEY = re.compile(r"\+[0-9]+|[A-Z]{2}[:@].+")

# Verbs of audit entries that are not among the panel's decisions (reputation.admin.decisions).
VERBS: dict[str, Any] = {
    **NAMES,
    "undo": _("Taken back"),
    "take_back": _("Decisions taken back together"),
    "propose": _("Proposed"),
    "approve_proposal": _("Proposal approved"),
    "decline_proposal": _("Proposal declined"),
    "withdraw_proposal": _("Proposal withdrawn"),
    "import_complaints": _("Complaints of an authority brought in"),
    "import_directory": _("Import into the directory"),
    "load_directory": _("Service numbers entered"),
    "seed_numbers": _("Known numbers decided"),
    "vouch_for_reporter": _("Vouched for"),
    "stop_vouching": _("No longer vouched for"),
    "add_note": _("Note written"),
    "remove_note": _("Note removed"),
    "assign": _("Assigned"),
    "escalate": _("Escalated"),
    "add_numbers_file": _("Published list added"),
    "judge_again": _("Judged a second time"),
    "settle_review": _("Disagreement settled"),
    "export_audit": _("Record exported"),
    "open_evidence": _("Evidence opened"),
    "open_account": _("Account opened"),
    "change_account": _("Account changed"),
    "remove_second_factor": _("Second factor removed"),
    "read_message": _("Message read"),
    "file_message": _("Message filed as a report"),
    "close_dispute": _("Former holder's objection closed"),
    "close_message": _("Message closed"),
    "add_authority": _("Authority added"),
    "edit_authority": _("Authority edited"),
    "add_channel": _("Channel added"),
    "edit_channel": _("Channel edited"),
    "add_statute": _("Statute added"),
    "edit_statute": _("Statute edited"),
    "add_provision": _("Provision added"),
    "edit_provision": _("Provision edited"),
    "add_template": _("Template added"),
    "edit_template": _("Template edited"),
}


def verb(name: str) -> Any:
    """The label of an entry's verb, the same as on the button."""
    return VERBS.get(name, name)


def named(row: Any) -> str:
    """How people refer to a row: reports and disputes by their number, facts by their names."""
    language = get_language() or ""
    match row:
        case Report() | Dispute():
            return str(row.number)
        case Proposal():
            return f"{verb(row.verb)} · {number(row.about)}"
        case DecisionBatch():
            return f"{verb(row.verb)} × {len(row.targets)}"
        case AuditEntry():
            return f"{verb(row.verb)} · {row.at:%Y-%m-%d %H:%M}"
        case Authority():
            return row.name_in(language)
        case Channel():
            return f"{row.authority.name_in(language)} · {row.get_kind_display()}"
        case Statute():
            return row.title_in(language)
        case Provision():
            return f"{row.statute.title_in(language)} {row.article}".strip()
    return str(row)


def number(text: str) -> str:
    """A canonical key as people read it; any other text as it is."""
    return display(text) if _KEY.fullmatch(text) else text


def masked_words(report: Report) -> str:
    """A report's words for moderators: masked, even if they are hidden from the public."""
    words = mask(report.words)
    return gettext("(hidden) %s") % words if report.hidden else words


def state_of(proposal: Proposal) -> Any:
    """A proposal's state; also says if it expired."""
    if proposal.is_expired(timezone.now()):
        return gettext("its time is up")
    return proposal.get_state_display()
