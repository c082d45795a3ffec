"""Each format, as the programs read it that it is for."""

import csv
import hashlib
import io
import json
import re
from xml.etree import ElementTree
from zlib import crc32

import pytest
import vobject
import yaml
from fritzconnection.core.processor import process_node
from fritzconnection.lib.fritzphonebook import Phonebook
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from reputation.feeds import checksums
from reputation.feeds.formats import FORMATS
from reputation.feeds.formats.contacts import ENDS, Contact, packed
from reputation.feeds.formats.entries import Entry, Head
from reputation.feeds.formats.phones import merged
from tests.given.published_feeds import read_roaring

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


def test_json_has_the_feed_and_each_number():
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


def test_ndjson_has_a_line_a_number():
    assert [json.loads(line) for line in rendered("ndjson").splitlines()] == FIELDS
    assert rendered("ndjson").endswith(b"\n")


def test_plain_is_what_to_block():
    assert rendered("plain") == b"+447700900123\n+447700900124\n"
    assert rendered("comma") == b"+447700900123,+447700900124"
    assert rendered("comma", []) == b""
    blocked = ENTRIES[0]._replace(action="block")
    keys = [f"+1202555{n:04}" for n in range(5000)]
    many = rendered("comma", [blocked._replace(key=key) for key in keys])
    assert many == ",".join(keys).encode()


def test_csv_has_a_row_for_each_pattern():
    rows = list(csv.reader(io.StringIO(rendered("csv").decode(), newline="")))

    assert rows == [
        ["pattern", "description"],
        ["+447700900123", "illegal debt collection"],
        ["+447700900124", "robocall"],
    ]


def test_yet_another_call_blocker_reads_its_rows():
    rows = list(csv.DictReader(io.StringIO(rendered("yacb").decode(), newline="")))

    assert rows == [
        {
            "ID": "1",
            "name": "illegal debt collection",
            "pattern": "+447700900123",
            "creationTimestamp": str((CREATED - 3_600) * 1000),
            "numberOfCalls": "0",
            "lastCallTimestamp": "",
        },
        {
            "ID": "2",
            "name": "robocall",
            "pattern": "+447700900124",
            "creationTimestamp": str(CREATED * 1000),
            "numberOfCalls": "0",
            "lastCallTimestamp": "",
        },
    ]


def test_saracroche_reads_its_patterns():
    pattern = {"name": "Ringscore", "action": "block"}
    assert json.loads(rendered("saracroche")) == {
        "version": "7",
        "name": "Ringscore",
        "patterns": [
            pattern | {"pattern": "447700900123"},
            pattern | {"pattern": "447700900124"},
        ],
    }
    assert json.loads(rendered("saracroche", []))["patterns"] == []


@pytest.mark.parametrize(
    ("numbers", "patterns"),
    [
        (range(100, 110), ["10#"]),
        (range(100, 200), ["1##"]),
        (range(99, 201), ["99", "1##", "200"]),
        (range(100, 109), [str(number) for number in range(100, 109)]),
        (range(101, 111), [str(number) for number in range(101, 111)]),
        ([10, *range(100, 110)], ["10", "10#"]),
        ([], []),
    ],
)
def test_patterns_of_saracroche(numbers, patterns):
    assert merged(sorted(str(number) for number in numbers)) == sorted(patterns)


@pytest.mark.slow
@given(st.sets(st.integers(100, 400)))
def test_patterns_of_saracroche_mean_the_numbers_and_no_other(numbers):
    patterns = merged(sorted(map(str, numbers)))
    expressions = [re.compile(pattern.replace("#", "[0-9]")) for pattern in patterns]

    meant = {n for n in range(1000) if any(e.fullmatch(str(n)) for e in expressions)}
    assert meant == numbers


def test_call_directories_of_ios_have_numbers_to_add_and_none_to_remove():
    assert json.loads(rendered("ios")) == {
        "cursor": 7,
        "blocking": {"add": [447700900123, 447700900124], "remove": []},
        "identification": {
            "add": [{"number": 12025550143, "label": "Suspected: loan scam"}],
            "remove": [],
        },
    }


def test_ios_wants_integers_in_order_and_keys_sort_otherwise():
    entries = [Entry("+4930123456", "block", "", 90, 0), Entry("+493012", "block", "", 90, 0)]
    entries.append(Entry("+12025550143", "block", "", 90, 0))

    added = json.loads(rendered("ios", sorted(entries)))["blocking"]["add"]
    assert added == [493012, 4930123456, 12025550143]


def test_callattendant_blocks_a_number_however_it_is_shown():
    file = yaml.safe_load(rendered("callattendant"))

    expressions = list(file["blocknumbers"])
    assert list(file["blocknumbers"].values()) == ["illegal debt collection", "robocall"]
    assert all(re.search(expressions[0], shown) for shown in ("447700900123", "+447700900123"))
    assert not any(re.search(each, "447700900125") for each in expressions)
    assert not any(re.search(each, "1447700900123") for each in expressions)
    others = {"blocknames": {}, "permitnames": {}, "permitnumbers": {}}
    assert {name: file[name] for name in others} == others
    assert yaml.safe_load(rendered("callattendant", []))["blocknumbers"] == {}


def test_callattendant_knows_north_american_numbers_with_ten_digits():
    file = yaml.safe_load(rendered("callattendant", [ENTRIES[0]._replace(action="block")]))

    [expression] = file["blocknumbers"]
    for shown in ("2025550143", "12025550143", "+12025550143"):
        assert re.search(expression, shown)
    assert not re.search(expression, "32025550143")


