"""What is shown of a campaign: phrases that several people used, without names and numbers."""

from reputation.scoring.campaigns import phrases
from reputation.scoring.campaigns.phrases import MASK, PHRASES, mask
from tests.given.processor import processor
from tests.given.statements import AMAZON, numbered, said


def test_phrases_are_those_that_several_reporters_used():
    text = "My name is Anna Example, call 415-555-0134 about your unpaid road toll at pay.example/x"
    shown = phrases(said(text, text.replace("0134", "0199").replace("Anna", "Eve"), text))
    assert any("your unpaid road toll" in phrase for phrase in shown)
    for secret in ("anna", "example", "eve", "0134", "0199", "415"):
        assert not any(secret in phrase for phrase in shown)


def test_what_one_reporter_said_often_is_not_shown():
    statements = [row | {"reporter": "one"} for row in numbered(said(*[AMAZON] * 9))]
    assert phrases(statements) == []
    assert phrases(said(AMAZON, AMAZON)) == []
    assert phrases(said(AMAZON, AMAZON, AMAZON))


def test_phrases_in_chinese_without_names_and_numbers():
    shown = phrases(
        said(
            "张先生您好，您的借款已严重逾期，请回电400-555-0112处理，住址中山路12号",
            "李女士您好，您的借款已严重逾期，请回电400-555-0118处理",
            "王先生，您的借款已严重逾期，请立即处理",
        )
    )
    assert any("借款已严重逾期" in phrase for phrase in shown)
    assert not any(secret in "".join(shown) for secret in ("张", "李", "555", "中山路"))


def test_phrases_are_few_and_none_is_within_another():
    shown = phrases(said(*[AMAZON] * 5))
    assert 0 < len(shown) <= PHRASES
    assert not any(one in other for one in shown for other in shown if one != other)


def test_capitals_are_not_tried_as_streets_in_every_way():
    with processor(10):
        for _ in range(100):
            assert mask("A " * 2_000) == "A " * 2_000
    text = "Come to Old Mill Lane. Great North Sea View Road is closed"
    assert mask(text) == f"Come to {MASK} {MASK} is closed"
