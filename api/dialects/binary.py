"""PhoneBlock's binary list, version 1: its dongle keeps it in flash and searches it by bisection.

    0   4  "PBBL"
    4   2  version, 1
    6   2  bit L is set if the second section has prefixes of L digits
    8   4  number of exact records
    12  4  number of prefix records
    16     exact records, then prefix records, each section ascending

Little-endian throughout. A record of 8 bytes is a 56-bit key and a byte whose lowest bit means
blocked (1) or let through (0). The key writes up to 15 digits as base-11 symbols (digit + 1) into
16 places from the left, 0 for the rest.
"""

import struct
from collections.abc import Iterable

PLACES = 16
MAX_DIGITS = 15
HEADER_SIZE, RECORD_SIZE = 16, 8


def record(digits: str, *, blocked: bool) -> int:
    """One record. `digits`: 1 to 15 decimal digits, without the plus."""
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS):
        raise ValueError(f"not 1 to {MAX_DIGITS} digits: {digits!r}")
    key = 0
    for digit in digits.ljust(PLACES, " "):
        key = key * 11 + (0 if digit == " " else int(digit) + 1)
    return key << 8 | blocked


def encode(blocked: Iterable[str], allowed: Iterable[str] = ()) -> bytes:
    """The file for exact numbers in E.164; the dongle asks the service about ranges."""
    records = {record(number[1:], blocked=True) for number in blocked}
    records |= {record(number[1:], blocked=False) for number in allowed}
    header = struct.pack("<4sHHII", b"PBBL", 1, 0, len(records), 0)
    return header + struct.pack(f"<{len(records)}Q", *sorted(records))
