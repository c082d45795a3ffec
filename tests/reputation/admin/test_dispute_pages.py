"""Disputes in the panel: who decides an appeal, what is told of the holder, how one is opened."""

import pytest
from django.test import Client

from reputation.disputes.histories import contact_of
from reputation.identity import identify
from reputation.models import Dispute
from reputation.moderation.roles import MODERATOR
from tests.given.decisions import given, page, subjects
from tests.given.disputes import a_dispute
from tests.given.reporters import NOW, newcomer, row, say
from tests.given.staff import as_role, staff, text

pytestmark = pytest.mark.django_db


def test_an_appeal_is_not_decided_by_who_decided_before():
    pks = subjects()
    judge = staff(MODERATOR, "judge")
    first = Dispute.objects.get(pk=pks["dispute"])
    Dispute.objects.filter(pk=first.pk).update(
        status="rejected", decided_at=NOW, decided_by=judge, reason="r"
    )
    appeal = a_dispute(appeal_of=first, barred=judge)
    client = Client()
    client.force_login(judge)
    told = "This appeals against your own decision: another moderator has to decide it."
    assert told in text(client.get(page("dispute", appeal.pk)))
    assert told in text(client.post(page("dispute", appeal.pk, "reject_dispute"), {"preset": "1"}))
    assert Dispute.objects.get(pk=appeal.pk).status == "open"


def test_who_lost_before_is_told_to_who_decides():
    pks = subjects()
    judge = staff(MODERATOR, "judge")
    for n in range(3):
        number = say(newcomer(f"n{n}"), number=identify(f"+861381234000{n}")).number
        a_dispute(number=number, status="rejected", decided_at=NOW, decided_by=judge, reason="r")
    shown = text(as_role(MODERATOR).get(page("dispute", pks["dispute"])))
    assert (
        "Lost before, within a year: 0 disputes of this number · 3 from this network "
        "(3 other numbers disputed from there) · 0 with this contact "
        "(0 other numbers disputed with it) · Whoever lost before gets no hold." in shown
    )


def test_nothing_is_held_after_the_decision():
    held = "block is held at flag meanwhile"
    pk = subjects()["dispute"]
    Dispute.objects.filter(pk=pk).update(held=True)
    client = as_role(MODERATOR)
    assert held in text(client.get(page("dispute", pk)))
    client.post(page("dispute", pk, "reject_dispute"), {"preset": "1"})
    assert held not in text(client.get(page("dispute", pk)))


def test_a_dispute_that_cannot_be_opened_says_why():
    pk = subjects()["number"]
    client = as_role(MODERATOR)
    more = given("number", "open_dispute") | {"preset": "1"}
    answer = text(client.post(page("number", pk, "open_dispute"), more))
    assert "This number is disputed already, and a moderator is going to decide." in answer
    Dispute.objects.all().delete()
    client.post(page("number", pk, "open_dispute"), more)
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.via, dispute.statement) == (
        "open",
        "panel",
        "We are a florist.",
    )
    assert contact_of(dispute) == "florist@example.org"
    assert (row().status, row().disputed) == ("disputed", True)


def test_the_statement_of_a_dispute_is_masked():
    shown = text(as_role(MODERATOR).get(page("dispute", subjects()["dispute"])))
    assert "I am a bakery, call ▇▇▇" in shown
    assert "13800138000" not in shown
