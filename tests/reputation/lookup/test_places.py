"""Rows of many numbers are read where they lay, and are those that a search by key finds."""

import random

import numpy as np
import pytest

from reputation.identity import identify
from reputation.lookup import RowPlaces, find_many, many, places
from reputation.lookup.single import Answer, look_up
from reputation.models import Number
from reputation.scoring import to_days
from tests.given.reporters import NOW

pytestmark = pytest.mark.django_db

# No two of them have one slot of 2**16, whatever the seed of Python's hashes.
ROOM = 1 << 16
ALL = [f"+86138123456{place:02}" for place in range(99)]
KEYS = sorted({hash(key) % ROOM: key for key in reversed(ALL)}.values())[:12]


def make(*keys: str) -> None:
    for key in keys:
        Number.objects.create(
            key=key, country="CN", line_type="mobile", created_at=NOW, evidence_at=NOW,
            prior=0.45, name=f"{key} by name" if key in KEYS[::5] else "",
        )  # fmt: skip


def find(keys: list[str], where: RowPlaces) -> dict[str, Answer]:
    stored = find_many(keys, at=to_days(NOW), places=where)
    numbers = stored.number if stored is not None else []
    assert numbers == [key for key in keys if key in numbers]
    return {key: stored.answer(place) for place, key in enumerate(numbers)} if stored else {}


def one_by_one(keys: list[str]) -> dict[str, Answer]:
    stored = set(Number.objects.values_list("key", flat=True))
    return {key: look_up(identify(key), now=NOW) for key in keys if key in stored}


@pytest.fixture
def sought(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, list[str]]]:
    """Of each statement, how many places it looks at and which keys it seeks."""
    statements = list[tuple[int, list[str]]]()
    read = many.read_rows

    def noted(at: places.Places, keys: list[str]) -> many._Found:
        statements.append((len(at), sorted(keys)))
        return read(at, keys)

    monkeypatch.setattr(many, "read_rows", noted)
    return statements


def test_a_number_is_sought_by_key_once(sought):
    make(*KEYS)
    where = RowPlaces(most=ROOM)
    assert find(KEYS, where) == find(KEYS, where) == one_by_one(KEYS)
    assert sought == [(0, KEYS), (len(KEYS), [])]


def test_a_row_that_was_written_is_sought_again_once(sought):
    make(*KEYS)
    where = RowPlaces(most=ROOM)
    find(KEYS, where)
    Number.objects.filter(key=KEYS[2]).update(name="Bakery")
    del sought[:]
    assert find(KEYS, where)[KEYS[2]].name == "Bakery"
    assert find(KEYS, where) == one_by_one(KEYS)
    assert sought == [(len(KEYS), []), (0, [KEYS[2]]), (len(KEYS), [])]


def test_a_row_where_another_lay_is_not_taken_for_it():
    """Nor is one asked for twice, by its place and by another's."""
    make(*KEYS)
    where = RowPlaces(most=ROOM)
    for asked in (KEYS, KEYS[:6], KEYS[6:]):
        rows = many.read_rows(places.NOWHERE, KEYS)
        where.learn(list(reversed(rows.keys)), rows.rows)
        assert find(asked, where) == one_by_one(asked)


def test_what_is_gone_is_not_found():
    make(*KEYS)
    where = RowPlaces(most=ROOM)
    find(KEYS, where)
    Number.objects.filter(key__in=KEYS[::2]).delete()
    assert find(KEYS, where) == one_by_one(KEYS)
    make(KEYS[0])
    assert find(KEYS, where) == one_by_one(KEYS)


@pytest.mark.parametrize("most", [1, 8, ROOM])
def test_numbers_that_share_a_slot_are_found(most):
    make(*KEYS[:9])
    chance, where = random.Random(most), RowPlaces(most=most)
    for _ in range(30):
        asked = chance.sample(KEYS, 7)
        Number.objects.filter(key=chance.choice(KEYS)).update(prior=chance.choice([0.3, 0.5]))
        assert find(asked, where) == one_by_one(asked)


def test_places_are_sent_and_read_to_the_last_block():
    """A table has 2**32 - 1 blocks at most, and a block fewer than 2**16 rows."""
    rows = np.array([(0, 1), (7, 2**16 - 1), (2**32 - 2, 3)], places.PLACE)
    where = RowPlaces(most=ROOM)
    where.learn(KEYS[:3], rows)
    assert places.to_sql(where.of(KEYS[:3])).hex(" ", 2) == (
        "0000 0001 0000 0000 0000 001b 0000 0003 0000 0001"
        " 0000 0006 0000 0000 0001 0000 0006 0000 0007 ffff 0000 0006 ffff fffe 0003"
    )
