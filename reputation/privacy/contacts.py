"""Contacts that people give for questions."""

import re

_REACHED = re.compile(r"\S@\S|\w\.\w{2,}|(?:\d\D{0,3}){5}")


def is_reachable(contact: str) -> bool:
    """Whether a contact contains an e-mail address or a telephone number."""
    return _REACHED.search(contact) is not None
