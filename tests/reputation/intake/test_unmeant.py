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
        "My mum deleted the message",
        "my phone removed the texts",
        "I deleted their text already",
        "they cancelled my account",
        "I never asked you to undo anything",
        "a bloke told me to withdraw it",
        "我妈把短信删了",
        "阿媽刪咗個短訊",
        "我没说要撤销啊",
        "他让我撤销举报",
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
        ("請不要再傳簡訊給我", Command.STOP),
        ("唔好再send短訊俾我", Command.STOP),
        ("take my last report back please", Command.UNDO),
        ("I'd like my report deleted", Command.UNDO),
        ("can you undo my report?", Command.UNDO),
        ("能撤销吗", Command.UNDO),
        ("how do I undo", Command.HELP),
        ("what does UNDO do?", Command.HELP),
        ("can I undo a report later if I get it wrong?", Command.HELP),
        ("did you undo my report? I did not ask for that", Command.HELP),
        ("If I text STOP will the calls stop?", Command.HELP),
        ("what happens when I send LINK", Command.HELP),
        ("怎么撤销举报", Command.HELP),
        ("撤销是什么意思", Command.HELP),
        ("發退訂以後是不是就收不到你們的消息了", Command.HELP),
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
        ("GB", "07700 900123 is pressuring me to cancel my report. I won't. He's a loan shark."),
        ("HK", "佢叫我取消舉報，我唔會，51234015係大耳窿"),
        ("MY", "0123456013 suruh saya tarik balik report, dia ugut nak sebar gambar, dasar along"),
    ],
)
def test_nor_does_who_names_the_number(place, text):
    assert reading(text, place).kind in (Kind.UNCLEAR, Kind.REPORT)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("how do i undo my report of 07700 900123 if i change my mind?", Command.HELP),
        ("would UNDO 07700 900123 remove it for everyone?", Command.HELP),
        ("how do i undo a report? i did 07700 900123 and shouldnt have", Command.UNDO),
        ("would you undo my report of 07700 900123", Command.UNDO),
    ],
)
def test_a_question_about_undo_is_no_undo_unless_a_number_was_a_mistake(text, command):
    assert reading(text).command is command


@pytest.mark.parametrize(
    "text", ["terima kasih", "salamat po", "asanteni sana", "感恩喔", "tks ah"]
)
def test_thanks_of_more_countries_ask_for_nothing(text):
    assert reading(text).kind is Kind.NOTHING
