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
        ("GB", "07700 900124 should have been 07700 900123, the loan shark"),
        ("GB", "sorry, wrong number, it was 07700 900123 not 07700 900124 that threatened me"),
        ("GB", "correction: the scammer is 07700 900123. 07700 900124 is my sister"),
        ("GB", "Oops I typed 07700 900124, meant 07700 900123, the fake taxman"),
        ("GB", "I transposed the digits. 07700 900123 threatens me, please drop 07700 900124"),
        ("GB", "not 07700 900124!!! 07700 900123 is the one threatening me"),
        ("CN", "刚发错了一位，骗我妈的是13812345678，不是13812345679"),
        ("CN", "更正一下，骚扰我的是13812345678，不是13812345679，后面那个是我同事"),
        ("CN", "写错了，13812345679改成13812345678，催收的是这个"),
        ("HK", "打錯字，唔係51234012，係51234013成日恐嚇我"),
    ],
)
def test_a_correction_reports_the_right_number_and_names_the_wrong_one(place, text):
    found = reading(text, place)
    right = {"GB": "+447700900123", "CN": "+8613812345678", "HK": "+85251234013"}[place]
    wrong = {"GB": "+447700900124", "CN": "+8613812345679", "HK": "+85251234012"}[place]
    assert (found.kind, found.number.key, found.further) == (Kind.REPORT, right, ())
    assert [each.key for each in found.corrects] == [wrong]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("GB", "07700 900123 is a scammer and so is 07700 900124"),
        (
            "GB",
            "I reported 07700 900124 yesterday. 07700 900123 said wrong number, then swore",
        ),
        ("GB", "I was told to withdraw 07700 900124 by the scammer on 07700 900123"),
        ("CN", "13812345678是诈骗。不是13812345679，13812345679是银行"),
        ("CN", "我昨天举报了13812345679，今天13812345678也来骗我"),
    ],
)
def test_who_names_two_numbers_corrects_none(place, text):
    assert reading(text, place).corrects is None


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("GB", "PLEASE SHARE!! A man rings from 07700 900123 pretending to be from the council"),
        ("CN", "扩散！13812345678冒充公安骗老人，大家别接"),
        ("PH", "mga mare wag sagutin 09171234012 budol daw yan pakishare"),
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
