"""The file is read back as PhoneBlock's dongle reads it: by binary search over its records."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dialects.binary import encode, record

NUMBERS = st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True)


def search(file: bytes, number: str) -> str:
    """The dongle's verdict from this file: spam, legit or unknown."""
    magic, version, lengths, exact, prefixes = struct.unpack_from("<4sHHII", file)
    assert (magic, version, lengths, prefixes) == (b"PBBL", 1, 0, 0)
    assert len(file) == 16 + 8 * exact
    key = 0
    for place in range(16):
        digits = number[1:]
        key = key * 11 + (int(digits[place]) + 1 if place < len(digits) else 0)
    low, high = 0, exact - 1
    while low <= high:
        middle = (low + high) // 2
        (found,) = struct.unpack_from("<Q", file, 16 + 8 * middle)
        assert found & 0xFE == 0
        if found >> 8 < key:
            low = middle + 1
        elif found >> 8 > key:
            high = middle - 1
        else:
            return "spam" if found & 1 else "legit"
    return "unknown"


@pytest.mark.slow
@given(st.sets(NUMBERS, max_size=30), st.sets(NUMBERS, max_size=30), NUMBERS)
def test_the_dongle_finds_what_was_put_in(blocked, allowed, other):
    allowed -= blocked
    file = encode(blocked, allowed)
    for number in {*blocked, *allowed, other}:
        expected = "spam" if number in blocked else "legit" if number in allowed else "unknown"
        assert search(file, number) == expected


def test_a_file_byte_by_byte():
    # "1" is symbol 2 in the first of 16 places, so the key is 2 * 11^15.
    assert encode(["+1"]) == (
        b"PBBL" + b"\x01\x00" + b"\x00\x00" + b"\x01\x00\x00\x00" + b"\x00\x00\x00\x00"
        + struct.pack("<Q", (2 * 11**15) << 8 | 1)
    )  # fmt: skip
    assert encode([]) == b"PBBL\x01\x00\x00\x00" + bytes(8)


def test_the_largest_key_fills_its_56_bits():
    assert record("9" * 15, blocked=True) < 1 << 64


@pytest.mark.parametrize("digits", ["", "1234567890123456", "+49", "12a", "٣"])
def test_what_is_no_number_is_refused(digits):
    with pytest.raises(ValueError, match="not 1 to 15 digits"):
        record(digits, blocked=True)
