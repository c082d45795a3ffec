"""What becomes of the wrong number's report when its sender corrects the number."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from tests.given.messages import ANNA, NOW, UK, live, post, text
from tests.given.messages import letter as letter_of

pytestmark = pytest.mark.django_db

RIGHT = "+447700900129"
TAKEN_BACK = "Taken back: +44 7700 900123. Was it not you? Report it again."


def numbers() -> list[str]:
    return [number for number, *_ in live()]


@pytest.mark.parametrize(
    "words",
    [
        "sorry, wrong number! it was 07700 900129 not 07700 900123 that threatened me",
        "Ignore my last. 07700 900123 should have been 07700 900129, the scammer",
        "typo, the scammer is 07700 900129",
    ],
)
def test_the_wrong_number_s_report_is_taken_back_and_the_right_one_reported(words):
    text("07700 900123 is a scammer", sender=ANNA)
    reply = text(words, sender=ANNA).reply
    assert numbers() == [RIGHT]
    assert "+44 7700 900129" in reply
    assert reply.endswith(TAKEN_BACK)


def test_so_it_is_where_the_right_number_is_asked_about():
    text("07700 900123 is a scammer", sender=ANNA)
    reply = text("sorry, it was 07700 900129 not 07700 900123", sender=ANNA).reply
    assert numbers() == []
    assert reply.endswith(TAKEN_BACK)
    text("1", sender=ANNA)
    assert numbers() == [RIGHT]


def test_a_mail_corrects_as_a_text_does():
    post(letter_of("07700 900123 is a scammer"))
    post(letter_of("My mistake, I meant 07700 900129, he is the scammer, not 07700 900123"))
    assert numbers() == [RIGHT]


@pytest.mark.parametrize(
    ("words", "later"),
    [
        ("typo, the scammer is 07700 900456", timedelta()),  # no slip of the finger
        ("typo, the scammer is 07700 900129", timedelta(days=1)),
        ("07700 900129 is a scammer too", timedelta()),
        ("sorry to write again, I reported 07700 900123, now 07700 900129 scams me", timedelta()),
    ],
)
def test_another_report_of_the_sender_stays(words, later):
    text("07700 900123 is a scammer", sender=ANNA)
    text(words, sender=ANNA, at=NOW + later)
    assert UK in numbers()


def test_nobody_corrects_for_another():
    text("07700 900123 is a scammer", sender=ANNA)
    text("typo, the scammer is 07700 900129 not 07700 900123", sender="+447700900402", region="GB")
    assert UK in numbers()


def test_a_correction_of_which_its_sender_would_not_hear_takes_nothing_back(settings: Settings):
    text("07700 900123 is a scammer", sender=ANNA)
    settings.CODES_PER_HOUR = 0
    text("typo, the scammer is 07700 900129 not 07700 900123", sender=ANNA)
    assert sorted(numbers()) == [UK, RIGHT]
