"""Contacts of an organisation look after its keys, and get mails about them."""

import uuid
from collections.abc import Callable, Iterator
from itertools import permutations

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from edge.mails import PATIENCE
from reputation import organisations
from reputation.models import KeyGrant
from tests.given.kept import in_chinese
from tests.given.mail_servers import Lapsed, lapsed_server
from tests.given.organisations import (
    TERMS,
    asked,
    decided,
    made,
    mails,
    status,
)
from tests.given.staff import member, text
from tests.given.visitors import Visitor

pytestmark = pytest.mark.django_db


def test_keys_outlast_the_person_and_contacts_look_after_them(
    granted: KeyGrant,
    anna: Visitor,
    known: Callable[..., Visitor],
    signed_in: Callable[..., Visitor],
):
    token, path = made(anna, granted), f"/organisations/{granted.public_id}"
    mails()
    only = granted.contacts.get().pk
    assert "The last contact cannot be removed" in anna.send(
        f"{path}/contacts/remove", {"contact": str(only)}
    )
    boss = member("boss")
    User.objects.filter(pk=boss.pk).update(email="boss@example.org")
    # The same answer for a stranger, for staff, and again.
    for email in ("ben@example.net", "boss@example.org", "ben@example.net"):
        assert "Tell them to sign in" in anna.send(f"{path}/contacts", {"email": email})
    wrong = anna.post(f"{path}/contacts", {"email": "ben at example"})
    assert wrong.status_code == 400
    assert 'value="ben at example"' in wrong.content.decode()
    assert "“E-mail address” is no e-mail address. Write one like" in text(wrong)
    chinese = anna.get(path, headers={"accept-language": "zh-CN"}).content.decode()
    assert "<h2>密钥</h2>" in chinese  # not the keys of a keyboard
    assert granted.contacts.count() == 2
    # Nobody gets mail about what they did not ask for; whoever is named, but never came, holds no
    # key in place of those who leave.
    KeyGrant.objects.update(told="")
    assert [to for _subject, to in mails()] == [["anna@example.org"]]
    assert "The last contact cannot be removed" in anna.send(
        f"{path}/contacts/remove", {"contact": str(only)}
    )
    mail.outbox.clear()
    ben = signed_in("ben@example.net")
    assert token[:12] in ben.see(path)
    KeyGrant.objects.update(told="")
    mail.outbox.clear()
    assert sorted(to for _subject, to in mails()) == [["anna@example.org"], ["ben@example.net"]]
    anna.post("/my/account", {"sure": "1"})
    assert status(token) == 200
    granted.refresh_from_db()
    assert (granted.contact, granted.asked_by) == ("", None)
    assert [each.user.email for each in granted.contacts.all()] == ["ben@example.net"]
    assert status(made(ben, granted)) == 200


@pytest.mark.parametrize("state", ["waiting", "full"])
def test_no_refusal_tells_whose_account_is_of_staff(
    anna: Visitor, senior: Client, monkeypatch: pytest.MonkeyPatch, state: str
):
    User.objects.filter(username="senior").update(email="senior@example.org")
    grant = asked(anna)
    if state == "full":
        decided(senior, grant, "grant_key", **TERMS)
        monkeypatch.setattr("reputation.organisations.asking.MOST_CONTACTS", 1)
    path = f"/organisations/{grant.public_id}/contacts"
    told = [anna.send(path, {"email": f"{name}@example.org"}) for name in ("senior", "nobody")]
    assert told[0] == told[1]


def test_a_change_of_language_keeps_a_contacts_address(granted: KeyGrant, anna: Visitor):
    in_chinese(anna, path := f"/organisations/{granted.public_id}", "email", f"{path}/contacts")


@pytest.fixture
def lapsed(settings: Settings) -> Iterator[Lapsed]:
    with lapsed_server(settings) as server:
        yield server


