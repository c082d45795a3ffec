"""The clock that people of a country go by, and its name. Source: Unicode CLDR, in Babel."""

import re
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.core import get_global

# Countries with several zones for which CLDR does not name that of most people first.
_MOST_PEOPLE: Final = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "PF": "Pacific/Tahiti",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "XK": "Europe/Belgrade",  # CLDR names none
}

# People name China's clock after its capital; CLDR after Shanghai.
_CAPITALS: Final = {"Asia/Shanghai": {"en": "Beijing", "zh": "北京", "de": "Peking"}}
# Their sign is opposite to what people write: Etc/GMT-8 is eight hours ahead of UTC.
_BEHIND: Final = re.compile(r"Etc/GMT([+-]\d+)")


@cache
def zone_of(country: str) -> ZoneInfo:
    """The zone of most people in a country (ISO 3166, two letters); UTC where that is not known."""
    listed = [*get_global("territory_zones").get(country, ()), "UTC"]
    try:
        return ZoneInfo(_MOST_PEOPLE.get(country, listed[0]))
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


@cache
def zone_name(key: str, language: str) -> str:
    """The city after which people name a zone, in a language (a tag such as zh-hant): Taipei for
    Asia/Taipei. A zone of no city has its offset: UTC+8."""
    locale, zone = Locale.parse(language, sep="-"), _today(key)
    if name := _CAPITALS.get(zone, {}).get(locale.language):
        return name
    if zone.startswith("Etc/"):
        behind = _BEHIND.fullmatch(zone)
        return f"UTC{-int(behind[1]):+}" if behind and int(behind[1]) else "UTC"
    return _cities(language).get(zone) or zone.rpartition("/")[2].replace("_", " ")


@cache
def _cities(language: str) -> dict[str, str]:
    named = Locale.parse(language, sep="-").time_zones
    return {_today(key): names["city"] for key, names in named.items() if "city" in names}


def _today(key: str) -> str:
    """The zone's present name: Asia/Kolkata for Asia/Calcutta, by which CLDR knows it."""
    name: str = get_global("zone_aliases").get(key, key)
    return name
