import math

import numpy as np
import pytest

from benchmarks.attacks import rivals
from benchmarks.attacks.rivals import RIVALS, Votes, read_votes


def ballot(*votes: tuple[str, str, int, float]) -> Votes:
    """(reporter, number, label, day), in order of time."""
    numbers = sorted({number for _, number, _, _ in votes} | {"unheard"})
    reports = [
        {"reporter": who, "number": number, "label": label, "time": day}
        for who, number, label, day in votes
    ]
    return read_votes(reports, {n: i for i, n in enumerate(numbers)})


THREE_TO_ONE = ballot(("a", "n", 1, 0), ("b", "n", 1, 0), ("c", "n", 1, 0), ("d", "n", 0, 0))


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (rivals.count, 3.0),
        (rivals.majority, 0.75),
        # (p + z²/2n - z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p .75, n 4, z 1.96
        (rivals.wilson, 0.30064),
        (rivals.beta, 4 / 6),
        (rivals.decayed, 2.0),
    ],
)
def test_three_unwanted_to_one_legitimate(score: object, expected: float) -> None:
    assert callable(score)
    assert score(THREE_TO_ONE, 0.0)[0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda r: r.name)
def test_a_number_nobody_reported_has_no_score(rival: rivals.Rival) -> None:
    scores = rival.score(THREE_TO_ONE, 1.0)
    assert math.isnan(scores[1])
    assert not math.isnan(scores[0])


def test_decayed_votes_halve_in_four_months() -> None:
    eight = ballot(*((f"r{i}", "n", 1, 0.0) for i in range(8)))
    assert [rivals.decayed(eight, day)[0] for day in (0, 120, 240)] == [8, 4, 2]


def test_only_the_last_word_of_a_reporter_counts_and_only_by_then() -> None:
    votes = ballot(("a", "n", 1, 1.0), ("b", "n", 1, 2.0), ("a", "n", 0, 3.0))
    assert rivals.count(votes.until(2.5), 2.5)[0] == 2
    assert rivals.count(votes.until(3.5), 3.5)[0] == 1
    assert rivals.majority(votes.until(3.5), 3.5)[0] == 0.5


def crowd_with_a_liar() -> Votes:
    """Three agree on 20 numbers, one always says the contrary; on `open` one good and the liar."""
    votes = [
        (who, f"n{k:02}", k % 2 if who != "liar" else 1 - k % 2, 0.0)
        for k in range(20)
        for who in ("a", "b", "c", "liar")
    ]
    return ballot(*votes, ("a", "open", 1, 1.0), ("liar", "open", 0, 1.0))


@pytest.mark.parametrize("score", [rivals.one_coin, rivals.dawid_skene])
def test_em_finds_the_liar(score: object) -> None:
    assert callable(score)
    votes = crowd_with_a_liar()
    p = score(votes, 1.0)
    assert np.all(p[1:20:2] > 0.99)
    assert np.all(p[0:20:2] < 0.01)
    assert p[20] > 0.9  # majority is tied here


def crowd_that_cries_wolf() -> Votes:
    """Two careful reporters, and two who call every number unwanted; 10 bad numbers in 40."""
    votes = [
        (who, f"n{k:02}", 1 if who.startswith("wolf") or k % 4 == 0 else 0, 0.0)
        for k in range(40)
        for who in ("a", "b", "wolf1", "wolf2")
    ]
    return ballot(*votes)


def test_dawid_skene_reads_a_two_sided_error_where_one_coin_does_not() -> None:
    votes = crowd_that_cries_wolf()
    p = rivals.dawid_skene(votes, 0.0)
    bad = np.arange(40) % 4 == 0
    assert np.all(p[:40][bad] > 0.9)
    assert np.all(p[:40][~bad] < 0.1)
    coin = rivals.one_coin(votes, 0.0)
    assert np.any(coin[:40][~bad] > 0.5)
