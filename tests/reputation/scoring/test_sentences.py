"""The English of every reason and gate, and that all ways to print it agree."""

from gettext import NullTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring.sentences import (
    COUNTED,
    NUMERALS,
    UNTIL,
    Code,
    Reason,
    in_english,
    in_language,
)
from tests.given.sentences import SENTENCES


@pytest.mark.parametrize(("code", "figures", "english"), SENTENCES)
def test_each_reason_is_a_plain_sentence(code, figures, english):
    assert in_english(Reason(code, figures)) == english


def test_every_code_is_among_them():
    assert {code for code, _figures, _english in SENTENCES} == set(Code)


counts = st.integers(0, 2**31)
figures = {
    **dict.fromkeys(COUNTED, counts),
    UNTIL: st.integers(0, 2_900_000),  # to the year 9910
    **dict.fromkeys(("percent", "raw", "published"), st.integers(0, 100)),
    **dict.fromkeys(("established", "newcomers"), counts),
    **dict.fromkeys(("times", "log_odds"), st.floats(0.0, 1e22)),
    "words": st.text(),
    "missing": st.integers(1, len(NUMERALS) + 2),
    "days": counts,
}
gates = st.sampled_from([code for code in Code if not code.one.endswith(".")])


@st.composite
def reasons(draw: st.DrawFn, codes: st.SearchStrategy[Code]) -> Reason:
    code = draw(codes)
    return Reason(
        code,
        {
            name: draw(st.lists(reasons(gates), min_size=1, max_size=3).map(tuple))
            if name == "gates"
            else draw(figures[name])
            for name, _ in code.places
        },
    )


@given(reasons(st.sampled_from(Code)))
def test_english_is_the_language_of_an_empty_catalogue(reason):
    assert in_english(reason) == in_language(reason, NullTranslations())
