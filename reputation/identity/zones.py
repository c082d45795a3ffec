"""The clock that people of a country go by. Source: Unicode CLDR, in Babel."""

from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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


@cache
def zone_of(country: str) -> ZoneInfo:
    """The zone of most people in a country (ISO 3166, two letters); UTC where that is not known."""
    listed = [*get_global("territory_zones").get(country, ()), "UTC"]
    try:
        return ZoneInfo(_MOST_PEOPLE.get(country, listed[0]))
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")
