"""What people write after our answers, in their own words, and what they hear then."""

import pytest
from pytest_django import Settings

from tests.given.messages import ANNA, LI, SCAM, UK, live, states, text

pytestmark = pytest.mark.django_db
KEPT = "Thank you. Without a number we cannot count it; a moderator will read it."


@pytest.fixture(autouse=True)
def _fictional(settings: Settings) -> None:
    settings.FICTIONAL_NUMBERS = True


class TestYes:
    @pytest.mark.parametrize(
        "word", ["yes", "Yes please", "yes report it", "ok report it", "please report them"]
    )
    @pytest.mark.parametrize("first", ["who is 07700 900123", "missed call from 07700 900123"])
    def test_to_whether_it_is_reported_reports_it(self, first, word):
        text(first, sender=ANNA)
        assert text(word, sender=ANNA).reply.startswith("Reported: +44 7700 900123")
        assert [number for number, _, _ in live()] == [UK]

    @pytest.mark.parametrize("word", ["是的", "对", "是的，举报", "请举报"])
    def test_in_chinese(self, word):
        text("请问13812345678是谁的号码", sender=LI)
        assert text(word, sender=LI).reply.startswith("已举报：+86 138 1234 5678")
        assert [number for number, _, _ in live()] == [SCAM]

    def test_to_nothing_is_a_word_of_courtesy(self):
        assert text("yes", sender=ANNA).reply == ""
        assert live() == []

    def test_after_which_number_reports_nothing(self):
        text("who is 07700 900123", sender=ANNA)
        text("You have won a prize, claim it now", sender=ANNA)
        assert not text("yes", sender=ANNA).reply.startswith("Reported")
        assert live() == []

    @pytest.mark.parametrize("word", ["no", "no thanks", "不是"])
    def test_no_reports_nothing(self, word):
        text("who is 07700 900123", sender=ANNA)
        text(word, sender=ANNA)
        assert live() == []


class TestThanks:
    @pytest.mark.parametrize(
        "words",
        [
            "Thanks so much for this, you lot are wonderful",
            "ok great thank you, my mum can sleep again now",
            "太感谢了，你们帮了大忙",
            "謝謝你們，辛苦了",
        ],
    )
    def test_nobody_is_asked_for_a_number_or_waits(self, words):
        assert text(words, sender=ANNA).reply == ""
        assert states() == [("answered", "", "")]

    @pytest.mark.parametrize(
        "words",
        [
            "Thanks for nothing, they rang again",
            "谢谢，但是他们还在骚扰我",
            "thanks, how do I stop it",
        ],
    )
    def test_that_complain_are_heard(self, words):
        assert text(words, sender=ANNA).reply != ""


class TestWithoutANumber:
    @pytest.mark.parametrize(
        "words",
        [
            "they keep ringing my mum for money, the number is withheld",
            "it always says no caller id and he swears at me, I got a call today too",
        ],
    )
    def test_who_says_so_is_not_asked_for_it(self, words):
        assert text(words, sender=ANNA).reply == KEPT
        assert states() == [("kept", "", "no_number")]

    @pytest.mark.parametrize(
        "words",
        ["I told you I don't know", "don't know, withheld", "I really don't know the number"],
    )
    def test_who_says_it_in_more_words_is_understood(self, words):
        text("You have won a prize, claim it now", sender=ANNA)
        assert text(words, sender=ANNA).reply == KEPT

    def test_in_chinese(self):
        text("恭喜您中奖，请尽快领取奖品", sender=LI)
        assert "审核员" in text("不知道，没看清", sender=LI).reply


class TestCorrections:
    @pytest.mark.parametrize(
        "words",
        [
            "typo in my report, not 07700 900123, it is 07700 900124",
            "typo, sorry: it is 07700 900124, not 07700 900123 as I reported",
        ],
    )
    def test_what_was_reported_is_taken_back_and_the_other_is_asked_about(self, words):
        text("07700 900123 is a scammer", sender=ANNA)
        reply = text(words, sender=ANNA).reply
        assert reply.startswith("+44 7700 900124: do you report it?")
        assert "Taken back: +44 7700 900123." in reply
        assert live() == []

    def test_of_one_number_asks_for_no_other(self):
        text("07700 900123 is a scammer", sender=ANNA)
        reply = text("I take back my report on 07700 900123", sender=ANNA).reply
        assert reply == "Taken back: +44 7700 900123. Was it not you? Report it again."


class TestAnotherNumber:
    def test_that_may_be_accused_beside_an_honest_one_is_asked_for(self):
        words = "it is not 07700 900124 I mind, that's my aunt. It is 07700 900123, the loan lot."
        assert text(words, sender=ANNA).reply == (
            "Noted as honest: +44 7700 900124. Send other numbers in a message each. "
            "Wrong? Answer UNDO."
        )

    def test_an_honest_one_alone_asks_for_none(self):
        words = "07700 900124 is not a scam, that's my aunt"
        reply = text(words, sender=ANNA).reply
        assert reply == "Noted as honest: +44 7700 900124. Wrong? Answer UNDO."
