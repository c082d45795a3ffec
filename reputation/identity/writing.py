"""Writes canonical keys as people read and dial them. No Django."""

import phonenumbers
from phonenumbers import PhoneNumberFormat


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
