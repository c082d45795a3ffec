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
def test_words_confirm_deny_or_say_neither(words, expected):
    assert verdict(words) is expected


LETTER = (
    "Somebody sent us this e-mail with your address as its sender:\n\n"
    "> They threatened me. I did not answer. Make them stop.\n\n"
    "If it is not, answer NO. It counts only after a YES.\n"
)
# How mail programs quote the letter, without a mark before each line.
QUOTING = {
    "Outlook": "From: Ringscore <r@x.example>\nSent: Tuesday, December 1, 2026 10:00 AM\n"
    "To: u@x.example\nSubject: Is this yours?\n\n",
    "Outlook in Chinese": "________________________________\n发件人: Ringscore <r@x.example>\n"
    "发送时间: 2026年12月1日 10:00\n收件人: u@qq.com <u@qq.com>\n主题: 是您写的吗?\n\n",
    "Aliyun": f"{'-' * 66}\n发件人：Ringscore <r@x.example>\n发送时间：2026年12月1日\n"
    "收件人：u <u@aliyun.com>\n主　题：是您写的吗?\n\n",
    "GMX": "Gesendet: Dienstag, 01. Dezember 2026 um 10:00 Uhr\nVon: Ringscore <r@x.example>\n"
    "An: u@gmx.de\nBetreff: Ist das von Ihnen?\n",
}


@pytest.mark.parametrize("head", QUOTING.values(), ids=QUOTING)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_what_an_answer_quotes_is_not_said_by_its_sender(head, end):
    for words, expected in (("YES", Verdict.CONFIRMED), ("是", Verdict.CONFIRMED),
                            ("NO", Verdict.DENIED), ("Who are you?", Verdict.UNCLEAR)):  # fmt: skip
        assert verdict(f"{words}\n\n{head}{LETTER}".replace("\n", end)) is expected
