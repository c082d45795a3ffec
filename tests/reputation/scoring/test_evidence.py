"""The fold: properties that must hold for any voices in any order."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring.categories import CATEGORIES, UNWANTED, Side
from reputation.scoring.evidence import (
    DAY_CAP,
    EMPTY,
    NETWORK_ESTABLISHED_CAP,
    NETWORK_NEWCOMERS_CAP,
    NEWCOMERS_CAP,
    PRIOR,
    SOURCE_CAP,
    Bucket,
    BucketKind,
    Voice,
    bucket_keys,
    expit,
    fold,
    joined,
    log_odds,
    logit,
    sums,
)
from tests.given.folded import rebuild


@st.composite
def voices(draw, *, sides=(Side.UNWANTED, Side.LEGITIMATE), at=None, sources=("", "ftc")):
    side = draw(st.sampled_from(sides))
    return Voice(
        side=side,
        at=draw(at if at is not None else st.floats(20_000.0, 20_200.0)),
        weight=draw(st.floats(0.0, 1.8)),
        category=("legitimate" if side is Side.LEGITIMATE else draw(st.sampled_from(UNWANTED))),
        network=draw(st.sampled_from(["", "n1", "n2", "n3", "n4"])),
        established=draw(st.booleans()),
        source=draw(st.sampled_from(sources)),
    )


def in_order(said):
    return sorted(said, key=lambda voice: voice.at)


@given(st.lists(voices(), max_size=30), st.floats(20_000.0, 21_000.0))
def test_everything_stays_bounded_and_finite(said, now):
    evidence, buckets = rebuild(said)
    assert 0.0 < expit(logit(evidence, now)) < 1.0
    assert min(evidence.unwanted_short, evidence.unwanted_long, evidence.legitimate) >= 0.0
    assert evidence.saturated >= 0.0
    assert all(
        min(bucket.short, bucket.long) >= 0.0 and bucket.short + bucket.long < 3.0
        for bucket in buckets.values()
    )


@pytest.mark.slow
@given(st.lists(voices(), max_size=25))
def test_rebuilding_equals_folding_one_by_one_to_the_last_bit(said):
    evidence, kept = EMPTY, {}
    for voice in said:
        # As the database does it: only the named buckets are loaded, only the changed are stored.
        loaded = {key: kept[key] for key in bucket_keys(voice) if key in kept}
        folded = fold(evidence, loaded, voice)
        assert set(folded.buckets) <= set(bucket_keys(voice))
        evidence = folded.evidence
        kept.update(folded.buckets)
    assert (evidence, kept) == rebuild(said)


@given(
    st.lists(voices(), max_size=10),
    st.lists(voices(at=st.just(20_200.5)), min_size=2, max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_simultaneous_voices_does_not_matter(earlier, together, chance):
    shuffled = list(together)
    chance.shuffle(shuffled)
    one, _ = rebuild(in_order(earlier) + together)
    other, _ = rebuild(in_order(earlier) + shuffled)
    assert sums(one, 20_200.5) == pytest.approx(sums(other, 20_200.5), abs=1e-9)
    counters = [name for name in EMPTY._fields if isinstance(getattr(EMPTY, name), int | None)]
    assert len(counters) == 8
    assert [getattr(one, c) for c in counters] == [getattr(other, c) for c in counters]


@given(st.lists(voices(), max_size=25), voices(sides=(Side.UNWANTED,)), st.floats(0.0, 300.0))
def test_one_more_unwanted_report_never_lowers_the_probability(said, extra, later):
    evidence, buckets = rebuild(said)
    more = fold(evidence, buckets, extra).evidence
    now = max(evidence.at, extra.at) + later
    assert logit(more, now) >= logit(evidence, now) - 1e-12


@given(st.lists(voices(), max_size=25), voices(sides=(Side.LEGITIMATE,)), st.floats(0.0, 300.0))
def test_one_more_legitimate_report_never_raises_the_probability(said, extra, later):
    evidence, buckets = rebuild(said)
    more = fold(evidence, buckets, extra).evidence
    now = max(evidence.at, extra.at) + later
    assert logit(more, now) <= logit(evidence, now) + 1e-12


@given(st.lists(voices(), max_size=25), voices())
def test_no_voice_adds_more_than_its_weight(said, extra):
    evidence, buckets = rebuild(said)
    assert 0.0 <= fold(evidence, buckets, extra).contribution <= extra.weight + 1e-12


def share(said, belongs):
    """What the voices for which `belongs` holds added, per side, as of the last moment."""
    evidence, buckets, added = EMPTY, {}, []
    for voice in said:
        folded = fold(evidence, buckets, voice)
        evidence = folded.evidence
        buckets.update(folded.buckets)
        added.append((voice, folded.contribution))
    now = evidence.at
    totals = {Side.UNWANTED: 0.0, Side.LEGITIMATE: 0.0}
    for voice, contribution in added:
        if belongs(voice):
            half_life = CATEGORIES[voice.category].half_life
            totals[voice.side] += contribution * math.exp2((voice.at - now) / half_life)
    return max(totals.values())


@given(st.lists(voices(), min_size=1, max_size=40))
def test_new_accounts_together_never_exceed_their_cap(said):
    assert share(in_order(said), lambda v: not v.established and not v.source) <= NEWCOMERS_CAP


@given(st.lists(voices(), min_size=1, max_size=40), st.integers(20_000, 20_200))
def test_one_day_never_exceeds_its_cap(said, day):
    assert (
        share(in_order(said), lambda v: math.floor(v.at) == day and not v.source) <= DAY_CAP + 1e-9
    )


@given(st.lists(voices(), min_size=1, max_size=40))
def test_one_import_source_never_exceeds_its_cap(said):
    assert share(in_order(said), lambda v: v.source == "ftc") <= SOURCE_CAP + 1e-9


@given(st.lists(voices(sources=("",)), min_size=1, max_size=40))
def test_one_network_never_exceeds_its_cap(said):
    assert (
        share(in_order(said), lambda v: v.network == "n1")
        <= NETWORK_ESTABLISHED_CAP + NETWORK_NEWCOMERS_CAP + 1e-9
    )


def test_caps_hold_under_any_number_of_voices():
    def brigade(count, *, networks=1, days=1, established=False):
        said = [
            Voice(
                Side.UNWANTED,
                20_000.0 + i % days,
                1.5,
                "telemarketing",
                f"n{i % networks}",
                established,
            )
            for i in range(count)
        ]
        return sums(rebuild(said)[0], 20_000.0 + days - 1)[0]

    assert brigade(500, networks=500, days=1) < NEWCOMERS_CAP
    assert brigade(500, networks=500, days=60) < NEWCOMERS_CAP
    assert brigade(500, days=60) <= NETWORK_NEWCOMERS_CAP + 1e-9
    assert brigade(500, days=60, established=True) <= NETWORK_ESTABLISHED_CAP + 1e-9
    assert brigade(500, networks=500, established=True) <= DAY_CAP + 1e-9
    # The caps bite only where they should: independent voices over days do add up.
    assert brigade(10, networks=10, days=10, established=True) > 6.0


def test_a_number_that_is_reported_for_months_does_not_run_out_of_room():
    steady = [Voice(Side.UNWANTED, 20_000.0 + i, 1.4, "loan_scam", f"n{i}") for i in range(150)]
    evidence, _ = rebuild(steady)
    assert 0.95 * NEWCOMERS_CAP < sums(evidence, evidence.at)[0] < NEWCOMERS_CAP


def test_fresh_accounts_cannot_use_up_the_room_of_others():
    crowd = [Voice(Side.UNWANTED, 20_000.0, 1.4, "loan_scam", "n1") for _ in range(300)]
    word = Voice(Side.UNWANTED, 20_001.0, 1.6, "loan_scam", "n1", True)
    alone = fold(EMPTY, {}, word).contribution
    assert fold(*rebuild(crowd), word).contribution == pytest.approx(alone)


def test_all_voices_of_unknown_network_are_one_network():
    unknown = [Voice(Side.UNWANTED, 20_000.0 + i, 1.4, "loan_scam", "") for i in range(50)]
    evidence, _ = rebuild(unknown)
    assert evidence.networks == 1
    assert sums(evidence, evidence.at)[0] <= NETWORK_NEWCOMERS_CAP


@given(
    st.lists(voices(sides=(Side.UNWANTED,)), min_size=1, max_size=10),
    st.lists(st.floats(0.0, 2_000.0), min_size=2, max_size=5),
)
def test_one_sided_evidence_fades_monotonically_towards_the_prior(said, ages):
    evidence, _ = rebuild(said)
    course = [logit(evidence, evidence.at + age) for age in sorted(ages)]
    assert course == sorted(course, reverse=True)
    assert all(value >= log_odds(PRIOR) - 1e-12 for value in course)


@given(
    st.lists(voices(sides=(Side.LEGITIMATE,)), min_size=1, max_size=10),
    st.lists(st.floats(0.0, 2_000.0), min_size=2, max_size=5),
)
def test_legitimate_evidence_fades_monotonically_towards_the_prior(said, ages):
    evidence, _ = rebuild(said)
    course = [logit(evidence, evidence.at + age) for age in sorted(ages)]
    assert course == sorted(course)
    assert all(value <= log_odds(PRIOR) + 1e-12 for value in course)


def test_half_lives_are_those_of_the_category():
    for category in CATEGORIES:
        side, half_life = CATEGORIES[category].side, CATEGORIES[category].half_life
        evidence, _ = rebuild([Voice(side, 100.0, 1.0, category, established=True)])
        fresh = sum(sums(evidence, 100.0))
        assert fresh > 0.5
        assert sum(sums(evidence, 100.0 + half_life)) == pytest.approx(fresh / 2.0)


def test_a_voice_without_weight_changes_nothing():
    evidence, buckets = rebuild([Voice(Side.UNWANTED, 10.0, 1.0, "robocall", "n1")])
    folded = fold(evidence, buckets, Voice(Side.UNWANTED, 11.0, 0.0, "robocall", "n2", True))
    assert folded == (evidence, {}, 0.0)


def test_a_late_voice_counts_as_old_as_it_is():
    now = Voice(Side.UNWANTED, 100.0, 1.0, "robocall", "n1", True)
    late = Voice(Side.UNWANTED, 40.0, 1.0, "robocall", "n2", True)
    evidence, buckets = rebuild([now])
    folded = fold(evidence, buckets, late)
    before = sums(evidence, 100.0)[0]
    added = sums(folded.evidence, 100.0)[0] - before
    assert folded.evidence.at == 100.0
    assert (folded.evidence.first_unwanted, folded.evidence.last_unwanted) == (40.0, 100.0)
    assert added == pytest.approx(folded.contribution / 2.0)
    assert folded.contribution < 1.0


@pytest.mark.parametrize(
    ("days", "spell"),
    [
        ([1.0, 61.0, 121.0], (1.0, 121.0)),
        ([1.0, 61.1], (61.1, 61.1)),
        ([1.0, 2.0, 70.0, 75.0], (70.0, 75.0)),
        ([100.0, 45.0], (45.0, 100.0)),
        ([100.0, 39.0], (100.0, 100.0)),
    ],
)
def test_sixty_days_without_an_unwanted_report_begin_a_new_spell(days, spell):
    voices = [Voice(Side.UNWANTED, at, 1.0, "robocall", f"n{at}") for at in days]
    evidence, _ = rebuild(voices)
    assert (evidence.first_unwanted, evidence.last_unwanted) == spell


@given(st.lists(st.floats(0.0, 400.0), min_size=1, max_size=9), st.integers(0, 9))
def test_the_latest_spell_of_parts_is_that_of_the_whole(days, cut):
    voices = [Voice(Side.UNWANTED, at, 1.0, "robocall", "n") for at in sorted(days)]
    (whole, _), (before, _), (last, _) = map(rebuild, (voices, voices[:cut], voices[cut:]))
    together = joined(before, last)
    spell = (together.first_unwanted, together.last_unwanted)
    assert spell == (whole.first_unwanted, whole.last_unwanted)


def test_counters_say_who_spoke():
    u, g = Side.UNWANTED, Side.LEGITIMATE
    evidence, _ = rebuild(
        [
            Voice(u, 1.0, 1.0, "robocall", "n1", False),
            Voice(u, 2.0, 1.0, "robocall", "n1", True),
            Voice(u, 3.0, 1.0, "telemarketing", "n1", True),
            Voice(u, 4.0, 1.0, "telemarketing", "n2", False),
            Voice(u, 5.0, 1.0, "robocall", "", True),
            Voice(u, 6.0, 1.0, "robocall", source="ftc"),
            Voice(g, 7.0, 1.0, "legitimate", "n3", True),
        ]
    )
    assert (evidence.networks, evidence.established, evidence.newcomers) == (3, 3, 2)
    assert (evidence.established_networks, evidence.supporters, evidence.imported) == (2, 1, 1)
    assert (evidence.first_unwanted, evidence.last_unwanted) == (1.0, 5.0)


def test_imports_meet_only_their_source():
    voice = Voice(Side.UNWANTED, 5.0, 1.0, "robocall", network="n1", source="ftc")
    assert bucket_keys(voice) == ((Side.UNWANTED, BucketKind.SOURCE, "ftc"),)
    evidence, buckets = rebuild([voice] * 1000)
    assert sums(evidence, 5.0)[0] == pytest.approx(SOURCE_CAP)
    assert buckets == {
        (Side.UNWANTED, BucketKind.SOURCE, "ftc"): Bucket(pytest.approx(SOURCE_CAP), 0.0, 5.0)
    }


@pytest.mark.parametrize("weight", [-0.1, math.nan, math.inf])
def test_a_voice_refuses_a_weight_that_is_none(weight):
    with pytest.raises(ValueError, match="weight must be a finite number of at least 0"):
        Voice(Side.UNWANTED, 1.0, weight, "robocall")


def test_a_voice_refuses_a_time_that_is_none():
    with pytest.raises(ValueError, match="at must be finite days"):
        Voice(Side.UNWANTED, math.nan, 1.0, "robocall")


@pytest.mark.parametrize("p", [0.0, 1.0, -1.0, 2.0])
def test_log_odds_refuses_certainty(p):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        log_odds(p)


@given(st.floats(-1e6, 1e6))
def test_expit_never_raises(value):
    assert 0.0 <= expit(value) <= 1.0


def test_simultaneous_reports_of_two_categories_differ_little_later():
    """At the moment itself order is nothing; which half-life got the larger share shows later."""
    scam = Voice(Side.UNWANTED, 20_000.0, 1.6, "loan_scam", "n1", True)
    sales = Voice(Side.UNWANTED, 20_000.0, 1.6, "telemarketing", "n1", True)
    one, other = rebuild([scam, sales])[0], rebuild([sales, scam])[0]
    assert sums(one, 20_000.0) == pytest.approx(sums(other, 20_000.0), abs=1e-12)
    for age in range(0, 400, 20):
        gap = abs(sums(one, 20_000.0 + age)[0] - sums(other, 20_000.0 + age)[0])
        assert gap <= 0.25 * NETWORK_ESTABLISHED_CAP
