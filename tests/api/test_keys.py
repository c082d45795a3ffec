"""Which key opens what: refusals are the same everywhere, and a revocation holds at once."""

import base64
import hashlib
import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from api import keys
from api.models import SCOPES, ApiKey
from edge import UNREADABLE
from reputation.models import Reporter
from tests.given.api_doors import DOORS, enter
from tests.given.api_requests import NOW, Answer, ask, holder, trouble
from tests.given.reporters import newcomer
from tests.given.rows import a_key_grant

pytestmark = pytest.mark.django_db

WITHOUT_A_KEY = {"lookup", "reports of a number", "categories"}


def refused(detail: str) -> dict[str, object]:
    return trouble(401, "Unauthorized", "key-refused", detail)


def assert_refused(answer: Answer, detail: str) -> None:
    assert (answer.status, answer.json) == (401, refused(detail))
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ringscore"'
    assert answer.headers["Content-Type"] == "application/problem+json"


every_door = pytest.mark.parametrize("door", DOORS)

SHAPE = "This is not a Ringscore key: keys look like rsk_xxxxxxxx_…, with 56 characters in all."
SCHEME = "Authorization must be `Bearer <key>`, or Basic with the key as password."
BASE64 = "The Basic credentials are not valid base64."
MALFORMED = [
    ({"authorization": "Bearer junk"}, SHAPE),
    ({"authorization": f"Bearer rsk_abcdefgh_{'a' * 42}"}, SHAPE),
    ({"authorization": f"Bearer rsk_abcdefgh_{'a' * 44}"}, SHAPE),
    ({"authorization": f"Bearer rsk_ABCDEFGH_{'a' * 43}"}, SHAPE),
    ({"authorization": f"Bearer rsk_abcdefgh_{'é' * 43}"}, SHAPE),
    ({"authorization": f"Bearer rsk_abcdefgh_{'a' * 42}\x00"}, SHAPE),
    ({"x_api_key": "junk"}, SHAPE),
    ({"x_api_key": UNREADABLE}, SHAPE),
    ({"authorization": UNREADABLE}, SHAPE),
    ({"authorization": "Bearer"}, SCHEME),
    ({"authorization": "Bearer "}, SCHEME),
    ({"authorization": "Digest abc"}, SCHEME),
    ({"authorization": f"rsk_abcdefgh_{'a' * 43}"}, SCHEME),
    ({"authorization": "Basic " + base64.b64encode(b"user:").decode()}, SCHEME),
    ({"authorization": "Basic " + base64.b64encode(b"user").decode()}, SCHEME),
    ({"authorization": "Basic " + base64.b64encode(b"user:junk").decode()}, SHAPE),
    ({"authorization": "Basic " + base64.b64encode(b":\xff\xfe").decode()}, BASE64),
    ({"authorization": "Basic !!!"}, BASE64),
    ({"authorization": "Basic \xe9\xe9\xe9\xe9"}, BASE64),
]


@pytest.mark.parametrize(("shown", "detail"), MALFORMED)
@pytest.mark.parametrize("door", ["lookup", "me"])
def test_a_malformed_key(door, shown, detail):
    assert_refused(enter(door, **shown), detail)


ADDRESS = (
    "A key is not read from the address, since proxies log addresses. Send it as "
    "`Authorization: Bearer <key>`, and replace this one."
)


@every_door
def test_a_key_in_the_address_is_not_read(door, caplog):
    token = holder().token
    for asked in (f"api_key={token}", f"region=CN&key={token}", "apikey=secret", "API-KEY=secret"):
        method, path, body = DOORS[door]
        assert_refused(ask(method, f"{path}?{asked}", body=body), ADDRESS)
    assert token not in caplog.text


def test_a_key_in_a_header_is_enough():
    by = holder()
    method, path, _ = DOORS["me"]
    assert ask(method, f"{path}?api_key={by.token}", by=by).status == 200
    assert ask("GET", "/v1/categories?api_key=&monkey=1&key=1").status == 200


@pytest.mark.parametrize("user", [b"", b"x", "Müller".encode(), "Müller".encode("latin-1")])
def test_the_key_as_password_of_anybody(user):
    token = holder("lookup").token
    shown = base64.b64encode(user + b":" + token.encode()).decode()
    assert enter("lookup", authorization=f"Basic {shown}").status == 200


@every_door
def test_an_unknown_key(door):
    assert_refused(enter(door, by=f"rsk_abcdefgh_{'a' * 43}"), "This key is not known.")


@every_door
def test_a_wrong_secret_is_told_no_more_than_a_wrong_key(door):
    by = holder()
    other = by.token[:-1] + ("a" if by.token[-1] != "a" else "b")
    assert_refused(enter(door, by=other), "This key is not known.")


@every_door
def test_an_expired_key(door, clock):
    by = holder(expires_at=NOW + timedelta(hours=1))
    assert enter(door, by=by).status != 401
    clock.now = NOW + timedelta(hours=1)
    assert_refused(enter(door, by=by), "This key has expired. Ask for a new one.")


@every_door
def test_a_revoked_key_is_closed_at_once(door):
    by = holder()
    assert enter(door, by=by).status != 401
    keys.revoke_key(key=by.key, now=NOW)
    assert_refused(enter(door, by=by), "This key has been revoked. Ask for a new one.")


def test_revoking_twice_keeps_the_first_time():
    by = holder()
    keys.revoke_key(key=by.key, now=NOW)
    keys.revoke_key(key=by.key, now=NOW + timedelta(days=1))
    assert ApiKey.objects.get().revoked_at == NOW


