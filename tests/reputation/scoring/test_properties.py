"""What holds whatever is reported: one reporter's reach, and that the fold follows the pass."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.scoring import batch, trust
from reputation.scoring.categories import Side
from reputation.scoring.evidence import EMPTY, fold, logit
from reputation.scoring.replay import explain
from tests.given.filed import community, filed, in_order

FEW = settings(max_examples=15, deadline=None)
NOW = 100.0

words = st.tuples(
    st.floats(60.0, NOW), st.integers(0, 1), st.sampled_from(["home", "roaming", None])
)


def said_by(reporter, said):
    return [
        {"reporter": reporter, "number": "x", "label": label, "time": time, "created": 0.0}
        | ({} if network is None else {"network": network})
        for time, label, network in said
    ]


@FEW
@given(st.lists(words, min_size=1, max_size=12), st.lists(words, max_size=4), st.booleans())
def test_one_reporter_moves_a_number_by_one_voice_at_most(said, others, in_batch):
    """However often, from wherever, and on whichever side: the last word counts, once."""
    rest = [r for k, word in enumerate(others) for r in said_by(f"other{k}", [word])]
    anchor = [{"reporter": "a", "number": "x", "label": 1, "time": 50.0, "network": "a"}]
    without = explain(rest + anchor, now=NOW, batch=in_batch)["x"].raw
    raw = explain(rest + anchor + said_by("r", said), now=NOW, batch=in_batch)["x"].raw
    assert -trust.LEGITIMATE_CAP - 1e-9 <= raw - without <= trust.UNWANTED_CAP + 1e-9


MEMBERS = community()


@FEW
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(40, 59), st.booleans()), max_size=3))
def test_what_is_folded_after_a_pass_is_near_what_the_next_pass_says(more):
    """Reports that come after a pass, folded one by one with the records that it left.

    Clusters are the pass's alone: those that the new reports complete are taken as known.
    """
    end = MEMBERS[-1].at
    after = {
        (who, number): filed(who, number, end + 1.0, Side.UNWANTED if bad else Side.LEGITIMATE)
        for who, number, bad in more
    }
    reports = batch.all_words(in_order([*MEMBERS, *after.values()]))
    group = batch.clusters(reports)
    table = batch.learn(batch.all_words(MEMBERS), {}, group).records
    records = [trust.Record(*column) for column in table.T.tolist()]
    evidence, _, _ = batch.run(reports, {})
    for number in {f.number for f in after.values()}:
        folded, buckets = EMPTY, {}
        for f in reports:
            if f.number == number and f.gone == math.inf:
                voice = f.voice(records[f.reporter], group.get(f.reporter, f.network))
                folded, changed, _ = fold(folded, buckets, voice)
                buckets.update(changed)
        now = end + 2.0
        assert abs(logit(folded, now) - logit(evidence[number], now)) < 0.6
