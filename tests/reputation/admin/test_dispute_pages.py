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
    shown = text(client.get(page("dispute", appeal.pk)))
    assert told in shown
    assert "Uphold: the holder is right" not in shown
    assert "Reject: the listing stands" not in shown
    assert told in text(client.post(page("dispute", appeal.pk, "reject_dispute"), {"preset": "1"}))
    assert Dispute.objects.get(pk=appeal.pk).status == "open"
    another = text(as_role(MODERATOR).get(page("dispute", appeal.pk)))
    assert "Uphold: the holder is right" in another


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


def appealed(pk: int) -> Dispute:
    """An appeal against the dispute, which a judge rejected."""
    judge = staff(MODERATOR, "judge")
    Dispute.objects.filter(pk=pk).update(
        status="rejected", decided_at=NOW, decided_by=judge, reason="It does not answer."
    )
    first = Dispute.objects.get(pk=pk)
    return a_dispute(appeal_of=first, barred=judge, statement="It is a bakery, look again.")


def test_an_appeal_shows_what_was_said_and_decided_before():
    appeal = appealed(subjects()["dispute"])
    shown = text(as_role(MODERATOR).get(page("dispute", appeal.pk)))
    assert "It is a bakery, look again." in shown
    assert "The objection before I am a bakery, call ▇▇▇" in shown
    assert "The reports are wrong. · Decided: It does not answer." in shown


def test_a_rejected_dispute_leads_to_its_appeal():
    pk = subjects()["dispute"]
    client = as_role(MODERATOR)
    assert "The holder appealed" not in text(client.get(page("dispute", pk)))
    appeal = appealed(pk)
    shown = client.get(page("dispute", pk)).content.decode()
    assert f'<a href="{page("dispute", appeal.pk)}">The holder appealed</a>' in shown


@pytest.mark.parametrize("where", ["dispute", "number", "list"])
def test_a_decided_dispute_is_due_no_more(where):
    pks = subjects()
    address = "/admin/reputation/dispute/" if where == "list" else page(where, pks[where])
    due = "2026-12-08 12:00" if where == "list" else "deadline 2026-12-08"
    client = as_role(MODERATOR)
    assert due in text(client.get(address))
    appealed(pks["dispute"]).delete()
    assert due not in text(client.get(address))


def test_the_answer_to_a_decision_names_the_number():
    client = as_role(MODERATOR)
    where = page("dispute", subjects()["dispute"], "reject_dispute")
    told = text(client.post(where, {"preset": "1"}, follow=True))
    assert f"Reject: the listing stands: {row()}." in told


def test_a_number_says_how_many_of_its_disputes_are_not_shown():
    subjects()
    asked = {"grounds": "mistaken", "statement": "s", "via": "sms", "language": "en"}
    Dispute.objects.bulk_create(
        Dispute(number=row(), status="expired", opened_at=NOW, **asked) for _ in range(51)
    )
    shown = as_role(MODERATOR).get(page("number", row().pk)).content.decode()
    where = f"/admin/reputation/dispute/?q=%2B{row().key[1:]}"
    assert f'<a href="{where}">… and 2 older disputes</a>' in shown


def test_a_moderator_learns_in_which_language_the_holder_reads_the_reason():
    pk = subjects()["dispute"]
    Dispute.objects.filter(pk=pk).update(language="zh-hant")
    client = as_role(MODERATOR)
    for where in (page("dispute", pk), page("dispute", pk, "reject_dispute")):
        assert "the holder reads 繁體中文" in text(client.get(where))


def test_the_reason_of_a_dispute_is_said_to_be_read_by_the_holder():
    where = page("dispute", subjects()["dispute"], "reject_dispute")
    shown = text(as_role(MODERATOR).get(where))
    assert "The holder reads the reason and may appeal once." in shown
    assert "The holder may ask for it." not in shown
