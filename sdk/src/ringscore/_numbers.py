"""Reads numbers without the server, with or without a numbering plan.

Online, the text goes to the server unchanged, which knows every plan. Offline, a mirror needs the
canonical key. A number with a plus almost is one. National formats need `phonenumbers`
(`pip install 'ringscore[region]'`) and a region.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from . import _withheld
from ._exceptions import InvalidNumber
from ._written import BRANCH, plain, user_part, without_count, without_extension

MAX_INPUT = 200  # characters, as on the server
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NATIONAL = re.compile(r"[A-Z]{2}:[0-9]{3,20}")
_SENDER = re.compile(r"[A-Z]{2}@.{1,11}")
_REGION = re.compile(r"[A-Z]{2}")
UNKNOWN_REGION = "The region is not known: pass an ISO 3166 alpha-2 code, such as CN or GB."
_SHORT = re.compile(r"[1-9][0-9]{2,5}")  # short codes are dialled bare, in their country
# No national number begins so: it is the plus, as on the server; 000 is that of a PBX which dials
# 0 for a line outside.
_ABROAD = re.compile(r"\+00|000?")
# Calling codes where an extension of any length follows a landline, without a sign between.
_EXTENDED = frozenset({43, 49})


def text_of(raw: str) -> str:
    """`raw`, which tables and programs without types may have as something else."""
    if not isinstance(raw, str):
        raise TypeError(f"a number is text, such as '+12025550143', not {raw!r}")
    return raw


def is_withheld(raw: str) -> bool:
    """Whether `raw` is empty, or what networks and phones show instead of a number."""
    text = user_part(text_of(raw))
    return not text or _withheld.is_withheld(text)


def canonical(raw: str, *, region: str = "") -> str:
    """The canonical key of `raw`, computed without the server.

    Reads a plus and 7 to 15 digits, however grouped, also inside `tel:` and `sip:` addresses, whole
    or in part, in quotes, before an extension or a count of calls; canonical keys themselves; with
    `region` (ISO alpha-2), short codes of 3 to 6 digits. Other national formats also need the extra
    `region`. With it installed, numbers with a plus are read by their numbering plan, as on the
    server, so that +49 (0)30 123456 and +49 30 123456 are one, and so that an extension behind a
    dash is known for one: +86 10 65529988-8001. Without it, such numbers are refused.
    Raises InvalidNumber.
    """
    if len(text_of(raw)) > MAX_INPUT:
        raise InvalidNumber(f"{raw[:20]!r}… is too long for a number.", code="too_long")
    if is_withheld(raw):
        raise InvalidNumber("The caller withheld the number: there is none to ask about.",
                            code="withheld")  # fmt: skip
    text = raw.strip()
    if _NATIONAL.fullmatch(text) or _SENDER.fullmatch(text):
        return text
    text = without_extension(user_part(text))
    if (counted := without_count(text)) and (found := _if_valid(counted, region)):
        return found
    return _read(text, region)


def _if_valid(text: str, region: str) -> str:
    """The key of a number that can be in use, as far as that can be told without a plan; or ""."""
    try:
        key = _read(text, region)
    except InvalidNumber:
        return ""
    plans = _plans()
    known = plans is None or key[0] != "+" or plans.is_valid_number(plans.parse(key))
    return key if known else ""


def _read(text: str, region: str) -> str:
    digits = plain(text)
    if abroad := _ABROAD.match(digits):
        zeros = abroad[0].count("0")
        text = "+" + re.sub(f"(?:[^0-9]*0){{{zeros}}}", "", text, count=1)
        digits = plain(text)
    plans = _plans()
    if region and digits[:1] != "+" and not knows_region(region):
        raise InvalidNumber(UNKNOWN_REGION, code="unknown_region")
    if region and _SHORT.fullmatch(digits):
        return f"{region.upper()}:{digits}"
    if plans is not None and (region or digits.startswith("+")):
        return _by_plan(plans, text, region)
    unclear = "(0)" in text or _may_have_branch(text, digits)
    if _E164.fullmatch(digits) and not unclear:
        return digits
    if plans is None and (region or unclear):
        raise InvalidNumber(
            f"{text!r} needs a numbering plan to be read offline: write it with + and calling "
            "code, or install the extra: pip install 'ringscore[region]'.",
            code="region_required",
        )
    raise InvalidNumber(
        f"{text!r} is not clear without a country: write it with + and calling code, "
        "or pass region, such as CN.",
        code="region_required",
    )


def knows_region(region: str) -> bool:
    """Whether this is an ISO alpha-2 code of a country; without numbering plans, may be one."""
    plans, code = _plans(), region.upper()
    if not _REGION.fullmatch(code):
        return False
    return plans is None or plans.country_code_for_region(code) != 0


def _may_have_branch(text: str, digits: str) -> bool:
    """Whether digits behind a dash may be an extension: only a plan tells."""
    extended = digits.removeprefix("+").startswith(tuple(map(str, _EXTENDED)))
    return BRANCH.fullmatch(text) is not None and not extended


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
    branch = BRANCH.fullmatch(text)
    if branch and (shorter := _before_branch(plans, text, branch[1], region)):
        return shorter
    try:
        number = plans.parse(plain(text), region.upper() or None)
    except plans.NumberParseException as error:
        raise InvalidNumber(f"{text!r} is no number: {error}", code="impossible") from None
    if not plans.is_possible_number(number):
        raise InvalidNumber(
            f"No number can look like {text!r} in its country: check its digits and the region.",
            code="impossible",
        )
    return str(plans.format_number(number, plans.PhoneNumberFormat.E164))


def _before_branch(plans: Any, text: str, before: str, region: str) -> str:
    """The key of the number before an extension, where all digits together are none; or ""."""
    try:
        shorter = plans.parse(plain(before), region.upper() or None)
    except plans.NumberParseException:
        return ""
    try:
        whole = plans.parse(plain(text), region.upper() or None)
        extended = whole.country_code in _EXTENDED and plans.is_possible_number(whole)
        if extended or plans.is_valid_number(whole):
            return ""
    except plans.NumberParseException:
        pass
    if not plans.is_valid_number(shorter):
        return ""
    return str(plans.format_number(shorter, plans.PhoneNumberFormat.E164))
