"""The address book of the command `ringscore`: a file of vCards, or of numbers."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

from ._rules import NOBODY, Contacts


def book_of(file: str, *, region: str) -> Callable[[], Contacts]:
    """The address book in a file, read again when the file has changed."""
    if not file:
        return lambda: NOBODY
    path = Path(file)
    read_at, held = 0, NOBODY

    def book() -> Contacts:
        nonlocal read_at, held
        try:
            stamp = path.stat().st_mtime_ns
            if stamp != read_at:
                held, read_at = Contacts(read_contacts(path.read_text()), region=region), stamp
        except OSError as error:
            if not read_at:
                raise ValueError(f"the address book cannot be read: {error}") from error
            # While the file is being replaced, the last book read is better than none.
            logging.getLogger("ringscore").warning("the address book cannot be read: %s", error)
        return held

    book()
    return book


_TEL = re.compile(r"^(?:[\w-]+\.)?TEL(?:;[^:]*)?:(?:tel:)?(.+)$", re.IGNORECASE | re.MULTILINE)


def read_contacts(text: str) -> list[str]:
    """The numbers in a vCard file, or in a file with a number a line (`#` begins a comment)."""
    if "BEGIN:VCARD" in text.upper():
        unfolded = re.sub(r"\r?\n[ \t]", "", text)
        return [number.strip() for number in _TEL.findall(unfolded)]
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]
