"""Strips what phones, PBXs and links write around a number: encodings, addresses, extensions.

Text in, text out. digits.py decides what a number may be; this module knows no numbering plan.
"""

import re
import unicodedata
from urllib.parse import unquote

# Twilio writes whatsapp: and rcs:, links on pages the others.
_ADDRESS = re.compile(
    r"(sips?|(?:urn:)?tel|callto|telprompt|smsto|sms|whatsapp|rcs|viber|skype|facetime(?:-audio)?)"
    r":/{0,2}(.*)",
    re.IGNORECASE,
)
# The user of a SIP address without the rest of it, as PBXs and proxies hand it on: a caller can add
# parameters (RFC 4694, 3966), and must not become unreadable by them.
_WITH_PARAMETERS = re.compile(r"[+(]*[0-9][-+0-9 ()./]*(?:;[a-z][-\w]*(?:=[^;]*)?)+", re.IGNORECASE)
# '+1…, ="+1…" and "+1…": how programs keep a spreadsheet from reading a number.
_QUOTED = re.compile(r"=?\"([^\"]+)\"|['=]([+(0-9][^'\"]*)'?")
_BRACKETED = re.compile(r"[^<>]*<([^<>]*)>(?:;.*)?")  # "Name" <sip:…>;tag=…
_CONTEXT = re.compile(r";phone-context=(\+[^;?@]+)", re.IGNORECASE)
_EXTENSION = re.compile(
    r"([+(0-9][-+0-9 ()./]{2,}?) *"
    r"(?:;?ext(?:n|ension)?|ex|x|[,;#]+|[pw]|durchwahl|dw|int(?:erno)?|poste|ramal|anexo|toestel"
    r"|分机号?|分機號?|[转轉]|内线|內線|доб|внутр)[=:. ]*[0-9]{1,8}#?",
    re.IGNORECASE,
)
# How telephones show that a number called several times in a row: (202) 555-0101 (3).
_COUNTED = re.compile(r"([+(0-9][-+0-9 ()./]{4,}) ?\([1-9][0-9]?\)")
_PLAIN = {"Cf": "", "Pd": "-", "Zs": " ", "Zl": " ", "Zp": " "}
# Dashes that Unicode counts as signs or letters; Japanese keyboards write them between digits.
_DASHES = re.compile("(?<=[0-9)])[−─ー](?=[0-9(])")
# In Brazil the place of a carrier's two digits: 0xx11, (0**11).
_CARRIER = re.compile(r"((?:(?:\+|00)55)?[ (]*)0 ?(?:xx|\*\*) ?(?=[1-9]{2}\b)", re.IGNORECASE)
_AS_FLOAT = re.compile(r"\+?[0-9]{6,}\.0")  # what programs make of a column of whole numbers
# What makes a key of a digit (1️⃣), or strikes it through.
_MARKS = re.compile("(?<=[0-9])[\u0300-\u036f\ufe00-\ufe0f\u20d0-\u20ff]+")


def plain(raw: str) -> str:
    """Undoes what transports do: percent-encoding, full-width and national digits, odd spaces.

    The result is its own plain form. Raises ValueError when the text is not UTF-8 or is encoded
    more than a few times over.
    """
    text = raw
    for _ in range(8):  # each round can uncover another; text encoded deeper is no number
        before = text
        if "%" in text:
            text = unquote(text, errors="strict")
        text = " ".join(plain_characters(text).split())
        if text == before:
            return text
    raise ValueError("encoded too often")


def plain_characters(text: str) -> str:
    """Full-width and national digits, those in circles and on keys, odd dashes and spaces as ASCII,
    without what cannot be seen."""
    plain = "".join(map(_plain_character, unicodedata.normalize("NFKC", text)))
    return _DASHES.sub("-", _MARKS.sub("", plain))


def _plain_character(char: str) -> str:
    if char < "\x7f":
        return char
    digit = unicodedata.digit(char, None)
    return _PLAIN.get(unicodedata.category(char), char) if digit is None else str(digit)


def user_part(text: str) -> tuple[str, bool]:
    """The user part of a SIP, tel or SMS address, and whether it was one (then no sender name). Of
    any other text what is in quotes."""
    if bracketed := _BRACKETED.fullmatch(text):
        text = bracketed[1]
    elif quoted := _QUOTED.fullmatch(text):
        text = (quoted[1] or quoted[2]).strip()
    address = _ADDRESS.fullmatch(text)
    if address:
        scheme, rest = address[1].lower(), address[2]
    elif "@" in text or _WITH_PARAMETERS.fullmatch(text):
        scheme, rest = "sip" if "@" in text else "tel", text
    else:
        return text, False
    user, at, host = rest.partition("@")
    user = re.split("[;?]", user)[0].strip()
    if host.lower() == "lid":  # whom WhatsApp hides: these digits are no number
        user = "?"
    if scheme.startswith("sip"):
        user = user.partition(":")[0]
        if not at and "." in user:  # a host alone: 10.0.0.1 is no number
            user = "?"
    context = _CONTEXT.search(rest)
    return (context[1] + user if context and user[:1].isdigit() else user), True


def without_extension(text: str) -> str:
    """The number before an extension: x123, ;ext=123, #123, 转123; and before the .0 of a float."""
    if _AS_FLOAT.fullmatch(text):
        return text.removesuffix(".0")
    match = _EXTENSION.fullmatch(text)
    return match[1] if match else text


def without_count(text: str) -> str:
    """The number before how often it called; "" if there is no such count."""
    match = _COUNTED.fullmatch(text)
    return match[1] if match else ""


def without_carrier(text: str) -> str:
    """The number without the place of a carrier's digits."""
    return _CARRIER.sub(r"\1", text, count=1) if _CARRIER.match(text) else text
