"""The encoder that reads messages: pieces of a text, weights in 4 bits, and what it says."""

import numpy as np
import pytest

from reputation.intake.grammar import clauses, encoder
from reputation.intake.grammar.encoder import END, LONGEST, START, UNKNOWN, Pieces
from reputation.intake.grammar.learned import PURPOSES
from reputation.intake.grammar.purpose import MOST_JUDGED, Purpose, judge, together

NAMES = ["<s>", "</s>", "<unk>", "▁", "▁call", "▁calls", "s", "电", "电话"]
PIECES = Pieces(NAMES, [0, 0, 0, -3, -4, -6, -1, -5, -7])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("call", [4]),
        ("calls", [4, 6]),  # -5 together: likelier than the one of -6
        (" call \n call", [4, 4]),
        ("电话", [3, 8]),
        ("电s", [3, 7, 6]),
        ("call№", [4, UNKNOWN]),
        ("", [3]),
    ],
)
def test_a_text_is_cut_into_its_likeliest_pieces(text, pieces):
    assert PIECES.of(text) == [START, *pieces, END]


def test_of_a_long_text_the_first_pieces_are_read():
    assert PIECES.of("call " * 500) == [START, *[4] * (LONGEST - 2), END]


def test_a_weight_is_its_four_bits_times_the_scale_of_its_block():
    packed = np.array([[list(range(16)), [0x80] * 16]], np.uint8)
    scale = np.array([[2, -1]], np.float16)
    low = [2.0 * (each - 8) for each in range(16)]
    assert encoder.whole(packed, scale).tolist() == [
        [*low, *[-16.0] * 16, *[8.0] * 16, *[0.0] * 16]
    ]


def test_a_move_is_one_of_four_times_the_scale_of_its_row():
    packed, scale = np.array([[0b11100100], [0]], np.uint8), np.array([[2], [1]], np.float16)
    expected = [[-3.02, -0.9056, 0.9056, 3.02], [-1.51] * 4]
    assert encoder.moves(packed, scale).tolist() == [pytest.approx(row) for row in expected]


def test_what_two_readers_say_together_is_the_weighted_mean_of_their_log_odds():
    both = together({"report": 0.8, "own": 0.2}, {"report": 0.5, "own": 0.5})
    assert both["report"] / both["own"] == pytest.approx(2)
    assert sum(both.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("№ took my mother's savings, the police have been told", "report"),
        ("№把我妈的积蓄都骗走了", "report"),
        ("do you know who rings from №?", "question"),
        ("№ is our family doctor", "legitimate"),
        ("№后来再也没有打来过", "stopped"),
        ("№ is mine, I have had it for ten years", "own"),
    ],
)
def test_it_knows_what_is_said(text, purpose):
    likely = encoder.likelihoods(text)
    assert tuple(likely) == PURPOSES
    assert sum(likely.values()) == pytest.approx(1)
    assert max(likely, key=likely.__getitem__) == purpose


def test_of_a_hundred_numbers_with_words_of_their_own_the_first_are_judged(monkeypatch):
    read, counted = [], []
    likelihoods, count = encoder.likelihoods, clauses.count
    monkeypatch.setattr(encoder, "likelihoods", lambda text: read.append(text) or likelihoods(text))
    monkeypatch.setattr(clauses, "count", lambda each: counted.append(len(each)) or count(each))
    verdict = judge("№ might be a scam. " * 100, count=100, title="A word. " * 100)
    assert len(read) == 1 + MOST_JUDGED  # the whole, and each
    assert verdict.of[MOST_JUDGED:] == (Purpose.UNCLEAR,) * (100 - MOST_JUDGED)
    # Nor are the words above counted again for all of them.
    assert sum(counted) < (2 + MOST_JUDGED) * 200
