"""What keys of organisations may do, and what thieves and strangers get."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from reputation.models import KeyGrant, QueueItem, Report
from reputation.moderation import queue
from tests.given.api_requests import ask
from tests.given.organisations import (
    ELSEWHERE,
    NUMBER,
    OFFICE,
    TERMS,
    asked,
    decided,
    made,
    mails,
    status,
)
from tests.given.visitors import Visitor

pytestmark = pytest.mark.django_db


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


def test_what_was_never_granted_has_no_key_to_revoke(anna: Visitor):
    grant = asked(anna)
    assert anna.post(f"/organisations/{grant.public_id}/keys/abcdefgh/revoke").status_code == 404


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
    assert all(Visitor().get(each).status_code == 302 for each in (path, *posts))
    # Another site sends the form in a contact's browser.
    strict = Visitor(enforce_csrf_checks=True)
    strict.cookies = anna.cookies
    evil = {"origin": "https://evil.example"}
    codes = {strict.post(each, form, headers=evil).status_code for each in posts}
    assert codes == {403}
    assert [anna.get(each).status_code for each in posts] == [302] * len(posts)  # no link does it
    # A person's own key and that of an organisation do not see one another.
    other = asked(ben)
    assert anna.get(f"/organisations/{other.public_id}").status_code == 404
    assert anna.post(f"{path}/keys/zzzzzzzz/revoke").status_code == 404
    assert "Example Telecom" not in ben.see("/my/keys")
    assert status(token) == 200
