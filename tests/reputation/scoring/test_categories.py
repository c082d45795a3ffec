import pytest

from reputation.scoring.categories import (
    CATEGORIES,
    LEGITIMATE_HALF_LIFE,
    LONG_HALF_LIFE,
    SHORT_HALF_LIFE,
    Side,
    is_long,
)


def test_the_vocabulary_is_that_of_the_api():
    assert list(CATEGORIES) == [
        "illegal_collection",
        "threat",
        "impersonation",
        "loan_scam",
        "phishing",
        "telemarketing",
        "robocall",
        "silent_call",
        "survey",
        "other",
        "legitimate",
    ]


def test_evidence_knows_exactly_these_half_lives():
    unwanted = {c.half_life for c in CATEGORIES.values() if c.side is Side.UNWANTED}
    legitimate = {c.half_life for c in CATEGORIES.values() if c.side is Side.LEGITIMATE}
    assert unwanted == {SHORT_HALF_LIFE, LONG_HALF_LIFE}
    assert legitimate == {LEGITIMATE_HALF_LIFE}
    assert SHORT_HALF_LIFE < LONG_HALF_LIFE < LEGITIMATE_HALF_LIFE


@pytest.mark.parametrize(
    ("category", "long"),
    [("telemarketing", True), ("illegal_collection", True), ("phishing", False)],
)
def test_is_long(category, long):
    assert is_long(category) is long


def test_an_unknown_category_is_refused():
    with pytest.raises(KeyError):
        is_long("nonsense")
