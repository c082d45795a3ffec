"""Whatever the scoring says, the pages say in Chinese."""

import re

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.scoring.evidence import Evidence
from reputation.scoring.policy import Action, Standing, judge
from reputation.scoring.reasons import explain
from reputation.scoring.sentences import in_english
from web.reasons import FORMS, GATES, PLAIN, in_words

LATIN = re.compile(r"[A-Za-z]{2,}")

counts = st.integers(0, 12)
sums = st.floats(0, 9, allow_nan=False)
standings = st.builds(
    Standing,
    official=st.booleans(),
    holder_verified=st.booleans(),
    moderated=st.sampled_from([-1, 0, 1]),
    promoted=st.booleans(),
    disputed=st.booleans(),
    spoofed=st.booleans(),
    reassigned=st.booleans(),
    pinned=st.sampled_from([None, *Action]),
    immune_until=st.sampled_from([None, 200.0]),
)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    short, long = draw(sums), draw(sums)
    first = draw(st.floats(0, 100))
    return Evidence(
        at=100.0,
        unwanted_short=short,
        unwanted_long=long,
        legitimate=draw(sums),
        networks=draw(counts),
        established=draw(counts),
        newcomers=draw(counts),
        established_networks=draw(counts),
        supporters=draw(counts),
        imported=draw(counts),
        first_unwanted=first,
        last_unwanted=draw(st.floats(first, 100)),
        gathered=short + long,
        saturated=draw(sums),
    )


@settings(max_examples=150, deadline=None)
@given(
    evidences(), standings, st.sampled_from([100.0, 160.0, 9000.0]), st.sampled_from(["", "failed"])
)
def test_nothing_stays_english(
    evidence: Evidence, standing: Standing, now: float, attestation: str
):
    judgement = judge(evidence, standing, now, attestation=attestation)
    sentences = list(map(in_english, explain(evidence, standing, judgement, now)))
    with translation.override("zh-hans"):
        for sentence in sentences:
            assert not LATIN.search(in_words(sentence)), sentence
    with translation.override("en"):
        assert [in_words(sentence) for sentence in sentences] == sentences


def test_figures_are_kept():
    said = (
        "12 unwanted reports from 9 networks between 2026-11-01 and 2026-11-24: 5 by established "
    )
    said += "reporters, 7 by new accounts."
    with translation.override("zh-hans"):
        found = re.findall(r"\d+", in_words(said))
    assert sorted(found) == sorted(re.findall(r"\d+", said))


def test_what_nobody_knows_stays_as_it_is():
    with translation.override("zh-hans"):
        assert in_words("The moon is full.") == "The moon is full."
        assert in_words("Blocking needs a full moon.") == "Blocking needs a full moon."


@pytest.mark.parametrize("said", [said for _, said in (*FORMS, *GATES)] + sorted(PLAIN))
def test_every_form_has_its_translation(said: str):
    with translation.override("zh-hans"):
        assert translation.gettext(said) != said
