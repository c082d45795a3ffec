"""Accounts and roles: given and taken with a reason, on record, and never by oneself."""

import re

import pytest
from allauth.mfa.totp.internal import auth
from django.contrib.auth.models import User
from django.test import Client

from reputation.models import AuditEntry
from reputation.moderation import DecisionError, ParticularWrong, staff
from tests.given.reporters import NOW
from tests.given.staff import member, signed_in

pytestmark = pytest.mark.django_db
ACCOUNTS = "/admin/auth/user/"


@pytest.fixture
def administrator() -> User:
    return member("administrator")


@pytest.fixture
def client(administrator: User) -> Client:
    return signed_in(administrator)


def page_of(user: User) -> str:
    return f"{ACCOUNTS}{user.pk}/change/"


def roles_of(user: User) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


@pytest.mark.slow
def test_opening_an_account(client: Client, administrator: User):
    response = client.post(
        f"{ACCOUNTS}add/",
        {"username": "mei", "email": "", "roles": ["moderator"], "reason": "Starts on Monday."},
    )
    page = response.content.decode()
    password = re.search(r'class="first-password">([^<]+)<', page)
    assert password is not None
    assert "no-store" in response["Cache-Control"]
    user = User.objects.get(username="mei")
    assert user.check_password(password[1])
    assert (user.is_staff, user.is_superuser, roles_of(user)) == (True, False, ["moderator"])
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.reason, entry.before, entry.after) == (
        administrator,
        "open_account",
        "Starts on Monday.",
        {},
        {"account": "mei", "active": True, "roles": ["moderator"], "second factor": False},
    )
    assert password[1] not in str(entry.after)
    assert "mei" in client.get(ACCOUNTS).content.decode()


def test_changing_roles_and_closing(client: Client):
    mei = member("moderator")
    response = client.post(
        page_of(mei), {"roles": ["senior moderator", "auditor"], "reason": "Promoted."}
    )
    assert (response.status_code, response["Location"]) == (302, ACCOUNTS)
    mei.refresh_from_db()
    assert (roles_of(mei), mei.is_active) == (["auditor", "senior moderator"], False)
    entry = AuditEntry.objects.get()
    assert (entry.before["roles"], entry.before["active"]) == (["moderator"], True)
    assert (entry.after["roles"], entry.after["active"]) == (["auditor", "senior moderator"], False)
    assert "Promoted." in client.get(page_of(mei)).content.decode()


@pytest.mark.slow
def test_a_lost_second_factor(client: Client):
    mei = member("moderator")
    mei.set_password("old")
    mei.save()
    auth.TOTP.activate(mei, "JBSWY3DPEHPK3PXP")
    theirs = signed_in(mei)
    assert theirs.get("/admin/").status_code == 200
    response = client.post(f"{ACCOUNTS}{mei.pk}/reset/", {"reason": "Phone lost; called back."})
    password = re.search(r'class="first-password">([^<]+)<', response.content.decode())
    mei.refresh_from_db()
    assert password is not None
    assert mei.check_password(password[1])
    assert not mei.authenticator_set.exists()
    assert theirs.get("/admin/").status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.before["second factor"], entry.after["second factor"]) == (True, False)


@pytest.mark.parametrize("reason", ["", " \n"])
def test_nothing_without_a_reason(client: Client, reason: str):
    mei = member("moderator")
    for path, more in (
        (page_of(mei), {"roles": ["auditor"], "is_active": "on"}),
        (f"{ACCOUNTS}{mei.pk}/reset/", {}),
        (f"{ACCOUNTS}add/", {"username": "new", "roles": ["auditor"]}),
    ):
        response = client.post(path, {**more, "reason": reason})
        assert "Give the reason: it goes on record with your name." in response.content.decode()
    assert (roles_of(mei), AuditEntry.objects.count()) == (["moderator"], 0)
    assert not User.objects.filter(username="new").exists()


def test_a_name_is_taken_once_whatever_its_letters(client: Client):
    member("moderator")
    response = client.post(
        f"{ACCOUNTS}add/", {"username": "Moderator", "roles": [], "reason": "again"}
    )
    assert "There is an account of this name." in response.content.decode()


def test_no_administrator_changes_their_own_account_or_one_above(
    client: Client, administrator: User
):
    for user, told in (
        (administrator, "Another administrator must change your own account."),
        (member("boss"), "Only a superuser may change a superuser&#x27;s account."),
    ):
        for path in (page_of(user), f"{ACCOUNTS}{user.pk}/reset/"):
            said = {"roles": ["moderator"], "is_active": "on", "reason": "because"}
            response = client.post(path, said)
            assert told in response.content.decode()
    assert roles_of(administrator) == ["administrator"]
    assert not AuditEntry.objects.exists()


def test_a_person_s_account_is_no_account_of_the_panel(client: Client, administrator: User):
    person = member("person")
    assert client.get(page_of(person)).status_code == 404
    with pytest.raises(DecisionError, match="of a person who reports"):
        staff.change_account(
            actor=administrator, user=person, roles=[], is_active=True, reason="x", now=NOW
        )


def test_roles_are_those_there_are(administrator: User):
    with pytest.raises(ParticularWrong, match="moderator, senior moderator"):
        staff.open_account(
            actor=administrator, username="a", email="", roles=["king"], reason="x", now=NOW
        )


@pytest.mark.parametrize("rows", [1, 8])
def test_queries_of_the_list(client: Client, django_assert_num_queries, rows: int):
    for n in range(rows):
        User.objects.create_user(f"u{n}", is_staff=True)
    client.get(ACCOUNTS)
    with django_assert_num_queries(8):
        assert client.get(ACCOUNTS).status_code == 200


def test_a_change_on_a_page_that_another_changed_since_is_shown_before_it_is_replaced():
    mei = member("moderator")
    one, other = signed_in(member("administrator")), signed_in(member("boss"))
    form = {"roles": ["moderator"], "is_active": "on", "reason": "She is back."}
    form["seen"] = one.get(page_of(mei)).context["form"]["seen"].value()
    other.post(page_of(mei), {"roles": ["auditor"], "is_active": "on", "reason": "She audits."})
    late = one.post(page_of(mei), form)
    for said in ("Changed since you opened this page, by boss", "She audits.", "She is back."):
        assert said in late.content.decode()
    assert (late.context["form"]["roles"].value(), roles_of(mei)) == (["moderator"], ["auditor"])
    again = form | {"seen": late.context["form"]["seen"].value()}
    assert one.post(page_of(mei), again).status_code == 302
    assert roles_of(mei) == ["moderator"]


def test_roles_are_named_in_the_language_of_the_reader(client: Client):
    given = {"username": "mei", "roles": ["moderator", "senior moderator"], "reason": "Starts."}
    client.post(f"{ACCOUNTS}add/", given)
    chinese = {"Accept-Language": "zh-CN"}
    listed = client.get(ACCOUNTS, headers=chinese).content.decode()
    assert "审核员，高级审核员</td>" in listed
    assert "senior moderator" not in listed
    shown = client.get(page_of(User.objects.get(username="mei")), headers=chinese).content.decode()
    assert "审核员，高级审核员 · Starts." in shown
