"""The numbering plan of each calling code: the library's metadata and our tables, compiled once."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc

from reputation.identity.numbering import FICTIONAL, GIVEN_UP, LANDLINES, SERVICES, SHORTEST

MAX_E164 = 15  # digits, ITU-T E.164; the library allows more for a few plans
# Germany and Austria: a landline's holder adds extensions of any length (the numbering plans of
# Bundesnetzagentur and RTR).
EXTENDED = frozenset({"43", "49"})
SHORT = 6  # digits; up to here a number is a short code unless it is a valid E.164 number


@dataclass(frozen=True, slots=True)
class Plan:
    """Facts about one calling code, computed once."""

    code: str
    region: str  # the main region, "" for calling codes of no country
    lengths: frozenset[int]  # lengths of landline and mobile numbers, without calling code
    zero: bool  # its national significant numbers may start with 0, as in Italy
    extended: bool  # extensions of any length may follow a landline
    prefixed: bool  # inside the country every number but short codes is written with a 0 in front
    fast: re.Pattern[str]  # strings that are their own key, fictional ones left out
    fast_any: re.Pattern[str]  # fictional ones included
    shape: re.Pattern[str]  # valid numbers of the main region
    others: tuple[tuple[str, re.Pattern[str]], ...]  # and of those that share the code


def _plan(code: int, regions: tuple[str, ...]) -> Plan:
    found = (PhoneMetadata.metadata_for_region_or_calling_code(code, name) for name in regions)
    metas = [meta for meta in found if meta]
    meta, prefix, region = metas[0], str(code), "" if regions[0] == "001" else regions[0]
    shortest = max(SHORT + 1, SHORTEST.get(region, 0))
    possible = {n for desc in (meta.fixed_line, meta.mobile) for n in _lengths(meta, desc)}
    lengths = {n for n in possible if shortest <= n <= MAX_E164 - len(prefix)}
    zero = any((desc.example_number or "").startswith("0") for desc in _descriptions(meta))
    # The fast expression excludes every number that the library might strip or rewrite, and every
    # number that _judge() of digits.py treats apart. (Argentina's prefix rule matches everything:
    # always slow.)
    guards = [f"(?!{meta.national_prefix_for_parsing})"] if meta.national_prefix_for_parsing else []
    guards += [] if zero else ["(?!0)"]
    if region in SERVICES:
        guards.append(f"(?!(?!(?:{LANDLINES[region]})$)(?:{SERVICES[region]})$)")
    guards += [f"(?!{GIVEN_UP[prefix][0]}$)"] if prefix in GIVEN_UP else []
    digits = "|".join(f"[0-9]{{{n}}}" for n in sorted(lengths)) or "(?!)"
    fictional = f"(?!(?:{FICTIONAL[prefix]})$)" if prefix in FICTIONAL else ""
    return Plan(
        code=prefix,
        region=region,
        lengths=frozenset(lengths),
        zero=zero,
        extended=prefix in EXTENDED,
        prefixed=meta.national_prefix_for_parsing == "0",
        fast=re.compile(rf"\+{prefix}{''.join(guards)}{fictional}(?:{digits})"),
        fast_any=re.compile(rf"\+{prefix}{''.join(guards)}(?:{digits})"),
        shape=_shape(meta),
        others=tuple(zip(regions[1:], map(_shape, metas[1:]), strict=True)),
    )


def _shape(meta: PhoneMetadata) -> re.Pattern[str]:
    patterns = (desc.national_number_pattern for desc in _descriptions(meta))
    return re.compile(meta.leading_digits or f"(?:{'|'.join(filter(None, patterns))})$")


def _lengths(meta: PhoneMetadata, desc: PhoneNumberDesc | None) -> tuple[int, ...]:
    general = meta.general_desc
    if not general:
        return ()
    return desc.possible_length or general.possible_length if desc else general.possible_length


def _descriptions(meta: PhoneMetadata) -> list[PhoneNumberDesc]:
    kinds = "fixed_line mobile toll_free premium_rate shared_cost personal_number voip pager uan"
    return [desc for kind in [*kinds.split(), "voicemail"] if (desc := getattr(meta, kind))]


def _plans() -> dict[str, Plan]:
    """Plans by the first three digits of an international number: calling codes are prefix-free."""
    plans = {
        str(code): _plan(code, regions)
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    }
    codes = ((str(n), plans.get(str(n)[:size])) for n in range(100, 1000) for size in (1, 2, 3))
    return {start: plan for start, plan in codes if plan}


PLANS = _plans()
