"""The pass: clusters, and who gets to be established or proven."""

import math
from dataclasses import replace

import pytest

from reputation.scoring import batch, trust
from reputation.scoring.anchors import NO_BACKER
from reputation.scoring.categories import Side
from reputation.scoring.promotion import Obstacle
from reputation.scoring.records import FIRSTS, found_out
from tests.given.filed import (
    CLEARED,
    CONFIRMED,
    SOME,
    community,
    filed,
    in_order,
    learnt,
    numbered,
    ring,
)


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


def test_people_who_report_every_call_of_one_caller_are_several_voices():
    calls = [filed(who, 0, 10.0 + day + 0.1 * who) for who in range(6) for day in range(4)]
    assert batch.clusters(in_order(calls)) == {}
    evidence, _, _ = batch.run(in_order(calls), {})
    assert evidence[0].networks == 6


def test_to_repeat_what_one_said_hides_no_cluster():
    together = [filed(who, number, 10.0 * number) for who in range(2) for number in range(3)]
    again = [filed(who, 100 + who, 50.0 + day) for who in range(2) for day in range(30)]
    assert set(batch.clusters(in_order(together + again))) == {0, 1}


def test_opposite_words_do_not_cluster():
    reports = []
    for number in range(5):
        reports += [
            filed(0, number, float(number)),
            filed(1, number, number + 0.1, Side.LEGITIMATE),
        ]
    assert batch.clusters(in_order(reports)) == {}


def agreeing(*pairs):
    """Reports in which each of the pairs agrees three times, the second a day after the first."""
    reports = []
    for place, (one, other) in enumerate(pairs * 3):
        reports += [filed(one, place, 10.0 * place), filed(other, place, 10.0 * place + 1.0)]
    return in_order(reports)


def test_an_echo_does_not_join_those_whom_it_repeats():
    found = batch.clusters(agreeing(*((leader, 9) for leader in range(9))))
    # It is one voice with one of them, and the others stay apart.
    assert len(found) == 2
    assert 9 in found


def test_five_echoes_join_no_more_members_than_they_are():
    leaders, echoes = range(20), range(20, 25)
    pairs = [(leader, echo) for leader in leaders for echo in echoes]
    found = batch.clusters(agreeing(*pairs))
    assert sum(leader in found for leader in leaders) <= len(echoes)


def test_a_group_of_which_most_pairs_are_close_is_one_voice():
    members = range(6)
    pairs = [(a, b) for a in members for b in members if a < b and (a, b) not in ((0, 5), (2, 3))]
    assert len(set(batch.clusters(agreeing(*pairs)).values())) == 1
    assert set(batch.clusters(agreeing(*pairs))) == set(members)


def test_a_community_establishes_itself_and_needs_an_anchor_to_be_more():
    reports = batch.all_words(community())
    alone = learnt(reports)
    assert sum(trust.is_established(record, 100.0) for record in alone) > 15
    assert not any(trust.is_anchored(record) for record in alone)
    assert sum(trust.is_anchored(record) for record in learnt(reports, SOME)) > 10


def test_people_who_report_every_call_earn_as_much_as_who_report_once():
    once = community()
    often = in_order(replace(f, at=f.at + 0.3 * call) for f in once for call in range(3))
    earned = [
        sum(record.agreements for record in learnt(batch.all_words(some))) for some in (once, often)
    ]
    assert earned[1] == pytest.approx(earned[0], rel=0.1)


def test_trust_reaches_accounts_of_which_no_number_was_moderated():
    reports = batch.all_words(community())
    records = learnt(reports, SOME)
    judged = {f.reporter for f in reports if f.number in SOME}
    spoke_first = {}
    for f in reports:
        spoke_first.setdefault(f.number, f.reporter)
    others = set(range(31)) - {spoke_first[n] for n in SOME}
    assert judged
    assert others
    assert any(trust.is_anchored(records[who]) for who in others)


@pytest.mark.parametrize("colluders", [0, 1, 2])
def test_a_ring_with_up_to_two_that_were_right_anchors_no_other(colluders):
    """Each of the colluders has reported one bad number first that a moderator confirmed."""
    true = [filed(100 + k, 2000 + k, 5.0) for k in range(colluders)]
    reports = batch.all_words(in_order(community() + ring() + true))
    records = learnt(reports, SOME | {2000 + k: CONFIRMED for k in range(colluders)})
    assert not any(trust.is_anchored(records[100 + k]) for k in range(colluders, 7))


