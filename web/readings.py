"""A number without its country code can be several: which ones it may be for this reader."""

import re
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest

from reputation.identity import REGIONS, Identity, InvalidNumber, display, identify
from reputation.models import Number
from web import locality

_DIGITS = re.compile(r"[+＋]?\(?\d[\d ()./-]*\d")


@dataclass(frozen=True, slots=True)
class Reading:
    identity: Identity
    shown: str
    country: str
    known: bool


def other_readings(request: HttpRequest, raw: str, identity: Identity) -> list[Reading]:
    """What else `raw` can mean, where `identity` is the reading in the country of the form.

    Where the reader may be it is read as a number of that place; elsewhere only if the number is
    known: reported, or official. Whoever chose a country other than we had guessed is not asked.
    """
    if _says_its_country(raw) or identity.country != locality.country_of(request):
        return []
    found: dict[str, Identity] = {}
    for region in sorted(REGIONS):
        try:
            other = identify(raw, region=region, allow_fictional=True)
        except InvalidNumber:
            continue
        if other.key != identity.key:
            found.setdefault(other.key, other)
    counted = Q(reports__gt=0) | Q(complaints__gt=0) | Q(official=True)
    known = set(
        Number.objects.filter(counted, key__in=[*found, identity.key]).values_list("key", flat=True)
    )
    here = locality.plausible_countries(request)
    names = dict(locality.countries(locality.language_of(request)))
    likely = [
        Reading(other, display(key), names.get(other.country, other.country), key in known)
        for key, other in found.items()
        if key in known or (other.country in here and identity.key not in known)
    ]
    return sorted(likely, key=lambda each: (not each.known, each.identity.key))


def number_within(text: str) -> str:
    """The one telephone number in a line of text; "" if there is none, or more than one."""
    found = [each for each in _DIGITS.findall(text) if sum(map(str.isdecimal, each)) >= 5]
    return found[0] if len(found) == 1 else ""


def _says_its_country(raw: str) -> bool:
    return raw.strip().startswith(("+", "＋", "00")) or ":" in raw or "@" in raw
