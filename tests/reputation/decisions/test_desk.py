"""Items that are somebody's, questions to the seniors, notes, and the mails about what waits."""

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from reputation.decisions import (
    LASTS,
    RULES,
    ManyDecisions,
    OneDecision,
    approve,
    decline,
    desk,
    note_seen,
    propose,
    review,
    take,
    withdraw,
)
from reputation.models import AuditEntry, Note, QueueItem
from reputation.moderation import DecisionError, ParticularWrong, handing, meanwhile, notes, queue
from reputation.moderation.roles import AUDITOR, MODERATOR, SENIOR
from tests.given.disputes import a_dispute
from tests.given.mail_servers import lapsed_server
from tests.given.reporters import BAKERY, DAY, NOW, newcomer, row, say
from tests.given.rows import a_queue_item
from tests.given.staff import signed_in, staff

pytestmark = pytest.mark.django_db
LATER = NOW + DAY


def waiting() -> QueueItem:
    for n in range(3):
        say(newcomer(f"n{n}"))
    queue.refresh(now=NOW)
    return QueueItem.objects.get()


def clear(actor: User) -> None:
    rule, number = RULES["number"]["clear_number"], row()
    seen = meanwhile.newest(number)
    take(rule=rule, subject=number, given={}, actor=actor, reason="r", seen=seen, now=NOW)


def test_what_is_assigned_is_for_one_while_they_are_here():
    item = waiting()
    anna, bert, senior = staff(MODERATOR, "anna"), staff(MODERATOR, "bert"), staff(SENIOR)
    handing.assign(actor=anna, item_id=item.pk, to=bert, now=NOW)
    assert queue.claim_next(actor=anna, now=NOW) is None
    for refused in (
        lambda: queue.claim(actor=anna, item_id=item.pk, now=NOW),
        lambda: handing.assign(actor=anna, item_id=item.pk, to=anna, now=NOW),
        lambda: clear(anna),
    ):
        with pytest.raises(queue.TakenByAnother, match="assigned to bert"):
            refused()
    senior.is_active = False
    for nobody in (senior, staff(AUDITOR)):
        with pytest.raises(handing.CannotTake, match="does not work the queue"):
            handing.assign(actor=bert, item_id=item.pk, to=nobody, now=NOW)
    desk.arrange(user=bert, away_until=LATER, digest_hours=0, language="en", now=NOW)
    assert queue.claim(actor=anna, item_id=item.pk, now=NOW) == item
    queue.release(actor=anna, item=item)
    with pytest.raises(handing.CannotTake, match="away"):
        handing.assign(actor=anna, item_id=item.pk, to=bert, now=NOW)
    assert queue.claim_next(actor=bert, now=LATER) == item
    clear(bert)
    item.refresh_from_db()
    assert (item.assigned_to, item.claimed_by) == (None, None)


def test_what_is_escalated_is_for_seniors_until_one_gives_it_back():
    item = waiting()
    anna, senior = staff(MODERATOR, "anna"), staff(SENIOR)
    with pytest.raises(DecisionError):
        handing.escalate(actor=anna, item_id=item.pk, question=" ", now=NOW)
    asked = handing.escalate(actor=anna, item_id=item.pk, question="13800138000?", now=NOW)
    assert "13800138000" not in asked.escalation + AuditEntry.objects.get().reason
    with pytest.raises(queue.TakenByAnother, match="senior moderators"):
        clear(anna)
    assert [each.pk for each in desk.waits_for(senior, now=NOW).escalated] == [item.pk]
    assert (desk.count(senior, now=NOW), desk.count(anna, now=NOW)) == (1, 0)
    handing.assign(actor=senior, item_id=item.pk, to=anna, now=NOW)
    assert desk.count(anna, now=NOW) == 1
    clear(anna)


def test_what_is_handed_on_takes_along_all_about_its_number_and_ends_the_claim():
    item = waiting()
    a_queue_item(number=row(), kind="claim")
    anna, bert, senior = staff(MODERATOR, "anna"), staff(MODERATOR, "bert"), staff(SENIOR)
    queue.claim(actor=anna, item_id=item.pk, now=NOW)
    with pytest.raises(queue.TakenByAnother, match="anna is at this"):
        handing.assign(actor=senior, item_id=item.pk, to=bert, now=NOW)
    handing.assign(actor=anna, item_id=item.pk, to=bert, now=NOW)
    hands = QueueItem.objects.values_list("assigned_to", "escalated_by", "claimed_by").distinct()
    assert list(hands.all()) == [(bert.pk, None, None)]
    # What a closed account had is anybody's.
    User.objects.filter(pk=bert.pk).update(is_active=False)
    queue.claim(actor=anna, item_id=item.pk, now=NOW)
    handing.escalate(actor=anna, item_id=item.pk, question="A bank?", now=NOW)
    assert list(hands.all()) == [(None, anna.pk, None)]


