"""The pass: clusters, and who gets to be established or proven."""

import pytest

from reputation.scoring import batch, trust
from reputation.scoring.batch import Filed
from reputation.scoring.categories import Side
from reputation.scoring.promotion import Obstacle


def filed(reporter, number, at, side=Side.UNWANTED, age=100.0, network="", factor=1.0):
    return Filed(
        reporter=reporter,
        number=number,
        side=side,
        at=at,
        age=age,
        category="legitimate" if side is Side.LEGITIMATE else "telemarketing",
        network=network or f"n{reporter}",
        factor=factor,
        attested=True,
        dated=True,
    )


def in_order(reports):
    return sorted(reports, key=lambda f: (f.at, f.reporter))


@pytest.mark.parametrize(
    ("shared", "gap", "alone", "one_voice"),
    [
        (3, 1.0, 0, True),
        (2, 1.0, 0, False),  # too few
        (3, 2.5, 0, False),  # too far apart
        (3, 1.0, 9, True),  # a quarter of the shorter history
        (3, 1.0, 10, False),
    ],
)
def test_who_moves_together_is_one_voice(shared, gap, alone, one_voice):
    reports = []
    for number in range(shared):
        reports += [filed(0, number, 10.0 * number), filed(1, number, 10.0 * number + gap)]
    for k in range(alone):
        reports += [filed(0, 100 + k, 300.0 + k), filed(1, 200 + k, 300.0 + k)]
    found = batch.clusters(in_order(reports))
    assert (set(found) == {0, 1}) is one_voice
    assert len(set(found.values())) == int(one_voice)


def test_opposite_words_do_not_cluster():
    reports = []
    for number in range(5):
        reports += [
            filed(0, number, float(number)),
            filed(1, number, number + 0.1, Side.LEGITIMATE),
        ]
    assert batch.clusters(in_order(reports)) == {}


def test_clusters_join_through_a_common_member():
    reports = []
    for number in range(3):
        reports += [filed(0, number, 10.0 * number), filed(1, number, 10.0 * number + 1.0)]
        reports += [filed(1, 50 + number, 200.0 + 10 * number)]
        reports += [filed(2, 50 + number, 201.0 + 10 * number)]
    found = batch.clusters(in_order(reports))
    assert set(found) == {0, 1, 2}
    assert len(set(found.values())) == 1


def community(numbers=60, members=31, per_number=5):
    """Each number is reported by five members, other ones each time, a day apart."""
    return in_order(
        [
            filed((n * 7 + k * (1 + n % 11)) % members, n, 10.0 + n + k)
            for n in range(numbers)
            for k in range(per_number)
        ]
    )


def test_a_community_establishes_itself():
    reports = batch.latest_words(community())
    records, _ = batch.learn(reports, {}, {})
    assert sum(trust.is_established(record, 100.0) for record in records) > 15
    assert any(trust.is_proven(record, 100.0) for record in records)


def test_a_ring_that_only_confirms_itself_does_not():
    """Eight accounts in eight networks agree on forty numbers nobody else knows."""
    ring = [filed(100 + k, 1000 + n, 10.0 + 2.5 * n + 3.0 * k) for n in range(40) for k in range(8)]
    reports = batch.latest_words(in_order(community() + ring))
    records, _ = batch.learn(reports, {}, {})
    members = [records[100 + k] for k in range(8)]
    assert sum(trust.is_proven(record, 100.0) for record in members) <= 1
    assert sum(record.firsts for record in members) < 2.0


def test_followers_become_established_but_not_proven():
    """A follower repeats after others, on numbers of its own choice."""
    follower = [filed(200, n, 11.5 + n) for n in range(0, 60, 3)]
    reports = batch.latest_words(in_order(community() + follower))
    records, _ = batch.learn(reports, {}, {})
    assert records[200].agreements >= trust.ESTABLISHED_AGREEMENTS
    assert not trust.is_proven(records[200], 100.0)


def test_who_comes_when_all_is_plain_earns_nothing():
    late = [filed(300, n, 40.0 + n) for n in range(60)]
    reports = batch.latest_words(in_order(community() + late))
    records, _ = batch.learn(reports, {}, {})
    assert records[300].agreements == pytest.approx(0.0, abs=0.05)


def test_a_warned_report_teaches_nothing():
    reports = [filed(0, 0, 10.0, factor=0.0), filed(1, 0, 11.0)]
    records, _ = batch.learn(reports, {0: True}, {})
    assert records[0] == trust.Record()
    assert records[1].tp == pytest.approx(trust.MODERATOR_CREDIT, abs=0.05)


def test_moderated_truth_is_clamped():
    """A moderator says legitimate: five reports to the contrary are five errors."""
    reports = [filed(k, 0, 10.0 + k) for k in range(5)]
    records, _ = batch.learn(reports, {0: False}, {})
    assert all(record.fp == pytest.approx(3.0, abs=0.05) for record in records[:2])


def test_a_member_of_a_cluster_adds_no_network():
    reports = []
    for number in range(4):
        reports += [filed(k, number, 20.0 * number + 0.3 * k) for k in range(4)]
    evidence, obstacles, _ = batch.run(in_order(reports), {})
    assert [e.networks for e in evidence] == [1, 1, 1, 1]
    assert all(Obstacle.NETWORKS in found for found in obstacles)


def test_latest_words_keep_one_report_per_pair():
    reports = [filed(0, 0, 1.0), filed(0, 1, 2.0), filed(0, 0, 3.0, Side.LEGITIMATE)]
    assert batch.latest_words(reports) == reports[1:]
