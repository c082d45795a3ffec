"""Keys that people make for themselves, on the page and with a key, and nobody else's."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from api import callers, keys
from api.models import ApiKey
from reputation.models import NOBODY, OwnRule, Report
from tests.given.api_requests import NOW, ask
from tests.given.visitors import Visitor
from web.leaving import delete_account

pytestmark = pytest.mark.django_db


def made(by: Visitor, *scopes: str, name: str = "tablet") -> str:
    page = by.post("/my/keys", {"name": name, "scopes": scopes})
    found = re.search(r"rsk_\w{8}_\w{43}", page.content.decode())
    assert found, page.content.decode()
    return found[0]


def test_a_person_makes_names_sees_and_revokes_keys(known: Callable[..., Visitor]):
    anna, ben = known(), known("ben@example.net")
    token = made(anna, "lookup", "report")
    report = {"number": "+8613812345678", "category": "loan_scam"}
    assert ask("POST", "/v1/reports", by=token, body=report).status == 201
    # In the person's voice: the report is among those of the page.
    assert Report.objects.get().reporter.kind == "person"
    assert "138 1234 5678" in anna.get("/my/reports").content.decode()

    page = anna.get("/my/keys").content.decode()
    assert token not in page
    for shown in ("tablet", token[:12], "Look numbers up", "Last used on"):
        assert shown in page
    assert token[:12] not in ben.get("/my/keys").content.decode()
    made(ben, "lookup")  # somebody who has a voice, and not one who has none
    assert ben.post(f"/my/keys/{token[4:12]}/revoke").status_code == 404
    assert ask("GET", "/v1/me", by=token).status == 200
    assert anna.post(f"/my/keys/{token[4:12]}/revoke").status_code == 302
    assert ask("GET", "/v1/me", by=token).status == 401


@pytest.mark.parametrize("path", ["/my/keys", "/connect/spamblocker"])
def test_a_form_that_is_sent_twice_leaves_the_key_that_was_seen(
    known: Callable[..., Visitor], path: str
):
    anna = known()
    form = {"name": "tablet", "scopes": ["lookup"], "csrfmiddlewaretoken": "of this page"}
    pages = [anna.post(path, form).content.decode() for _ in range(2)]
    first, second = (str(re.findall(r"rsk_\w{8}_\w{43}", page)[0]) for page in pages)
    assert [ask("GET", "/v1/me", by=token).status for token in (first, second)] == [401, 200]
    assert ["This form came twice" in page for page in pages] == [False, True]
    # What was used was seen. Another page's form is another one.
    for again in (form, form | {"csrfmiddlewaretoken": "of another page"}):
        assert anna.post(path, again).status_code == 200
    assert ask("GET", "/v1/me", by=second).status == 200
    assert ApiKey.objects.filter(revoked_at=None).count() == 3


@pytest.mark.parametrize("form", [{"name": "x", "scopes": ["bulk"]}, {"scopes": ["lookup"]}])
def test_nobody_gives_themselves_more(known: Callable[..., Visitor], form: dict[str, object]):
    assert "rsk_" not in known().post("/my/keys", form).content.decode()
    assert not ApiKey.objects.exists()


def test_all_keys_of_a_person_share_the_limits_of_a_person(known: Callable[..., Visitor]):
    anna = known()
    one, other = made(anna, "lookup"), made(anna, "lookup")
    first = ask("GET", "/v1/numbers/+8613812345678", by=one).left
    assert ask("GET", "/v1/numbers/+8613812345678", by=other).left == (300, 298)
    assert first == (300, 299)


def test_the_same_with_a_key(known: Callable[..., Visitor]):
    anna, ben = known(), known("ben@example.net")
    token, strange = made(anna, "lookup", name="phone"), made(ben, "lookup")
    wanted = {"name": "router", "scopes": ["lookup"]}
    new = ask("POST", "/v1/me/keys", by=token, body=wanted)
    assert new.status == 201
    # A key makes none that may do more than itself.
    assert ask("POST", "/v1/me/keys", by=token, body=wanted | {"scopes": ["report"]}).status == 403
    listed = ask("GET", "/v1/me/keys", by=new.json["token"]).json["keys"]
    assert [key["name"] for key in listed] == ["router", "phone"]
    target = f"/v1/me/keys/{new.json['prefix']}"
    assert ask("DELETE", target, by=strange).status == 404
    assert ask("DELETE", target, by=token).status == 204
    assert ask("DELETE", target, by=token).status == 404
    assert ask("GET", "/v1/me", by=new.json["token"]).status == 401


def test_what_a_stolen_key_made_ends_with_it(known: Callable[..., Visitor]):
    anna = known()
    stolen, safe = made(anna, "lookup", name="phone"), made(anna, "lookup", name="router")
    wanted = {"name": "thief", "scopes": ["lookup"]}
    child = ask("POST", "/v1/me/keys", by=stolen, body=wanted).json
    grandchild = ask("POST", "/v1/me/keys", by=child["token"], body=wanted | {"name": "heir"}).json
    # It closes no key but its own, and the keys that were made with it.
    for asking, target in ((stolen, safe), (child["token"], stolen)):
        answer = ask("DELETE", f"/v1/me/keys/{target[4:12]}", by=asking)
        assert (answer.status, answer.json["type"]) == (403, "urn:ringscore:problem:key-not-yours")

    assert "Made with the key “phone”" in anna.see("/my/keys")
    page = anna.send(f"/my/keys/{stolen[4:12]}/revoke", {})
    assert "The keys that were made with it are revoked too: thief, heir." in page
    tokens = (stolen, child["token"], grandchild["token"], safe)
    assert [ask("GET", "/v1/me", by=token).status for token in tokens] == [401, 401, 401, 200]
    # A request that was admitted just before the revocation makes no key after it.
    one = ApiKey.objects.get(prefix=stolen[4:12])
    with pytest.raises(callers.KeyRefused):
        keys.create_key(
            name="late", scopes=["lookup"], reporter=one.reporter, made_with=one.pk, now=NOW
        )


def test_who_leaves_leaves_no_key_behind(known: Callable[..., Visitor]):
    anna = known()
    token = made(anna, "report")
    anna.post("/my/account", {"sure": "1"})
    assert ask("GET", "/v1/me", by=token).status == 401


def somebody_waits() -> bool:
    """Whether another connection waits for what this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("/my/keys", {"name": "late", "scopes": ["lookup"]}),
        ("/connect/spamblocker", {}),
        ("/my/list", {"patterns": "+4930*", "action": "block"}),
    ],
)
def test_what_waits_for_the_deletion_of_its_account_is_not_made(
    known: Callable[..., Visitor], page: str, said: dict[str, object]
):
    anna = known()
    made(anna, "lookup")
    user = User.objects.get()

    def late() -> int:
        try:
            return anna.post(page, said).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            delete_account(user=user, withdraw=False, now=timezone.now())
            answer = pool.submit(late)
            while not (somebody_waits() or answer.done()):
                pass
        assert answer.result(60) == 302
    assert anna.where("/my/keys").startswith("/accounts/login/code/")
    assert [key.name for key in ApiKey.objects.filter(revoked_at=None)] == []
    assert list(OwnRule.objects.all()) == []


def test_nobody_gets_a_key(known: Callable[..., Visitor]):
    made(known(), "lookup")
    voice = ApiKey.objects.get().reporter
    voice.handle = f"{NOBODY}x"
    voice.save()
    with pytest.raises(callers.KeyRefused):
        keys.create_key(name="late", scopes=["lookup"], reporter=voice, now=NOW)


def test_there_is_an_end_to_keys_that_work(known: Callable[..., Visitor]):
    token = made(known(), "lookup")

    def more(name: str) -> int:
        wanted = {"name": name, "scopes": ["lookup"]}
        return ask("POST", "/v1/me/keys", by=token, body=wanted).status

    answers = [more(f"{place}") for place in range(keys.MOST)]
    assert answers == [201] * (keys.MOST - 1) + [409]
    revoked, expired = ApiKey.objects.get(name="0"), ApiKey.objects.filter(name="1")
    assert ask("DELETE", f"/v1/me/keys/{revoked.prefix}", by=token).status == 204
    assert (more("in place of one"), more("too many")) == (201, 409)
    expired.update(expires_at=timezone.now())
    assert (more("in place of another"), more("too many")) == (201, 409)
