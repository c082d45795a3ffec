"""What the panel's templates need beyond Django's filters."""

from django import template

from reputation.admin.labels import word
from reputation.admin.words import masked_words, verb
from reputation.lookup import in_words
from reputation.models import AuditEntry
from reputation.moderation import UNDOABLE

register = template.Library()

register.filter("masked_words", masked_words)
register.filter("word", word)
register.filter("in_words", in_words)
register.filter("verb", verb)


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
