"""Reads numbers without the server, with or without a numbering plan.

Online, the text goes to the server unchanged, which knows every plan. Offline, a mirror needs the
canonical key. A number with a plus almost is one. National formats need `phonenumbers`
(`pip install 'ringscore[region]'`) and a region.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from . import _withheld
from ._exceptions import InvalidNumber

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NATIONAL = re.compile(r"[A-Z]{2}:[0-9]{3,20}")
_SENDER = re.compile(r"[A-Z]{2}@.{1,11}")
_SHORT = re.compile(r"[1-9][0-9]{2,5}")  # short codes are dialled bare, in their country
_AS_FLOAT = re.compile(r"\+?[0-9]{6,}\.0")  # what programs make of a column of whole numbers
_SEPARATORS = str.maketrans("", "", " \u00a0\u202f\t-‐‑–.()[]/")
_BRACKETED = re.compile(r"[^<>]*<([^<>]*)>(?:;.*)?", re.DOTALL)  # "Name" <sip:…>;tag=…
# PBXs also hand on an address without its scheme, or its user with parameters: +1…;npdi.
_ADDRESS = re.compile(r"(?:sips?:|tel:)?([^@;?]*)(?:[@;?].*)?", re.IGNORECASE | re.DOTALL)
_CONTEXT = re.compile(r";phone-context=(\+[^;?@]+)", re.IGNORECASE)


def is_withheld(raw: str) -> bool:
    """Whether `raw` is empty, or what networks and phones show instead of a number."""
    text = _user_part(raw.strip())
    return not text or _withheld.is_withheld(text)


def _user_part(text: str) -> str:
    """The number in a SIP or tel address, with its context; any other text as it is."""
    if bracketed := _BRACKETED.fullmatch(text):
        text = bracketed[1].strip()
    address = _ADDRESS.fullmatch(text)
    if address is None:
        return text
    user = unquote(address[1]).strip()
    context = _CONTEXT.search(text)
    return unquote(context[1]) + user if context and user[:1].isdigit() else user


def plain(text: str) -> str:
    """`text` without the characters that people put between digits."""
    return text.translate(_SEPARATORS)


def canonical(raw: str, *, region: str = "") -> str:
    """The canonical key of `raw`, computed without the server.

    Reads a plus and 7 to 15 digits, however grouped, also inside `tel:` and `sip:` addresses, whole
    or in part; canonical keys themselves; with `region` (ISO alpha-2), short codes of 3 to 6
    digits. Other national formats also need the extra `region`. With it installed, numbers with a
    plus are read by their numbering plan, as on the server, so that +49 (0)30 123456 and
    +49 30 123456 are one.
    Raises InvalidNumber.
    """
    if is_withheld(raw):
        raise InvalidNumber("The caller withheld the number: there is none to ask about.",
                            code="withheld")  # fmt: skip
    text = raw.strip()
    if _NATIONAL.fullmatch(text) or _SENDER.fullmatch(text):
        return text
    text = _user_part(text)
    if _AS_FLOAT.fullmatch(text):
        text = text.removesuffix(".0")
    digits = plain(text)
    if digits.startswith("00"):  # no national number begins so: it is the plus, as on the server;
        # 000 is that of a PBX which dials 0 for a line outside
        text = digits = f"+{digits[3 if digits.startswith('000') else 2 :]}"
    plans = _plans()
    if region and _SHORT.fullmatch(digits):
        return f"{region.upper()}:{digits}"
    if plans is not None and (region or digits.startswith("+")):
        return _by_plan(plans, text, region)
    if _E164.fullmatch(digits) and "(0)" not in text:
        return digits
    if plans is None and (region or "(0)" in text):
        raise InvalidNumber(
            f"{raw!r} needs a numbering plan to be read offline: write it with + and calling code, "
            "or install the extra: pip install 'ringscore[region]'.",
            code="region_required",
        )
    raise InvalidNumber(
        f"{raw!r} is not clear without a country: write it with + and calling code, "
        "or pass region, such as CN.",
        code="region_required",
    )


def reads_national() -> bool:
    """Whether the extra `region` is installed, with which national formats can be read."""
    return _plans() is not None


@cache
def _plans() -> Any:
    """The module phonenumbers, or None when the extra is not installed."""
    try:
        import phonenumbers
    except ImportError:
        return None
    return phonenumbers


def _by_plan(plans: Any, text: str, region: str) -> str:
    try:
        number = plans.parse(text, region.upper() or None)
    except plans.NumberParseException as error:
        raise InvalidNumber(f"{text!r} is no number: {error}", code="impossible") from None
    if not plans.is_possible_number(number):
        raise InvalidNumber(
            f"No number can look like {text!r} in its country: check its digits and the region.",
            code="impossible",
        )
    return str(plans.format_number(number, plans.PhoneNumberFormat.E164))
