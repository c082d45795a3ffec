"""What a patient ring tries, through the HTTP API, the trust pass and the public answer."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api.keys import create_key
from reputation.identity import Identity, identify
from reputation.models import Reporter
from reputation.moderation import clear_number, confirm_number, mark_reassigned
from tests.given.filed import PLANE
from tests.given.reporters import moderator

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

START = timezone.now() - timedelta(days=100)
VICTIM = "+14155550100"
PRIVATE = [f"+1415555011{place}" for place in range(7)]


class Crew:
    """Seven accounts with a key and a network each, and a clock that they share."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.clients = [
            Client(
                headers={
                    "Authorization": "Bearer "
                    + create_key(name=f"r{place}", scopes=["report"], now=START)[1],
                    "X-Forwarded-For": f"10.{place}.0.1",
                }
            )
            for place in range(7)
        ]

    def wait_until(self, day: float) -> datetime:
        at = START + timedelta(days=day)
        self.monkeypatch.setattr("django.utils.timezone.now", lambda: at)
        return at

    def report(self, who: int, number: str, day: float) -> str:
        self.wait_until(day)
        body = json.dumps({"number": number, "category": "loan_scam"})
        answer = self.clients[who].post("/v1/reports", body, content_type="application/json")
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def withdraw(self, who: int, report: str, day: float) -> None:
        self.wait_until(day)
        answer = self.clients[who].delete(f"/v1/reports/{report}")
        assert answer.status_code == 204, answer.content


@pytest.fixture
def crew(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Crew:
    settings.TRUSTED_PROXY_COUNT = 1
    settings.FICTIONAL_NUMBERS = True
    return Crew(monkeypatch)


def strike_and_block_nothing(crew: Crew) -> None:
    """All seven report the victim, and the pass learns: no first is theirs, and no block."""
    for who in range(7):
        crew.report(who, VICTIM, 80 + 2.7 * who)
    crew.wait_until(98)
    call_command("trust")
    answer = Client().get(f"/v1/numbers/{VICTIM}").json()
    assert (answer["action"], answer["reporters"]) == ("flag", 7)
    assert set(Reporter.objects.values_list("firsts", flat=True)) == {0.0}


def test_a_ring_of_seven_buys_no_block(crew: Crew):
    for line, (number, block) in enumerate(zip(PRIVATE, PLANE, strict=True)):
        for place, who in enumerate(block):
            crew.report(who, number, 12 + 8 * line + 2.5 * place)
    strike_and_block_nothing(crew)


def test_to_withdraw_what_was_found_wrong_launders_nothing(crew: Crew):
    lies = [crew.report(0, number, 20 + place) for place, number in enumerate(PRIVATE)]
    late, early = lies[:4], lies[4:]
    for place, report in enumerate(early):
        crew.withdraw(0, report, 30 + place)
    judge, at = moderator(), crew.wait_until(40)
    for number in PRIVATE:
        cleared = identify(number, allow_fictional=True)
        clear_number(actor=judge, identity=cleared, reason="a clinic", now=at)
    for place, report in enumerate(late):
        crew.withdraw(0, report, 50 + place)
    crew.wait_until(60)
    call_command("trust")
    # Four were live when a moderator decided; what was taken back before that was free.
    assert Reporter.objects.get(fp__gt=0.0).fp == 3.0 * len(late)


def test_to_report_what_moderators_confirmed_buys_no_block(crew: Crew):
    """Seven accounts that read what moderators decided, and say so of numbers without a report."""
    judge, at = moderator(), crew.wait_until(5)
    for number in PRIVATE:
        confirmed = identify(number, allow_fictional=True)
        confirm_number(actor=judge, identity=confirmed, reason="a police list", now=at)
    for who, number in enumerate(PRIVATE):
        crew.report(who, number, 20 + who)
    strike_and_block_nothing(crew)


def test_a_new_holder_takes_no_debit_and_no_anchor_away(crew: Crew):
    """Neither does a scammer who gives his numbers up make those forgotten who were called."""
    scam, clinic, own = PRIVATE[:3]
    for number in (scam, clinic, own):
        crew.report(0, number, 10)
    judge, at = moderator(), crew.wait_until(20)
    for decide, number, reason in (
        (confirm_number, scam, "heard it"),
        (clear_number, clinic, "a clinic"),
    ):
        decide(actor=judge, identity=told(number), reason=reason, now=at)
    call_command("trust")
    learnt = records()
    at = crew.wait_until(30)
    for number in (scam, clinic):
        mark_reassigned(actor=judge, identity=told(number), reason="its carrier says so", now=at)
    crew.report(1, scam, 35)
    crew.wait_until(40)
    call_command("trust")
    assert records() == learnt == [(3.0, 3.0, 3.0)]


def told(number: str) -> Identity:
    return identify(number, allow_fictional=True)


def records() -> list[tuple[float, float, float]]:
    """What those have who were right or wrong."""
    known = Reporter.objects.filter(tp__gt=0.0)
    return list(known.values_list("tp", "fp", "firsts"))
