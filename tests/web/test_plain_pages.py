"""What a person reads: numbers in groups, sentences that agree with the verdict, plain marks."""

import re
from datetime import datetime

import pytest
from django.utils import timezone

from reputation import moderation
from reputation.identity import identify
from reputation.models import Report
from tests.given.reporters import moderator
from tests.given.visitors import Visitor, text_of

pytestmark = pytest.mark.django_db

CALLER = identify("+8613812345678")
RAW = re.compile(r"\+\d{9,}")


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def value_of(field: str, html: str) -> str:
    found = re.search(rf'name="{field}" value="([^"]*)"', html)
    assert found, field
    return found[1]


def chosen(field: str, html: str) -> str:
    found = re.search(rf'<select name="{field}".*?value="([^"]*)" selected', html, re.DOTALL)
    assert found, field
    return found[1]


@pytest.mark.parametrize(
    ("link", "number", "country"),
    [
        ("%2B8613812345678", "+86 138 1234 5678", ""),
        ("CN:95588", "95588", "CN"),
        ("GB@MYBANK", "MYBANK", "GB"),
        ("138 1234", "138 1234", "GB"),
    ],
)
def test_a_number_of_a_link_is_in_the_form_as_people_write_it(
    anna: Visitor, link: str, number: str, country: str
):
    html = anna.get(f"/report?number={link}").content.decode()
    assert value_of("number", html) == number
    if country:
        assert chosen("country", html) == country


@pytest.mark.parametrize("key", ["+8613812345678", "CN:95588", "GB@MYBANK"])
def test_the_form_reads_it_as_the_number_of_the_link(anna: Visitor, key: str):
    html = anna.get("/report", {"number": key}).content.decode()
    sent = {name: value_of(name, html) for name in ("number", "read_as")}
    if not key.startswith("+"):
        sent["country"] = chosen("country", html)
    checked = re.search(r'name="channel" value="(\w+)"[^>]* checked', html)
    assert checked
    anna.send("/report", {**sent, "channel": checked[1], "category": "phishing"})
    assert [each.number.key for each in Report.objects.all()] == [key]


@pytest.mark.parametrize(
    ("back", "typed"), [("+8613987650001", "+86 139 8765 0001"), ("CN:95588", "95588")]
)
def test_a_number_to_call_back_is_shown_as_people_write_it(anna: Visitor, back: str, typed: str):
    stated = {
        "number": CALLER.key,
        "category": "threat",
        "callback_number": back,
        "channel": "call",
    }
    where = anna.where("/report", stated).partition("?")[0]
    assert RAW.findall(anna.see(where)) == []
    html = anna.get(f"{where}/edit").content.decode()
    assert value_of("callback_number", html) == typed
    anna.send(f"{where}/edit", stated | {"callback_number": typed})
    assert Report.objects.get().callback_number == back


def test_an_official_number_to_dial_is_in_groups(visitor: Visitor, now: datetime):
    bank = identify("+61255501301", allow_fictional=True)
    moderation.mark_official(
        actor=moderator(), identity=bank, name="Example Bank", reason="Its site.", now=now
    )
    page = visitor.get(f"/numbers/{bank.key}")
    assert "Dial +61 2 5550 1301 myself" in text_of(page)
    assert 'href="tel:+61255501301"' in page.content.decode()
