"""A form sent after another moderator decided: nothing is overwritten, no words are lost."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reputation.models import AuditEntry, Dispute, NumbersFile, Proposal
from reputation.moderation.roles import MODERATOR, SENIOR
from tests.given.decisions import given, page, subjects
from tests.given.reporters import DAY, row
from tests.given.rows import a_queue_item
from tests.given.staff import as_role, signed_in, staff, text

pytestmark = pytest.mark.django_db

QUEUE = "/admin/reputation/queueitem"
WORDS = "The holder sent the contract of 12 May."


def opened(client: Client, address: str) -> dict[str, str]:
    """What the form sends that this moderator opens now and fills in later."""
    return {"reason": WORDS, "seen": str(client.get(address).context["seen_until"])}


@pytest.mark.parametrize(
    ("kind", "mine", "others", "said"),
    [
        ("dispute", "uphold_dispute", "reject_dispute", "Reject: the listing stands"),
        ("dispute", "hold_dispute", "uphold_dispute", "Uphold: the holder is right"),
        ("number", "confirm_number", "confirm_number", "Confirm as unwanted"),
        ("report", "merge_report", "reject_report", "Reject"),
        ("reporter", "block_reporter", "block_reporter", "Block the reporter"),
    ],
)
def test_who_comes_too_late_reads_what_was_decided_and_keeps_their_words(kind, mine, others, said):
    pk = subjects()[kind]
    one, other = as_role(MODERATOR), as_role(SENIOR)
    form = opened(one, page(kind, pk, mine)) | given(kind, mine)
    other.post(page(kind, pk, others), {"preset": "1", "seen": form["seen"]})
    late = one.post(page(kind, pk, mine), form)
    assert "Decided since you opened this page, by senior" in text(late)
    assert said in text(late)
    assert "Your decision was not taken. What you wrote is below." in text(late)
    assert WORDS in text(late)
    assert AuditEntry.objects.count() == 1
    again = one.post(page(kind, pk, mine), form | {"seen": late.context["seen_until"]})
    assert "already the case, or no longer waits" in text(again)
    assert (WORDS in text(again), AuditEntry.objects.count()) == (True, 1)


def test_a_page_that_is_opened_too_late_says_who_decided():
    pk = subjects()["dispute"]
    as_role(SENIOR).post(page("dispute", pk, "reject_dispute"), {"preset": "1"})
    shown = as_role(MODERATOR).get(page("dispute", pk, "uphold_dispute"), follow=True)
    assert "The last decision, by senior" in text(shown)
    assert "Reject: the listing stands" in text(shown)


def test_sentences_about_another_moderator_are_joined_as_each_language_does():
    pk = subjects()["number"]
    one, other = as_role(MODERATOR), as_role(SENIOR)
    form = opened(one, page("number", pk, "confirm_number"))
    other.post(page("number", pk, "confirm_number"), {"reason": "Heard.", "seen": form["seen"]})
    for language, ends in (("en", "(Heard.). Your decision"), ("zh-hans", "（Heard.）。您的决定")):
        one.cookies["django_language"] = language
        assert ends in text(one.post(page("number", pk, "confirm_number"), form))


def test_a_form_that_is_sent_twice_is_told_once_and_both_times_as_done():
    pk = subjects()["dispute"]
    client = as_role(MODERATOR)
    form = opened(client, page("dispute", pk, "reject_dispute"))
    for _turn in range(2):
        shown = client.post(page("dispute", pk, "reject_dispute"), form, follow=True)
        assert "Reject: the listing stands:" in text(shown)
    assert (AuditEntry.objects.count(), Dispute.objects.get().status) == (1, "rejected")


def test_the_same_decision_with_other_words_or_until_another_day_is_not_the_same_form(settings):
    settings.SECOND_MODERATOR_REQUIRED = False
    pk = subjects()["number"]
    client = as_role(SENIOR)
    address = page("number", pk, "pin_number")
    form = opened(client, address) | {"action": "flag", "until": "2027-01-31"}
    assert client.post(address, form).status_code == 302
    for other in ({"until": "2027-02-28"}, {"action": "allow"}, {"reason": "Something else."}):
        assert "Decided since you opened this page" in text(client.post(address, form | other))
    assert (AuditEntry.objects.count(), row().pinned) == (1, "flag")


def test_who_leaves_what_another_decided_keeps_their_words():
    pk = subjects()["number"]
    item = a_queue_item(number=row())
    one, other = as_role(MODERATOR), as_role(SENIOR)
    other.post(page("number", pk, "confirm_number"), {"preset": "1"})
    late = one.post(f"{QUEUE}/{item.pk}/leave/", {"reason": WORDS})
    assert "This no longer waits: somebody decided it" in text(late)
    assert WORDS in text(late)


def test_a_question_to_the_seniors_is_not_lost_when_another_asked_first():
    subjects()
    item = a_queue_item(number=row())
    one, other, senior = (signed_in(staff(role, name)) for role, name in
        ((MODERATOR, "anna"), (MODERATOR, "bert"), (SENIOR, "carl")))  # fmt: skip
    before = {name: client.get(f"{QUEUE}/{item.pk}/change/").context["hands"]
        for name, client in (("one", one), ("senior", senior))}  # fmt: skip
    other.post(f"{QUEUE}/{item.pk}/escalate/", {"question": "Is it a bank?"})
    for client, hands in ((one, before["one"]), (senior, before["senior"])):
        form = {"question": "Whose gateway is it?", "hands": hands}
        late = client.post(f"{QUEUE}/{item.pk}/escalate/", form)
        assert "This is with the senior moderators." in text(late)
        assert 'value="Whose gateway is it?"' in late.content.decode()
    item.refresh_from_db()
    assert item.escalation == "Is it a bank?"
    to = User.objects.get(username="carl").pk
    form = {"to": to, "hands": before["senior"]}
    stale = senior.post(f"{QUEUE}/{item.pk}/assign/", form, follow=True)
    assert "Somebody handed this on since you opened its page." in text(stale)
    senior.post(f"{QUEUE}/{item.pk}/assign/", form | {"hands": stale.context["hands"]})
    item.refresh_from_db()
    assert (item.escalation, item.assigned_to_id) == ("", to)


def test_an_answer_to_a_proposal_that_another_answered_keeps_its_words(settings):
    settings.SECOND_MODERATOR_REQUIRED = True
    pk = subjects()["number"]
    anna, bert, carl = (signed_in(staff(SENIOR, name)) for name in ("anna", "bert", "carl"))
    anna.post(page("number", pk, "mark_official"), {"name": "A Bank", "reason": "It wrote to us."})
    proposal = Proposal.objects.get()
    answer = f"/admin/reputation/proposal/{proposal.pk}/answer/"
    seen = bert.get(page("proposal", proposal.pk)).context["review"].seen
    assert carl.post(f"{answer}decline/", {"reason": "No bank."}).status_code == 302
    late = bert.post(f"{answer}approve/", {"seen": seen, "reason": WORDS})
    assert "arl declined this" in text(late)
    assert WORDS in text(late)
    assert "No bank." in text(late)


def test_an_approval_from_a_stale_page_keeps_its_words(settings):
    settings.SECOND_MODERATOR_REQUIRED = True
    pk = subjects()["number"]
    anna, bert = (signed_in(staff(SENIOR, name)) for name in ("anna", "bert"))
    anna.post(page("number", pk, "mark_official"), {"name": "A Bank", "reason": "It wrote to us."})
    proposal = Proposal.objects.get()
    answer = f"/admin/reputation/proposal/{proposal.pk}/answer/approve/"
    late = bert.post(answer, {"seen": "what was an hour ago", "reason": WORDS})
    assert "What this would do has changed since you looked. Look again." in text(late)
    assert WORDS in text(late)
    assert bert.post(answer, {"seen": late.context["review"].seen}).status_code == 302
    assert row().official


def test_a_published_list_that_changed_since_is_not_decided_unseen():
    pk = subjects()["numbersfile"]
    one, other = as_role(SENIOR), signed_in(staff(SENIOR, "bert"))
    form = opened(one, page("numbersfile", pk, "decline_numbers_file"))
    file = NumbersFile.objects.get()
    NumbersFile.objects.update(found_at=file.found_at + DAY)  # fetched anew, with other numbers
    late = one.post(page("numbersfile", pk, "decline_numbers_file"), form)
    assert "The list has changed since you looked" in text(late)
    assert WORDS in text(late)
    assert not AuditEntry.objects.exists()
    form["seen"] = str(late.context["seen_until"])
    other.post(page("numbersfile", pk, "decline_numbers_file"), form | {"reason": "No bank."})
    late = one.post(page("numbersfile", pk, "decline_numbers_file"), form)
    assert "or somebody decided about it" in text(late)
    assert (WORDS in text(late), AuditEntry.objects.count()) == (True, 1)
