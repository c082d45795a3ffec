"""Brings callers and senders to one canonical key. No Django.

Three kinds of key, each its own fixed point: `identify(key).key == key` for any region.

    e164      +8615400001234    '+', at most 15 digits
    national  CN:95533          short and service codes, SMS gateway numbers: 3 to 20 digits
    sender    CN@BANKNAME       alphanumeric SMS senders: 1 to 11 characters, upper case

The fast path is a subset: one expression per calling code that matches only numbers that the
library would not change. The slow path alone decides, and a property test holds the two together.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import repeat
from operator import call, itemgetter

import phonenumbers

from reputation.identity.addresses import (
    user_part,
    without_carrier,
    without_count,
    without_extension,
)
from reputation.identity.digits import read_digits, sure
from reputation.identity.keys import REGIONS, Identity, country_in, read_region
from reputation.identity.lines import line_type
from reputation.identity.numbering import FICTIONAL
from reputation.identity.plans import PLANS
from reputation.identity.refusals import InvalidNumber, plain_text, refuse_nothing
from reputation.identity.said import said
from reputation.identity.senders import read_sender

MAX_INPUT = 200  # characters; the longest honest shape is a SIP address with parameters

_PLAIN = {start: plan.fast_any.fullmatch for start, plan in PLANS.items()}
_NOTHING = re.compile("(?!)").fullmatch
_START = itemgetter(slice(1, 4))
_FICTION = {code: re.compile(pattern) for code, pattern in FICTIONAL.items()}
_KEY = re.compile(r"([A-Z]{2}(?=@)|[A-Za-z]{2}(?=:))(.)(.+)")
_VANITY = re.compile(r"\+?[0-9][0-9 ().-]{2,}[A-Z][A-Z0-9 ().-]{2,}", re.IGNORECASE | re.ASCII)
_VANITY_LINES = frozenset({"toll_free", "shared_cost", "premium_rate", "uan"})


def identify(raw: str, *, region: str = "", allow_fictional: bool = False) -> Identity:
    """Brings text from a phone, a PBX or a person to its canonical key.

    `region` (ISO alpha-2, any case) says how to read national formats; a plus or a key's own
    country overrides it, but an unknown region is an error even then. `allow_fictional` admits
    numbers reserved for fiction. Raises InvalidNumber and nothing else.
    """
    if type(raw) is str and (not region or (type(region) is str and region in REGIONS)):
        plan = PLANS.get(raw[1:4])
        if plan and (plan.fast_any if allow_fictional else plan.fast).fullmatch(raw):
            country = country_in(plan, raw[len(plan.code) + 1 :]) if plan.others else plan.region
            return Identity(raw, country, "e164")
    return _identify_slowly(raw, region, allow_fictional)


def are_plainly_e164(numbers: Sequence[str]) -> list[bool]:
    """Whether the fast path of `identify` takes each as its own key, fictional ones included."""
    matchers = map(_PLAIN.get, map(_START, numbers), repeat(_NOTHING))
    return list(map(bool, map(call, matchers, numbers)))


def is_valid(identity: Identity) -> bool:
    """Whether a number is in use by its plan, in a table, or set aside for fiction: that its length
    is possible is not enough."""
    return _is_fiction(identity) or sure(identity) is not None


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


def _read(raw: object, region: str) -> Identity:
    if not isinstance(raw, str):
        raise InvalidNumber("not_a_number")
    if len(raw) > MAX_INPUT:
        raise InvalidNumber("too_long")
    text, addressed = plain_text(raw), True
    if (key := _KEY.fullmatch(text)) and key[1].upper() in REGIONS:
        region, text = key[1].upper(), key[3]
        if key[2] == "@":
            return read_sender(text, region)
    else:
        text, addressed = user_part(text)
    refuse_nothing(text)
    if (digits := said(text.strip(" ()"))) and (found := _if_valid(digits, region)):
        return found
    text = without_extension(without_carrier(text))
    if (counted := without_count(text)) and (found := _if_valid(counted, region)):
        return found
    if not any(unicodedata.category(c).startswith("L") for c in text):
        return read_digits(text, region)
    if addressed:  # the user of an address, the digits of a key: no sender's name
        raise InvalidNumber("not_a_number")
    if _VANITY.fullmatch(text):  # 1-800-FLOWERS
        try:
            found = read_digits(phonenumbers.convert_alpha_characters_in_number(text), region)
            if found.kind == "e164" and line_type(found.key) in _VANITY_LINES:
                return found
        except InvalidNumber:
            pass
    return read_sender(text, region)


def _if_valid(digits: str, region: str) -> Identity | None:
    try:
        found = read_digits(digits, region)
    except InvalidNumber:
        return None
    return found if is_valid(found) else None
