"""Texts in arrays: what is found in them is what comparing them one by one finds."""

import tracemalloc

import numpy as np
import pytest

from reputation.scoring.campaigns.finding import KEYS, UNDER_KEY, Filed
from reputation.scoring.campaigns.texts import Texts

CHANCE = np.random.default_rng(11)


def drawn(count, terms, *, of=1 << 32):
    return [
        np.unique(CHANCE.integers(1, of, terms, dtype=np.uint64)).astype(np.uint32)
        for _ in range(count)
    ]


def texts_of(found):
    texts = Texts()
    rows = np.array([texts.append(terms) for terms in found])
    texts.count(rows)
    texts.look_up(rows)
    return texts


# Among 600 terms most have a neighbour in the table that finds them; some share a slot in 2^32.
@pytest.mark.parametrize("of", [600, 1 << 20])
def test_what_texts_share_is_what_comparing_them_one_by_one_finds(of):
    found = drawn(200, 40, of=of)
    found += [np.unique(terms ^ np.uint32(1 << 20)) for terms in found]  # with the same slots
    texts = texts_of(found)
    ones, others = CHANCE.integers(0, len(found), (2, 1500))
    shared = [
        texts.weights(np.intersect1d(found[one], found[other])).sum()
        for one, other in zip(ones, others, strict=True)
    ]
    assert texts.shared(ones, others) == pytest.approx(shared, rel=1e-5)
    totals = texts.totals(ones) * texts.totals(others)
    means = texts.means([[one] for one in ones], [[other] for other in others])
    assert means == pytest.approx(shared / np.sqrt(totals), rel=1e-5)


def test_a_mean_is_that_of_all_pairs():
    texts = texts_of(drawn(12, 60, of=300))
    one, other = [0, 1, 2], [3, 4, 5, 6, 7]
    pairs = texts.means([[a] for a in one for _ in other], [[b] for _ in one for b in other])
    assert texts.means([one], [other]) == pytest.approx([pairs.mean()])


def test_long_texts_are_compared_a_few_at_a_time():
    texts = texts_of(drawn(64 * 8, 1000))
    groups = [list(range(start, start + 8)) for start in range(0, 64 * 8, 8)]
    tracemalloc.start()
    try:
        means = texts.means(groups, groups)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert means == pytest.approx(np.full(64, 1 / 8), rel=0.05)
    assert peak < 100e6


def test_texts_filed_together_are_filed_as_one_after_the_other():
    found = drawn(300, 30, of=500)
    together, by_one = Filed(10), Filed(10)
    rows = np.repeat(np.arange(len(found)), [len(terms) for terms in found])
    together.add(np.concatenate(found), rows)
    under: dict[int, list[int]] = {}
    for row, terms in enumerate(found):
        by_one.add(terms, np.full(len(terms), row))
        free = [term for term in terms.tolist() if len(under.get(term, [])) < UNDER_KEY]
        for term in free[:KEYS]:
            under.setdefault(term, []).append(row)
    every = np.arange(1, 500, dtype=np.uint32)
    expected = [under.get(term, []) for term in every.tolist()]
    for filed in (together, by_one):
        lists = filed.under(every).reshape(-1, UNDER_KEY).tolist()
        assert [[row for row in some if row >= 0] for some in lists] == expected