def test_callattendant_takes_ten_digits_for_north_america_alone():
    """Tampa has numbers with the digits of Singapore's."""
    singapore = ENTRIES[0]._replace(key="+6562221234", action="block")
    [expression] = yaml.safe_load(rendered("callattendant", [singapore]))["blocknumbers"]
    for shown in ("+6562221234", "006562221234", "0116562221234"):
        assert re.search(expression, shown)
    assert not re.search(expression, "6562221234")


def test_fritzboxes_read_a_phonebook():
    book = Phonebook()
    [phonebook] = ElementTree.fromstring(rendered("fritzbox"))  # noqa: S314 -- ours
    process_node(book, phonebook)

    assert (phonebook.tag, phonebook.get("name")) == ("phonebook", "Ringscore")
    assert [(contact.name, contact.numbers) for contact in book.contacts] == [
        ("Spam: unwanted calls +447700900123", ["+447700900123", "+447700900124"])
    ]
    [empty] = ElementTree.fromstring(rendered("fritzbox", []))  # noqa: S314 -- ours
    assert len(empty) == 0


def test_vcards_are_valid():
    cards = list(vobject.readComponents(rendered("vcard").decode()))

    for card in cards:
        card.validate()
    [card] = cards
    assert (card.version.value, card.uid.value, card.fn.value) == (
        "3.0",
        "ringscore-447700900123",
        "Spam: unwanted calls +447700900123",
    )
    assert [number.value for number in card.tel_list] == ["+447700900123", "+447700900124"]


@given(st.sets(st.integers(10**9, 10**9 + 10_000), min_size=1, max_size=300), st.randoms())
def test_contacts_hold_every_number_once_and_few_change_with_one(numbers: set[int], chance):
    def cards(numbers: set[int]) -> list[Contact]:
        return list(packed(Entry(f"+44{n}", "block", "robocall", 93, 0) for n in sorted(numbers)))

    before = cards(numbers)
    assert [key for card in before for key in card.keys] == [f"+44{n}" for n in sorted(numbers)]
    assert all(1 <= len(card.keys) <= 9 for card in before)
    gone = chance.choice(sorted(numbers))
    after = cards(numbers - {gone})
    # Behind the next number that ends a contact, all is as it was.
    ends = [n for n in numbers if n > gone and crc32(f"+44{n}".encode()) % ENDS == 0]
    behind = {card for card in before if ends and int(card.keys[0][3:]) > min(ends)}
    assert behind <= set(after)


@pytest.mark.parametrize(
    "format", ["csv", "plain", "comma", "yacb", "vcard", "fritzbox", "callattendant"]
)
def test_a_format_without_cursor_is_the_same_as_long_as_its_numbers_are(format):
    """So its ETag stays, and who synchronises once a day has nothing to fetch."""
    later = Head("numbers", 8, 0, CREATED + 60)
    entries = [*ENTRIES, Entry("US:555011", "flag", "", 62, CREATED)]

    assert b"".join(FORMATS[format].render(entries, later)) == rendered(format)


@pytest.mark.parametrize(
    ("format", "sign", "most"),
    [
        ("fritzbox", b"<number ", 2000),
        ("vcard", b"TEL;", 2000),
        ("callattendant", b"^", 5000),
    ],
)
def test_formats_of_small_devices_get_what_is_most_certain(format, sign, most):
    many = [Entry(f"+4930{n:07}", "block", "", 90, n) for n in range(most)]
    many.append(Entry("+33123456789", "block", "", 99, 0))

    file = rendered(format, sorted(many))

    assert file.count(sign) == most
    assert b"33123456789" in file
    assert b"49300000000" not in file  # of those with the same score, the one longest unchanged


def test_private_lookups_read_their_identities():
    identities = input_identities()
    text_format.Parse(rendered("pir").decode(), identities)

    assert {
        number: (each.name, each.cache_expiry_minutes, each.block, each.category)
        for number, each in identities.identities.items()
    } == {
        "+12025550143": ("Suspected: loan scam", 60, False, 0),
        "+447700900123": ("Spam: illegal debt collection", 60, True, 0),
        "+447700900124": ("Spam: robocall", 60, True, 0),
    }


def input_identities() -> Message:
    """An empty InputIdentities: what Apple's ConstructDatabase reads, field by field."""
    file = descriptor_pb2.FileDescriptorProto(name="identities.proto", syntax="proto3")
    category = file.enum_type.add(name="IdentityCategory")
    for number, name in enumerate(("UNSPECIFIED", "PERSON", "BUSINESS")):
        category.value.add(name=f"IDENTITY_CATEGORY_{name}", number=number)
    kinds = descriptor_pb2.FieldDescriptorProto
    value = file.message_type.add(name="InputCallIdentity")
    for number, (name, kind) in enumerate(
        [
            ("name", kinds.TYPE_STRING),
            ("cache_expiry_minutes", kinds.TYPE_UINT32),
            ("block", kinds.TYPE_BOOL),
            ("category", kinds.TYPE_ENUM),
        ],
        start=1,
    ):
        field = value.field.add(name=name, number=number, type=kind, label=kinds.LABEL_OPTIONAL)
        if kind == kinds.TYPE_ENUM:
            field.type_name = ".IdentityCategory"
    whole = file.message_type.add(name="InputIdentities")
    whole.field.add(
        name="identities",
        number=1,
        type=kinds.TYPE_MESSAGE,
        label=kinds.LABEL_REPEATED,
        type_name=".InputIdentities.IdentitiesEntry",
    )
    entry = whole.nested_type.add(name="IdentitiesEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    entry.field.add(
        name="value",
        number=2,
        type=kinds.TYPE_MESSAGE,
        label=kinds.LABEL_OPTIONAL,
        type_name=".InputCallIdentity",
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = message_factory.GetMessageClass(pool.FindMessageTypeByName("InputIdentities"))
    return found()
