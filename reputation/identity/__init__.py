"""Callers and senders in one canonical form. Only this package knows the phone number library."""

from reputation.identity.addresses import plain, plain_characters
from reputation.identity.lines import line_type
from reputation.identity.numbering import EMERGENCY_EVERYWHERE
from reputation.identity.reading import (
    MAX_INPUT,
    REGIONS,
    Identity,
    InvalidNumber,
    calling_code,
    country_of,
    dialled,
    display,
    identify,
    is_plainly_e164,
    is_valid,
    read_region,
)
from reputation.identity.said import Token, figures, stretches
from reputation.identity.zones import zone_name, zone_of

__all__ = [
    "EMERGENCY_EVERYWHERE",
    "MAX_INPUT",
    "REGIONS",
    "Identity",
    "InvalidNumber",
    "Token",
    "calling_code",
    "country_of",
    "dialled",
    "display",
    "figures",
    "identify",
    "is_plainly_e164",
    "is_valid",
    "line_type",
    "plain",
    "plain_characters",
    "read_region",
    "stretches",
    "zone_name",
    "zone_of",
]