@pytest.mark.slow
@every_door
def test_without_a_key_only_public_doors_open(door):
    answer = enter(door)
    if door in WITHOUT_A_KEY:
        assert answer.status == 200
        return
    if door == "national lookup":
        assert answer.status == 400  # no key, so no region of the key
        return
    assert answer.status == 401
    assert answer.json == trouble(
        *(401, "Unauthorized", "key-required"),
        "This needs an API key: send `Authorization: Bearer <key>`.",
    )
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ringscore"'
    assert answer.headers["Content-Type"] == "application/problem+json"


# --- Scopes, both ways ---

NEEDED = {
    "lookup": "lookup",
    "national lookup": "lookup",
    "bulk": "lookup",
    "report": "report",
    "my report": "report",
    "withdraw": "report",
    "reports of a number": "",
    "categories": "",
    "me": "",
}


@pytest.mark.parametrize("scope", SCOPES)
@every_door
def test_a_key_opens_what_its_scope_says_and_nothing_else(door, scope):
    answer = enter(door, by=holder(scope))
    needed = NEEDED[door]
    if needed in ("", scope):
        assert answer.status in (200, 201, 404)
        return
    assert answer.status == 403
    assert answer.json == trouble(
        *(403, "Forbidden", "scope-missing"),
        f"This key lacks the scope `{needed}`. Use a key that was made with it.",
    )
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "WWW-Authenticate" not in answer.headers
    # It was counted: who may not do a thing may not hammer on it either.
    limit, left = answer.left
    assert left == limit - 1


# --- Making one ---


def test_a_new_key():
    key, token = keys.create_key(name="PBX", scopes=["report", "lookup"], region="cn", now=NOW)
    assert re.fullmatch(rf"rsk_{key.prefix}_[A-Za-z0-9]{{43}}", token)
    assert ApiKey.objects.values().get() == {
        "id": key.pk,
        "prefix": key.prefix,
        "digest": hashlib.sha256(token.encode()).digest(),
        "name": "PBX",
        "scopes": ["lookup", "report"],
        "region": "CN",
        "reporter_id": key.reporter_id,
        "created_at": NOW,
        "expires_at": None,
        "revoked_at": None,
        "last_used_at": None,
        "verifies_attestation": False,
        "personal": False,
        "made_with_id": None,
        "pairing": "",
        "grant_id": None,
        "moderator_id": None,
    }
    reporter = Reporter.objects.get()
    assert (reporter.kind, reporter.handle, reporter.created_at) == ("key", key.prefix, NOW)
    assert str(key) == f"rsk_{key.prefix}…"


def test_no_two_keys_are_alike():
    tokens = {holder().token for _ in range(5)}
    assert len(tokens) == 5
    assert ApiKey.objects.count() == 5


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        (["lookup", "all"], "Unknown scopes ['all']."),
        ([], "No scope is named."),
        (["Lookup"], "Unknown scopes ['Lookup']."),
    ],
)
def test_an_unknown_scope(scopes, said):
    with pytest.raises(keys.UnknownScope) as error:
        keys.create_key(name="x", scopes=scopes, now=NOW)
    assert str(error.value) == f"{said} Choose from: lookup, report, bulk, feed, intake, compat."
    assert not Reporter.objects.exists()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("apikey_scopes_known", {"scopes": ["lookup", "all"]}),
        ("apikey_region_shape", {"region": "cn"}),
        ("apikey_region_shape", {"region": "C"}),
    ],
)
def test_the_database_refuses(name, fields):
    by = holder()
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        ApiKey.objects.filter(pk=by.key.pk).update(**fields)


def test_the_database_refuses_a_second_key_of_the_same_prefix():
    one, other = holder(), holder()
    with (
        pytest.raises(IntegrityError, match='constraint "apikey_prefix_unique"'),
        transaction.atomic(),
    ):
        ApiKey.objects.filter(pk=one.key.pk).update(prefix=other.key.prefix)


# --- Last use ---


@pytest.mark.slow
@pytest.mark.parametrize("door", ["lookup", "national lookup", "me"])
def test_use_is_noted_at_most_once_a_minute(door, clock):
    by = holder()
    ApiKey.objects.update(last_used_at=None)
    for seconds, noted in ((0, 0), (30, 0), (60, 0), (61, 61), (90, 61)):
        clock.now = NOW + timedelta(seconds=seconds)
        enter(door, by=by)
        assert ApiKey.objects.get().last_used_at == NOW + timedelta(seconds=noted)


def test_a_refused_key_was_not_used():
    by = holder()
    ApiKey.objects.update(last_used_at=None)
    keys.revoke_key(key=by.key, now=NOW)
    enter("lookup", by=by)
    enter("me", by=by)
    assert ApiKey.objects.get().last_used_at is None


def test_the_key_of_an_organisation_ends_at_the_moment_that_was_granted(clock):
    end = NOW + timedelta(hours=1)
    grant = a_key_grant(
        voice=newcomer("an organisation"),
        granted_at=NOW,
        expires_at=end,
        scopes=["lookup"],
        lookups_per_minute=600,
    )
    by = holder("lookup", grant=grant)
    clock.now = end - timedelta(seconds=1)
    assert enter("lookup", by=by).status == 200
    clock.now = end
    assert_refused(enter("lookup", by=by), "This key has expired. Ask for it to be renewed.")
