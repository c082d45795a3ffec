"""Several moderators at one case: stale pages, claims, and decisions at the same moment."""

from functools import partial

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reputation.models import AuditEntry, Report
from reputation.moderation.roles import MODERATOR, SENIOR
from tests.given.concurrency import together
from tests.given.decisions import page, subjects
from tests.given.reporters import DAY, crowd, row
from tests.given.rows import a_queue_item
from tests.given.staff import as_role, signed_in, staff, text

pytestmark = pytest.mark.django_db


def test_a_decision_from_a_stale_page_is_refused_with_what_was_decided_since():
    pk = subjects()["number"]
    one, other = as_role(MODERATOR), as_role(SENIOR)
    confirm = page("number", pk, "confirm_number")
    stale = {"preset": "1", "seen": str(one.get(confirm).context["seen_until"])}
    other.post(page("number", pk, "clear_number"), {"preset": "1"})
    refused = one.post(confirm, stale)
    assert "Decided since you opened this page, by senior at" in text(refused)
    assert "Clear as legitimate" in text(refused)
    assert (row().moderated, AuditEntry.objects.count()) == (-1, 1)
    again = {"preset": "1", "seen": str(refused.context["seen_until"])}
    for _turn in range(2):
        assert one.post(confirm, again).status_code == 302
    assert (row().moderated, AuditEntry.objects.count()) == (1, 2)


def test_what_another_has_claimed_is_not_decided_from_another_page():
    pk = subjects()["number"]
    item = a_queue_item(number=row())
    holder, other = as_role(MODERATOR), as_role(SENIOR)
    holder.post(f"/admin/reputation/queueitem/{item.pk}/claim/")
    report = Report.objects.latest("pk")
    for kind, subject, verb in (
        ("number", pk, "confirm_number"),
        ("report", report.pk, "reject_report"),
    ):
        refused = other.post(page(kind, subject, verb), {"preset": "1"})
        assert "moderator is at this until" in text(refused)
    assert not AuditEntry.objects.exists()
    assert holder.post(page("number", pk, "confirm_number"), {"preset": "1"}).status_code == 302
    assert row().moderated == 1


def test_a_decision_about_what_another_has_claimed_is_not_taken_back():
    pk = subjects()["number"]
    one, other = as_role(MODERATOR), as_role(SENIOR)
    other.post(page("number", pk, "confirm_number"), {"preset": "1"})
    undo = f"/admin/reputation/queueitem/undo/{AuditEntry.objects.get().pk}/"
    item = a_queue_item(number=row())
    one.post(f"/admin/reputation/queueitem/{item.pk}/claim/")
    refused = text(other.post(undo, {"reason": "The bank called back."}))
    assert "oderator is at this until" in refused
    assert "The bank called back." in refused
    assert row().moderated == 1
    one.post(f"/admin/reputation/queueitem/{item.pk}/release/")
    assert other.post(undo, {"reason": "The bank called back."}).status_code == 302
    assert row().moderated == 0


def test_who_claimed_a_number_is_told_to_others():
    pk = subjects()["number"]
    other = staff(SENIOR, "other")
    a_queue_item(number=row(), claimed_by=other, claimed_until=timezone.now() + DAY)
    assert "other is at this number until" in text(as_role(MODERATOR).get(page("number", pk)))


def test_a_decision_outside_the_queue_puts_its_item_to_rest():
    pk = subjects()["number"]
    item = a_queue_item(number=row())
    as_role(MODERATOR).post(page("number", pk, "confirm_number"), {"preset": "1"})
    item.refresh_from_db()
    assert item.rests_until is not None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verbs", [("confirm_number",) * 3, ("confirm_number", "clear_number")])
def test_at_the_same_moment_one_decision_is_taken(verbs: tuple[str, ...]):
    """Double clicks by one, or opposite decisions by two."""
    crowd(3)
    pk = row().pk
    boss = User.objects.create_superuser("boss")
    accounts = [boss if verb == verbs[0] else User.objects.create_superuser(verb) for verb in verbs]

    def post(user: User, verb: str) -> int:
        client = signed_in(user)
        return client.post(page("number", pk, verb), {"preset": "1", "seen": "0"}).status_code

    answers = together(
        *(partial(post, user, verb) for user, verb in zip(accounts, verbs, strict=True))
    )
    assert AuditEntry.objects.count() == 1
    assert sorted(answers) == ([302] * 3 if len(verbs) == 3 else [200, 302])


def test_after_a_decision_that_stands_for_good_z_offers_no_older_one():
    pks = subjects()
    client = as_role(MODERATOR)
    client.post(page("number", pks["number"], "mark_spoofed"), {"preset": "1"})
    address = page("dispute", pks["dispute"], "reject_dispute")
    seen = str(client.get(address).context["seen_until"])
    client.post(address, {"preset": "1", "seen": seen})
    shown = client.get("/admin/reputation/queueitem/")
    assert "Reject: the listing stands" in text(shown)
    assert "It cannot be taken back." in text(shown)
    assert 'data-key="z"' not in shown.content.decode()
