"""Strips what phones, PBXs and address books write around a number. Knows no numbering plan.

The forms are the server's (reputation/identity/addresses.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

# PBXs also hand on an address without its scheme, or its user with parameters: +1…;npdi.
_ADDRESS = re.compile(
    r"(?:(?:sips?|(?:urn:)?tel|callto|telprompt|smsto|sms|whatsapp|rcs|viber|skype"
    r"|facetime(?:-audio)?):/{0,2})?([^@;?]*)(?:@([^;?]*))?(?:[;?].*)?",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETED = re.compile(r"[^<>]*<([^<>]*)>(?:;.*)?", re.DOTALL)  # "Name" <sip:…>;tag=…
_QUOTED = re.compile(r"=?\"([^\"]+)\"|['=]([+(0-9][^'\"]*)'?")  # how spreadsheets keep a plus
_CONTEXT = re.compile(r";phone-context=(\+[^;?@]+)", re.IGNORECASE)
EXTENSION = re.compile(
    r"([+(0-9][-+0-9 ()./]{2,}?) *"
    r"(?:;?ext(?:n|ension)?|ex|x|[,;#]+|[pw]|durchwahl|dw|int(?:erno)?|poste|ramal|anexo|toestel"
    r"|分机号?|分機號?|[转轉]|内线|內線|доб|внутр)[=:. ]*[0-9]{1,8}#?",
    re.IGNORECASE,
)
# How telephones show that a number called several times in a row: (202) 555-0101 (3).
COUNTED = re.compile(r"([+(0-9][-+0-9 ()./]{4,}) ?\([1-9][0-9]?\)")
# 010-12345678-801: where the numbers of a country have one length, the end is an extension.
BRANCH = re.compile(r"(.*[^0-9][0-9]{7,8})-[0-9]{1,5}")
_DASHES = re.compile("(?<=[0-9)])[−─ー](?=[0-9(])")  # for Unicode signs or letters
_AS_FLOAT = re.compile(r"\+?[0-9]{6,}\.0")  # what programs make of a column of whole numbers
_PLAIN = {"Cf": "", "Pd": "-", "Zs": " ", "Zl": " ", "Zp": " "}
_SEPARATORS = str.maketrans("", "", " \u00a0\u202f\t-‐‑–.()[]/~·・")


def user_part(raw: str) -> str:
    """The number in an address or in quotes, with its context; any other text as it is.

    Whom WhatsApp hides (…@lid) has none: "".
    """
    text = _plain_characters(raw).strip()
    if bracketed := _BRACKETED.fullmatch(text):
        text = bracketed[1].strip()
    elif quoted := _QUOTED.fullmatch(text):
        text = (quoted[1] or quoted[2]).strip()
    address = _ADDRESS.fullmatch(text)
    if address is None:
        return text
    if (address[2] or "").lower() == "lid":
        return ""
    user = _plain_characters(unquote(address[1])).strip()
    context = _CONTEXT.search(text)
    return unquote(context[1]) + user if context and user[:1].isdigit() else user


def _plain_characters(text: str) -> str:
    """Full-width and national digits, odd dashes and spaces as ASCII, without what is unseen."""
    return _DASHES.sub("-", "".join(map(_plain_character, unicodedata.normalize("NFKC", text))))


def _plain_character(char: str) -> str:
    if char < "\x7f":
        return char
    digit = unicodedata.digit(char, None)
    return _PLAIN.get(unicodedata.category(char), char) if digit is None else str(digit)


def without_extension(text: str) -> str:
    """The number before an extension: x123, #123, 转123; and before the .0 of a float."""
    if _AS_FLOAT.fullmatch(text):
        return text.removesuffix(".0")
    match = EXTENSION.fullmatch(text)
    return match[1] if match else text


def without_count(text: str) -> str:
    """The number before how often it called; "" if there is no such count."""
    match = COUNTED.fullmatch(text)
    return match[1] if match else ""


def plain(text: str) -> str:
    """`text` without the characters that people put between digits."""
    return _plain_characters(text).translate(_SEPARATORS)


def several(texts: Iterable[str]) -> list[str]:
    """The texts; one alone is a list of one, not of its characters."""
    return [texts] if isinstance(texts, str) else list(texts)
