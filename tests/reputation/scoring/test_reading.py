"""`read_many` says what `judge` and `explain` say, to the last digit and word."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reputation.scoring.categories import CATEGORIES
from reputation.scoring.curves import CURVES, use_curves
from reputation.scoring.evidence import EMPTY, PRIOR, Evidence, Voice
from reputation.scoring.fitting import Curves
from reputation.scoring.judging import ACTIONS, Decided, Figures
from reputation.scoring.policy import Action, Standing, Status, judge
from reputation.scoring.reading import read_many
from reputation.scoring.reasons import explain
from reputation.scoring.sentences import in_english
from tests.given.folded import rebuild

NOW = 20_781.4


# Evidence, standing or whether it is promoted and nothing else, prior.
type Row = tuple[Evidence, Standing | bool, float]
type Told = tuple[str, str, int, float, list[str]]


def plainly(evidence: Evidence, by: Standing | bool, prior: float, now: float) -> Told:
    standing = standing_of(by)
    judgement = judge(evidence, standing, now, prior=prior)
    return (
        judgement.action.value,
        judgement.status.value,
        judgement.score,
        judgement.confidence,
        list(map(in_english, explain(evidence, standing, judgement, now))),
    )


def standing_of(by: Standing | bool) -> Standing:
    return by if isinstance(by, Standing) else Standing(promoted=by)


def together(rows: list[Row], now: float) -> list[Told]:
    standings = [standing_of(by) for _, by, _ in rows]
    columns = zip(
        *(
            (prior, standing.promoted, *evidence)
            for (evidence, _, prior), standing in zip(rows, standings, strict=True)
        ),
        strict=True,
    )
    # None becomes NaN where the column is of floats.
    kinds = [int if name in COUNTS else bool if name == "promoted" else float for name in NAMES]
    arrays = [np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    decided = None
    if any(isinstance(by, Standing) for _, by, _ in rows):
        pins = [-1 if one.pinned is None else ACTIONS.index(one.pinned) for one in standings]
        fields = [
            np.array([getattr(one, name) for one in standings], column.dtype)
            for name, column in zip(Decided._fields[:-1], Decided.nobody(1), strict=False)
        ]
        decided = Decided(*fields, pinned=np.array(pins))
    readings = read_many(now, Figures(*arrays), decided)
    columns, silent = readings.reasons.columns("|")
    for place in set(range(len(rows))) - set(readings.reasons.instead):
        assert "".join(each[place] for each in columns) == "|".join(readings.reasons[place])
        assert (place in silent) is (readings.reasons[place] == [])
    return list(map(readings.told, range(len(rows))))


NAMES = Figures._fields
COUNTS = [name for name, kind in Evidence.__annotations__.items() if kind is int]


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


seldom = st.sampled_from([False, False, False, True])
decided = st.builds(
    Standing,
    official=seldom,
    holder_verified=seldom,
    moderated=st.sampled_from([0, 0, 1, -1]),
    moderated_at=st.none() | moment,
    promoted=st.booleans(),
    disputed=seldom,
    spoofed=seldom,
    reassigned=seldom,
    pinned=st.sampled_from([None, None, None, *Action]),
    immune_until=st.none() | st.floats(NOW - 100.0, NOW + 400.0),
    never_calls=seldom,
)
any_row = st.tuples(anything(), st.booleans() | decided, priors)
folded_row = st.tuples(voices.map(lambda said: rebuild(said)[0]), st.booleans() | decided, priors)


@settings(max_examples=150)
@given(st.lists(any_row, min_size=1, max_size=6), st.floats(-10.0, 2000.0))
@example([(EMPTY, False, PRIOR)], 0.0)
def test_of_any_evidence(rows, ahead):
    assert together(rows, NOW + ahead) == [plainly(*row, NOW + ahead) for row in rows]


@settings(max_examples=100)
@given(st.lists(folded_row, min_size=1, max_size=6), st.floats(0.0, 2000.0))
def test_of_evidence_that_was_folded(rows, ahead):
    assert together(rows, NOW + ahead) == [plainly(*row, NOW + ahead) for row in rows]


def test_of_more_than_can_be_packed():
    """The most that a column of PostgreSQL holds, and what is just too much."""
    most = 2**31 - 1
    rows = [
        (
            crowd(5.0)._replace(established=one, newcomers=other, networks=third, supporters=one),
            True,
            0.5,
        )
        for one, other, third in [(most, 1, 1), (1, most, 1), (1, 1, most), (2**20, 2**20 - 1, 7)]
    ]
    assert together(rows, NOW) == [plainly(*row, NOW) for row in rows]


@pytest.mark.parametrize("unwanted", [0.0, 1.0, 9.0, 12.0, 60.0, 800.0])
@pytest.mark.parametrize("days", range(0, 130, 10))
def test_where_figures_are_round(unwanted, days):
    """Whole half-lives and no decay at all put figures onto the very point where rounding turns."""
    evidence = Evidence(
        at=NOW, unwanted_short=unwanted, gathered=2.0 * unwanted, legitimate=unwanted / 4.0,
        supporters=1, established=3, networks=3, first_unwanted=NOW - 3.0, last_unwanted=NOW,
        saturated=unwanted / 8.0,
    )  # fmt: skip
    rows = [(evidence, promoted, prior) for promoted in (False, True) for prior in (0.5, 0.75)]
    assert together(rows, NOW + days) == [plainly(*row, NOW + days) for row in rows]


def test_both_publish_by_the_curves_in_use():
    """Of new accounts alone, whose ceiling follows from the curves too."""
    evidence = Evidence(at=NOW, unwanted_short=0.9, gathered=0.9, networks=2, newcomers=2)
    rows = [(evidence, False, PRIOR)]
    shipped = together(rows, NOW)
    lower = Curves(*(tuple((x, y - 0.7) for x, y in knots) for knots in CURVES))
    use_curves(lower)
    try:
        moved = together(rows, NOW)
        assert moved == [plainly(*row, NOW) for row in rows]
    finally:
        use_curves(CURVES)
    assert moved != shipped == together(rows, NOW)


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
    [told] = together([(evidence, promoted, PRIOR)], NOW)
    assert told == plainly(evidence, promoted, PRIOR, NOW)
    assert told[:2] == (action, status)


def test_reasons_are_the_readers_own():
    """They are built of kept pieces; whoever changes the list must not change the next answer."""
    rows = [(EMPTY, False, PRIOR), (crowd(5.0), False, PRIOR)]
    for *_, reasons in together(rows, NOW):
        reasons.clear()
    assert all(told[-1] for told in together(rows, NOW))
