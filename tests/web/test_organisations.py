"""Keys for organisations: asked for on a page, granted in the panel, made by a contact, ended by
either side; and what whoever stole one, or is nobody here, gets of it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api.models import ApiKey
from reputation import organisations
from reputation.models import AuditEntry, KeyContact, KeyGrant, QueueItem, Report, Webhook
from reputation.moderation import DecisionError, queue, undo
from reputation.moderation.roles import SENIOR
from reputation.webhooks.events import news
from tests.given.api_requests import ask, holder
from tests.given.kept import in_chinese
from tests.given.mail_servers import Lapsed, lapsed_server
from tests.given.staff import member, signed_in, staff, text
from tests.given.visitors import Visitor
from web.people import data_subject, erase_person, write_copy

pytestmark = pytest.mark.django_db

NUMBER = "+8613812345678"
OFFICE, ELSEWHERE = "192.0.2.7", "198.51.100.7"
FORM = {
    "organisation": " Example\u202e  Telecom ",
    "contact": "Network operations, +1 202 555 0100",
    "purpose": "Our SIP gateway rejects what is blocked.",
    "calls_per_day": "20000",
    "scopes": ["lookup", "report"],
    "verifies_attestation": "on",
    "networks": "192.0.2.0/24",
    "country": "US",
}
TERMS = {
    "scopes": ["lookup", "report"],
    "lookups_per_minute": "200",
    "until": (timezone.now() + timedelta(days=100)).strftime("%Y-%m-%d"),
    "preset": "1",
}


def asked(by: Visitor, **changes: Any) -> KeyGrant:
    page = by.send("/organisations", FORM | changes)
    assert "Sent. A moderator decides" in page, page
    return KeyGrant.objects.latest("pk")


def decided(by: Client, grant: KeyGrant, verb: str, **form: Any) -> str:
    path = f"/admin/reputation/keygrant/{grant.pk}/decide/{verb}/"
    seen = AuditEntry.objects.filter(key_grant=grant).order_by("-pk").first()
    response = by.post(path, {"preset": "1", "seen": seen.pk if seen else 0, **form}, follow=True)
    assert response.status_code == 200
    grant.refresh_from_db()
    return text(response)


def taken_back(entry: AuditEntry, *, by: User) -> None:
    undo(actor=by, entry=entry, reason="slip", now=timezone.now())


def made(by: Visitor, grant: KeyGrant) -> str:
    page = by.post(f"/organisations/{grant.public_id}/key")
    found = re.findall(r"rsk_\w{8}_\w{43}", page.content.decode())
    assert len(found) == 1, page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
    return str(found[0])


def status(token: str, *, address: str = OFFICE, path: str = "/v1/me") -> int:
    return ask("GET", path, by=token, address=address).status


def mails() -> list[tuple[str, list[str]]]:
    organisations.send_notices(now=timezone.now())
    told = [(str(each.subject), list(each.to)) for each in mail.outbox]
    assert not [each for each in mail.outbox if "rsk_" in str(each.body)]
    mail.outbox.clear()
    return told


@pytest.fixture
def anna(known: Callable[..., Visitor]) -> Visitor:
    visitor = known()
    User.objects.filter(email="anna@example.org").update(last_login=timezone.now())
    return visitor


@pytest.fixture
def senior(db: None) -> Client:
    return signed_in(member("senior"))


@pytest.fixture
def granted(anna: Visitor, senior: Client) -> KeyGrant:
    grant = asked(anna)
    decided(senior, grant, "grant_key", **TERMS)
    return grant


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
    assert "This is so already" in decided(senior, grant, "change_key", **TERMS)


def test_terms_bound_every_key_at_each_request(granted: KeyGrant, anna: Visitor, senior: Client):
    token = made(anna, granted)
    child = ask(
        "POST",
        "/v1/me/keys",
        by=token,
        body={"name": "branch", "scopes": ["lookup"]},
        address=OFFICE,
    ).json["token"]
    lookup = f"/v1/numbers/{NUMBER.replace('+', '%2B')}"
    # All keys of the organisation share its limit.
    limits = [ask("GET", lookup, by=each, address=OFFICE).left for each in (token, child)]
    assert limits == [(200, 199), (200, 198)]
    # Attestation does not count, since nobody granted that.
    report = {"number": NUMBER, "category": "robocall", "attestation": "A"}
    assert ask("POST", "/v1/reports", by=token, body=report, address=OFFICE).status == 201
    assert Report.objects.get().attestation == ""

    decided(senior, granted, "change_key", **TERMS | {"scopes": ["lookup", "feed"]})
    assert ask("POST", "/v1/reports", by=token, body=report, address=OFFICE).status == 403
    assert ask("GET", lookup, by=child, address=OFFICE).status == 200
    # A key that was made for less does not grow: neither itself, nor by its children.
    assert ask("GET", "/v1/feeds/numbers/snapshot", by=token, address=OFFICE).status == 403
    wanted = {"name": "more", "scopes": ["feed"]}
    assert ask("POST", "/v1/me/keys", by=token, body=wanted, address=OFFICE).status == 403
    wider = made(anna, granted)
    assert "feed" in ask("GET", "/v1/me", by=wider, address=OFFICE).json["scopes"]

    KeyGrant.objects.update(expires_at=timezone.now())
    assert [status(each) for each in (token, child, wider)] == [401, 401, 401]
    assert mails()[-1][0] == "The key for Example Telecom has expired"
    anna.send(f"/organisations/{granted.public_id}/renew", {})
    queue.refresh(now=timezone.now())
    assert QueueItem.objects.filter(kind="keygrant", rests_until=None).exists()
    decided(senior, granted, "change_key", **TERMS)
    assert [status(each) for each in (token, child, wider)] == [200, 200, 200]


def test_a_grant_taken_back_waits_again(granted: KeyGrant, anna: Visitor, senior: Client):
    token = made(anna, granted)
    taken_back(AuditEntry.objects.get(key_grant=granted), by=User.objects.get(username="senior"))
    granted.refresh_from_db()
    assert (granted.state(timezone.now()), granted.scopes) == ("waiting", [])
    assert status(token) == 401
    assert "No key" not in anna.see(f"/organisations/{granted.public_id}")
    decided(senior, granted, "grant_key", **TERMS)
    assert status(token) == 200  # the same organisation, the same key


def test_what_was_never_granted_has_no_key_to_revoke(anna: Visitor):
    grant = asked(anna)
    assert anna.post(f"/organisations/{grant.public_id}/keys/abcdefgh/revoke").status_code == 404


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


def test_a_stolen_key_is_useless_elsewhere_and_uses_up_nothing(
    granted: KeyGrant, anna: Visitor, settings: Settings
):
    token = made(anna, granted)
    lookup = f"/v1/numbers/{NUMBER.replace('+', '%2B')}"
    for path in (lookup, "/v1/me", "/compat/cidlookup/+8613812345678"):
        assert status(token, address=ELSEWHERE, path=path) == 401
        assert status(token, address="2001:db8::7", path=path) == 401
    body = {"numbers": [NUMBER]}
    many = ask("POST", "/v1/numbers/lookup", by=token, body=body, address=ELSEWHERE)
    assert (many.status, "may not ask from this network" in many.json["detail"]) == (401, True)
    wanted = {"name": "thief", "scopes": ["lookup"]}
    assert ask("POST", "/v1/me/keys", by=token, body=wanted, address=ELSEWHERE).status == 401
    assert ask("GET", lookup, by=token, address=OFFICE).left == (200, 199)
    # Inside, what a thief makes of it ends with it.
    child = ask("POST", "/v1/me/keys", by=token, body=wanted, address=OFFICE).json["token"]
    anna.send(f"/organisations/{granted.public_id}/keys/{token[4:12]}/revoke", {})
    assert [status(each) for each in (token, child)] == [401, 401]


def test_nobody_else_sees_or_changes_it(
    granted: KeyGrant, anna: Visitor, known: Callable[..., Visitor]
):
    token, ben = made(anna, granted), known("ben@example.net")
    path = f"/organisations/{granted.public_id}"
    actions = ("/key", "/end", "/renew", "/contacts", "/contacts/remove")
    posts = [f"{path}{each}" for each in (*actions, f"/keys/{token[4:12]}/revoke")]
    form = {"sure": "1", "email": "ben@example.net", "contact": "1"}
    assert ben.get(path).status_code == 404
    assert [ben.post(each, form).status_code for each in posts] == [404] * len(posts)
    assert all(Visitor().get(each).status_code in (302, 405) for each in (path, *posts))
    # Another site sends the form in a contact's browser.
    strict = Visitor(enforce_csrf_checks=True)
    strict.cookies = anna.cookies
    evil = {"origin": "https://evil.example"}
    codes = {strict.post(each, form, headers=evil).status_code for each in posts}
    assert codes == {403}
    assert [anna.get(each).status_code for each in posts] == [405] * len(posts)  # no link does it
    # A person's own key and that of an organisation do not see one another.
    other = asked(ben)
    assert anna.get(f"/organisations/{other.public_id}").status_code == 404
    assert anna.post(f"{path}/keys/zzzzzzzz/revoke").status_code == 404
    assert "Example Telecom" not in ben.see("/my/keys")
    assert status(token) == 200


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


def test_a_change_of_language_keeps_a_contacts_address(granted: KeyGrant, anna: Visitor):
    in_chinese(anna, path := f"/organisations/{granted.public_id}", "email", f"{path}/contacts")


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
