"""PhoneBlock's XML: one element per object, attributes in kebab case, as clients' XPaths expect."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

NAMES = {
    "votesWildcard": "votes-wildcard",
    "whiteListed": "white-listed",
    "blackListed": "black-listed",
    "dateAdded": "date-added",
    "lastUpdate": "last-update",
    "lastActivity": "last-activity",
}


def element(tag: str, fields: Mapping[str, Any]) -> str:
    attributes = "".join(
        f" {NAMES.get(name, name)}={quoteattr(_text(value))}" for name, value in fields.items()
    )
    return f"<{tag}{attributes}/>"


def elements(tag: str, items: Iterable[str]) -> str:
    return f"<{tag}>{''.join(items)}</{tag}>"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
