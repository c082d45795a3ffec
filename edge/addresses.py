"""Addresses of pages that answers and mails lead to."""

from urllib.parse import quote


def page_of(key: str) -> str:
    """The path of a number's page. A sender's name may contain what an address may not."""
    return f"/numbers/{quote(key, safe='+:@')}"
