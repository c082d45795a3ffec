"""The file is read back as PhoneBlock's dongle reads it: by binary search over its records."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dialects.binary import encode, record
from tests.given.dialects import verdict_in

NUMBERS = st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True)


@pytest.mark.slow
@given(st.sets(NUMBERS, max_size=30), st.sets(NUMBERS, max_size=30), NUMBERS)
def test_the_dongle_finds_what_was_put_in(blocked, allowed, other):
    allowed -= blocked
    file = encode(blocked, allowed)
    for number in {*blocked, *allowed, other}:
        expected = "spam" if number in blocked else "legit" if number in allowed else "unknown"
        assert verdict_in(file, number) == expected


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
