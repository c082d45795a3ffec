"""Reads the names of alphanumeric SMS senders: 1 to 11 characters, in capitals."""

import re
import unicodedata

from reputation.identity.keys import Identity
from reputation.identity.refusals import InvalidNumber, plain_text, refuse_nothing

MAX_SENDER = 11  # characters, 3GPP TS 23.040 (an alphanumeric address holds 11 of GSM 03.38)
# A number with digits hidden: 951677XXXX, 138XXXX5678; and one that a spreadsheet rounded.
_HIDDEN_DIGITS = re.compile(r"[0-9]+(?:X+|X{2,}[0-9]+)")
_ROUNDED = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+[0-9]+")
_SIGNATURE = re.compile(r"【(.+)】|\[(.+)\]")
# India: two letters for operator and circle before the header and, since 2025, one for its class
# behind it (TRAI, TCCCPR). The header names the sender; the rest varies with the route.
_HEADER = re.compile(r"[A-Z]{2}-(?=[0-9]*[A-Z])([A-Z0-9]{3,9})(?:-[GPST])?")


def read_sender(text: str, region: str) -> Identity:
    """The identity of a name, bare or in the brackets of a signature. Raises InvalidNumber."""
    signature = _SIGNATURE.fullmatch(text)
    name = (signature[1] or signature[2]) if signature else text
    while (upper := plain_text(name.upper())) != name:
        name = upper
    if region == "IN" and (header := _HEADER.fullmatch(name)):
        name = header[1]
    refuse_nothing(name)
    kinds = {unicodedata.category(c)[0] for c in name if c not in " &'!*+-._"}
    no_name = _HIDDEN_DIGITS.fullmatch(name) or _ROUNDED.fullmatch(name)
    if no_name or "L" not in kinds or not kinds <= {"L", "M", "N"}:
        raise InvalidNumber("not_a_number")
    if len(name) > MAX_SENDER:
        raise InvalidNumber("too_long")
    if not region:
        raise InvalidNumber("letters")
    return Identity(f"{region}@{name}", region, "sender")
