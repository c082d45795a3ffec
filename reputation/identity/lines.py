"""The line type of a number: the library's number_type, as one expression for each region.

The library tries a dozen expressions one after the other, each by a look into a cache: for a number
of a large plan this took longer than all else that is done to a new number. A property test holds
the two together.
"""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc

from reputation.identity.plans import PLANS

UNKNOWN = "unknown"
# In the order in which the library asks, before landlines and mobiles.
SPECIAL = (
    ("premium_rate", "premium_rate"),
    ("toll_free", "toll_free"),
    ("shared_cost", "shared_cost"),
    ("voip", "voip"),
    ("personal_number", "personal"),
    ("pager", "pager"),
    ("uan", "uan"),
    ("voicemail", "voicemail"),
)
MOBILE = frozenset({"mobile", "fixed_or_mobile"})
NOTHING = "(?!)"
ROW = 4  # digits that differ in what is bought together: ten thousand numbers


def line_type(key: str) -> str:
    """The line type of a canonical key: mobile, fixed_line, fixed_or_mobile, a name of SPECIAL,
    short_code, sms_gateway, sender, or unknown.
    """
    if key[:1] != "+":
        if key[2:3] == "@":
            return "sender"
        return "sms_gateway" if key.startswith("CN:106") else "short_code"
    start, regions = _regions(key[1:4])
    digits = key[start:]
    for leading, kinds in regions:
        if leading is None or leading.match(digits):
            if found := kinds.fullmatch(digits):
                return found.lastgroup or UNKNOWN
            if leading is not None:
                return UNKNOWN
    return UNKNOWN


def block_of(key: str) -> str:
    """The beginning that a phone's number shares with other numbers that its holder may have.

    Cards bought together have numbers in a row: all but the last ROW digits. Where landlines have
    no fixed length, as in Germany and Austria, a connection has as many extensions as it likes, of
    any length: a number that is no mobile has its area in common with them.
    """
    plan = PLANS[key[1:4]]
    if not plan.extended or line_type(key) in MOBILE:
        return key[:-ROW]
    number = phonenumbers.parse(key)
    area = phonenumbers.length_of_national_destination_code(number)
    return key[: 1 + len(plan.code) + area] if area else key[:-ROW]


@cache
def _regions(beginning: str) -> tuple[int, list[tuple[re.Pattern[str] | None, re.Pattern[str]]]]:
    """Where the national number starts in keys that begin with these three digits; what the numbers
    of each region begin with, where that tells it from the others that share the calling code; and
    what its numbers look like."""
    plan = PLANS[beginning]
    return 1 + len(plan.code), _shapes(int(plan.code))


@cache
def _shapes(code: int) -> list[tuple[re.Pattern[str] | None, re.Pattern[str]]]:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    found = []
    for region in regions:
        meta = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        if meta is not None:
            begins = meta.leading_digits if len(regions) > 1 else None
            leading = re.compile(begins) if begins else None
            found.append((leading, re.compile(_kinds(meta))))
    return found


def _kinds(meta: PhoneMetadata) -> str:
    """An expression of a group for each line type: the one that matches is the last."""
    fixed, mobile = _shape(meta.fixed_line), _shape(meta.mobile)
    kinds = [(kind, _shape(getattr(meta, name))) for name, kind in SPECIAL]
    if meta.same_mobile_and_fixed_line_pattern:
        kinds += [("fixed_or_mobile", fixed)]
    else:
        kinds += [("fixed_or_mobile", f"(?={fixed}$){mobile}"), ("fixed_line", fixed)]
        kinds += [("mobile", mobile)]
    groups = "|".join(f"(?P<{kind}>{shape})" for kind, shape in kinds if shape != NOTHING)
    return f"(?={_shape(meta.general_desc)}$)(?:{groups})"


def _shape(desc: PhoneNumberDesc | None) -> str:
    if desc is None or desc.national_number_pattern is None:
        return NOTHING
    lengths = "|".join(f"[0-9]{{{length}}}" for length in desc.possible_length)
    ahead = f"(?=(?:{lengths})$)" if lengths else ""
    return f"(?:{ahead}(?:{desc.national_number_pattern}))"
