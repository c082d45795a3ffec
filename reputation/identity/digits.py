"""Reads digits, with or without a plus, by the region's own reading and by calling codes.

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
"""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, shortnumberinfo

from reputation.identity.keys import Identity, calling_code, country_in
from reputation.identity.numbering import GIVEN_UP, HIDING, HIDING_DIGITS, LANDLINES, SERVICES
from reputation.identity.plans import MAX_E164, PLANS, SHORT, Plan
from reputation.identity.refusals import InvalidNumber, refuse_emergency

MAX_NATIONAL = 20  # digits; the longest SMS gateway numbers in use in China
UNAMBIGUOUS = 12  # digits of a bare international number that are believed without plus and region
FOREIGN = 11  # digits of the same, when the region's own reading is impossible

_BARE = {region: re.compile(pattern) for region, pattern in SERVICES.items()}
_LANDLINE = {region: re.compile(pattern) for region, pattern in LANDLINES.items()}
_GIVEN_UP = {code: (re.compile(rf"^{pattern}$"), now) for code, (pattern, now) in GIVEN_UP.items()}
_NANP = re.compile(r"[2-9][0-9]{9}")
# 010-12345678-801: where the numbers of a country have one length, the end is an extension.
_BRANCH = re.compile(r"(.*[^0-9][0-9]{7,8})-[0-9]{1,5}")
_HIDING = re.compile(rf"(?:{HIDING})(.+)")
# The rest is dialled as within the country.
_HIDING_DIGITS = {
    code: re.compile(rf"(?:{digits})[ -]*([0(].+)") for code, digits in HIDING_DIGITS.items()
}
_SEPARATORS = str.maketrans("", "", " -().[]/~·・")
_NUMBER = re.compile(r"(\+*)([0-9]+)")


def read_digits(text: str, region: str) -> Identity:
    """The identity of a number as people write it, without letters. Raises InvalidNumber."""
    match = _NUMBER.fullmatch(text.translate(_SEPARATORS))
    if not match:
        if dialled := _HIDING.fullmatch(text):
            return read_digits(dialled[1], region)
        raise InvalidNumber("not_a_number")
    plus, digits = match.groups()
    if len(digits) > len("00999") + MAX_NATIONAL:
        raise InvalidNumber("too_long")
    if plus and digits.startswith("00"):
        digits = digits[2:]
    if plus and digits.startswith("0"):  # no calling code starts with 0: the plus is a PBX's
        plus = ""
    refuse_emergency(digits, region)
    found = _with_plus(digits, region) if plus else _without_plus(digits, region)
    if found:
        return _without_branch(found, text, region)
    if "(0)" in text:  # +36 (0)1 …: a trunk 0 where the country has another, or none
        return read_digits(text.replace("(0)", "", 1), region)
    if branch := _BRANCH.fullmatch(text):
        return read_digits(branch[1], region)
    hiding = _HIDING_DIGITS.get(calling_code(region))
    if hiding and (dialled := hiding.fullmatch(text)):
        return read_digits(dialled[1], region)
    if not plus and not region:
        raise InvalidNumber("region_required")
    raise InvalidNumber("too_long" if len(digits) > MAX_NATIONAL else "impossible")


def _without_branch(found: Identity, text: str, region: str) -> Identity:
    """The number before an extension, where all digits together are but a service code, or a number
    that there is not: 010-65529988-8001 is a landline in Beijing, not a code that begins with 106.
    """
    branch = _BRANCH.fullmatch(text)
    if branch is None or (found.kind == "e164" and _may_be_whole(found)):
        return found
    try:
        shorter = sure(read_digits(branch[1], region))
    except InvalidNumber:
        return found
    return shorter if shorter is not None and shorter.kind == "e164" else found


def _may_be_whole(found: Identity) -> bool:
    return PLANS[found.key[1:4]].extended or sure(found) is not None


def _with_plus(digits: str, region: str) -> Identity | None:
    # Some gateways put a plus before everything: +95533 from China is 95533. What is in no table
    # is a number with digits missing, or of a calling code that does not exist: +999123.
    return _international(digits, region) or _service(digits, region)


def _without_plus(digits: str, region: str) -> Identity | None:
    abroad = _abroad(digits, region)
    if not region:
        return abroad or (sure(_international(digits, "")) if len(digits) >= UNAMBIGUOUS else None)
    if service := _service(digits, region) or _prefixed_service(digits, region):
        return service
    if abroad and _dials_00(region):
        return abroad
    code, home = calling_code(region), _home(digits, region)
    again = digits.startswith(code)
    if again or abroad:  # several readings: prefer a sure one
        certain = sure(home)
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
        if found := next(filter(sure, (coded, certain, abroad)), None):
            return found
    if found := home or _short(digits, region) or abroad:
        return found
    return sure(_international(digits, region)) if len(digits) >= FOREIGN else None


def _abroad(digits: str, region: str) -> Identity | None:
    """What follows 00; or 000, as PBXs write it that dial 0 for a line outside."""
    if not digits.startswith("00"):
        return None
    line = digits.startswith("000")
    return _international(digits[3 if line else 2 :], region)


def sure(identity: Identity | None) -> Identity | None:
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


def _national(digits: str, region: str) -> Identity:
    """The only maker of national-only keys, so that no emergency number gets one."""
    refuse_emergency(digits, region)
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
    nsn = phonenumbers.national_significant_number(number)
    return _judge(plan, _of_today(plan, nsn) if nsn.startswith("0") else nsn, own)


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
    refuse_emergency(nsn, where)
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
    return Identity(e164, country_in(plan, nsn), "e164")
