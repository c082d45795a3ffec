"""Words that templates request by key."""

from django import template

from reputation.identity import display
from web import wording

register = template.Library()


@register.filter
def category_hint(name: str) -> object:
    """The small print beside a category."""
    return wording.CATEGORIES[name][1]


@register.filter
def number(key: str) -> str:
    """A canonical key as people read it."""
    return display(key)
