"""Organisations ask for a key on a page, moderators decide in the panel, either side ends it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from api.models import ApiKey
from reputation import organisations
from reputation.models import AuditEntry, KeyContact, KeyGrant, QueueItem, Report, Webhook
from reputation.moderation import DecisionError, queue, undo
from reputation.moderation.roles import SENIOR
from reputation.webhooks.events import news
from tests.given.api_requests import ask, holder
from tests.given.organisations import (
    FORM,
    NUMBER,
    OFFICE,
    TERMS,
    asked,
    decided,
    made,
    mails,
    status,
)
from tests.given.staff import member, signed_in, staff, text
from tests.given.visitors import Visitor
from web.leaving import data_subject, erase_person, write_copy

pytestmark = pytest.mark.django_db


def taken_back(entry: AuditEntry, *, by: User) -> None:
    undo(actor=by, entry=entry, reason="slip", now=timezone.now())


def test_the_form_begins_with_the_organisation(anna: Visitor):
    page = anna.see("/organisations")
    name, purpose, country = map(
        page.index, ("Name of the organ", "What is the key for", "Country of its")
    )
    assert name < purpose < country


@pytest.mark.slow
def test_from_asking_to_the_end_of_a_key(anna: Visitor, senior: Client):
    grant = asked(anna)
    assert (grant.organisation, grant.networks) == ("Example Telecom", ["192.0.2.0/24"])
    page = anna.see(f"/organisations/{grant.public_id}")
    assert "It waits for a moderator" in page
    assert "All keys stop working" not in page  # there is none
    assert anna.post(f"/organisations/{grant.public_id}/key", follow=True).status_code == 200
    assert not ApiKey.objects.exists()  # nothing is granted yet

    # The panel: the queue, its webhook, the list with its search, the preview.
    webhook = Webhook(events=["item"], seen_deadline=timezone.now())
    queue.refresh(now=timezone.now())
    item = QueueItem.objects.get(kind="keygrant")
    (event,) = news(webhook, now=timezone.now()).events
    assert event["subject"] == {"kind": "keygrant", "id": str(grant.public_id)}
    assert "Example Telecom" in text(senior.get("/admin/reputation/queueitem/"))
    assert "request for a key" in text(senior.get(f"/admin/reputation/queueitem/{item.pk}/change/"))
    table = "/admin/reputation/keygrant/"
    assert "Example Telecom" in text(senior.get(f"{table}?state=waiting&q=gateway"))
    assert "Example Telecom" not in text(senior.get(f"{table}?state=granted"))
    decide = f"{table}{grant.pk}/decide/grant_key/"
    opens = text(senior.get(decide))
    assert "Lookups a minute 138" in opens  # ten times the average of what is expected
    assert "Attestation A and B count no" in opens
    assert "The holder may ask" not in opens  # there is none
    seen = text(senior.post(decide, TERMS | {"look": "1", "verifies_attestation": "on"}))
    for shown in ("Lookups a minute 200", "Attestation A and B count yes", f"{TERMS['until']}"):
        assert shown in seen
    assert mails() == []
    for wrong in ({"until": "2020-01-01"}, {"scopes": ["intake"]}, {"lookups_per_minute": "0"}):
        decided(senior, grant, "grant_key", **TERMS | wrong)
        assert grant.granted_at is None

    decided(senior, grant, "grant_key", **TERMS, verifies_attestation="on")
    assert grant.state(timezone.now()) == "granted"
    assert not queue.waiting(now=timezone.now()).exists()
    subject = "The key for Example Telecom is granted"
    assert mails() == [(subject, ["anna@example.org"])]
    assert mails() == []

    # The secret is shown to the contact once, and to nobody in the panel.
    token = made(anna, grant)
    assert token not in anna.get(f"/organisations/{grant.public_id}").content.decode()
    panel = senior.get(f"{table}{grant.pk}/change/").content.decode()
    assert token[:12] in panel
    assert token[13:] not in panel

    me = ask("GET", "/v1/me", by=token, address=OFFICE).json
    assert (me["scopes"], me["limits"]["lookup"]["limit"]) == (["lookup", "report"], 200)
    assert me["expires_at"].startswith(str(TERMS["until"]))
    report = {"number": NUMBER, "category": "robocall", "attestation": "A"}
    assert ask("POST", "/v1/reports", by=token, body=report, address=OFFICE).status == 201
    said = Report.objects.get()
    # In the organisation's voice; its word on attestation counts by the grant alone.
    assert (said.reporter, said.attestation) == (grant.voice, "A")

    # Both sides end it, for the next request.
    assert status(token) == 200
    decided(senior, grant, "end_key")
    assert status(token) == 401
    assert mails() == [("The key for Example Telecom has ended", ["anna@example.org"])]
    assert "The key is in the wrong hands." in anna.see(f"/organisations/{grant.public_id}")
    assert "Nothing is granted" in anna.send(f"/organisations/{grant.public_id}/key", {})
    taken_back(AuditEntry.objects.latest("pk"), by=member("boss"))
    assert status(token) == 200
    page = anna.send(f"/organisations/{grant.public_id}/end", {})
    assert "Tick that you are sure" in page
    anna.send(f"/organisations/{grant.public_id}/end", {"sure": "1"})
    assert status(token) == 401
    grant.refresh_from_db()
    with pytest.raises(DecisionError):  # what a contact ended, no moderator brings back
        taken_back(
            AuditEntry.objects.filter(verb="end_key").latest("pk"),
            by=User.objects.get(username="boss"),
        )
    assert "This is already the case" in decided(senior, grant, "change_key", **TERMS)


def test_a_grant_taken_back_waits_again(granted: KeyGrant, anna: Visitor, senior: Client):
    token = made(anna, granted)
    taken_back(AuditEntry.objects.get(key_grant=granted), by=User.objects.get(username="senior"))
    granted.refresh_from_db()
    assert (granted.state(timezone.now()), granted.scopes) == ("waiting", [])
    assert status(token) == 401
    assert "No key" not in anna.see(f"/organisations/{granted.public_id}")
    decided(senior, granted, "grant_key", **TERMS)
    assert status(token) == 200  # the same organisation, the same key


def test_a_contact_who_moderates_decides_nothing_about_the_key(
    granted: KeyGrant, anna: Visitor, senior: Client
):
    token = made(anna, granted)
    user = User.objects.get(username="senior")
    decided(senior, granted, "end_key")
    ended = AuditEntry.objects.get(key_grant=granted, verb="end_key")
    KeyContact.objects.create(grant=granted, user=user, added_at=timezone.now())
    with pytest.raises(DecisionError, match="contact of this key"):
        taken_back(ended, by=user)
    assert status(token) == 401
    taken_back(ended, by=staff(SENIOR, "other"))
    assert status(token) == 200
    decided(senior, granted, "change_key", **TERMS | {"lookups_per_minute": "60000"})
    granted.refresh_from_db()
    assert granted.lookups_per_minute == 200


def test_a_copy_and_an_erasure_include_the_request(granted: KeyGrant, anna: Visitor, tmp_path: Any):
    user = User.objects.get(email="anna@example.org")
    with (tmp_path / "copy.zip").open("wb") as file:
        write_copy(file, who=data_subject(user), now=timezone.now())
    archive = ZipFile(tmp_path / "copy.zip")
    assert FORM["contact"] in archive.read("data.json").decode()
    erase_person(who=data_subject(user), now=timezone.now())
    granted.refresh_from_db()
    assert (granted.contact, granted.organisation) == ("", "Example Telecom")


@pytest.mark.slow
def test_requests_do_not_flood_the_moderators(anna: Visitor, known: Callable[..., Visitor]):
    for place in range(organisations.asking.MOST_WAITING):
        grant = asked(anna, purpose=f"Gateway {place}")
    assert asked(anna, purpose=grant.purpose) == grant, "pressed twice, it is one"
    assert "Too many requests from you" in anna.send("/organisations", FORM, status=400)
    page = anna.send(f"/organisations/{grant.public_id}/end", {"sure": "1"})  # taken back
    assert "It has ended" in page
    asked(anna)
    for place in range(2):
        asked(known(f"{place}@example.net"))
    late = known("late@example.net")
    page = late.send("/organisations", FORM, status=400)
    assert "or your network" in page
    assert "Our SIP gateway" in late.post("/organisations", FORM).content.decode()  # not lost
    assert KeyGrant.objects.count() == organisations.asking.MOST_OF_NETWORK + 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"organisation": "\u202e\u200b "}, "Write something that can be read"),
        ({"contact": "hello abc"}, "Say how, too: a telephone number"),
        ({"scopes": ["intake"]}, "Choose one of those offered under “What should it be able to"),
        ({"scopes": []}, "Tick at least one under “What should it be able to do?”."),
        ({"calls_per_day": "0"}, "“Calls a day that you expect” is too small. Write 1 or more."),
        ({"networks": "0.0.0.0/0"}, "This is no network of one organisation: 0.0.0.0/0"),
        ({"networks": "<b>"}, "This is no network of one organisation: <b>"),
        ({"country": "XX"}, "Choose one of those offered under “Country of its lines, for numbers"),
    ],
)
def test_what_a_request_may_not_say(anna: Visitor, changes: dict[str, Any], says: str):
    assert says in anna.send("/organisations", FORM | changes, status=400)
    assert not KeyGrant.objects.exists()


def test_who_may_decide_and_about_whom(anna: Visitor, senior: Client):
    grant = asked(anna)
    moderator = signed_in(member("moderator"))
    table = f"/admin/reputation/keygrant/{grant.pk}"
    assert moderator.get(f"{table}/change/").status_code == 200
    assert moderator.post(f"{table}/decide/grant_key/", TERMS).status_code == 403
    # Nobody grants themselves a key.
    mine = asked(anna, purpose="Our own.")
    mine.contacts.update(user=User.objects.get(username="senior"))
    assert "You are a contact of this key yourself" in decided(senior, mine, "grant_key", **TERMS)
    assert mine.granted_at is None
    # Submitted twice, it is one decision.
    form = TERMS | {"seen": "0"}
    for _ in range(2):
        senior.post(f"{table}/decide/grant_key/", form)
    assert AuditEntry.objects.filter(key_grant=grant).count() == 1
    # A moderator's key decides about numbers, not about keys.
    by = holder("lookup", moderator=User.objects.get(username="senior"))
    body = {"subject": {"kind": "keygrant", "id": str(grant.public_id)}, "decision": "end_key"}
    taken = ask("POST", "/v1/moderation/decisions", by=by, body=body | {"reason": "r", "seen": 0})
    assert taken.status == 400
    entry = AuditEntry.objects.get(key_grant=grant)
    path = f"/v1/moderation/decisions/{entry.pk}/undo"
    assert ask("POST", path, by=by, body={"reason": "r"}).status == 404


def test_what_came_to_nothing_is_forgotten_in_time(anna: Visitor, senior: Client):
    grant = asked(anna)
    decided(senior, grant, "refuse_key")
    assert mails() == [("The key for Example Telecom is refused", ["anna@example.org"])]
    assert "Nobody known under this name." in anna.see(f"/organisations/{grant.public_id}")
    organisations.forget(now=timezone.now() + timedelta(days=179))
    grant.refresh_from_db()
    assert grant.contact
    organisations.forget(now=timezone.now() + timedelta(days=181))
    grant.refresh_from_db()
    assert (grant.contact, grant.purpose, grant.asked_from) == ("", "", "")
    # Refused is not for ever.
    decided(senior, grant, "grant_key", **TERMS)
    assert grant.state(timezone.now()) == "granted"
