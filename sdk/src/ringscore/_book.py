"""The address book of the command `ringscore`: a file of vCards, or of numbers."""

from __future__ import annotations

import codecs
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
                held, read_at = Contacts(read_contacts(_text_of(path)), region=region), stamp
        except (OSError, UnicodeDecodeError) as error:
            why = "save it in UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
            message = f"the address book {file} cannot be read: {why}"
            if not read_at:
                raise ValueError(message) from error
            # While the file is being replaced, the last book read is better than none.
            logging.getLogger("ringscore").warning(message)
        return held

    book()
    return book


def _text_of(path: Path) -> str:
    """The text of a file. Raises OSError, UnicodeDecodeError."""
    content = path.read_bytes()
    return content.decode(encoding_of(content))


def encoding_of(content: bytes) -> str:
    """UTF-16 for what begins with its mark, as Windows writes it; else UTF-8."""
    in_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "utf-16" if in_utf16 else "utf-8-sig"


_TEL = re.compile(r"^(?:[\w-]+\.)?TEL(?:;[^:]*)?:(?:tel:)?(.+)$", re.IGNORECASE | re.MULTILINE)


def read_contacts(text: str) -> list[str]:
    """The numbers in a vCard file, or in a file with a number a line (`#` begins a comment)."""
    if "BEGIN:VCARD" in text.upper():
        unfolded = re.sub(r"\r?\n[ \t]", "", text)
        return [number.strip() for number in _TEL.findall(unfolded)]
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]
