"""Every reason and gate has its sentence in Chinese, with the same figures."""

import re

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.lookup import in_words
from reputation.scoring.evidence import Evidence
from reputation.scoring.policy import Action, Standing, judge
from reputation.scoring.reasons import explain
from reputation.scoring.sentences import NUMERALS, Code, Reason, in_english
from tests.given.sentences import BY_MANY, ONE_DAY, SENTENCES, TWO_NETWORKS

LATIN = re.compile(r"[A-Za-z]{2,}")
VALUES = {word: str(place) for place, word in enumerate(NUMERALS, 1)}
# "one" stands also in "one network, one day", which says no figure.
NUMERAL = re.compile(rf"\b({'|'.join(NUMERALS)})\b(?= more )")

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
    reasons = explain(evidence, standing, judgement, now)
    with translation.override("zh-hans"):
        for reason in reasons:
            assert not LATIN.search(in_words(reason)), reason
    with translation.override("en"):
        assert list(map(in_words, reasons)) == list(map(in_english, reasons))


@pytest.mark.parametrize(("code", "figures", "english"), SENTENCES)
def test_every_sentence_has_its_translation(code, figures, english):
    with translation.override("zh-hans"):
        chinese = in_words(Reason(code, figures))
    assert not LATIN.search(chinese)
    # Chinese writes numerals as digits; a place for a figure is in both or in neither.
    assert digits(chinese) == digits(english)


def digits(sentence: str) -> list[str]:
    return sorted(re.findall(r"\d+", re.sub(NUMERAL, lambda word: VALUES[word[0]], sentence)))


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        (Reason(Code.PINNED_TO_BLOCK), "审核员已将处理固定为“拦截”。"),
        (
            Reason(Code.IMMUNE, {"until": 20_870}),
            "持有人的异议成立：在 2027-02-21 之前，仅凭举报不会标记此号码。",
        ),
        (
            Reason(Code.REPORTED_FROM_NETWORKS, BY_MANY),
            "12 条骚扰举报，来自 9 个网络：5 条来自可靠的举报人，7 条来自新账号。",
        ),
        (
            Reason(Code.NEEDS, {"gates": (TWO_NETWORKS, ONE_DAY)}),
            "拦截还需要：还差 2 个网络；还差 1 天。",
        ),
    ],
)
def test_reasons_are_told_in_chinese(reason, chinese):
    with translation.override("zh-hans"):
        assert in_words(reason) == chinese
