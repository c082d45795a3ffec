"""What an answer to our letter says: only an explicit word or the letter's code confirms."""

import pytest

from reputation.intake.confirming import Verdict, verdict

# What people answer to "Is this e-mail yours?".
CONFIRMS = [
    "YES", "yes!", "Yes, it was me.\n\nJane", "是", "是的，是我写的。", "对", "JA", "oui",
    "Hello,\n\nI wrote this.", "> Somebody sent us this\n\nYES",
    "yes\n\nI told them not to call me, and they never sent me a letter.",
    "yes\n\n-- \nJane Doe\nTo unsubscribe, write to us",
]  # fmt: skip
DENIES = [
    "I did NOT write this! Do not count it. Stop.", "No", "NO, that was not me", "不是我",
    "Who are you? I have not subscribed to anything, remove me!", "STOP", "Unsubscribe", "退订",
    "I didn\u2019t send that", "Yes\n\nOh, I never wrote that", "Yes, stop writing to me", "nein",
    "我没有写",
]  # fmt: skip
UNCLEAR = [
    "", "?", "Who are you?", "Yes? What is this?", "Thanks", "OK", "什么意思", "siehe unten",
    "Yes I would like to know who you are", "是不是诈骗", "yes\n\nunsubscribe", "my answer: YES",
    "no problem",
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        *((words, Verdict.CONFIRMED) for words in CONFIRMS),
        *((words, Verdict.DENIED) for words in DENIES),
        *((words, Verdict.UNCLEAR) for words in UNCLEAR),
    ],
)
def test_verdict(words, expected):
    assert verdict(words) is expected