@pytest.mark.parametrize("colluders", [0, 1, 2])
def test_a_ring_blocks_nothing(colluders):
    true = [filed(100 + k, 2000 + k, 5.0) for k in range(colluders)]
    targets = [
        filed(100 + who, 3000 + n, 90.0 + 5.0 * n + 1.1 * who) for n in range(3) for who in range(7)
    ]
    reports = in_order(community() + ring() + true + targets)
    decisions = SOME | {2000 + k: CONFIRMED for k in range(colluders)}
    _, obstacles, _ = batch.run(reports, decisions)
    assert all(Obstacle.PROVEN in obstacles[3000 + n] for n in range(3))


@pytest.mark.parametrize(("count", "held"), [(2, True), (3, False)])
def test_it_takes_three_anchored_accounts_to_block(count, held):
    true = [filed(who, 100 + who, 5.0) for who in range(count)]
    strikes = [filed(who, 0, 20.0 + 2.5 * who) for who in range(6)]
    decisions = {100 + who: CONFIRMED for who in range(count)}
    _, obstacles, _ = batch.run(in_order(true + strikes), decisions)
    assert (Obstacle.PROVEN in obstacles[0]) is held


@pytest.mark.parametrize("behind", [(1, 2), (2, 2)])
def test_two_accounts_that_others_stand_behind_block_nothing(behind):
    """So many anchored accounts confirmed what each of the two had reported first; who confirms one
    does not confirm the other, and the first is anchored itself where one did."""
    true = [filed(k, 100 + k, 5.0) for k in range(5)]
    confirmed = iter(range(1, 5))
    for place, count in enumerate(behind):
        true += [filed(10 + place, 200 + place, 8.0)]
        true += [filed(next(confirmed), 200 + place, 10.0 + 3.0 * k) for k in range(count)]
    decisions = {100 + k: CONFIRMED for k in range(5)}
    if behind[0] == 1:
        true += [filed(10, 300, 5.0)]
        decisions[300] = CONFIRMED
    strikes = [filed(10 + k, 0, 30.0 + 2.5 * k) for k in range(7)]
    words, who, numbers = numbered([*true, *strikes])
    _, obstacles, _ = batch.run(words, {numbers[n]: CONFIRMED for n in decisions})
    records = batch.learn(words, {numbers[n]: CONFIRMED for n in decisions}, {})
    rests = [set(records.backers[who[10 + k]].tolist()) - {NO_BACKER} for k in range(2)]
    assert list(map(len, rests)) == [0 if count == 1 else count for count in behind]
    assert obstacles[numbers[0]] == (Obstacle.PROVEN,)


@pytest.mark.parametrize("wrong", [0, 3])
def test_an_account_that_was_found_out_stands_behind_nobody(wrong):
    """It was right once, and confirmed what two anchored accounts confirm too."""
    reports = [filed(k, 100 + k, 5.0) for k in range(2)]  # 0 and 1 are anchored
    reports += [filed(9, 0, 10.0), filed(0, 0, 12.5), filed(1, 0, 15.0)]
    reports += [filed(0, 200 + n, 16.0 + n, Side.LEGITIMATE) for n in range(wrong)]
    reports += [filed(1, 200 + n, 20.0 + n) for n in range(wrong)]
    words, who, numbers = numbered(reports)
    decisions = {numbers[100]: CONFIRMED, numbers[101]: CONFIRMED}
    decisions |= {numbers[200 + n]: CLEARED for n in range(wrong)}
    table = batch.learn(words, decisions, {})
    assert found_out(table.records)[who[1]] == bool(wrong)
    behind = {who[0]} if wrong else {who[0], who[1]}
    assert set(table.backers[who[9]].tolist()) - {NO_BACKER} == behind


