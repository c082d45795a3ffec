import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring import trust
from reputation.scoring.categories import Side
from reputation.scoring.evidence import EMPTY, Voice, log_odds
from reputation.scoring.trust import Record
from tests.given.folded import rebuild

counts = st.floats(0.0, 500.0)
records = st.builds(Record, tp=counts, fn=counts, tn=counts, fp=counts)
sides = st.sampled_from(Side)


@pytest.mark.parametrize(
    ("record", "unwanted", "legitimate"),
    [
        (Record(), 1.4525, 1.4211),
        (Record(tp=20, tn=20), 1.6, 1.8),
        (Record(tp=20), 1.5926, 1.8),
        (Record(tn=20), 1.6, 1.5583),
        (Record(fp=20), 0.0352, 0.0920),
        (Record(fn=20), 0.2426, 0.0787),
    ],
)
def test_weights_of_known_records(record, unwanted, legitimate):
    assert trust.weight(record, Side.UNWANTED) == pytest.approx(unwanted, abs=2e-4)
    assert trust.weight(record, Side.LEGITIMATE) == pytest.approx(legitimate, abs=2e-4)


@given(records)
def test_weights_are_bounded(record):
    assert 0.0 <= trust.weight(record, Side.UNWANTED) <= trust.UNWANTED_CAP
    assert 0.0 <= trust.weight(record, Side.LEGITIMATE) <= trust.LEGITIMATE_CAP


@given(records, st.floats(0.0, 50.0))
def test_being_wrong_never_adds_weight_and_being_right_never_takes_it(record, more):
    for side in Side:
        base = trust.weight(record, side)
        falsely = Record(record.tp, record.fn, record.tn, record.fp + more)
        rightly = Record(record.tp + more, record.fn, record.tn, record.fp)
        assert trust.weight(falsely, side) <= base + 1e-12
        assert trust.weight(rightly, side) >= base - 1e-12


def test_who_only_votes_along_gains_sensitivity_but_no_specificity():
    follower = Record(tp=1000.0)
    assert trust.sensitivity(follower) > 0.99
    assert trust.specificity(follower) == trust.specificity(Record())
    assert trust.weight(follower, Side.UNWANTED) == trust.UNWANTED_CAP


def test_a_coin_tosser_weighs_nothing():
    tosser = Record(tp=100.0, fn=100.0, tn=100.0, fp=100.0)
    assert trust.weight(tosser, Side.UNWANTED) == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize(
    ("attestation", "warned", "factor"),
    [
        ("", False, 1.0),
        ("A", False, 1.0),
        ("B", False, 1.0),
        ("C", False, 0.8),
        ("none", False, 0.95),
        ("failed", False, 0.4),
        ("A", True, 0.0),
    ],
)
def test_what_attests_a_call_weighs_its_report(attestation, warned, factor):
    assert trust.provenance(attestation, warned) == factor


def test_provenance_refuses_an_unknown_attestation():
    with pytest.raises(ValueError, match=r"attestation must be one of '', 'A', .* got 'D'"):
        trust.provenance("D")


@pytest.mark.parametrize(
    ("record", "age", "established"),
    [
        (Record(tp=1.0, tn=1.0), 7.0, True),
        (Record(tp=1.0, tn=1.0), 6.9, False),
        (Record(tp=1.4), 100.0, False),
        (Record(tp=6.0, fp=2.0), 100.0, True),
        (Record(tp=6.0, fp=1.0, fn=1.1), 100.0, False),
        (Record(), 1000.0, False),
    ],
)
def test_established_is_who_is_old_and_agreed_with(record, age, established):
    assert trust.is_established(record, age) is established


@pytest.mark.parametrize(
    ("others", "credit"),
    [
        (0.95, 1.0),
        (0.90, 1.0),
        (0.88, 1.0),
        (0.84, 0.5),
        (0.80, 0.0),
        (0.50, 0.0),
        (0.25, 0.0),
        (0.225, -0.5),
        (0.20, -1.0),
        (0.05, -1.0),
    ],
)
def test_credit_ramps(others, credit):
    assert trust.credit(log_odds(others)) == pytest.approx(credit, abs=1e-9)


def test_nothing_is_settled_inside_the_band():
    voices = [(Side.UNWANTED, 2.0), (Side.LEGITIMATE, 0.5)]
    assert trust.settle(2.19, voices) == [0.0, 0.0]
    assert trust.settle(-1.39, voices) == [0.0, 0.0]
    assert not trust.is_settled(0.0)


def test_settlement_leaves_each_report_out():
    # Without its own 2.0 the first is left with .731: not plain. The others are judged by more.
    credits = trust.settle(
        3.0, [(Side.UNWANTED, 2.0), (Side.UNWANTED, 0.5), (Side.LEGITIMATE, 0.4)]
    )
    assert credits == [0.0, 1.0, 1.0]


def test_no_vote_confirms_itself():
    """A number that only one voice carries past the band credits that voice nothing."""
    assert trust.settle(2.3, [(Side.UNWANTED, 1.6)]) == [0.0]
    assert trust.settle(-1.5, [(Side.LEGITIMATE, 1.3)]) == [0.0]


