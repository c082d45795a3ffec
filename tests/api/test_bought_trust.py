"""What a patient ring tries, through the HTTP API, the trust pass and the public answer."""

import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api.keys import create_key
from reputation.identity import Identity, identify
from reputation.models import Reporter
from reputation.moderation import clear_number, confirm_number, mark_reassigned
from reputation.reports import PublishedComplaint, import_complaints
from reputation.scoring import trust
from tests.given.filed import PLANE
from tests.given.reporters import moderator

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

START = timezone.now() - timedelta(days=100)
VICTIM = "+14155550100"
WARNED = [f"+861381234567{place}" for place in range(7)]
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
        assert answer.status_code in (200, 201), answer.content
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


def test_victims_who_report_every_call_stay_several_voices(crew: Crew):
    for day in (20, 21, 22):
        for who in range(7):
            crew.report(who, VICTIM, day + 0.1 * who)
    crew.wait_until(25)
    call_command("trust")
    assert not Reporter.objects.exclude(cluster=None).exists()
    assert Client().get(f"/v1/numbers/{VICTIM}").json()["action"] == "flag"


def test_who_is_called_day_after_day_has_said_so_since_the_first_day(crew: Crew):
    """Seven people whom moderators' decisions anchored report each call of a collector."""
    judge = moderator()
    for who, number in enumerate(WARNED):
        crew.report(who, number, 2 + who)
        at = crew.wait_until(11 + who)
        confirmed = identify(number, allow_fictional=True)
        confirm_number(actor=judge, identity=confirmed, reason="an authority's list", now=at)
    for day in range(30, 42):
        for who in range(7):
            crew.report(who, VICTIM, day + 0.1 * who)
    crew.wait_until(41.9)
    call_command("trust")
    answer = Client().get(f"/v1/numbers/{VICTIM}").json()
    assert answer["action"] == "block", answer["reasons"]


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


@pytest.mark.parametrize("published", [5, None])
def test_to_report_what_is_published_buys_no_block(
    crew: Crew, tmp_path: Path, published: float | None
):
    """They read a warning before the operator takes it over, with its day or without one."""
    for who, number in enumerate(WARNED):
        crew.report(who, number, 20 + who)
    day = "" if published is None else f"{START + timedelta(days=published):%Y-%m-%d}"
    crew.wait_until(30)
    take_over(tmp_path / "warning.csv", day)
    assert set(Reporter.objects.values_list("firsts", flat=True)) == {0.0}
    strike_and_block_nothing(crew)


@pytest.mark.parametrize("published", ["never", f"{START + timedelta(days=29):%Y-%m-%d}"])
def test_to_report_what_is_published_later_is_to_know_it(
    crew: Crew, tmp_path: Path, published: str
):
    for who, number in enumerate(WARNED):
        crew.report(who, number, 20 + who)
    crew.wait_until(30)
    take_over(tmp_path / "warning.csv", published)
    assert records() == [(3.0, 0.0, 3.0)] * 7
    call_command("trust")
    assert Reporter.objects.filter(firsts__gt=trust.ANCHORED_FIRSTS).count() == 7


def test_to_report_what_an_authority_published_buys_no_block(crew: Crew):
    """Moderators confirm the numbers, since the complaint is right; who read it knew nothing."""
    at = START + timedelta(days=10)
    complaints = [
        PublishedComplaint(identify(number), "robocall", "", None, at, bytes([place]) * 32)
        for place, number in enumerate(WARNED)
    ]
    for who, number in enumerate(WARNED[:4]):
        crew.report(who, number, 20 + who)
    import_complaints(complaints, source="ftc", now=crew.wait_until(25))
    for who, number in enumerate(WARNED[4:], 4):
        crew.report(who, number, 20 + who)
    judge, at = moderator(), crew.wait_until(30)
    for number in WARNED:
        confirm_number(actor=judge, identity=identify(number), reason="heard it", now=at)
    strike_and_block_nothing(crew)


def take_over(file: Path, published: str) -> None:
    judge = moderator("ann")
    judge.is_staff = True
    judge.save()
    rows = "".join(f"{number},unwanted,police warning,{published}\n" for number in WARNED)
    file.write_text("number,verdict,reason,published\n" + rows)
    call_command("seed_numbers", str(file), "--moderator", "ann", stdout=StringIO())


def test_a_new_holder_takes_no_debit_and_no_anchor_away(crew: Crew):
    """So a scammer who gives numbers up does not wipe out the records of the people he called."""
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
    """The records of the reporters who were right or wrong."""
    known = Reporter.objects.filter(tp__gt=0.0)
    return list(known.values_list("tp", "fp", "firsts"))
