"""What a moderator reads whose decision comes after another's."""

from typing import Any

from django.utils.translation import gettext as _

from reputation.admin.decisions import Decision
from reputation.admin.words import named, verb
from reputation.languages import colon, sentences
from reputation.models import AuditEntry
from reputation.moderation import meanwhile


def since(decision: Decision, subject: Any, entry: AuditEntry) -> str:
    """Of a decision that was refused, since `entry` came between the page and its form."""
    fresh = type(subject)._default_manager.filter(pk=subject.pk).first()
    if fresh is not None and decision.rule.offered(fresh):
        remedy = _look_again()
    else:
        remedy = _("Your decision was not taken. What you wrote is below.")
    return sentences(_decided(entry), remedy)


def since_preview(entry: AuditEntry) -> str:
    """Of decisions on many rows that were refused, since `entry` decided on one of them."""
    about = named(entry.number or entry.subject)
    return about + colon() + sentences(_decided(entry), _look_again())


def _decided(entry: AuditEntry) -> str:
    sentence = _(
        "Decided since you opened this page, by %(who)s at %(when)s: %(decision)s (%(reason)s)."
    )
    return sentence % _told(entry)


def _look_again() -> str:
    return _("Look again; to decide all the same, send this page once more.")


def why_not_offered(subject: Any) -> str:
    """Why a decision whose page was asked for cannot be taken, with the last one on record."""
    sentence = _("This is already the case, or no longer waits for a decision.")
    entry = meanwhile.about(subject).select_related("actor").order_by("-id").first()
    if entry is None:
        return sentence
    last = _("The last decision, by %(who)s at %(when)s: %(decision)s (%(reason)s).")
    return sentences(sentence, last % _told(entry))


def _told(entry: AuditEntry) -> dict[str, Any]:
    return {"decision": verb(entry.verb), **meanwhile.by_whom(entry)}