def test_a_mailbox_that_is_gone_keeps_no_mail_from_others_and_repeats_none(
    granted: KeyGrant, anna: Visitor, known: Callable[..., Visitor], lapsed: Lapsed
):
    path, ben = f"/organisations/{granted.public_id}", known("ben@example.net")
    anna.send(f"{path}/contacts", {"email": "ben@example.net"})
    ben.see(path)
    for refusal in ("550 no such mailbox", "452 full"):
        lapsed.refuses["anna@example.org"] = refusal
        KeyGrant.objects.update(told="")
        assert [organisations.send_notices(now=timezone.now()) for _ in range(2)] == [1, 0]
    assert lapsed.taken == ["ben@example.net"] * 2
    # Where it reaches nobody, it goes later, or never.
    lapsed.refuses["ben@example.net"] = "550 no such mailbox"
    KeyGrant.objects.update(told="")
    assert organisations.send_notices(now=timezone.now()) == 0
    lapsed.refuses = {"ben@example.net": "550 no such mailbox"}
    assert organisations.send_notices(now=timezone.now()) == 1
    lapsed.refuses["anna@example.org"] = "550 no such mailbox"
    KeyGrant.objects.update(told="")
    assert organisations.send_notices(now=timezone.now()) == 0
    granted.refresh_from_db()
    assert granted.told == "granted"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_mails_that_take_longer_than_a_transaction_may_rest_are_sent_once(
    granted: KeyGrant, anna: Visitor, known: Callable[..., Visitor], lapsed: Lapsed
):
    path = f"/organisations/{granted.public_id}"
    for name in ("ben", "cleo", "dan"):
        visitor = known(f"{name}@example.net")
        anna.send(f"{path}/contacts", {"email": f"{name}@example.net"})
        visitor.see(path)
    KeyGrant.objects.update(told="")
    lapsed.refuses, lapsed.seconds = {}, 1.0
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '3s'")
    assert [organisations.send_notices(now=timezone.now()) for _ in range(2)] == [4, 0]
    assert len(lapsed.taken) == 4
    connection.close()


def test_a_mailbox_on_which_the_server_hangs_up_repeats_no_mail_to_others(
    granted: KeyGrant, anna: Visitor, known: Callable[..., Visitor], lapsed: Lapsed
):
    path, ben = f"/organisations/{granted.public_id}", known("ben@example.net")
    anna.send(f"{path}/contacts", {"email": "ben@example.net"})
    ben.see(path)
    for there, gone in permutations(["anna@example.org", "ben@example.net"]):
        KeyGrant.objects.update(told="")
        lapsed.refuses, lapsed.taken = {gone: ""}, []
        for _ in range(30):
            organisations.send_notices(now=timezone.now())
        assert lapsed.taken == [there]


def test_a_mailbox_on_which_the_server_hangs_up_keeps_no_mail_from_others(
    granted: KeyGrant, anna: Visitor, known: Callable[..., Visitor], lapsed: Lapsed
):
    """Also from those who come after it in the order of chance."""
    path = f"/organisations/{granted.public_id}"
    colleagues = [f"{name}@example.org" for name in ("ben", "cara")]
    for address in colleagues:
        colleague = known(address)
        anna.send(f"{path}/contacts", {"email": address})
        colleague.see(path)
    for gone in ["anna@example.org", *colleagues]:
        lapsed.refuses, lapsed.asked = {gone: ""}, []
        while lapsed.asked[1:2] != [gone]:  # until it came between the two others
            KeyGrant.objects.update(told="")
            lapsed.taken = []
            while not lapsed.taken:  # where it comes first, a later run mails the others
                lapsed.asked = []
                organisations.send_notices(now=timezone.now())
            assert sorted(lapsed.taken) == sorted({"anna@example.org", *colleagues} - {gone})


def test_organisations_on_whose_mailboxes_the_server_hangs_up_hold_up_no_other(
    granted: KeyGrant, known: Callable[..., Visitor], lapsed: Lapsed
):
    gone = [f"gone{n}@example.org" for n in range(PATIENCE)]
    for n, address in enumerate(gone, start=1):
        known(address)
        user, now = User.objects.get(email=address), timezone.now()
        refused = KeyGrant.objects.get(pk=granted.pk)
        refused.pk, refused.public_id, refused.voice = granted.pk - n, uuid.uuid4(), None
        refused.granted_at = refused.expires_at = None
        refused.refused_at = now
        refused.save(force_insert=True)
        refused.contacts.create(user=user, added_at=now, accepted_at=now)
    lapsed.refuses = dict.fromkeys(gone, "")
    for _ in range(100):
        organisations.send_notices(now=timezone.now())
    assert lapsed.taken == ["anna@example.org"]
