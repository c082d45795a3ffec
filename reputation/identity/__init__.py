"""Callers and senders in one canonical form. Only this package knows the phone number library.

reading                  text from a phone, a PBX or a person becomes an Identity
digits, senders          numbers; names of senders of text messages
keys, refusals           canonical keys and their countries; why a text is none
addresses, said          what is written around a number; digits in words
withheld                 texts in place of a withheld number
plans, numbering         numbering plans of the library; facts that it lacks
lines, zones             line types; time zones
writing                  keys as people read and dial them
"""

from reputation.identity.addresses import plain, plain_characters
from reputation.identity.keys import REGIONS, Identity, calling_code, country_of, read_region
from reputation.identity.lines import block_of, line_type
from reputation.identity.numbering import EMERGENCY_EVERYWHERE, HIDING
from reputation.identity.reading import MAX_INPUT, are_plainly_e164, identify, is_valid
from reputation.identity.refusals import REMEDIES, InvalidNumber
from reputation.identity.said import Token, figures, stretches
from reputation.identity.writing import by_modem, by_spamblocker, dialled, display
from reputation.identity.zones import zone_name, zone_of
