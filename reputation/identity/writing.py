"""Writes canonical keys as people read and dial them. No Django."""

import re
from functools import cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

from reputation.identity.keys import calling_code
from reputation.identity.plans import EXTENDED

# What can be a number of North America, without its calling code.
_TEN_DIGITS: Final = r"[2-9]\d{2}[2-9]\d{6}"


def by_modem(digits: str) -> str:
    """An expression for the ways in which a modem shows a number. `digits` of E.164, without the
    plus; `\\d` and `\\d*` for what is open.

    Modems show most of North America with ten digits. So ten digits that can be a number there are
    no other country's: +65 6222 1234 is not 656-222-1234.
    """
    if digits.startswith("1"):
        ten = r"(?=\d{10}$)" if "\\" in digits else ""
        return rf"^(\+?1)?{ten}{digits[1:]}$"
    if "\\" in digits:
        return rf"^(\+|00|011|(?!{_TEN_DIGITS}$)){digits}$"
    return rf"^(\+|00|011){'' if re.fullmatch(_TEN_DIGITS, digits) else '?'}{digits}$"


def by_spamblocker(digits: str, *, region: str) -> str:
    """An expression for a caller as SpamBlocker compares it: without plus and leading zeros.
    `digits`: as for `by_modem`. `region`: where the phone is, empty if that is not known.

    Phones show numbers of their own country as people there write them, so that a pattern of
    another country leaves these out: +1385* is not 138 5555 0123 in China. Of one number only one
    caller has the same digits: it is kept, in both forms where it is of the phone's country.
    """
    here = calling_code(region)
    is_open = "\\" in digits
    if here and digits.startswith(here) and (here == "1" or not is_open):
        return rf"(\+?{here})?{r'(?=\d{10}$)' if is_open else ''}{digits[len(here) :]}"
    spared = _national(region, here) if is_open and not (here and digits.startswith(here)) else ""
    return rf"{f'(?!(?:{spared})$)' if spared else ''}\+?{digits}"


@cache
def _national(region: str, code: str) -> str:
    """An expression for landlines and mobiles of the phone's country without calling code and
    leading zeros; empty where it would fit most numbers of the world. Without a region that of
    North America, whose digits have no mark before them."""
    if code in ("", "1"):
        return _TEN_DIGITS
    meta = PhoneMetadata.metadata_for_region(region)
    if meta is None or code in EXTENDED:
        return ""
    found = (desc.national_number_pattern for desc in (meta.mobile, meta.fixed_line) if desc)
    return "|".join(filter(None, found))


def display(key: str) -> str:
    """A canonical key for display: +86 138 1234 5678, 95533 (CN), BANKNAME (CN)."""
    if not key.startswith("+"):
        return f"{key[3:]} ({key[:2]})"
    return phonenumbers.format_number(phonenumbers.parse(key), PhoneNumberFormat.INTERNATIONAL)


def dialled(key: str, *, country: str) -> str:
    """The digits that a caller in `country` dials for a canonical key, or a sender's name.

    Numbers of other countries keep plus and calling code. Short codes of other countries, which
    `country` cannot dial, lose their country.
    """
    if not key.startswith("+"):
        return key[3:]
    number = phonenumbers.parse(key)
    if number.country_code != phonenumbers.country_code_for_region(country):
        return key
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return "".join(filter(str.isdecimal, national))
