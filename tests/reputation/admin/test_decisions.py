"""Decisions by their pages: offered to who may, taken with a reason, taken back, else refused."""

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from reputation.admin.decisions import DECISIONS
from reputation.decisions import RULES
from reputation.models import AuditEntry, Number
from reputation.moderation import confirm_number
from reputation.moderation.roles import AUDITOR, MODERATOR, ROLES, SENIOR
from reputation.scoring.policy import Action
from tests.given.decisions import EVERY, READY, given, page, subjects
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER
from tests.given.staff import as_role, staff, text

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "verb"), EVERY)
def test_each_decision_is_taken_from_its_page(kind: str, verb: str):
    pk = subjects()[kind]
    READY.get(verb, lambda: None)()
    client = as_role(SENIOR)
    address = page(kind, pk, verb)
    asked = client.get(address)
    assert asked.status_code == 200
    decision = DECISIONS[kind][verb]
    assert str(decision.consequence) in text(asked)
    assert not AuditEntry.objects.exists()
    more = given(kind, verb)
    if "until" in more:
        more["until"] = f"{timezone.now() + 30 * DAY:%Y-%m-%d}"
    refused = client.post(address, more | {"reason": "  "})
    assert "Give the reason: it goes on record with your name." in text(refused)
    assert not AuditEntry.objects.exists()
    taken = client.post(address, more | {"preset": "1"})
    if decision.rule.shows:
        shown = {"report": "Anna at 13800138000", "dispute": "florist@example.org"}[kind]
        assert shown in text(taken)
        assert "no-store" in taken["Cache-Control"]
    else:
        assert (taken.status_code, taken["Location"]) == (302, page(kind, pk))
    entry = AuditEntry.objects.order_by("id").first()
    assert entry is not None
    assert (entry.actor.username, entry.reason) == ("senior", f"#{decision.reasons[0]}")
    assert entry.verb == ("block_reporter" if verb == "block_cluster" else verb)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_decide_is_refused_by_address_and_sees_no_button(role: str):
    pks = subjects()
    client = as_role(role)
    as_they_are = {kind: client.get(page(kind, pk)) for kind, pk in pks.items()}
    for kind, verb in EVERY:
        with transaction.atomic():
            shown = as_they_are[kind]
            if verb in READY:
                READY[verb]()
                shown = client.get(page(kind, pks[kind]))
            may = RULES[kind][verb].permission in ROLES[role]
            address = page(kind, pks[kind], verb)
            offered = address in shown.content.decode()
            asked = client.get(address).status_code
            taken = client.post(address, given(kind, verb) | {"preset": "1"}).status_code
            transaction.set_rollback(True)
        assert offered is may, verb
        assert (asked == 403, taken == 403) == (not may, not may), verb


def test_who_is_signed_out_or_no_staff_gets_nowhere():
    pk = subjects()["number"]
    for client in (Client(), as_role("")):
        assert client.get(page("number", pk, "confirm_number")).status_code in (302, 403)
        response = client.post(page("number", pk, "confirm_number"), {"preset": "1"})
        assert response.status_code in (302, 403)
    assert not AuditEntry.objects.exists()


def test_a_reason_at_hand_and_words_of_one_s_own_go_together():
    pk = subjects()["number"]
    as_role(MODERATOR).post(
        page("number", pk, "clear_number"), {"preset": "2", "reason": "see the ticket"}
    )
    entry = AuditEntry.objects.get()
    assert entry.reason == "#accounts_move_as_one see the ticket"


def test_a_pin_says_until_when():
    pk = subjects()["number"]
    client = as_role(SENIOR)
    address = page("number", pk, "pin_number")
    wrong = client.post(address, {"action": "block", "until": "2001-01-01", "preset": "1"})
    assert "A pin ends within a year from now." in text(wrong)
    until = f"{timezone.now() + 30 * DAY:%Y-%m-%d}"
    client.post(address, {"action": "block", "until": until, "preset": "1"})
    number = Number.objects.get(pk=pk)
    assert (number.pinned, f"{number.pinned_until:%Y-%m-%d %H:%M}") == ("block", f"{until} 23:59")
    assert number.action == Action.BLOCK


def test_what_is_so_already_is_not_decided_again():
    pk = subjects()["number"]
    client = as_role(MODERATOR)
    response = client.get(page("number", pk, "unmark_spoofed"), follow=True)
    assert "This is already the case, or no longer waits" in text(response)


@pytest.mark.parametrize("path", ["number/0/decide/confirm_number/", "number/{pk}/decide/love/"])
def test_no_such_page(path: str):
    pk = subjects()["number"]
    assert as_role(SENIOR).get(f"/admin/reputation/{path.format(pk=pk)}").status_code == 404


@pytest.mark.slow
def test_the_last_decision_is_taken_back_by_who_may():
    pk = subjects()["number"]
    client = as_role(MODERATOR)
    client.post(page("number", pk, "confirm_number"), {"preset": "1"})
    entry = AuditEntry.objects.get()
    undo = f"/admin/reputation/queueitem/undo/{entry.pk}/"
    assert undo in client.get(page("number", pk)).content.decode()
    auditor = as_role(AUDITOR)
    assert undo not in auditor.get(page("number", pk)).content.decode()
    assert auditor.post(undo, {"preset": "1"}).status_code == 403
    assert "A slip of the hand." in text(client.get(undo))
    assert "Give the reason" in text(client.post(undo, {"reason": " "}))
    back = client.post(undo, {"preset": "1", "back": page("number", pk)})
    assert (back.status_code, back["Location"]) == (302, page("number", pk))
    assert Number.objects.get(pk=pk).moderated == 0
    assert "This decision was taken back before." in text(client.post(undo, {"preset": "1"}))
    assert client.get("/admin/reputation/queueitem/undo/0/").status_code == 404


def test_no_page_sends_anybody_elsewhere():
    pk = subjects()["number"]
    response = as_role(MODERATOR).post(
        page("number", pk, "clear_number"), {"preset": "1", "back": "https://evil.example/"}
    )
    assert response["Location"] == page("number", pk)


def test_another_number_of_the_same_evidence_is_not_touched():
    pks = subjects()
    confirm_number(actor=staff(SENIOR, "x"), identity=BAKERY, reason="r", now=NOW)
    before = Number.objects.filter(key=BAKERY.key).values().get()
    as_role(MODERATOR).post(page("number", pks["number"], "clear_number"), {"preset": "1"})
    assert Number.objects.filter(key=BAKERY.key).values().get() == before
    assert SCAMMER.key == Number.objects.get(pk=pks["number"]).key
