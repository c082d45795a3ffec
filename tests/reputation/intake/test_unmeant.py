"""Words that look like UNDO and STOP, and are none: nothing is taken back or silenced."""

import pytest

from reputation.intake.grammar import Command, Kind
from tests.given.phrases import Phrase, read


def reading(text, place="GB"):
    return read(Phrase(frozenset(), place, frozenset(), {}, text))


@pytest.mark.parametrize(
    "text",
    [
        "don't cancel my report",
        "I won't undo anything",
        "I never want to take it back",
        "they told me to cancel my report",
        "he said if I withdraw it he'll leave me alone",
        "it was not a mistake",
        "did I make a mistake?",
        "I made a mistake and paid them",
        "never mind the money, he threatened my kids",
        "he wont stop texting me",
        "tell them to stop texting me",
        "cancel my subscription they say",
        "别取消我的举报",
        "我不会撤回的",
        "骗子逼我取消举报",
        "那帮人让我撤诉，我偏不撤",
        "他们威胁我撤销投诉",
        "他们说要删除我的账号",
        "我点错了链接，钱没了",
        "让他们别再给我发短信",
    ],
)
def test_who_refuses_or_tells_of_it_commands_nothing(text):
    assert reading(text).kind is not Kind.COMMAND


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("he told me it was a mistake, please withdraw my report", Command.UNDO),
        ("I didn't mean to report, please delete it", Command.UNDO),
        ("can u unreport it", Command.UNDO),
        ("I made a mistake", Command.UNDO),
        ("唔该帮我取消头先个举报", Command.UNDO),
        ("他跟我道歉了，我想撤销举报", Command.UNDO),
        ("能不能当我没说过", Command.UNDO),
        ("please stop texting me", Command.STOP),
    ],
)
def test_who_asks_for_it_does(text, command):
    assert reading(text).command is command


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("GB", "don't cancel my report on 07700 900123"),
        ("GB", "he told me to cancel my report on 07700 900123"),
        ("CN", "骗子逼我撤销对13812345678的举报"),
    ],
)
def test_nor_does_who_names_the_number(place, text):
    assert reading(text, place).kind in (Kind.UNCLEAR, Kind.REPORT)
