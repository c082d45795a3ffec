"""Addresses of pages to which answers and mails link."""

from urllib.parse import quote


def page_of(key: str) -> str:
    """The path of a number's page, quoted: a sender's name may contain any character."""
    return f"/numbers/{quote(key, safe='+:@')}"
