"""`read` says what `judge` and `explain` say, to the last digit and word."""

from dataclasses import astuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reputation.scoring.categories import CATEGORIES
from reputation.scoring.evidence import EMPTY, PRIOR, Evidence, Voice, rebuild
from reputation.scoring.policy import Action, Standing, Status, judge
from reputation.scoring.reading import Reading, read
from reputation.scoring.reasons import explain

NOW = 20_781.4


def plainly(evidence: Evidence, promoted: bool, now: float, prior: float = PRIOR) -> Reading:
    standing = Standing(promoted=promoted)
    judgement = judge(evidence, standing, now, prior=prior)
    return Reading(
        judgement.action.value,
        judgement.status.value,
        judgement.score,
        judgement.confidence,
        explain(evidence, standing, judgement, now, prior=prior),
    )


mass = st.sampled_from([0.0, 0.004, 0.3]) | st.floats(0.0, 9.0)
count = st.integers(0, 4) | st.integers(0, 3000)
moment = st.floats(NOW - 400.0, NOW)
priors = st.sampled_from([PRIOR, 0.1, 0.9])


@st.composite
def anything(draw: st.DrawFn) -> Evidence:
    """Whatever the columns can hold, whether the fold would leave it or not."""
    last = draw(st.none() | moment)
    return Evidence(
        draw(moment),
        *(draw(mass) for _ in range(3)),
        *(draw(count) for _ in range(6)),
        first_unwanted=None if last is None else last - draw(st.floats(0.0, 30.0)),
        last_unwanted=last,
        gathered=draw(mass),
        saturated=draw(mass),
    )


voices = st.lists(
    st.builds(
        lambda at, weight, category, network, kind: Voice(
            side=CATEGORIES[category].side,
            at=at,
            weight=weight,
            category=category,
            network=f"network {network}",
            established=kind == "established",
            source="file" if kind == "file" else "",
        ),
        moment,
        st.floats(0.0, 1.8),
        st.sampled_from(list(CATEGORIES)),
        st.integers(0, 9),
        st.sampled_from(["new", "established", "file"]),
    ),
    max_size=25,
)


@settings(max_examples=400)
@given(anything(), st.booleans(), st.floats(-10.0, 2000.0), priors)
@example(EMPTY, False, 0.0, PRIOR)
def test_of_any_evidence(evidence, promoted, ahead, prior):
    now = NOW + ahead
    told = read(now, prior, promoted, *astuple(evidence))
    assert told == plainly(evidence, promoted, now, prior)


@settings(max_examples=200)
@given(voices, st.booleans(), st.floats(0.0, 2000.0))
def test_of_evidence_that_was_folded(said, promoted, ahead):
    evidence, _ = rebuild(said)
    now = NOW + ahead
    assert read(now, PRIOR, promoted, *astuple(evidence)) == plainly(evidence, promoted, now)


def crowd(unwanted: float) -> Evidence:
    """Of six networks in three weeks: every gate is open but the pass's."""
    return Evidence(
        at=NOW,
        unwanted_short=unwanted,
        gathered=unwanted,
        networks=6,
        established=5,
        newcomers=1,
        established_networks=5,
        first_unwanted=NOW - 20.0,
        last_unwanted=NOW,
    )


@pytest.mark.parametrize(
    ("evidence", "promoted", "action", "status"),
    [
        (EMPTY, False, Action.ALLOW, Status.UNKNOWN),
        (Evidence(at=NOW, unwanted_long=0.2, imported=1), False, Action.ALLOW, Status.CLEAR),
        (crowd(2.0), True, Action.FLAG, Status.LISTED),
        (crowd(5.0), False, Action.FLAG, Status.LISTED),
        (crowd(5.0), True, Action.BLOCK, Status.LISTED),
    ],
)
def test_each_outcome_is_met(evidence, promoted, action, status):
    """The properties above would hold of a world in which nothing is ever blocked, too."""
    told = read(NOW, PRIOR, promoted, *astuple(evidence))
    assert told == plainly(evidence, promoted, NOW)
    assert (told.action, told.status) == (action, status)


def test_reasons_are_the_readers_own():
    """They are built of kept pieces; whoever changes the list must not change the next answer."""
    read(NOW, PRIOR, False, *astuple(EMPTY)).reasons.clear()
    assert read(NOW, PRIOR, False, *astuple(EMPTY)).reasons
