"""Brings callers and senders to one canonical key. No Django.

Three kinds of key, each its own fixed point: `identify(key).key == key` for any region.

    e164      +8613812345678    '+', at most 15 digits
    national  CN:95533          short and service codes, SMS gateway numbers: 3 to 20 digits
    sender    CN@BANKNAME       alphanumeric SMS senders: 1 to 11 characters, upper case

The rules and their reasons:

- A number is accepted when it has the length of landlines or mobiles of its calling code, assigned
  or not: spoofed caller IDs are often unassigned, and people must be able to report them. A number
  of another length (toll-free, universal access) must be valid, or a missing area code would pass.
  North American area codes never start with 0 or 1.
- Up to six digits, length proves nothing (+4922122 is no German number, 22122 is a German SMS
  code): these must be valid as E.164, or they are national-only. Chinese service codes and
  gateways have their own table.
- A plus is believed. Without one the region's own reading comes first, then 00 and a bare calling
  code. Without a region a bare calling code is believed from 12 digits on: 13012345678 is a
  mobile in China and a landline in Maryland.
- The fast path is a subset: one expression per calling code that matches only numbers that the
  library would not change. The slow path alone decides, and a property test holds the two together.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from operator import call, itemgetter

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, shortnumberinfo

from reputation.identity.addresses import plain, user_part, without_extension
from reputation.identity.lines import line_type
from reputation.identity.numbering import (
    EMERGENCY_EVERYWHERE,
    EMERGENCY_TOO,
    FICTIONAL,
    GIVEN_UP,
    HIDING,
    HIDING_DIGITS,
    LANDLINES,
    NOTHING,
    SERVICES,
)
from reputation.identity.plans import MAX_E164, PLANS, SHORT, Plan
from reputation.identity.said import said
from reputation.identity.withheld import is_withheld

MAX_INPUT = 200  # characters; the longest honest shape is a SIP address with parameters
MAX_NATIONAL = 20  # digits; the longest SMS gateway numbers in use in China
MAX_SENDER = 11  # characters, 3GPP TS 23.040 (an alphanumeric address holds 11 of GSM 03.38)
UNAMBIGUOUS = 12  # digits of a bare international number that are believed without plus and region
FOREIGN = 11  # digits of the same, when the region's own reading is impossible

REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)

_REMEDY = {
    "empty": "The number is empty: send the number that called, such as +8613812345678.",
    "withheld": "The caller withheld the number, so there is none to report or look up: "
    "block withheld calls on the phone instead.",
    "not_a_number": "This is not a phone number, service code or sender name: "
    "send one number, such as +8613812345678, or a sender name of 1 to 11 characters.",
    "region_required": "The country is not clear from this number: "
    "write it with + and calling code, or pass region, such as CN.",
    "letters": "This is written in letters, not in digits: send one phone number, such as "
    "+8613812345678. The name of a sender of text messages needs its country, too: pass region, "
    "such as CN.",
    "unknown_region": "The region is not known: pass an ISO 3166 alpha-2 code, such as CN or US.",
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
    """The only exception of this module: `code` is a key of _REMEDY, the text is its sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(_REMEDY[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """A canonical key with its country and kind."""

    key: str
    country: str  # ISO alpha-2, "" for calling codes of no country (+800, +883)
    kind: str  # "e164" | "national" | "sender"

    @classmethod
    def on_record(cls, key: str, country: str) -> "Identity":
        """The identity of a key that `identify` made before: its shape tells the kind."""
        if key.startswith("+"):
            return cls(key, country, "e164")
        return cls(key, country, "national" if key[2] == ":" else "sender")


_PLAIN = {start: plan.fast_any.fullmatch for start, plan in PLANS.items()}
_NOTHING = re.compile("(?!)").fullmatch
_START = itemgetter(slice(1, 4))
_BARE = {region: re.compile(pattern) for region, pattern in SERVICES.items()}
_LANDLINE = {region: re.compile(pattern) for region, pattern in LANDLINES.items()}
_FICTION = {code: re.compile(pattern) for code, pattern in FICTIONAL.items()}
_GIVEN_UP = {code: (re.compile(rf"^{pattern}$"), now) for code, (pattern, now) in GIVEN_UP.items()}


def identify(raw: str, *, region: str = "", allow_fictional: bool = False) -> Identity:
    """Brings text from a phone, a PBX or a person to its canonical key.

    `region` (ISO alpha-2, any case) says how to read national formats; a plus or a key's own
    country overrides it, but an unknown region is an error even then. `allow_fictional` admits
    numbers reserved for fiction. Raises InvalidNumber and nothing else.
    """
    if type(raw) is str and (not region or (type(region) is str and region in REGIONS)):
        plan = PLANS.get(raw[1:4])
        if plan and (plan.fast_any if allow_fictional else plan.fast).fullmatch(raw):
            country = _country(plan, raw[len(plan.code) + 1 :]) if plan.others else plan.region
            return Identity(raw, country, "e164")
    return _identify_slowly(raw, region, allow_fictional)


def are_plainly_e164(numbers: Sequence[str]) -> list[bool]:
    """Whether the fast path of `identify` takes each as its own key, fictional ones included."""
    matchers = map(_PLAIN.get, map(_START, numbers), repeat(_NOTHING))
    return list(map(bool, map(call, matchers, numbers)))


def is_valid(identity: Identity) -> bool:
    """Whether a number is in use by its plan, in a table, or set aside for fiction: that its length
    is possible is not enough."""
    return _is_fiction(identity) or _sure(identity) is not None


def country_of(key: str) -> str:
    """The country of a canonical key, ISO alpha-2; "" for a calling code of no country."""
    plan = PLANS.get(key[1:4]) if key[:1] == "+" else None
    if plan is None:
        return key[:2]
    return _country(plan, key[len(plan.code) + 1 :]) if plan.others else plan.region


_KEY = re.compile(r"([A-Z]{2}(?=@)|[A-Za-z]{2}(?=:))(.)(.+)")
_VANITY = re.compile(r"\+?[0-9][0-9 ().-]{2,}[A-Z][A-Z0-9 ().-]{2,}", re.IGNORECASE | re.ASCII)
_NANP = re.compile(r"[2-9][0-9]{9}")
# A number with digits hidden: 951677XXXX, 138XXXX5678; and one that a spreadsheet rounded.
_HIDDEN_DIGITS = re.compile(r"[0-9]+(?:X+|X{2,}[0-9]+)")
_ROUNDED = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+[0-9]+")
# 010-12345678-801: where the numbers of a country have one length, the end is an extension.
_BRANCH = re.compile(r"(.*[^0-9][0-9]{7,8})-[0-9]{1,5}")
_HIDING = re.compile(rf"(?:{HIDING})(.+)")
# The rest is dialled as within the country.
_HIDING_DIGITS = {
    code: re.compile(rf"(?:{digits})[ -]*([0(].+)") for code, digits in HIDING_DIGITS.items()
}
_VANITY_LINES = frozenset({"toll_free", "shared_cost", "premium_rate", "uan"})
_SEPARATORS = str.maketrans("", "", " -().[]/~·・")
_NUMBER = re.compile(r"(\+*)([0-9]+)")
_SIGNATURE = re.compile(r"【(.+)】|\[(.+)\]")
# India: two letters for operator and circle before the header and, since 2025, one for its class
# behind it (TRAI, TCCCPR). The header names the sender; the rest varies with the route.
_HEADER = re.compile(r"[A-Z]{2}-(?=[0-9]*[A-Z])([A-Z0-9]{3,9})(?:-[GPST])?")


def _identify_slowly(raw: object, region: object, allow_fictional: bool) -> Identity:
    identity = _read(raw, read_region(region))
    if not allow_fictional and _is_fiction(identity):
        raise InvalidNumber("fictional")
    return identity


def _is_fiction(identity: Identity) -> bool:
    if identity.kind != "e164":
        return False
    plan = PLANS[identity.key[1:4]]
    fiction = _FICTION.get(plan.code)
    return bool(fiction and fiction.fullmatch(identity.key[len(plan.code) + 1 :]))


def read_region(region: object) -> str:
    """An ISO 3166 alpha-2 code in capitals; empty for none. Raises InvalidNumber."""
    if not isinstance(region, str) or not region.isascii():
        raise InvalidNumber("unknown_region")
    known = region.upper()
    if known and known not in REGIONS:
        raise InvalidNumber("unknown_region")
    return known


def _read(raw: object, region: str) -> Identity:
    if not isinstance(raw, str):
        raise InvalidNumber("not_a_number")
    if len(raw) > MAX_INPUT:
        raise InvalidNumber("too_long")
    text, addressed = _plain(raw), True
    if (key := _KEY.fullmatch(text)) and key[1].upper() in REGIONS:
        region, text = key[1].upper(), key[3]
        if key[2] == "@":
            return _sender(text, region)
    else:
        text, addressed = user_part(text)
    _refuse_nothing(text)
    if (digits := said(text.strip(" ()"))) and (found := _if_valid(digits, region)):
        return found
    text = without_extension(text)
    if not any(unicodedata.category(c).startswith("L") for c in text):
        return _number(text, region)
    if addressed:  # the user of an address, the digits of a key: no sender's name
        raise InvalidNumber("not_a_number")
    if _VANITY.fullmatch(text):  # 1-800-FLOWERS
        try:
            found = _number(phonenumbers.convert_alpha_characters_in_number(text), region)
            if found.kind == "e164" and line_type(found.key) in _VANITY_LINES:
                return found
        except InvalidNumber:
            pass
    return _sender(text, region)


def _if_valid(digits: str, region: str) -> Identity | None:
    try:
        found = _number(digits, region)
    except InvalidNumber:
        return None
    return found if is_valid(found) else None


def _plain(text: str) -> str:
    try:
        return plain(text)
    except ValueError:
        raise InvalidNumber("not_a_number") from None


def _refuse_nothing(text: str) -> None:
    if is_withheld(text):
        raise InvalidNumber("withheld")
    if text.casefold() in NOTHING:
        raise InvalidNumber("empty")


def _sender(text: str, region: str) -> Identity:
    signature = _SIGNATURE.fullmatch(text)
    name = (signature[1] or signature[2]) if signature else text
    while (upper := _plain(name.upper())) != name:
        name = upper
    if region == "IN" and (header := _HEADER.fullmatch(name)):
        name = header[1]
    _refuse_nothing(name)
    kinds = {unicodedata.category(c)[0] for c in name if c not in " &'!*+-._"}
    no_name = _HIDDEN_DIGITS.fullmatch(name) or _ROUNDED.fullmatch(name)
    if no_name or "L" not in kinds or not kinds <= {"L", "M", "N"}:
        raise InvalidNumber("not_a_number")
    if len(name) > MAX_SENDER:
        raise InvalidNumber("too_long")
    if not region:
        raise InvalidNumber("letters")
    return Identity(f"{region}@{name}", region, "sender")


def _number(text: str, region: str) -> Identity:
    match = _NUMBER.fullmatch(text.translate(_SEPARATORS))
    if not match:
        if dialled := _HIDING.fullmatch(text):
            return _number(dialled[1], region)
        raise InvalidNumber("not_a_number")
    plus, digits = match.groups()
    if len(digits) > len("00999") + MAX_NATIONAL:
        raise InvalidNumber("too_long")
    if plus and digits.startswith("00"):
        digits = digits[2:]
    if plus and digits.startswith("0"):  # no calling code starts with 0: the plus is a PBX's
        plus = ""
    _refuse_emergency(digits, region)
    found = _with_plus(digits, region) if plus else _without_plus(digits, region)
    if found:
        return found
    if "(0)" in text:  # +36 (0)1 …: a trunk 0 where the country has another, or none
        return _number(text.replace("(0)", "", 1), region)
    if branch := _BRANCH.fullmatch(text):
        return _number(branch[1], region)
    hiding = _HIDING_DIGITS.get(calling_code(region))
    if hiding and (dialled := hiding.fullmatch(text)):
        return _number(dialled[1], region)
    if not plus and not region:
        raise InvalidNumber("region_required")
    raise InvalidNumber("too_long" if len(digits) > MAX_NATIONAL else "impossible")


def _with_plus(digits: str, region: str) -> Identity | None:
    # Some gateways put a plus before everything: +95533 from China is 95533. What is in no table
    # is a number with digits missing, or of a calling code that does not exist: +999123.
    return _international(digits, region) or _service(digits, region)


def _without_plus(digits: str, region: str) -> Identity | None:
    abroad = _abroad(digits, region)
    if not region:
        return abroad or (_sure(_international(digits, "")) if len(digits) >= UNAMBIGUOUS else None)
    if service := _service(digits, region) or _prefixed_service(digits, region):
        return service
    if abroad and _dials_00(region):
        return abroad
    code, home = calling_code(region), _home(digits, region)
    again = digits.startswith(code)
    if again or abroad:  # several readings: prefer a sure one
        certain = _sure(home)
        # Where all national numbers begin with 0, digits without it start with the calling code.
        if certain and not PLANS[f"{code}00"[:3]].prefixed:
            return certain
        coded = _international(digits, region) if again else None
        if certain and coded and coded.kind == "national":  # +355 53295: a landline, not a code
            coded = None
        # One digit is no sign of a calling code: 12345 in the US does not mean 2345.
        short = coded is not None and coded.kind == "national"
        if short and len(code) == 1 and len(digits) > len("1611"):
            coded = None
        if found := next(filter(_sure, (coded, certain, abroad)), None):
            return found
    if found := home or _short(digits, region) or abroad:
        return found
    return _sure(_international(digits, region)) if len(digits) >= FOREIGN else None


def _abroad(digits: str, region: str) -> Identity | None:
    """What follows 00; or 000, as PBXs write it that dial 0 for a line outside."""
    if not digits.startswith("00"):
        return None
    line = digits.startswith("000")
    return _international(digits[3 if line else 2 :], region)


def _sure(identity: Identity | None) -> Identity | None:
    """The identity if its number is valid or in a table; a possible length is not enough."""
    if identity is None:
        return None
    if identity.kind == "e164":
        known = phonenumbers.is_valid_number(phonenumbers.parse(identity.key))
    else:
        digits, where = identity.key[3:], identity.country
        known = bool(_service(digits, where)) or _listed(digits, where)
    return identity if known else None


def _listed(digits: str, region: str) -> bool:
    number = PhoneNumber(country_code=int(calling_code(region)), national_number=int(digits))
    return shortnumberinfo.is_valid_short_number_for_region(number, region)


def calling_code(region: str) -> str:
    """The calling code of a region, without the plus; empty for no region."""
    return str(phonenumbers.country_code_for_region(region)) if region else ""


def _national(digits: str, region: str) -> Identity:
    """The only maker of national-only keys, so that no emergency number gets one."""
    _refuse_emergency(digits, region)
    return Identity(f"{region}:{digits}", region, "national")


def _service(digits: str, region: str) -> Identity | None:
    """The national-only identity of digits in the region's table of services, written bare."""
    if region in _BARE and len(digits) >= 3 and _BARE[region].fullmatch(digits):
        return _national(digits, region)
    return None


def _prefixed_service(nsn: str, region: str) -> Identity | None:
    """The service behind a calling code or a trunk 0, where ten digits are a landline."""
    service = _service(nsn, region) or _service(nsn.removeprefix("0"), region)
    return service if service and not _LANDLINE[region].fullmatch(service.key[3:]) else None


def _short(digits: str, region: str) -> Identity | None:
    """A short code, written bare. No table lists them all, so any will do in a known region."""
    if region and 3 <= len(digits) <= SHORT and digits[0] != "0":
        return _national(digits, region)
    return None


def _home(digits: str, region: str) -> Identity | None:
    """The region's own reading of the digits: its trunk and international prefixes, its quirks."""
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    plan = PLANS[f"{number.country_code}00"[:3]]
    own = region if calling_code(region) == plan.code else ""
    return _judge(plan, phonenumbers.national_significant_number(number), own)


@cache
def _dials_00(region: str) -> bool:
    """Whether 00 alone is the region's international prefix: not in Korea (001, 00700) or US."""
    meta = PhoneMetadata.metadata_for_region(region)
    return bool(meta and re.fullmatch(meta.international_prefix or "", "00"))


def _international(digits: str, region: str) -> Identity | None:
    plan = PLANS.get(digits[:3])
    if not plan:
        return None
    nsn = _of_today(plan, digits[len(plan.code) :])
    own = region if calling_code(region) == plan.code else ""
    if found := _judge(plan, nsn, own):
        return found
    # +49 115: no caller abroad can dial it, but gateways write it so.
    short = _short(nsn, own or plan.region)
    believed = own and plan.code != "1"  # +1202 is an area code without the rest
    return short if believed or not short or _listed(nsn, short.country) else None


def _of_today(plan: Plan, nsn: str) -> str:
    """A national significant number as its plan writes it now."""
    before, now = _GIVEN_UP.get(plan.code, (None, ""))
    return before.sub(now, nsn) if before else nsn


def _judge(plan: Plan, nsn: str, region: str, depth: int = 0) -> Identity | None:
    """The identity of a national significant number: only this function accepts numbers."""
    where = region or plan.region
    if len(nsn) in plan.lengths:  # Brazil's old mobiles are as long as landlines
        nsn = _of_today(plan, nsn)
    _refuse_emergency(nsn, where)
    if service := _prefixed_service(nsn, where):
        return service
    e164 = f"+{plan.code}{nsn}"
    if not plan.fast_any.fullmatch(e164):
        try:
            number = phonenumbers.parse(e164)
        except phonenumbers.NumberParseException:
            return None
        settled = phonenumbers.national_significant_number(number)
        if settled != nsn:  # the library stripped or rewrote something: judge what is left
            return _judge(plan, settled, region, depth + 1) if depth < 3 else None
        if len(e164) > 1 + MAX_E164 or (plan.code == "1" and not _NANP.fullmatch(nsn)):
            return None
        possible = len(nsn) in plan.lengths and (nsn[0] != "0" or plan.zero)
        if not possible and not phonenumbers.is_valid_number(number):
            return None
    return Identity(e164, _country(plan, nsn), "e164")


def _refuse_emergency(digits: str, region: str) -> None:
    if digits in EMERGENCY_EVERYWHERE or (
        region
        and len(digits) <= SHORT
        and (
            digits in EMERGENCY_TOO.get(region, ())
            or shortnumberinfo.is_emergency_number(digits, region)
        )
    ):
        raise InvalidNumber("emergency")


def _country(plan: Plan, nsn: str) -> str:
    if plan.code == "1":
        return _nanp_country(nsn[:3])
    for region, shape in plan.others:
        if shape.match(nsn):
            return plan.region if plan.shape.match(nsn) else region
    return plan.region


@cache  # at most 800 area codes
def _nanp_country(area: str) -> str:
    """The country of an area code. Area codes do not cross borders, so any number will do."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{area}2345678")) or "US"
