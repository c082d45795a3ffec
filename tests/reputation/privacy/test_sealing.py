"""What is sealed opens for its own purpose only, and only unchanged."""

import pytest
from pytest_django import Settings

from reputation.privacy.sealing import ID, VERSION, SealBroken, is_current, seal, unseal

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


def test_a_new_key_seals_while_the_old_one_opens(settings: Settings):
    [old] = settings.SEALING_KEYS
    sealed = seal(WORDS, bound="a")
    settings.SEALING_KEYS = ["k" * 50, old]
    assert unseal(sealed, bound="a") == WORDS
    again = seal(WORDS, bound="a")
    assert (is_current(sealed), is_current(again)) == (False, True)
    settings.SEALING_KEYS = ["k" * 50]
    assert unseal(again, bound="a") == WORDS
    with pytest.raises(SealBroken):
        unseal(sealed, bound="a")


def test_what_was_sealed_before_keys_had_ids_opens(settings: Settings):
    old = settings.SEALING_KEYS[0]
    sealed = seal(WORDS, bound="a")[len(VERSION) + ID :]
    with pytest.raises(SealBroken):
        unseal(sealed, bound="a")
    settings.PSEUDONYM_KEY = old
    assert unseal(sealed, bound="a") == WORDS
