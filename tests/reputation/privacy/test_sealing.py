"""What is sealed opens for its own purpose only, and only unchanged."""

import pytest
from pytest_django import Settings

from reputation.privacy.sealing import SealBroken, seal, unseal

WORDS = "13812345678*低息贷款".encode()


def test_it_comes_back_as_it_was():
    for content in (WORDS, b"", bytes(100_000)):
        assert unseal(seal(content, bound="a"), bound="a") == content


def test_twice_the_same_looks_different_and_tells_nothing():
    one, two = seal(WORDS, bound="a"), seal(WORDS, bound="a")
    assert one != two
    assert WORDS not in one


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_a_changed_one_does_not_open(place):
    sealed = bytearray(seal(WORDS, bound="a"))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        unseal(bytes(sealed), bound="a")


@pytest.mark.parametrize("sealed", [b"", b"short", None])
def test_nor_one_of_another_row(sealed: bytes | None):
    sealed = seal(WORDS, bound="b") if sealed is None else sealed
    with pytest.raises(SealBroken):
        unseal(sealed, bound="a")


def test_nor_with_another_key(settings: Settings):
    sealed = seal(WORDS, bound="a")
    settings.PSEUDONYM_KEY = "k" * 50
    with pytest.raises(SealBroken):
        unseal(sealed, bound="a")
