"""The mirror's index against a dictionary."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ringscore import Action, ChecksumMismatch, SnapshotCorrupt
from ringscore._index import BLOCK, Index, build
from ringscore._snapshot import checksum_of, parse
from ringscore._table import Table

from tests.given.feed_server import State, snapshot


def table_of(state: State, folder: Path) -> Table:
    found = parse(snapshot(state, 7))
    path = folder / "index"
    path.write_bytes(build(found))
    return Table(Index(path), {}, cursor=7, checksum=found.checksum)


# Spread over orders of magnitude: each width of offset occurs, and so do jumps too wide for any.
KEYS = st.one_of(
    st.integers(1, 10**15 - 1),
    st.integers(12_025_550_000, 12_025_550_999),
    st.integers(8_613_800_000_000, 8_613_800_900_000),
).map(lambda number: f"+{number}")
OTHERS = st.sampled_from(["US:555010", "GB@EXAMPLE", "CN@测试", "GB@A B"])
ACTIONS = st.sampled_from(["flag", "block"])
STATES = st.dictionaries(KEYS | OTHERS, ACTIONS, max_size=400)


@settings(max_examples=50)
@given(STATES, st.lists(KEYS | OTHERS, max_size=50))
def test_a_table_answers_as_a_dictionary_does(state: State, asked: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = table_of(state, Path(folder))
        for key in [*asked, *state, "", "+", "nonsense", "-5", "+999999999999999999999"]:
            assert table.action(key) == state.get(key)
        for key in state:  # and right beside what is listed
            if key.startswith("+"):
                for near in (int(key) - 1, int(key) + 1, int(key) + 65_536):
                    assert table.action(f"+{near}") == state.get(f"+{near}")
        assert {key: str(action) for action, key in table.entries()} == state
        assert table.count == len(state)


@pytest.mark.parametrize("gap", [1, 255, 256, 600, 70_000, 140_000, 20_000_000, 2**32, 10**10])
@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, BLOCK + 1, 1000])
def test_any_density_is_held(gap: int, count: int, tmp_path: Path) -> None:
    chance = random.Random(gap * count)
    state = {
        f"+{10**10 + place * gap}": chance.choice(["flag", "block"])
        for place in range(count)
        if place * gap < 9 * 10**14
    }
    table = table_of(state, tmp_path)
    assert {key: table.action(key) for key in state} == state
    assert {key: str(action) for action, key in table.entries()} == state


@given(STATES, st.dictionaries(KEYS | OTHERS, ACTIONS | st.none(), max_size=60))
@settings(max_examples=50)
def test_changes_lead_where_the_dictionary_goes(
    state: State, changes: dict[str, str | None]
) -> None:
    after = {**state, **changes}
    after = {key: action for key, action in after.items() if action is not None}
    said = {key: Action(action) if action else None for key, action in changes.items()}
    goal = checksum_of((Action(action), key) for key, action in after.items())
    with tempfile.TemporaryDirectory() as folder:
        table = table_of(state, Path(folder))
        changed = table.changed(said, cursor=8, checksum=goal)
        assert {key: str(action) for action, key in changed.entries()} == after
        assert changed.count == len(after)
        assert checksum_of(changed.entries()) == changed.checksum == goal
        assert {key: str(action) for action, key in table.entries()} == state
        with pytest.raises(ChecksumMismatch):
            table.changed(said, cursor=8, checksum=goal ^ 1)


def test_bytes_that_match_across_two_offsets_are_no_match(tmp_path: Path) -> None:
    # Offsets 0x0000, 0x0201, 0x0403: the bytes 01 02 and 02 03 lie across, 0x0302 is not listed.
    base = 12_025_550_000
    table = table_of({f"+{base + o}": "flag" for o in (0, 0x0201, 0x0403)}, tmp_path)
    assert table.action(f"+{base + 0x0302}") is None
    assert table.action(f"+{base + 0x0403}") is Action.FLAG


def test_an_altered_index_is_refused(tmp_path: Path) -> None:
    good = build(parse(snapshot({"+12025550143": "flag", "GB@EXAMPLE": "block"}, 7)))
    path = tmp_path / "index"
    for place in range(0, len(good), 7):
        bad = bytearray(good)
        bad[place] ^= 4
        path.write_bytes(bytes(bad))
        with pytest.raises(SnapshotCorrupt):
            Index(path)
    for size in (0, 1, 50, len(good) - 1):
        path.write_bytes(good[:size])
        with pytest.raises(SnapshotCorrupt):
            Index(path)
