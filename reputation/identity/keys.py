"""Canonical keys, their countries, and regions."""

from dataclasses import dataclass
from functools import cache

import phonenumbers

from reputation.identity.plans import PLANS, Plan
from reputation.identity.refusals import InvalidNumber

REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)


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


def country_of(key: str) -> str:
    """The country of a canonical key, ISO alpha-2; "" for a calling code of no country."""
    plan = PLANS.get(key[1:4]) if key[:1] == "+" else None
    if plan is None:
        return key[:2]
    return country_in(plan, key[len(plan.code) + 1 :]) if plan.others else plan.region


def country_in(plan: Plan, nsn: str) -> str:
    """The country of a national significant number of this plan."""
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


def read_region(region: object) -> str:
    """An ISO 3166 alpha-2 code in capitals; empty for none. Raises InvalidNumber."""
    if not isinstance(region, str) or not region.isascii():
        raise InvalidNumber("unknown_region")
    known = region.upper()
    if known and known not in REGIONS:
        raise InvalidNumber("unknown_region")
    return known


def calling_code(region: str) -> str:
    """The calling code of a region, without the plus; empty for no region."""
    return str(phonenumbers.country_code_for_region(region)) if region else ""
