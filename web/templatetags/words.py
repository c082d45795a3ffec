"""Words that templates request by key."""

import re

from django import template
from django.conf import settings
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

from reputation.identity import display
from reputation.languages import colon, comma, gap, in_a_row, semicolon
from web import uploads, wording

register = template.Library()


@register.filter
def category_hint(name: str) -> object:
    """The small print beside a category."""
    return wording.CATEGORIES[name][1]


@register.filter
def number(key: str) -> str:
    """A canonical key as people read it."""
    return display(key)


@register.filter
def unbroken(number: str) -> str:
    """A number in a heading: it begins a new line rather than being broken."""
    return format_html('<span class="unbroken">{}</span>', number)


@register.filter
def dialling(text: object, police: str) -> str:
    """The text with the number of the police, where it stands, as a link that dials it."""
    link = format_html('<a class="number" href="tel:{0}">{0}</a>', police)
    alone = re.compile(rf"(?<![\d-]){re.escape(police)}(?![\d-])")
    return mark_safe(alone.sub(link, escape(str(text))))  # noqa: S308 -- escaped


@register.filter
def names(error: object, label: object) -> bool:
    """Whether a sentence about a field names it."""
    return any(f"{left}{label}{right}" in str(error) for left, right in ("“”", "「」"))


@register.inclusion_tag("web/files.html")
def files(label: str, note: str = "", **more: object) -> dict[str, object]:
    """The field of a form that takes files (web.uploads)."""
    most = settings.EVIDENCE_MAX_BYTES
    limits = {
        "most_bytes": most,
        "most_megabytes": most // 1_000_000,
        "most_files": uploads.MOST,
    }
    return {"label": label, "note": note, **limits, **more}


register.filter(in_a_row)
register.simple_tag(colon)
register.simple_tag(comma)
register.simple_tag(semicolon)
register.simple_tag(gap)
register.simple_tag(wording.own_numbers)
