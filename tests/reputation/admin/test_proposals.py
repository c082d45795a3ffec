"""The pages of decisions of two persons, of taking decisions back together, and of the desk."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from reputation.models import AuditEntry, DecisionBatch, Note, Number, Proposal, QueueItem
from reputation.moderation import clear_number, pin_number, queue, undo
from reputation.moderation.roles import AUDITOR, MODERATOR, SENIOR
from reputation.scoring import Action
from tests.given.reporters import BAKERY, SCAMMER, crowd, newcomer, row, say
from tests.given.staff import signed_in, staff, text

pytestmark = pytest.mark.django_db
PANEL = "/admin/reputation"


def test_proposed_on_the_decisions_page_and_approved_on_its_own(settings: Settings):
    settings.SECOND_MODERATOR_REQUIRED = True
    crowd(2)
    anna, bert = (signed_in(staff(SENIOR, name)) for name in ("anna", "bert"))
    page = f"{PANEL}/number/{row().pk}/decide/pin_number/"
    assert "takes a second moderator" in text(anna.get(page))
    until = f"{timezone.now().year + 1}-01-01"
    said = {"action": "block", "until": until, "reason": "<b>An order</b>", "seen": "0"}
    proposed = anna.post(page, said)
    assert anna.post(page, said)["Location"] == proposed["Location"]
    proposal = Proposal.objects.get()
    where = f"{PANEL}/proposal/{proposal.pk}/"
    assert proposed["Location"] == f"{where}change/"
    own = anna.get(f"{where}change/")
    assert "Another moderator has to answer" in text(own)
    assert b"<b>An order</b>" not in own.content
    assert "anna proposes" in text(bert.get(f"{PANEL}/number/{row().pk}/change/"))
    shown = bert.get(f"{where}change/")
    assert shown.context["may_answer"]
    seen = shown.context["review"].seen
    # Something happens meanwhile: the page says what.
    clear_number(
        actor=User.objects.get(username="bert"), identity=SCAMMER, reason="r", now=timezone.now()
    )
    stale = bert.post(f"{where}answer/approve/", {"seen": seen}, follow=True)
    assert "has changed since you looked" in text(stale)
    assert "Changed since it was proposed" in text(stale)
    assert row().pinned == ""
    assert signed_in(staff(MODERATOR)).post(f"{where}answer/approve/").status_code == 403
    bert.post(f"{where}answer/approve/", {"seen": stale.context["review"].seen})
    assert row().pinned == "block"
    assert "Answered by bert" in text(anna.get(f"{where}change/"))


def test_who_moderates_alone_is_told_what_to_do(settings: Settings):
    settings.SECOND_MODERATOR_REQUIRED = True
    crowd(2)
    staff(AUDITOR, "reads")
    anna = signed_in(staff(SENIOR, "anna"))
    page = f"{PANEL}/number/{row().pk}/decide/pin_number/"
    told = "Nobody else can approve now"
    assert told in text(anna.get(page))
    bert = staff(MODERATOR, "bert")
    assert told not in text(anna.get(page))
    bert.is_active = False
    bert.save()
    assert told in text(anna.get(page))


def test_a_pin_that_was_taken_back_is_proposed_again(settings: Settings):
    settings.SECOND_MODERATOR_REQUIRED = True
    crowd(2)
    anna, now = staff(SENIOR, "anna"), timezone.now()
    by = {"actor": anna, "reason": "r", "now": now}
    pin_number(identity=SCAMMER, action=Action.BLOCK, until=now + timedelta(days=9), **by)
    undone = undo(entry=AuditEntry.objects.get(), **by)
    page = f"{PANEL}/queueitem/undo/{undone.pk}/"
    answer = signed_in(anna).post(page, {"reason": "slip"}, follow=True)
    assert "Another moderator has to approve it" in text(answer)
    assert row().pinned == ""
    assert Proposal.objects.get().content["targets"] == [undone.pk]


@pytest.mark.slow
def test_a_file_a_batch_and_a_rollback_are_proposed_and_carried_out(settings: Settings):
    settings.SECOND_MODERATOR_REQUIRED = True
    crowd(1)
    anna, bert = (signed_in(staff(SENIOR, name)) for name in ("anna", "bert"))

    def approve() -> DecisionBatch | None:
        proposal = Proposal.objects.filter(state="waiting").get()
        where = f"{PANEL}/proposal/{proposal.pk}/"
        seen = bert.get(f"{where}change/").context["review"].seen
        bert.post(f"{where}answer/approve/", {"seen": seen})
        return Proposal.objects.get(pk=proposal.pk).batch

    file = {"text": f"number,name\n{BAKERY.key},Bakery\n", "reason": "its page"}
    anna.post(f"{PANEL}/officialnumber/import/", file)
    assert not Number.objects.filter(official=True).exists()
    approve()
    assert row(BAKERY).name == "Bakery"

    number = row()
    fields = {f.attname: getattr(number, f.attname) for f in Number._meta.concrete_fields}
    fields.pop("id"), fields.pop("key")
    made = Number.objects.bulk_create(Number(key=f"+4930{n:08}", **fields) for n in range(101))
    many = {"subject": "number", "verb": "clear_number", "reason": "a list"}
    many["targets"] = " ".join(str(each.pk) for each in made)
    assert "takes a second" in text(anna.post(f"{PANEL}/decisionbatch/preview/", many))
    anna.post(f"{PANEL}/decisionbatch/start/", many)
    batch = approve()
    assert batch is not None
    advance = f"{PANEL}/decisionbatch/{{}}/advance/"
    for _turn in range(4):
        bert.post(advance.format(batch.pk))
    assert Number.objects.filter(moderated=-1).count() == 101

    asked = {"account": User.objects.get(username="anna").pk}
    back = anna.get(f"{PANEL}/decisionbatch/rollback/", asked)
    assert "102 decisions can be taken back" in text(back)
    assert "52 more numbers were not worked out" in text(back)
    anna.post(f"{PANEL}/decisionbatch/rollback/", asked | {"preset": "1"})
    undoing = approve()
    assert undoing is not None
    for _turn in range(4):
        bert.post(advance.format(undoing.pk))
    assert not Number.objects.exclude(moderated=0).exists()
    assert row(BAKERY).official is False


def test_notes_assigning_and_asking_a_senior_on_the_item():
    for n in range(3):
        say(newcomer(f"n{n}"), at=timezone.now())
    queue.refresh(now=timezone.now())
    item = QueueItem.objects.get()
    anna, senior = signed_in(staff(MODERATOR, "anna")), signed_in(staff(SENIOR))
    note = f"{PANEL}/number/{row().pk}/note/"
    anna.post(note, {"words": "<i>Rang</i> 13800138000."})
    page = anna.get(f"{PANEL}/queueitem/{item.pk}/change/")
    assert b"&lt;i&gt;Rang" in page.content
    assert b"13800138000" not in page.content
    asked = anna.post(f"{PANEL}/queueitem/{item.pk}/escalate/", {"question": "A bank?"})
    assert asked["Location"] == f"{PANEL}/queueitem/"
    assert "with the seniors" in text(anna.get(f"{PANEL}/queueitem/"))
    desk = senior.get("/admin/desk/")
    assert "anna : A bank?" in text(desk).replace("anna:", "anna :")
    assert desk.context["waits"] == 1
    to = User.objects.get(username="anna").pk
    senior.post(f"{PANEL}/queueitem/{item.pk}/assign/", {"to": to})
    assert "waits since" in text(anna.get("/admin/desk/"))
    anna.post(f"{note}{Note.objects.get().pk}/remove/")
    assert not Note.objects.exists()
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["add_note", "escalate", "assign", "remove_note"]


def test_of_many_reports_the_outcome_is_worked_out_when_asked():
    crowd(1)
    Number.objects.update(reports=1_001)
    anna = signed_in(staff(MODERATOR))
    page = f"{PANEL}/number/{row().pk}/decide/clear_number/"
    assert "is worked out when you ask" in text(anna.get(page))
    shown = anna.post(page, {"look": "1"})
    assert shown.context["would"].action == "allow"
    assert row().moderated == 0
