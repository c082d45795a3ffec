"""Where messages that cost money go, and how many of them."""

import logging
from datetime import timedelta

import pytest
from pytest_django import Settings

from reputation.disputes import CannotReceiveCodes, CodeNotSent, costs
from reputation.disputes.costs import ESTABLISHED_REPORTERS
from reputation.identity import identify, line_type
from reputation.models import Dispute, PaidMessage
from tests.given.disputes import ask
from tests.given.phone import Phone
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, newcomer, reported, say, veteran

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
CUBA, SOMALIA = "+5352345678", "+252612345678"
# Inmarsat, Globalstar, Iridium, networks of no country, universal freephone and premium.
NOWHERE = [
    *("+870773123456", "+881612345678", "+8821612345678", "+88350123456", "+8835100123456"),
    *("+80012345678", "+979123456789"),
]


@pytest.fixture(autouse=True)
def fresh() -> None:
    costs._home_countries.cache_clear()


def goes_to(key: str) -> bool:
    return costs.may_send_to(key, line_type=line_type(key), now=NOW)


@pytest.mark.parametrize("allowed", [("*",), ("US", "CU")])
@pytest.mark.parametrize("key", [*NOWHERE, "+19005550123", "CN:95533", "CN@BANKNAME"])
def test_to_these_never(settings: Settings, allowed, key):
    settings.CODE_COUNTRIES = allowed
    assert not goes_to(key)


@pytest.mark.parametrize("number", [identify(key) for key in (*NOWHERE, CUBA, SOMALIA)])
def test_no_code_goes_where_nobody_uses_the_service(phone: Phone, settings: Settings, number):
    settings.CODE_COUNTRIES = ("CN", "DE")
    reported(number)
    for via in ("sms", "voice"):
        with pytest.raises(CannotReceiveCodes):
            ask(number, via=via)
    assert (phone.got, Dispute.objects.count()) == ([], 0)


def test_the_countries_that_the_settings_name(settings: Settings):
    settings.CODE_COUNTRIES = ("CN", "US")
    assert goes_to(SCAMMER.key)
    assert goes_to("+14155552671")
    assert not goes_to("+18765551234")  # Jamaica has +1, too
    assert not goes_to(BAKERY.key)


def test_else_the_countries_where_established_reporters_are(settings: Settings):
    settings.CODE_COUNTRIES = ()
    # They are called from abroad as well: calls that ring once come from the dearest countries.
    for n in range(ESTABLISHED_REPORTERS + 1):
        reporter = veteran(f"v{n}")
        say(reporter, number=identify(CUBA))
        for k in range(2):
            say(reporter, number=identify(f"+861381234{n:02}{k:02}"))
    for n in range(ESTABLISHED_REPORTERS):
        say(veteran(f"german {n}"), number=BAKERY)
    for n in range(2 * ESTABLISHED_REPORTERS):  # free accounts, which anybody may make
        say(newcomer(f"n{n}"), number=identify(SOMALIA))
    assert goes_to(SCAMMER.key)
    assert not goes_to(BAKERY.key)
    assert not goes_to(CUBA)
    assert not goes_to(SOMALIA)
    # Read again the next day.
    say(veteran("one more"), number=BAKERY)
    later = NOW + DAY
    assert costs.may_send_to(BAKERY.key, line_type=line_type(BAKERY.key), now=later)


def test_our_own_numbers_show_where_the_service_is(settings: Settings):
    settings.CODE_COUNTRIES = ()
    settings.INTAKE_OWN_NUMBERS = ["+447700900123"]
    assert goes_to("+447700900456")
    assert not goes_to(SCAMMER.key)


@pytest.mark.parametrize(
    ("budget", "back_after"),
    [
        ("CODES_PER_HOUR", HOUR),
        ("CODES_PER_COUNTRY_HOUR", HOUR),
        ("CODES_PER_DAY", DAY),
        ("CODES_PER_COUNTRY_DAY", DAY),
    ],
)
def test_a_budget_bounds_what_goes_out(
    phone: Phone, settings: Settings, caplog, budget, back_after
):
    setattr(settings, budget, 2)
    numbers = [identify(f"+86138123{n}0001") for n in range(3)]
    for n, number in enumerate(numbers):
        reported(number)
        if n < 2:
            ask(number, network=f"net{n}")
    with pytest.raises(CodeNotSent) as error:
        ask(numbers[2], network="net2")
    assert len(phone.got) == 2
    # What the holder wrote is kept, and nothing counts against the number.
    assert error.value.dispute.codes_sent == 0
    alarms = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    name = f"{budget} (CN)" if "COUNTRY" in budget else budget
    assert alarms == [f"{name} is used up: 2 messages. No code or answer goes out."]
    # Elsewhere codes go out, where the budget is a country's.
    reported(BAKERY)
    if "COUNTRY" in budget:
        assert ask(BAKERY, network="net3").codes_sent == 1
    assert ask(numbers[2], network="net2", at=NOW + back_after).codes_sent == 1


@pytest.mark.parametrize(
    "budget",
    ["CODES_PER_HOUR", "CODES_PER_COUNTRY_HOUR", "CODES_PER_DAY", "CODES_PER_COUNTRY_DAY"],
)
def test_texts_in_many_names_do_not_use_up_what_holders_need(
    phone: Phone, settings: Settings, caplog, budget
):
    setattr(settings, budget, 8)
    for n in range(6):
        costs.spend(f"+8613812{n}00001", PaidMessage.Purpose.ANSWER, now=NOW)
    with pytest.raises(costs.BudgetSpent):
        costs.spend("+8613812900001", PaidMessage.Purpose.ANSWER, now=NOW)
    name = f"{budget} (CN)" if "COUNTRY" in budget else budget
    assert caplog.messages == [f"The rest of {name} is for codes: 6 messages. No answer goes out."]
    reported()
    assert ask().codes_sent == 1
    assert len(phone.got) == 1


def test_what_was_not_sent_is_not_spent(phone: Phone):
    reported()
    phone.broken = True
    with pytest.raises(CodeNotSent):
        ask()
    assert not PaidMessage.objects.exists()


def test_what_a_late_gateway_may_have_sent_is_bounded_too(phone: Phone, settings: Settings):
    """A gateway that takes all and answers late was asked without end, for each repetition."""
    settings.CODES_PER_HOUR = 2
    reported()
    phone.too_slow = True
    for _ in range(3):
        with pytest.raises(CodeNotSent):
            ask()
    assert len(phone.got) == 2


def test_what_is_told_of_and_forgotten(phone: Phone):
    reported()
    ask()
    assert costs.paid(now=NOW) == {"CN": (1, 1)}
    assert costs.paid(now=NOW + HOUR) == {"CN": (0, 1)}
    assert costs.paid(now=NOW + DAY) == {}
    costs.forget_paid(now=NOW + DAY)
    assert PaidMessage.objects.exists()
    costs.forget_paid(now=NOW + 2 * DAY)
    assert not PaidMessage.objects.exists()
