"""What the panel's templates need beyond Django's filters."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from reputation.admin.decisions import NAMES
from reputation.admin.labels import sentence, word
from reputation.admin.reports import masked_words
from reputation.models import AuditEntry
from reputation.moderation import UNDOABLE

register = template.Library()

register.filter("masked_words", masked_words)
register.filter("word", word)
register.filter("sentence", sentence)

# What entries of the record are called that are no decisions of the panel's own.
VERBS: dict[str, Any] = {
    **NAMES,
    "undo": _("Taken back"),
    "leave": _("Left as it is"),
    "open_evidence": _("Evidence opened"),
}


@register.filter
def verb(name: str) -> Any:
    """What a verb of the record is called: as the button that led to it."""
    return VERBS.get(name, name)


@register.filter
def percent(share: float) -> str:
    """0.917 as 92%."""
    return f"{share:.0%}"


@register.filter
def undone(entry: AuditEntry) -> bool:
    """Whether the decision was taken back; select_related("undone_by") makes it free."""
    return getattr(entry, "undone_by", None) is not None


@register.filter
def undoable(entry: AuditEntry) -> bool:
    return entry.verb in UNDOABLE