@given(st.floats(-9.0, 9.0), st.lists(st.tuples(sides, st.floats(0.0, 2.4)), max_size=8))
def test_credits_are_bounded_and_nobody_gains_by_raising_the_own_voice(total, voices):
    for (side, amount), credit in zip(voices, trust.settle(total, voices), strict=True):
        assert -1.0 <= credit <= 1.0
        if trust.is_settled(total):
            others = total - amount if side is Side.UNWANTED else total + amount
            assert credit == trust.credit(others)


@given(
    st.one_of(st.floats(-9.0, trust.SETTLE_LOW), st.floats(trust.SETTLE_HIGH, 9.0)),
    sides,
    st.floats(0.0, 1.0),
)
def test_who_contributes_little_has_the_full_credit_however_far_the_number_is(total, side, part):
    truth = 1 if total > 0 else -1
    assert 0.0 < trust.QUIET[truth] <= trust.sure(total)
    amount = part * trust.sure(total)
    assert trust.settle(total, [(side, amount)]) == [truth]
    is_quiet = amount <= trust.QUIET[truth]
    assert trust.full_side(float(truth), amount) == (truth if is_quiet else 0)


@given(records, sides, st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_credits_can_be_taken_back(record, side, first, second):
    once = trust.credited(record, side, 0.0, first)
    moved = trust.credited(once, side, first, second)
    direct = trust.credited(record, side, 0.0, second)
    for name in ("tp", "fn", "tn", "fp"):
        assert getattr(moved, name) == pytest.approx(getattr(direct, name), abs=1e-9)
    back = trust.credited(moved, side, second, 0.0)
    for name in ("tp", "fn", "tn", "fp"):
        assert getattr(back, name) == pytest.approx(getattr(record, name), abs=1e-9)


@pytest.mark.parametrize(
    ("side", "credit", "expected"),
    [
        (Side.UNWANTED, 0.5, Record(tp=0.5)),
        (Side.UNWANTED, -0.5, Record(fp=0.5)),
        (Side.LEGITIMATE, 0.5, Record(fn=0.5)),
        (Side.LEGITIMATE, -0.5, Record(tn=0.5)),
    ],
)
def test_credits_go_where_they_belong(side, credit, expected):
    assert trust.credited(Record(), side, 0.0, credit) == expected


@pytest.mark.parametrize(
    ("side", "category", "half_life"),
    [
        (Side.UNWANTED, "phishing", 60.0),
        (Side.UNWANTED, "telemarketing", 125.0),
        (Side.LEGITIMATE, "legitimate", 180.0),
    ],
)
def test_a_contribution_fades_with_its_category(side, category, half_life):
    for now, left in ((100.0 + half_life, pytest.approx(0.4)), (90.0, 0.8)):
        assert trust.decayed_contribution(category, 0.8, 100.0, now) == (side, left)


@pytest.mark.parametrize(
    ("record", "anchored"),
    [
        (Record(tp=3.0, firsts=3.0), True),
        (Record(firsts=2.25), True),
        (Record(tp=9.0, firsts=2.0), False),  # what two in one hand can give
        (Record(tp=2.0, fp=1.0, firsts=3.0), False),
        (Record(tp=3.0, fp=1.0, firsts=3.0), True),
        # Who called bad numbers legitimate has blocked nobody by that.
        (Record(tp=2.0, fn=3.0, firsts=3.0), True),
    ],
)
def test_who_was_right_first_often_enough_is_anchored(record, anchored):
    assert trust.is_anchored(record) is anchored


def test_a_word_rests_on_its_speaker_or_on_who_stands_behind_it():
    assert trust.rests_on(Record(firsts=3.0), 7, (8, 9)) == (7,)
    assert trust.rests_on(Record(firsts=1.0), 7, (8,)) == (8,)
    assert trust.rests_on(Record(), 7, ()) == ()
    assert trust.rests_on(Record(fp=1.0, firsts=1.0), 7, (8,)) == ()


def test_a_first_says_what_nobody_said_lately():
    evidence, _ = rebuild([Voice(Side.UNWANTED, 100.0, 1.4, "phishing", "n1")])
    assert trust.is_first(EMPTY, Side.UNWANTED, 100.0)
    assert not trust.is_first(evidence, Side.UNWANTED, 101.0)
    assert trust.is_first(evidence, Side.LEGITIMATE, 101.0)
    assert trust.is_first(evidence, Side.UNWANTED, 400.0)


@pytest.mark.parametrize(
    ("side", "credit", "firsts"),
    [
        (Side.UNWANTED, 3.0, 3.0),
        (Side.UNWANTED, 1.0, 0.0),  # what the crowd says anchors nobody
        (Side.UNWANTED, -3.0, 0.0),
        (Side.LEGITIMATE, -3.0, 0.0),  # to vouch for numbers takes no call
        (Side.LEGITIMATE, 3.0, 0.0),
    ],
)
def test_only_firsts_that_a_moderator_confirmed_count(side, credit, firsts):
    assert trust.credited(Record(), side, 0.0, credit, first=True).firsts == firsts
    assert trust.credited(Record(), side, 0.0, credit).firsts == 0.0
    taken_back = trust.credited(Record(firsts=firsts), side, credit, 0.0, first=True)
    assert taken_back.firsts == 0.0


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("credit", [3.0, -3.0])
def test_no_figure_of_a_record_falls_below_nought(side, credit):
    """A record may lack what is taken back: an erasure took it."""
    assert trust.credited(Record(), side, credit, 0.0, first=True) == Record()
