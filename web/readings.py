"""The numbers that a text without a country code may mean for this reader."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest

from reputation.identity import (
    REGIONS,
    Identity,
    InvalidNumber,
    dialled,
    display,
    identify,
    plain_characters,
)
from reputation.models import Number
from web import locality

# A text that marks itself as a sender's name: CN@BANK, or the signature before a text message.
_SENDER = re.compile(r"@|^\s*[【\[]")
ANY = "GB"  # any country, for reading a name without a country
# Not within a name or an address: wxid_12345, abc12345@example.org.
_DIGITS = re.compile(r"(?<![A-Za-z_@\d])\+?\(?\d[\d ()./-]*\d(?![A-Za-z_@\d])")
# The time of a call, or how often the number called: 555-0101 9:15, 555-0101 (3).
_NO_PART = re.compile(r"(?<!\d)\d?\d:\d\d|(?<=\d) ?\([1-9]\d?\)(?! ?\d)")


@dataclass(frozen=True, slots=True)
class Reading:
    identity: Identity
    shown: str
    country: str
    known: bool


def known_among(keys: Iterable[str]) -> set[str]:
    """Those of the keys that are known: reported or official."""
    counted = Q(reports__gt=0) | Q(complaints__gt=0) | Q(official=True)
    return set(Number.objects.filter(counted, key__in=keys).values_list("key", flat=True))


def is_known_name(key: str) -> bool:
    """Whether a sender with this name is known in any country."""
    return bool(known_among(f"{region}{key[2:]}" for region in REGIONS))


def is_bare_name(raw: str, key: str) -> bool:
    """Whether `raw` was read as a sender's name only because it has letters."""
    return key[2:3] == "@" and not _SENDER.search(raw)


def read_number(
    raw: str,
    *,
    region: str,
    allow_fictional: bool = True,
    takes_name: Callable[[str], bool] = is_known_name,
) -> Identity:
    """The identity of a number as typed. Any word could be the name of a sender of text messages,
    so a bare word is read as a name only if `takes_name` accepts its key. Raises InvalidNumber."""
    try:
        identity = identify(raw, region=region, allow_fictional=allow_fictional)
    except InvalidNumber as error:
        if error.code == "too_long" and not any(map(str.isdecimal, raw)):
            raise InvalidNumber("letters") from None
        if error.code == "letters" and takes_name(identify(raw, region=ANY).key):
            raise InvalidNumber("region_required") from None
        raise
    if is_bare_name(raw, identity.key) and not takes_name(identity.key):
        raise InvalidNumber("letters")
    return identity


def typed(key: str, *, home: str) -> str:
    """A canonical key as a person would type it in a form that reads it in the country `home`."""
    if key.startswith("+"):
        return display(key)
    return dialled(key, country=home) if key[:2] == home else key


def other_readings(
    request: HttpRequest, raw: str, identity: Identity, *, region: str
) -> list[Reading]:
    """The other numbers that `raw` can mean besides `identity`, its reading in the form's country
    `region`.

    These are its readings in countries where the reader may be, and those elsewhere that are known:
    reported or official. A text that is no number of the form's country may be one of a neighbour.
    A reader who chose a country that we had not guessed is not asked.
    """
    if _says_its_country(raw) or not region or region != locality.country_of(request):
        return []
    found: dict[str, Identity] = {}
    for country in sorted(REGIONS):
        try:
            other = identify(raw, region=country, allow_fictional=True)
        except InvalidNumber:
            continue
        if other.key != identity.key:
            found.setdefault(other.key, other)
    known = known_among([*found, identity.key])
    here = set(locality.plausible_countries(request))
    if identity.country != region:
        here |= locality.neighbours_of(region)
    names = dict(locality.countries(locality.language_of(request)))
    likely = [
        Reading(other, display(key), names.get(other.country, other.country), key in known)
        for key, other in found.items()
        if key in known or (other.country in here and identity.key not in known)
    ]
    return sorted(likely, key=lambda each: (not each.known, each.identity.key))


def number_within(text: str) -> str:
    """The only telephone number in a line of text; "" if there is none, or more than one."""
    text = _NO_PART.sub(" : ", plain_characters(text))
    found = [each for each in _DIGITS.findall(text) if sum(map(str.isdecimal, each)) >= 5]
    return found[0] if len(found) == 1 else ""


def _says_its_country(raw: str) -> bool:
    return raw.strip().startswith(("+", "＋", "00")) or ":" in raw or "@" in raw
