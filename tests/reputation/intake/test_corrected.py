"""Corrections of an earlier message, warnings passed on, and what ends with an accusation."""

import pytest

from reputation.intake.grammar import Kind
from tests.given.phrases import Phrase, read


def reading(text, place="GB"):
    return read(Phrase(frozenset(), place, frozenset(), {}, text))


@pytest.mark.parametrize(
    ("place", "text", "kind"),
    [
        (
            "GB",
            "I gave you the wrong number sorry! it was 07700 900123 that threatened me",
            "report",
        ),
        ("US", "typo in my last msg. scam number is 202-555-0123 not 0124", "report"),
        ("US", "oops i typed 0028 before, should be 202-555-0123, he threatens me", "report"),
        ("CN", "打错一个数字，刚才说的骗子是13812345678", "report"),
        ("CN", "刚才发错了，骗子号码应该是13812345678", "report"),
        ("GB", "sorry wrong number in my last text, should be 07700 900123", "unclear"),
        ("CN", "上一条号码写错了，是13812345678", "unclear"),
        ("GB", "I reported the wrong number, 07700 900123 is my dentist", "command"),
    ],
)
def test_the_right_number_of_a_correction_is_not_taken_back(place, text, kind):
    assert reading(text, place).kind == kind


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("GB", "PLEASE SHARE!! A man rings from 07700 900123 pretending to be from the council"),
        ("CN", "扩散！13812345678冒充公安骗老人，大家别接"),
    ],
)
def test_a_warning_that_is_passed_on_lists_nobody(place, text):
    assert reading(text, place).kind is not Kind.REPORT


def test_who_was_called_and_asks_to_share_it_reports():
    assert reading("please share this, 07700 900123 scammed me out of £500").kind is Kind.REPORT


def test_who_ends_with_an_accusation_defends_nobody():
    text = (
        "My bank's fraud line confirmed it: nobody there called me. 202-555-0123 was an impostor."
    )
    assert reading(text, "US").kind is not Kind.LEGITIMATE
