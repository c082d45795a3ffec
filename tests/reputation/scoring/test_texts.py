"""Texts by whole numbers."""

import random

import numpy as np
import pytest

from reputation.scoring.texts import FEW, KEPT, NOBODY, Texts


@pytest.mark.parametrize("most", [1, 2, 100, FEW - 1, FEW, FEW + 1, 3 * FEW])
def test_each_number_has_its_text_and_nobody_none(most):
    chance, texts = random.Random(most), Texts(str)
    for end in (1, most, most):
        about = [NOBODY, *(chance.randrange(end) for _ in range(50)), end - 1]
        expected = ["" if each == NOBODY else str(each) for each in about]
        assert texts.of(np.array(about)) == expected


def test_a_text_is_made_once():
    made = list[int]()
    texts = Texts(lambda each: made.append(each) or str(each))
    for _ in range(3):
        texts.of(np.array([3, 3, 2 * FEW, NOBODY, 0]))
    assert sorted(made) == [0, 3, 2 * FEW]


def test_of_large_numbers_some_are_kept():
    made = list[int]()
    texts = Texts(lambda each: made.append(each) or str(each))
    about = np.arange(FEW, FEW + KEPT + 1)
    texts.of(about)
    texts.of(about[-1:])
    assert made == about.tolist()
    texts.of(about[:1])
    assert made == [*about.tolist(), FEW]
