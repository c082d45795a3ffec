import re
import resource
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap64
from ringscore import Action, SnapshotCorrupt
from ringscore._snapshot import checksum_of, entry_hash, parse, roaring64

from tests.given.feed_server import checksum, seal, section, snapshot

SPEC = (Path(__file__).parents[2] / "docs" / "guide" / "feeds-format.md").read_text()
STATE = {
    "+12025550143": "flag",
    "+447700900123": "block",
    "+447700900124": "block",
    "GB@EXAMPLE": "block",
    "US:555010": "flag",
}


def spec_bytes() -> bytes:
    lines = re.findall(r"^    00[0-9a-f]{2}  ([0-9a-f ]+)$", SPEC, re.MULTILINE)
    return bytes.fromhex("".join(lines))


def test_the_file_in_the_specification_is_read() -> None:
    found = parse(spec_bytes())
    assert (found.cursor, found.created) == (7, 1_795_514_400)
    assert found.numbers == {
        Action.FLAG: [12025550143],
        Action.BLOCK: [447700900123, 447700900124],
    }
    assert found.others == {Action.FLAG: ["US:555010"], Action.BLOCK: ["GB@EXAMPLE"]}
    assert f"{found.checksum:064x}" == checksum(STATE)


def test_the_file_in_the_specification_is_what_a_writer_makes() -> None:
    assert snapshot(STATE, 7) == spec_bytes()


def test_the_checksums_in_the_specification_hold() -> None:
    for line in re.findall(r'SHA-256\("(.+)"\) +=', SPEC):
        action, key = line.split(" ", 1)
        assert STATE[key] == action
        assert f"{entry_hash(action, key):064x}" in SPEC
    assert f"{checksum_of((Action(a), k) for k, a in STATE.items()):064x}" in SPEC
    later = {**STATE, "+12025550143": "block"}
    del later["GB@EXAMPLE"]
    assert f"{checksum_of((Action(a), k) for k, a in later.items()):064x}" in SPEC
    assert checksum_of([]) == 0


# Clustered, so that array, bitmap and run containers all occur.
NUMBERS = st.lists(
    st.tuples(st.integers(0, 10**15 - 10_000), st.integers(1, 9_000), st.integers(1, 3)),
    min_size=1,
    max_size=6,
).map(lambda runs: {n for start, more, step in runs for n in range(start, start + more, step)})


@given(NUMBERS, st.booleans())
def test_bitmaps_are_read_as_their_own_library_reads_them(values: set[int], runs: bool) -> None:
    bitmap = BitMap64(values, optimize=False)
    if runs:
        bitmap.run_optimize()
    assert roaring64(memoryview(bitmap.serialize())) == sorted(values)


@given(st.binary(max_size=60))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(SnapshotCorrupt):
        parse(seal(snapshot(STATE, 7)[:64] + rubbish))


def test_no_few_bytes_become_billions_of_numbers() -> None:
    all_of_it = struct.pack("<HHH", 1, 0, 0xFFFF)
    full = struct.pack("<HH", 0, 0xFFFF)
    for containers, runs in (
        # Each container has what it says, and there are 65,536 of them.
        (full * 65_536, all_of_it * 65_536),
        # One container repeats its run.
        (full, struct.pack("<H", 0xFFFF) + all_of_it[2:] * 0xFFFF),
    ):
        count = len(containers) // 4
        begin = struct.pack("<I", (count - 1) << 16 | 12347) + b"\xff" * ((count + 7) // 8)
        offsets = bytes(4 * count) if count > 3 else b""
        bitmap = struct.pack("<QI", 1, 0) + begin + containers + offsets + runs
        began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(SnapshotCorrupt):
            roaring64(memoryview(bitmap))
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began < 100_000  # kilobytes


@given(st.data())
def test_bitmaps_with_flipped_bits_end_in_our_error_or_in_order(data: st.DataObject) -> None:
    good = bytearray(BitMap64([5, 70_000, 2**33, *range(100_000, 105_000)]).serialize())
    for place in data.draw(st.lists(st.integers(0, len(good) * 8 - 1), min_size=1, max_size=4)):
        good[place >> 3] ^= 1 << (place & 7)
    body = snapshot({}, 1)[:12] + struct.pack("<IQQ32s", 1, 1, 1, bytes(32))
    bitmap = bytes(good)
    try:
        found = parse(seal(body + section(1, 1, 5003, bitmap)))
    except SnapshotCorrupt:
        return
    numbers = found.numbers[Action.FLAG]
    assert len(numbers) == 5003
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("size", [0, 10, 63, 64, 95, 96, 200, 242])
def test_a_cut_file_is_refused(size: int) -> None:
    with pytest.raises(SnapshotCorrupt):
        parse(spec_bytes()[:size])


@pytest.mark.parametrize("place", [0, 9, 20, 70, 150, 242])
def test_an_altered_file_is_refused(place: int) -> None:
    file = bytearray(spec_bytes())
    file[place] ^= 1
    with pytest.raises(SnapshotCorrupt):
        parse(bytes(file))


ONE = BitMap64([12025550143]).serialize()


@pytest.mark.parametrize(
    ("sections", "why"),
    [
        ([section(1, 1, 2, ONE)], "announces 2"),
        ([section(1, 1, 0, ONE)], "order"),
        ([section(2, 1, 1, ONE), section(1, 1, 1, ONE)], "order"),
        ([section(1, 1, 1, ONE), section(1, 1, 1, ONE)], "order"),
        ([section(3, 1, 1, ONE)], "unknown"),
        ([section(1, 3, 1, ONE)], "unknown"),
        ([section(1, 1, 1, ONE + b"\0")], "size"),
        ([section(1, 1, 1, ONE[:-1])], "cannot be read|size|shorter|multiple"),
        ([section(1, 1, 1, BitMap64([10**15]).serialize())], "E.164"),
        ([section(1, 2, 2, b"US:555011\nUS:555010\n")], "order"),
        ([section(1, 2, 1, b"US:555010")], "order"),
        ([section(1, 2, 1, b"\xff\n")], "read"),
        ([section(1, 1, 1, ONE), b"more"], "cannot be read|order|behind"),
    ],
)
def test_sections_that_are_not_as_specified_are_refused(sections: list[bytes], why: str) -> None:
    count = len([each for each in sections if each != b"more"])
    head = struct.pack("<8sHHIQQ32s", b"RSFEED\r\n", 1, 64, count, 7, 0, bytes(32))
    with pytest.raises(SnapshotCorrupt, match=why):
        parse(seal(head + b"".join(sections)))


def test_a_file_of_a_time_without_a_date_is_refused() -> None:
    made = snapshot(STATE, 7)[:-32]
    with pytest.raises(SnapshotCorrupt, match="made at no time"):
        parse(seal(made[:24] + struct.pack("<Q", 2**63) + made[32:]))


def test_another_version_is_refused_and_says_so() -> None:
    head = struct.pack("<8sHHIQQ32s", b"RSFEED\r\n", 2, 64, 0, 7, 0, bytes(32))
    with pytest.raises(SnapshotCorrupt, match="version 2"):
        parse(seal(head))


def test_an_empty_feed_is_a_snapshot_too() -> None:
    found = parse(snapshot({}, 0))
    assert (found.numbers, found.others, found.checksum) == ({}, {}, 0)
