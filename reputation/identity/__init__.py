"""Callers and senders in one canonical form. Only this package knows the phone number library."""

from reputation.identity.addresses import plain, plain_characters
from reputation.identity.keys import REGIONS, Identity, calling_code, country_of, read_region
from reputation.identity.lines import block_of, line_type
from reputation.identity.numbering import EMERGENCY_EVERYWHERE, HIDING
from reputation.identity.reading import MAX_INPUT, are_plainly_e164, identify, is_valid
from reputation.identity.refusals import InvalidNumber
from reputation.identity.said import Token, figures, stretches
from reputation.identity.writing import by_modem, by_spamblocker, dialled, display
from reputation.identity.zones import zone_name, zone_of

__all__ = [
    "EMERGENCY_EVERYWHERE",
    "HIDING",
    "MAX_INPUT",
    "REGIONS",
    "Identity",
    "InvalidNumber",
    "Token",
    "are_plainly_e164",
    "block_of",
    "by_modem",
    "by_spamblocker",
    "calling_code",
    "country_of",
    "dialled",
    "display",
    "figures",
    "identify",
    "is_valid",
    "line_type",
    "plain",
    "plain_characters",
    "read_region",
    "stretches",
    "zone_name",
    "zone_of",
]
