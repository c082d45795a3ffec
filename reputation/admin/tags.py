"""Template tags and filters of the panel."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django import template
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import ngettext

from reputation.admin.labels import WORDS, roles_in_words, word
from reputation.admin.notes import context as about_notes
from reputation.admin.words import masked_words, named, number, verb
from reputation.decisions import waiting
from reputation.languages import colon, comma, full_stop, gap, in_a_row, semicolon
from reputation.lookup import in_words
from reputation.models import AuditEntry, Number
from reputation.moderation import UNDOABLE, permissions, reasons

register = template.Library()

register.filter("masked_words", masked_words)
register.filter("word", word)
register.filter("in_words", in_words)
register.filter("verb", verb)
register.filter("named", named)
register.filter("number", number)
register.filter("roles", roles_in_words)
register.filter("reason", reasons.in_words)
register.filter("in_a_row", in_a_row)
for sign in (colon, comma, semicolon, full_stop, gap):
    register.simple_tag(sign)


@register.inclusion_tag("panel/_notes.html", takes_context=True)
def notes(context: dict[str, Any], subject: Any) -> dict[str, Any]:
    """The notes on a subject, and the waiting proposals about its number."""
    request = context["request"]
    number = subject if isinstance(subject, Number) else None
    waits = waiting(now=timezone.now()).filter(number=number) if number else ()
    return {
        **about_notes(request, subject),
        "proposals": [(each, verb(each.verb)) for each in waits],
        "csrf_token": context.get("csrf_token"),
        "here": request.get_full_path(),
        "user": request.user,
    }


@register.inclusion_tag("panel/_two.html", takes_context=True)
def takes_two(context: dict[str, Any]) -> dict[str, Any]:
    """Why a decision needs two persons, and what to do without a second moderator."""
    others = User.objects.with_perm(permissions.WORK_QUEUE).exclude(pk=context["request"].user.pk)
    return {"most": settings.SECOND_MODERATOR_BEYOND, "is_alone": not others.exists()}


@register.filter
def entry_named(row: Any) -> Any:
    """A row of a batch as a page names it; audit entries are named by their decision."""
    if not isinstance(row, AuditEntry):
        return row
    decided = row.undoes if row.verb == "undo" and row.undoes else row
    about = row.number or row.subject or ""
    return f"{verb(decided.verb)} · {about} · {row.at:%Y-%m-%d %H:%M}"


@register.filter
def in_told(row: str) -> str:
    """`block listed → allow clear` in the reader's language."""
    return " ".join(str(WORDS.get(part, part)) for part in row.split(" "))


@register.filter
def percent(share: float) -> str:
    """0.917 as 92%."""
    return f"{share:.0%}"


@register.filter
def days(time: timedelta) -> str:
    """A span of time as 1.5 days."""
    count = time / timedelta(days=1)
    shown = f"{count:.1f}"
    return ngettext("%(n)s day", "%(n)s days", 1 if shown == "1.0" else 2) % {"n": shown}


@register.filter
def span(moments: tuple[datetime, datetime]) -> str:
    """Two moments as 2026-11-28 10:02–10:05, without what both share."""
    first, last = (f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" for moment in moments)
    if first == last:
        return first
    return f"{first}–{last[11:]}" if first[:10] == last[:10] else f"{first}–{last}"


@register.filter
def by_batch(entries: Iterable[AuditEntry]) -> list[tuple[AuditEntry, int]]:
    """The lines of a list: a decision, and how many more of its batch share its line."""
    lines = []
    for (batch, _verb, _undone), same in groupby(
        entries, key=lambda entry: (entry.batch_id, entry.verb, undone(entry))
    ):
        alike = list(same)
        lines += [(entry, 1) for entry in alike] if batch is None else [(alike[0], len(alike))]
    return lines


@register.filter
def undone(entry: AuditEntry) -> bool:
    """Whether the decision was undone; with select_related("undone_by") without a query."""
    return getattr(entry, "undone_by", None) is not None


@register.filter
def undoable(entry: AuditEntry) -> bool:
    return entry.verb in UNDOABLE
