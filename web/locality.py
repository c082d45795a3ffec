"""The reader's language, country and clock, as far as a page needs them.

Nothing is looked up by address. The language is the reader's choice or the browser's preference,
the country comes from the browser's preference, and the clock from a cookie that the page's script
sets.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from reputation import identity
from reputation.identity import REGIONS
from reputation.languages import SIMPLIFIED, TRADITIONAL
from reputation.moderation import hotlines

ZONE_COOKIE = "zone"
COUNTRY_COOKIE = "country"
YEAR = 365 * 86_400
TAG = re.compile(r"([a-z]{2,3})(?:-[a-z]{4})?-([a-z]{2})(?![a-z0-9])", re.IGNORECASE)


# Characters that GB 2312 sorts by their radical → ones of the same sound that it sorts by sound.
_SOUNDS = str.maketrans("斐梵瑙", "非饭脑")
# The emergency numbers of the police; 112 works in Europe, and on mobile phones in most places.
POLICE = {
    **dict.fromkeys(("CN", "TW", "JP", "DE"), "110"),
    **dict.fromkeys(("US", "CA", "MX", "PH"), "911"),
    **dict.fromkeys(("GB", "HK", "SG", "MY", "IE", "MO"), "999"),
    "AU": "000",
    "NZ": "111",
}

# The country of most readers of a language, if the browser names no country.
# Countries whose people are called from one another, and write those numbers as at home.
NEIGHBOURS = ({"CN", "HK", "MO", "TW"},)
MOST_READERS = {SIMPLIFIED: "CN", TRADITIONAL: "TW"}


def helpers_in(country: str, language: str) -> dict[str, Any]:
    """The services that people call for help there, for web/hotlines.html."""
    return {
        "police": police_of(country),
        "hotlines": [
            {
                "name": each.name_in(language),
                "what": each.what_in(language),
                "dial": dial(each.identity, country),
                "shown": shown(each.identity),
            }
            for each in hotlines(country)
        ],
    }


def dial(number: identity.Identity, country: str) -> str:
    """What a reader in `country` dials; "" for another country's short code, which is another
    number here, or none."""
    if number.kind == "national" and country not in ("", number.country):
        return ""
    return identity.dialled(number.key, country=country)


def shown(number: identity.Identity) -> str:
    """A number as people read it beside its country's name: 95588, not 95588 (CN)."""
    if number.kind == "national":
        return identity.dialled(number.key, country=number.country)
    return identity.display(number.key)


def language_by(environ: dict[str, Any]) -> str:
    """The reader's language from a WSGI environment, for requests that Django does not handle."""
    request = HttpRequest()
    request.META, request.COOKIES = environ, parse_cookie(environ.get("HTTP_COOKIE", ""))
    return language_of(request)


@contextmanager
def of(request: HttpRequest) -> Iterator[None]:
    """Activates the reader's language and clock for a request."""
    language = translation.get_language_from_request(request)
    request.LANGUAGE_CODE = language
    with translation.override(language), timezone.override(zone_of(request)):
        yield


def note(response: HttpResponse) -> None:
    """Tells caches that the page depends on the reader."""
    response.headers.setdefault("Content-Language", translation.get_language() or "en")
    patch_vary_headers(response, ("Accept-Language", "Cookie"))


def country_of(request: HttpRequest) -> str:
    """The ISO 3166 code for reading national numbers; "" if it is unknown."""
    chosen = request.COOKIES.get(COUNTRY_COOKIE, "")
    if chosen in REGIONS:
        return chosen
    return next(_by_tags(request), MOST_READERS.get(language_of(request), ""))


def place_of(request: HttpRequest) -> str:
    """The country where the reader is, whose services they can call; "" if it is unknown.

    By the clock, which says it better than the browser's language. The country that was chosen for
    a number is a guess where nothing else tells: people look up numbers of other countries, too.
    """
    most = MOST_READERS.get(language_of(request), "")
    return next(chain(_by_clock(request), _by_tags(request)), most or country_of(request))


def _by_clock(request: HttpRequest) -> Iterator[str]:
    country = _country_of_zone().get(request.COOKIES.get(ZONE_COOKIE, ""), "")
    if country in REGIONS:
        yield country


def _by_tags(request: HttpRequest) -> Iterator[str]:
    for match in TAG.finditer(request.headers.get("Accept-Language", "")[:200]):
        if match[2].upper() in REGIONS:
            yield match[2].upper()


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The reader's time zone: from the script, else from the place, else UTC."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    if name in _zones():
        return ZoneInfo(name)
    return identity.zone_of(place_of(request))


def zone_in(request: HttpRequest, country: str) -> str:
    """The reader's time zone, if the country has it or no country is named; else ""."""
    zone = zone_of(request).key
    return zone if not country or _country_of_zone().get(zone) == country else ""


def police_of(country: str) -> str:
    """The emergency number of the police in a country, or for an unknown country."""
    return POLICE.get(country, "112")


def plausible_countries(request: HttpRequest) -> list[str]:
    """The countries where the reader may be: as chosen, by the clock, by the browser's
    languages."""
    found = [country_of(request), *_by_clock(request), *_by_tags(request)]
    return list(dict.fromkeys(country for country in found if country in REGIONS))


def neighbours_of(country: str) -> set[str]:
    """The other countries whose numbers people in this country often write as these are written
    there."""
    return set().union(*(group for group in NEIGHBOURS if country in group)) - {country}


@cache
def zones_of(country: str) -> str:
    """The names of all time zones of a country, by which a script sees that the phone is elsewhere;
    none for an unknown country."""
    return " ".join(zone for zone, there in _country_of_zone().items() if there == country)


@cache
def _country_of_zone() -> dict[str, str]:
    zones = get_global("territory_zones")
    found = {zone: country for country in zones for zone in zones[country]}
    # Browsers say Asia/Calcutta.
    older = get_global("zone_aliases")
    return found | {zone: found[older[zone]] for zone in older if older[zone] in found}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Codes and names of countries in a language, in the order in which its readers look."""
    names = Locale.parse(translation.to_locale(language)).territories
    named = [(code, names.get(code, code)) for code in REGIONS if len(code) == 2]
    return tuple(sorted(named, key=lambda pair: _place_of(pair[1], language)))


def _place_of(name: str, language: str) -> bytes:
    """Sorts by sound in China, as GB 2312 does, by strokes in Taiwan, as Big5 does, else without
    accents."""
    if language == SIMPLIFIED:
        return name.translate(_SOUNDS).encode("gb18030")
    if language == TRADITIONAL:
        return name.encode("big5hkscs", "replace")
    return "".join(filter(str.isascii, unicodedata.normalize("NFD", name))).encode()


def language_of(request: HttpRequest) -> str:
    """The reader's language, one of settings.LANGUAGES."""
    return translation.get_language_from_request(request)


def keep_country(response: HttpResponse, country: str) -> None:
    """From now on reads numbers without a country as numbers of this one, on this device."""
    if country:
        response.set_cookie(COUNTRY_COOKIE, country, max_age=YEAR, samesite="Lax", httponly=True)
