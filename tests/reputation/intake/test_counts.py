"""How many calls a message mentions."""

import pytest

from reputation.intake.grammar.counts import find_count


@pytest.mark.parametrize(
    "text",
    [
        "they have been told six times that he is dead",
        "i told her ten times to stop",
        "we've asked four times for a letter",
        "i pressed 2 to opt out 5 times",
        "我都说了八百遍不需要",
        "我拒绝了三次还打",
    ],
)
def test_what_the_sender_did_is_no_count_of_calls(text):
    assert find_count(text) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("he called me six times", 6),
        ("i was called ten times today", 10),
        ("i told them to stop, they rang 4 times since", 4),
        ("they said nothing 5 times", 5),
        ("我接到三次电话", 3),
        ("他打了八遍", 8),
        ("我说了不要，又打了五次", 5),
    ],
)
def test_and_what_the_caller_did_is(text, count):
    assert find_count(text) == count