def test_a_ring_elsewhere_changes_nothing_here():
    here = community()
    alone = batch.learn(batch.all_words(here), SOME, {})
    both = batch.learn(batch.all_words(in_order(here + ring())), SOME, {})
    assert both.records[FIRSTS, :31] == pytest.approx(alone.records[FIRSTS], abs=0.02)
    assert both.backers[:31].tolist() == alone.backers.tolist()
    # What agreement is worth beyond chance depends a little on how many numbers there are.
    assert both.records[:, :31] == pytest.approx(alone.records, abs=0.2)


def test_names_do_not_matter():
    reports = in_order(community() + ring())
    plain = batch.learn(batch.all_words(reports), SOME, {})
    count = plain.records.shape[1]

    def renamed(who):
        return (who * 53) % count if math.gcd(53, count) == 1 else count - 1 - who

    other = batch.learn(
        batch.all_words([replace(f, reporter=renamed(f.reporter)) for f in reports]), SOME, {}
    )
    places = [renamed(who) for who in range(count)]
    assert other.records[:, places] == pytest.approx(plain.records, abs=1e-9)


def test_followers_become_established_but_not_anchored():
    """A follower repeats after others, on numbers of its own choice, moderated ones among them."""
    follower = [filed(200, n, 11.5 + n) for n in range(0, 60, 3)]
    records = learnt(batch.all_words(in_order(community() + follower)), SOME)
    assert records[200].agreements >= trust.ESTABLISHED_AGREEMENTS
    assert not trust.is_anchored(records[200])


def test_to_call_numbers_legitimate_first_anchors_nobody():
    vouching = [filed(200, 500 + n, 1.0 + n, Side.LEGITIMATE) for n in range(20)]
    confirming = [
        filed(k, 500 + n, 9.0 + n, Side.LEGITIMATE) for n in range(20) for k in range(n, n + 4)
    ]
    reports = batch.all_words(in_order(community() + vouching + confirming))
    records = learnt(reports, SOME | {500 + n: CLEARED for n in range(3)})
    assert records[200].tn > 3.0
    assert records[200].firsts == 0.0


@pytest.mark.parametrize(
    ("withdrawn", "debit"),
    [(11.0, 0.0), (40.0, 1.0)],  # before the others had made it plain, and after
)
def test_to_take_a_report_back_is_free_until_the_truth_is_plain(withdrawn, debit):
    wrong = replace(filed(200, 500, 10.0), gone=withdrawn)
    others = [filed(k, 500, 12.0 + k, Side.LEGITIMATE) for k in range(8)]
    records = learnt(batch.all_words(in_order([*community(), *others, wrong])))
    assert (records[200].fp > 0.0) is (debit > 0.0)


def test_to_change_ones_mind_does_not_undo_a_mistake():
    wrong = filed(200, 500, 10.0)
    others = [filed(k, 500, 12.0 + k, Side.LEGITIMATE) for k in range(8)]
    again = filed(200, 500, 40.0, Side.LEGITIMATE)
    records = learnt(batch.all_words(in_order([*community(), *others, wrong, again])))
    assert records[200].fp > 0.0
    assert records[200].tn == 0.0


def test_a_true_report_that_was_settled_keeps_what_it_earned():
    settled = replace(filed(200, 500, 10.0), gone=40.0)
    others = [filed(k, 500, 12.0 + k) for k in range(8)]
    standing = learnt(batch.all_words(in_order([*community(), *others, filed(200, 500, 10.0)])))
    records = learnt(batch.all_words(in_order([*community(), *others, settled])))
    assert records[200].tp == pytest.approx(standing[200].tp, abs=0.2)
    assert records[200].tp > 0.5


def test_who_comes_when_all_is_plain_earns_nothing():
    late = [filed(300, n, 40.0 + n) for n in range(60)]
    reports = batch.all_words(in_order(community() + late))
    records = learnt(reports)
    assert records[300].agreements == pytest.approx(0.0, abs=0.05)


def test_a_warned_report_teaches_nothing():
    reports = [filed(0, 0, 10.0, factor=0.0), filed(1, 0, 11.0)]
    records = learnt(reports, {0: CONFIRMED})
    assert records[0] == trust.Record()
    assert records[1].tp == pytest.approx(trust.MODERATOR_CREDIT, abs=0.05)


