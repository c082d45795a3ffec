"""The replay interface: input, the online fold, the pass."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.scoring.batch import Decision
from reputation.scoring.curves import BLOCK_AT, FLAG_AT
from reputation.scoring.replay import explain, score


def report(reporter, number, label=1, time=100.0, **more):
    return {"reporter": reporter, "number": number, "label": label, "time": time} | more


def crowd(number, count, label=1, step=0.7, **more):
    return [
        report(
            f"{number}-{i}", number, label, 100.0 + i * step, network=f"net-{number}-{i}", **more
        )
        for i in range(count)
    ]


def world(seed=1, numbers=80):
    """Honest members of long standing who report true spam and vouch for real people."""
    chance = random.Random(seed)
    reports = []
    for n in range(numbers):
        bad = n % 2
        start = chance.uniform(20.0, 120.0)
        for member in chance.sample(range(60), chance.randint(4, 12)):
            right = chance.random() < 0.93
            reports.append(
                report(
                    f"m{member}",
                    f"{'bad' if bad else 'good'}{n}",
                    bad if right else 1 - bad,
                    start + chance.uniform(0.0, 12.0),
                    created=0.0,
                    network=f"home{member}",
                    category="telemarketing" if bad == right else "legitimate",
                )
            )
    return reports


def test_nothing_reported_is_nothing_scored():
    assert score([]) == {}
    assert score([], batch=True) == {}


@pytest.mark.parametrize("batch", [False, True])
def test_one_newcomer_does_not_flag_and_three_do(batch):
    reports = crowd("one", 1) + crowd("three", 3)
    published = score(reports, batch=batch)
    assert published["one"] < FLAG_AT <= published["three"] < BLOCK_AT


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("step", [0.01, 1.0])
def test_fifty_fresh_accounts_never_block(batch, step):
    target = crowd("target", 50, step=step, created=99.0)
    published = score(world() + target, now=160.0, batch=batch)
    assert published["target"] < BLOCK_AT


# A few of the world's bad numbers, which a moderator confirmed.
MODERATED = {f"bad{n}": Decision(1, 130.0) for n in range(1, 80, 8)}


def test_the_pass_blocks_what_members_of_standing_agree_on():
    published = score(world(), now=130.0, gold=MODERATED, batch=True)
    rest = {number: p for number, p in published.items() if number not in MODERATED}
    bad = [p for number, p in rest.items() if number.startswith("bad")]
    good = [p for number, p in rest.items() if number.startswith("good")]
    assert sum(p >= BLOCK_AT for p in bad) > len(bad) / 4
    assert max(good) < BLOCK_AT


def test_without_any_anchor_the_pass_flags_and_blocks_nothing():
    published = score(world(), now=130.0, batch=True)
    assert max(published.values()) < BLOCK_AT
    assert sum(p >= FLAG_AT for p in published.values()) > 10
    decided = dict.fromkeys(("good0", "good2"), Decision(-1, 130.0))
    cleared = score(world(), now=130.0, gold=decided, batch=True)
    assert max(cleared.values()) < BLOCK_AT


@pytest.mark.parametrize("batch", [False, True])
def test_a_withdrawn_report_counts_until_it_is_withdrawn(batch):
    rest = crowd("x", 3)
    taken_back = report("r", "x", 1, 100.5, withdrawn=120.0, network="r")
    before = score([*rest, taken_back], now=119.0, batch=batch)
    assert before == score([*rest, report("r", "x", 1, 100.5, network="r")], now=119.0, batch=batch)
    after = score([*rest, taken_back], now=121.0, batch=batch)
    assert after == score(rest, now=121.0, batch=batch)
    with pytest.raises(ValueError, match="withdrawn must be days, not before time"):
        score([report("r", "x", 1, 100.0, withdrawn=99.0)], batch=batch)


def test_to_withdraw_what_turned_out_wrong_does_not_bring_weight_back():
    """A speculator reports numbers before anybody else, and takes back what others contradict."""
    known = world()
    wrong = [
        r | {"reporter": "speculator", "label": 1, "network": "s", "created": 0.0, "time": 19.0}
        for r in {r["number"]: r for r in known if r["number"].startswith("good")}.values()
    ]
    cleared = {f"good{n}": Decision(-1, 120.0) for n in range(0, 80, 4)}
    probe = report("speculator", "probe", 1, 129.0, network="s", created=0.0)
    taken_back = [r | {"withdrawn": 125.0} for r in wrong]
    kept = score([*known, *wrong, probe], now=130.0, gold=cleared, batch=True)
    free = score([*known, probe], now=130.0, gold=cleared, batch=True)
    laundered = score([*known, *taken_back, probe], now=130.0, gold=cleared, batch=True)
    assert kept["probe"] < free["probe"]
    assert laundered["probe"] < free["probe"] - 0.02


def test_online_never_blocks_whatever_the_evidence():
    published = score(world(), now=130.0, gold={"bad1": Decision(1, 130.0)})
    assert max(published.values()) < BLOCK_AT


def test_gold_is_a_moderators_decision_from_its_day_on_and_fades():
    reports = crowd("wrong", 4) + crowd("right", 1)
    decided = {"wrong": Decision(-1, 103.0), "right": Decision(1, 103.0)}
    decided["unheard"] = Decision(1, 103.0)
    before = score(reports, now=102.9, batch=True, gold=decided)
    assert before == score(reports, now=102.9, batch=True)
    published = score(reports, now=103.0, batch=True, gold=decided)
    assert published["wrong"] < 0.2
    assert published["right"] >= BLOCK_AT
    assert "unheard" not in published
    later = score(reports, now=403.0, batch=True, gold=decided)
    assert later["right"] < BLOCK_AT


def test_gold_teaches_whom_to_believe():
    """The same reporters, right or wrong on moderated numbers: their other words weigh by it."""
    known = [
        report(f"r{i}", f"known{j}", 1, 50.0 + i, created=0.0, network=f"n{i}")
        for i in range(4)
        for j in range(4)
    ]
    asked = [report(f"r{i}", "asked", 1, 80.0 + i, created=0.0, network=f"n{i}") for i in range(4)]
    for batch in (False, True):
        right, wrong, later = (
            score(
                known + asked,
                gold={f"known{j}": Decision(moderated, at) for j in range(4)},
                batch=batch,
            )["asked"]
            for moderated, at in ((1, 60.0), (-1, 60.0), (1, 40.0))
        )
        assert right > later > wrong  # who says what was known earns nothing


@pytest.mark.parametrize("batch", [False, True])
def test_the_order_of_the_list_does_not_matter(batch):
    reports = world(seed=3, numbers=20)
    shuffled = list(reports)
    random.Random(5).shuffle(shuffled)
    assert score(reports, batch=batch) == score(shuffled, batch=batch)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)), st.booleans())
def test_the_order_of_simultaneous_reports_does_not_matter(order, batch):
    together = [
        report(f"r{i}", "x", int(i != 5), 100.0, created=0.0, network=f"n{i % 3}") for i in range(6)
    ]
    assert score([together[i] for i in order], batch=batch) == score(together, batch=batch)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1), st.floats(0.0, 90.0)), max_size=15),
    st.booleans(),
)
def test_everything_published_is_a_probability(said, batch):
    reports = [report(f"r{r}", f"n{r % 3}", label, time) for r, label, time in said]
    for p in score(reports, batch=batch).values():
        assert 0.0 < p < 1.0


def test_a_later_word_replaces_the_earlier():
    changed = [report("r", "x", 1, 100.0), report("r", "x", 0, 110.0)]
    for batch in (False, True):
        assert score(changed, batch=batch) == score(changed[1:], batch=batch)


def test_reports_after_now_are_left_out():
    reports = [report("r", "x", 1, 100.0), report("s", "y", 1, 120.0)]
    assert score(reports, now=110.0) == score(reports[:1], now=110.0)


@pytest.mark.parametrize("batch", [False, True])
def test_it_does_not_matter_from_which_day_on_days_are_counted(batch):
    gold = {"bad1": (1, 130.0), "bad3": (1, 130.0), "good0": (-1, 130.0)}
    told = [
        score(
            [
                each | {"time": each["time"] - zero, "created": each["created"] - zero}
                for each in world()
            ],
            gold={name: Decision(truth, day - zero) for name, (truth, day) in gold.items()},
            batch=batch,
        )
        for zero in (0.0, 64.0, 512.0)
    ]
    assert told[1] == pytest.approx(told[0])
    assert told[2] == pytest.approx(told[0])


def test_evidence_fades():
    reports = crowd("x", 3, category="phishing")
    assert score(reports, now=102.0)["x"] > score(reports, now=200.0)["x"]


def test_a_warned_caller_adds_nothing():
    reports = [report("a", "x"), report("b", "x", network="n", was_warned=True)]
    assert score(reports)["x"] == pytest.approx(score(reports[:1])["x"])


def test_a_failed_attestation_says_less_about_the_holder():
    failed = score(crowd("x", 2, attestation="failed"))["x"]
    assert failed < score(crowd("x", 2, attestation="A"))["x"]


def test_one_network_is_one_network():
    apart = score(crowd("x", 5))["x"]
    together = score([r | {"network": "same"} for r in crowd("x", 5)])["x"]
    assert together < FLAG_AT <= apart


def test_foreign_categories_are_understood_or_other():
    known, alias, odd = (
        score(crowd("x", 3, category=c), now=150.0)["x"] for c in ("loan_scam", "scam", "nonsense")
    )
    assert alias == known
    assert odd == score(crowd("x", 3, category="other"), now=150.0)["x"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"number": "x", "label": 1, "time": 1.0}, "report 0 has no reporter"),
        ({"reporter": "r", "label": 1, "time": 1.0}, "report 0 has no number"),
        ({"reporter": "r", "number": "x", "time": 1.0}, "report 0 has no label"),
        ({"reporter": "r", "number": "x", "label": 2, "time": 1.0}, r"label must be 1 .* got 2"),
        (
            {"reporter": "r", "number": "x", "label": 1, "time": math.nan},
            "time must be finite days",
        ),
    ],
)
def test_bad_input_is_named(row, message):
    with pytest.raises(ValueError, match=message):
        score([row])


def test_times_are_given_for_all_or_none():
    with pytest.raises(ValueError, match="some reports have a time and some have none"):
        score([report("r", "x"), {"reporter": "s", "number": "x", "label": 1}])


def test_a_closed_panel_learns_who_errs():
    """No times: workers label the same items; two of five answer at random."""
    chance = random.Random(11)
    truth = {f"i{j}": chance.randint(0, 1) for j in range(120)}
    reports = [
        {
            "reporter": f"w{w}",
            "number": item,
            "label": value if w < 3 and chance.random() < 0.9 else chance.randint(0, 1),
        }
        for item, value in truth.items()
        for w in range(5)
    ]
    ours = score(reports, batch=True)
    right = sum((ours[item] > 0.5) == bool(value) for item, value in truth.items())
    votes = {item: sum(r["label"] for r in reports if r["number"] == item) for item in truth}
    majority = sum((votes[item] > 2) == bool(value) for item, value in truth.items())
    assert right > majority


def test_a_verdict_may_have_nobody_behind_it():
    """Nearly all labels say 1, so the prior alone settles items on which only a 0 was said."""
    said = [(w, f"i{j}", 1) for j in range(60) for w in range(4)]
    said += [(9, "odd", 0), (8, "i0", 0), (9, "i1", 0)]
    published = score(
        [{"reporter": f"w{w}", "number": item, "label": label} for w, item, label in said],
        batch=True,
    )
    assert published["i2"] > 0.9
    assert published["odd"] <= published["i2"]


def test_certainty_beyond_what_a_float_can_hold_is_told_all_the_same():
    """Forty members of a closed panel agree on everything: the odds round to certainty."""
    panel = [
        {"reporter": f"w{who}", "number": item, "label": item % 2}
        for who in range(40)
        for item in range(60)
    ]
    found = explain(panel, batch=True)
    assert found[1].raw > 37.0
    assert found[1].probability == score(panel, batch=True)[1] == 0.94
    assert found[0].raw < -37.0
