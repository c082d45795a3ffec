"""The word that clients show beside a warning, against reporters who want another word."""

import pytest

from api.keys import create_key
from reputation.moderation import confirm_number, mark_official
from tests.given.api_requests import Holder, ask, holder
from tests.given.reporters import NOW, SCAMMER, moderator, newcomer, row, say, veteran

pytestmark = pytest.mark.django_db

LOOKUP = f"/v1/numbers/{SCAMMER.key}"


def report(name: str, category: str) -> None:
    key, token = create_key(name=name, scopes=["report"], reporter=veteran(name), now=NOW)
    body = {"number": SCAMMER.key, "category": category}
    address = f"10.{len(name)}.0.1"
    answer = ask("POST", "/v1/reports", by=Holder(key, token), body=body, address=address)
    assert answer.status == 201


def test_one_who_calls_a_scammer_legitimate_does_not_name_the_warning():
    """Those who were called disagree about the kind of scam; a voice for the scammer is heavier
    than each of them, and lighter than all."""
    for name, category in (("a", "phishing"), ("bb", "loan_scam"), ("ccc", "impersonation")):
        report(name, category)
    report("dddd", "legitimate")
    told = ask("GET", LOOKUP, by=holder("lookup")).json
    assert (told["action"], told["category"]) == ("flag", "phishing")
    assert told["advice"].startswith("Hang up.")
    name = ask("GET", f"/compat/cidlookup/{SCAMMER.key}", by=holder("compat"))
    assert name.body == b"Spam? phishing"


def test_a_confirmed_number_that_somebody_called_legitimate_has_no_such_name():
    say(newcomer("friend"), "legitimate")
    assert row().category == "legitimate"
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    assert (row().action, row().category) == ("block", "")


def test_who_shows_an_official_number_as_theirs_is_not_called_legitimate():
    say(newcomer("customer"), "legitimate")
    mark_official(actor=moderator(), identity=SCAMMER, name="A Bank", reason="its site", now=NOW)
    asked = f"/compat/cidlookup/{SCAMMER.key}"
    assert ask("GET", asked, by=holder("compat")).body == b"A Bank"
    assert ask("GET", f"{asked}?attestation=failed", by=holder("compat")).body == b"Spam?"
