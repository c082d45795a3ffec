"""Each format, as the programs read it that it is for."""

import csv
import hashlib
import io
import json

import pytest

from reputation.feeds import checksums
from reputation.feeds.formats import FORMATS
from reputation.feeds.formats.entries import Entry, Head
from tests.reputation.feeds.published import read_roaring

# 2026-11-24T10:00:00Z, as in docs/guide/feeds-format.md
CREATED = 1_795_514_400
ENTRIES = [
    Entry("+12025550143", "flag", "loan_scam", 71, CREATED - 86_400),
    Entry("+447700900123", "block", "illegal_collection", 93, CREATED - 3_600),
    Entry("+447700900124", "block", "robocall", 97, CREATED),
    Entry("GB@EXAMPLE", "block", "phishing", 90, CREATED),
    Entry("US:555010", "flag", "", 62, CREATED),
]
CHECKSUM = 0xF58367D5A423A18CD51FB095A05B5DB18767F57C7D30C4186619E60378924BA5
HEAD = Head("numbers", 7, CHECKSUM, CREATED)

EXAMPLE = bytes.fromhex(
    """
    52534645 45440d0a 01004000 04000000 07000000 00000000 2060056b 00000000
    f58367d5 a423a18c d51fb095 a05b5db1 8767f57c 7d30c418 6619e603 78924ba5
    01010000 01000000 1e000000 00000000 01000000 00000000 02000000 3a300000
    01000000 c7cc0000 10000000 3f550102 00000100 00000a00 00000000 00005553
    3a353535 3031300a 02010000 02000000 20000000 00000000 01000000 00000000
    68000000 3a300000 01000000 0d3d0100 10000000 1b991c99 02020000 01000000
    0b000000 00000000 47424045 58414d50 4c450abd 9ceabb2d ae07de1b b7a99c79
    1b46f182 47bfc199 8d9df628 493de9ab 10b7e4
    """
)


def rendered(format: str, entries: list[Entry] = ENTRIES) -> bytes:
    return b"".join(FORMATS[format].render(entries, HEAD))


def test_the_checksum_is_that_of_the_guide():
    assert checksums.of_state((entry.action, entry.key) for entry in ENTRIES) == CHECKSUM
    assert checksums.written(CHECKSUM) == f"{CHECKSUM:x}"
    assert checksums.written(checksums.of_state([])) == "0" * 64


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_can_be_empty_and_does_not_depend_on_chance(format):
    assert rendered(format) == rendered(format)
    assert b"5550" not in rendered(format, [])


def test_roaring_is_the_example_of_the_guide():
    assert rendered("roaring") == EXAMPLE


def test_roaring_is_read_by_croaring():
    many = [Entry(f"+{n}", "block", "", 90, 0) for n in range(10**11, 10**11 + 200_000, 2)]
    file = rendered("roaring", many)

    assert read_roaring(file) == dict.fromkeys([entry.key for entry in many], "block")
    assert hashlib.sha256(file[:-32]).digest() == file[-32:]


def test_roaring_without_entries():
    file = rendered("roaring", [])

    assert len(file) == 96
    assert read_roaring(file) == {}


FIELDS = [
    {"number": e.key, "action": e.action, "category": e.category, "score": e.score} for e in ENTRIES
]


def test_json():
    assert json.loads(rendered("json")) == {
        "feed": "numbers",
        "cursor": 7,
        "checksum": f"{CHECKSUM:x}",
        "created": "2026-11-24T10:00:00Z",
        "numbers": FIELDS,
    }


def test_json_without_entries_and_with_many():
    assert json.loads(rendered("json", []))["numbers"] == []
    many = [ENTRIES[0]._replace(key=f"+1202555{n:04}") for n in range(5000)]
    assert len(json.loads(rendered("json", many))["numbers"]) == 5000


def test_ndjson():
    assert [json.loads(line) for line in rendered("ndjson").splitlines()] == FIELDS
    assert rendered("ndjson").endswith(b"\n")


def test_plain_is_what_to_block():
    assert rendered("plain") == b"+447700900123\n+447700900124\n"


def test_csv():
    rows = list(csv.reader(io.StringIO(rendered("csv").decode(), newline="")))

    assert rows == [
        ["pattern", "description"],
        ["+447700900123", "illegal debt collection"],
        ["+447700900124", "robocall"],
    ]