def test_notes_are_masked_limited_removed_and_forgotten():
    number = say(newcomer("a")).number
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    by = {"actor": anna, "subject": number, "now": NOW}
    note = notes.add(**by, words="Rang 13800138000.")
    assert notes.add(**by, words="Rang 13800138000.") == note  # a second click
    assert "13800138000" not in note.words
    for words in (" ", "x" * 1_001):
        with pytest.raises(ParticularWrong):
            notes.add(**by, words=words)
    with pytest.raises(notes.NotYourNote):
        notes.remove(actor=bert, subject=number, note_id=note.pk, now=NOW)
    notes.remove(actor=staff(SENIOR), subject=number, note_id=note.pk, now=NOW)
    said = AuditEntry.objects.values_list("verb", "reason", "after__note")
    assert set(said) == {("add_note", "–", note.pk), ("remove_note", "–", note.pk)}
    for place in range(notes.MOST):
        notes.add(**by, words=f"note {place}")
    with pytest.raises(ParticularWrong, match="remove one"):
        notes.add(**by, words="one more")
    assert notes.forget(now=NOW + 365 * DAY) == 0
    assert notes.forget(now=NOW + 366 * DAY) == notes.MOST
    assert not Note.objects.exists()


def test_one_mail_an_interval_and_only_of_what_is_new():
    item = waiting()
    anna, senior = staff(MODERATOR, "anna"), staff(SENIOR)
    for user in (anna, senior):
        user.email = f"{user.username}@moderators.example"
        user.save()
    handing.assign(actor=anna, item_id=item.pk, to=anna, now=NOW)
    say(newcomer("holder"), number=BAKERY)
    dispute = a_dispute(number=row(BAKERY), deadline_at=LATER)
    a_dispute(number=row(), deadline_at=NOW + 3 * DAY)  # not near its deadline yet
    propose(
        plan=OneDecision(RULES["number"]["clear_number"], row()),
        actor=senior,
        reason="r",
        now=NOW,
    )
    assert desk.count(anna, now=NOW) == 3
    assert desk.send_digests(now=NOW) == 0  # quiet by default
    desk.arrange(user=anna, away_until=None, digest_hours=4, language="en", now=NOW)
    assert desk.send_digests(now=NOW) == 1
    (letter,) = mail.outbox
    assert letter.to == ["anna@moderators.example"]
    assert letter.subject == "3 things wait for you"
    assert dispute.number.key not in letter.body
    assert desk.send_digests(now=NOW + DAY / 4) == 0  # nothing new
    handing.escalate(actor=anna, item_id=item.pk, question="A bank?", now=NOW)
    handing.assign(actor=senior, item_id=item.pk, to=None, now=NOW)
    handing.assign(actor=anna, item_id=item.pk, to=anna, now=NOW)
    desk.arrange(user=senior, away_until=None, digest_hours=24, language="zh-hans", now=NOW)
    assert desk.send_digests(now=NOW + DAY / 4) == 1
    assert "1 件事" in mail.outbox[1].subject
    with pytest.raises(ParticularWrong):
        desk.arrange(user=anna, away_until=NOW, digest_hours=0, language="en", now=NOW)
    with pytest.raises(ParticularWrong):
        desk.arrange(user=anna, away_until=None, digest_hours=2, language="en", now=NOW)


def test_a_mailbox_that_is_gone_is_tried_once_an_interval(settings: Settings):
    anna = staff(MODERATOR, "anna")
    anna.email = "anna@example.org"
    anna.save()
    handing.assign(actor=anna, item_id=waiting().pk, to=anna, now=NOW)
    desk.arrange(user=anna, away_until=None, digest_hours=4, language="en", now=NOW)
    with lapsed_server(settings) as server:
        for hours in range(6):
            assert desk.send_digests(now=NOW + DAY / 24 * hours) == 0
        assert server.asked == ["anna@example.org"] * 2
        server.refuses.clear()
        assert desk.send_digests(now=NOW + DAY / 2) == 1


def test_a_proposer_is_told_of_each_answer_until_they_have_seen_it():
    now = timezone.now()
    say(newcomer("a"))
    say(newcomer("b"), number=BAKERY)
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    rule = RULES["number"]
    by = {"actor": anna, "reason": "r", "now": now}
    approved = propose(plan=OneDecision(rule["clear_number"], row()), **by)
    declined = propose(plan=OneDecision(rule["clear_number"], row(BAKERY)), **by)
    expired = propose(plan=ManyDecisions("number", "clear_number", (row().pk,)), **by)
    withdrawn = propose(plan=ManyDecisions("number", "clear_number", (row(BAKERY).pk,)), **by)
    assert desk.count(anna, now=now) == 0
    seen = review(approved, now=now).seen
    approve(proposal=approved, actor=bert, seen=seen, reason="", now=now)
    decline(proposal=declined, actor=bert, reason="no", now=now)
    withdraw(proposal=withdrawn, actor=anna, reason="", now=now)
    told = desk.waits_for(anna, now=now).answers
    assert {each.pk for each in told} == {approved.pk, declined.pk}
    assert desk.count(anna, now=now + LASTS) == 3
    anna.email = "anna@moderators.example"
    anna.save()
    desk.arrange(user=anna, away_until=None, digest_hours=4, language="en", now=now)
    assert desk.send_digests(now=now + LASTS) == 1
    assert "proposals of yours that were answered, or whose time is up: 3" in mail.outbox[0].body
    assert desk.send_digests(now=now + LASTS + DAY) == 0  # nothing new

    note_seen(approved, by=bert, now=now + LASTS)  # another looks
    assert desk.count(anna, now=now + LASTS) == 3
    page = "admin:reputation_proposal_change"
    client = signed_in(anna)
    assert b"What became of your proposals" in client.get(reverse("admin:desk")).content
    client.get(reverse(page, args=[declined.pk]))
    left = desk.waits_for(anna, now=now + LASTS).answers
    assert {each.pk for each in left} == {approved.pk, expired.pk}
    assert desk.count(anna, now=now + LASTS + 7 * DAY) == 0
