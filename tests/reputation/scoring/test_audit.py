"""Which numbers the audit puts before moderators."""

import numpy as np
import pytest

from reputation.scoring import audit, batch, learning, trust
from reputation.scoring.batch import Decision
from tests.given.filed import CONFIRMED, SOME, community, filed, in_order, learnt, ring


def values(reports, decisions):
    words = batch.all_words(reports)
    columns = batch.columns(words, {})
    truth, decided = batch.by_number(decisions, 1 + max(f.number for f in words))
    return audit.worth(columns, truth, learning.learn(columns, truth, decided))


def test_the_numbers_of_a_ring_come_first():
    """Where trust has reached everybody else, what only the ring reports tells most."""
    found = values(in_order(community() + ring()), SOME)
    top = np.argsort(-found)[:7]
    assert set(top.tolist()) == {1000 + line for line in range(7)}


def test_what_is_decided_is_not_asked_again():
    found = values(community(), SOME)
    assert found[sorted(SOME)] == pytest.approx(0.0)
    assert (found >= 0.0).all()


def test_its_choice_lets_trust_flow_far():
    reports = community(numbers=120, members=80, per_number=4)
    order = np.argsort(-values(reports, {}))

    def anchored(numbers):
        records = learnt(batch.all_words(reports), dict.fromkeys(numbers.tolist(), CONFIRMED))
        return sum(map(trust.is_anchored, records))

    assert anchored(order[:10]) > 2 * anchored(order[-10:])
    drawn = np.random.default_rng(1).permutation(len(order))
    assert anchored(order[:10]) > 2 * anchored(drawn[:10])


def test_a_second_number_of_the_same_first_reporter_tells_less():
    reports = in_order([filed(0, n, 10.0 + 9 * n) for n in range(2)])
    reports += [filed(1, 2, 40.0)]
    found = values(in_order(reports), {})
    assert min(found[0], found[1]) < found[2]


def test_of_numbers_that_tell_as_much_the_one_that_calls_many_now_comes_first():
    reports = [{"reporter": "a", "number": "x", "label": 1, "time": 1.0}]
    reports += [{"reporter": "b", "number": "y", "label": 1, "time": 40.0}]
    assert audit.rank(reports) == ["y", "x"]


def test_rank_takes_what_replay_takes():
    reports = [
        {"reporter": "a", "number": "x", "label": 1, "time": 1.0},
        {"reporter": "a", "number": "y", "label": 1, "time": 2.0},
        {"reporter": "b", "number": "z", "label": 0, "time": 2.0},
    ]
    assert set(audit.rank(reports)) == {"x", "y", "z"}
    assert audit.rank(reports)[-1] == "z"
    assert set(audit.rank(reports, gold={"x": Decision(1, 2.0)})) == {"y", "z"}
    assert audit.rank([]) == []
    with pytest.raises(ValueError, match="no number"):
        audit.rank([{"reporter": "a"}])
