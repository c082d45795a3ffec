"""Why a text is no canonical key: the errors and their remedies, and what is always refused."""

from phonenumbers import shortnumberinfo

from reputation.identity.addresses import plain
from reputation.identity.numbering import EMERGENCY_EVERYWHERE, EMERGENCY_TOO, NOTHING
from reputation.identity.plans import SHORT
from reputation.identity.withheld import is_withheld

REMEDIES = {
    "empty": "The number is empty: send the number that called, such as +8615400001234.",
    "withheld": "The caller withheld the number, so there is none to report or look up: "
    "block withheld calls on the phone instead.",
    "not_a_number": "This is not a phone number, service code or sender name: "
    "send one number, such as +8615400001234, or a sender name of 1 to 11 characters.",
    "region_required": "The country is not clear from this number: "
    "write it with + and calling code, or pass region, such as CN.",
    "letters": "This is written in letters, not in digits: send one phone number, such as "
    "+8615400001234. The name of a sender of text messages needs its country, too: pass region, "
    "such as CN.",
    "unknown_region": "The region is not known: pass an ISO 3166 alpha-2 code, such as CN or GB.",
    "too_long": "This is too long: send one number of at most 20 digits, "
    "or a sender name of at most 11 characters.",
    "impossible": "No number can look like this in its country: "
    "check for a missing area code, missing or extra digits, and the region.",
    "emergency": "Emergency numbers can never be reported or listed: "
    "if your phone showed one, the caller faked it; report the call-back number instead.",
    "fictional": "This number is reserved for fiction and belongs to nobody: "
    "report the number that called, or allow fictional numbers in a demo.",
}


class InvalidNumber(ValueError):
    """The only exception of this package: `code` is a key of REMEDIES, the text is its sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(REMEDIES[code])
        self.code = code


def plain_text(text: str) -> str:
    """The text in its plain form (addresses.plain). Raises InvalidNumber."""
    try:
        return plain(text)
    except ValueError:
        raise InvalidNumber("not_a_number") from None


def refuse_nothing(text: str) -> None:
    """Raises InvalidNumber if the text says that there is no number: withheld, or a blank."""
    if is_withheld(text):
        raise InvalidNumber("withheld")
    if text.casefold() in NOTHING:
        raise InvalidNumber("empty")


def refuse_emergency(digits: str, region: str) -> None:
    """Raises InvalidNumber if these digits, written bare, call emergency services in the region."""
    if digits in EMERGENCY_EVERYWHERE or (
        region
        and len(digits) <= SHORT
        and (
            digits in EMERGENCY_TOO.get(region, ())
            or shortnumberinfo.is_emergency_number(digits, region)
        )
    ):
        raise InvalidNumber("emergency")