def test_moderated_truth_is_clamped():
    """A moderator says legitimate: five reports to the contrary are five errors."""
    reports = [filed(k, 0, 10.0 + k) for k in range(5)]
    records = learnt(reports, {0: CLEARED})
    assert all(record.fp == pytest.approx(3.0, abs=0.05) for record in records[:2])


def test_a_member_of_a_cluster_adds_no_network():
    reports = []
    for number in range(4):
        reports += [filed(k, number, 20.0 * number + 0.3 * k) for k in range(4)]
    evidence, obstacles, _ = batch.run(in_order(reports), {})
    assert [e.networks for e in evidence] == [1, 1, 1, 1]
    assert all(Obstacle.NETWORKS in found for found in obstacles)


@pytest.mark.parametrize("pool", [10, 40])
@pytest.mark.parametrize("anchored", [0, 2])
def test_liars_cannot_blacken(pool, anchored):
    """Three accounts contradict each of an honest reporter's six numbers, two of them anchored."""
    true = [filed(300 + k, 700 + k, 2.0) for k in range(anchored)]
    honest = [filed(200, 500 + n, 10.0 + 9.0 * n) for n in range(6)]
    lies = [
        filed(300 + (3 * n + k) % pool, 500 + n, 13.0 + 9.0 * n + 2.5 * k, Side.LEGITIMATE)
        for n in range(6)
        for k in range(3)
    ]
    cover = [filed(300 + k, 600 + k, 3.0 + k) for k in range(pool)]
    decisions = {700 + k: CONFIRMED for k in range(anchored)}
    records = learnt(batch.all_words(in_order([*true, *honest, *lies, *cover])), decisions)
    newcomer = trust.weight(trust.Record(), Side.UNWANTED)
    assert trust.weight(records[200], Side.UNWANTED) > 0.9 * newcomer


def test_one_mistake_that_three_anchored_accounts_contradict_costs_little():
    """A moderator's decision costs far more."""
    first = [filed(300 + k, 700 + k, 2.0) for k in range(3)]
    others = [filed(300 + k, 600 + k, 3.0) for k in range(3)]
    words = [filed(200, 500, 10.0)]
    words += [filed(300 + k, 500, 13.0 + 2.5 * k, Side.LEGITIMATE) for k in range(3)]
    reports = batch.all_words(in_order([*first, *others, *words]))
    decisions = {700 + k: CONFIRMED for k in range(3)}
    newcomer = trust.weight(trust.Record(), Side.UNWANTED)
    crowd = learnt(reports, decisions)[200]
    assert crowd.fp > 0.1
    assert trust.weight(crowd, Side.UNWANTED) > 0.9 * newcomer
    decided = learnt(reports, {**decisions, 500: CLEARED})[200]
    assert trust.weight(decided, Side.UNWANTED) < 0.6 * newcomer


def test_liars_take_no_anchor_from_whom_they_contradict():
    """Five accounts that were never right contradict each number that no moderator decided."""
    reports = community()
    lies = [
        filed(300 + (5 * n + k) % 15, n, 11.0 + n + 0.5 * k, Side.LEGITIMATE)
        for n in range(60)
        for k in range(5)
        if n not in SOME
    ]
    before = learnt(batch.all_words(reports), SOME)
    after = learnt(batch.all_words(in_order([*reports, *lies])), SOME)
    anchored = [who for who, record in enumerate(before) if trust.is_anchored(record)]
    assert len(anchored) > 10
    assert all(trust.is_anchored(after[who]) for who in anchored)


def test_the_last_word_of_a_pair_stands():
    reports = [filed(0, 0, 1.0), filed(0, 1, 2.0), filed(0, 0, 3.0, Side.LEGITIMATE)]
    assert batch.all_words(reports) == [replace(reports[0], gone=3.0), *reports[1:]]


def test_who_echoes_a_discredited_voice_was_not_first():
    careless, echo = 0, 1
    reports = [filed(careless, 0, 10.0), filed(echo, 0, 11.0)]
    reports += [filed(careless, number, 12.0 + number) for number in (1, 2, 3)]
    learnt = batch.learn(in_order(reports), {0: CONFIRMED, 1: CLEARED, 2: CLEARED, 3: CLEARED}, {})
    assert found_out(learnt.records)[careless]
    assert learnt.records[FIRSTS, echo] == 0.0
