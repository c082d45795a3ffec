"""The database goes away, and comes back."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from api.models import ApiKey
from config.version import release
from config.wsgi import application
from tests.given.api_doors import DOORS, enter
from tests.given.api_requests import Holder, ask, holder, only_django, trouble

TOKEN = f"rsk_abcdefgh_{'a' * 43}"
DETAIL = "The database is unavailable. Try again in 5 seconds."
UNAVAILABLE = trouble(503, "Service Unavailable", "unavailable", DETAIL)
NUMBER = "/v1/numbers/+8613812345678"


@pytest.mark.usefixtures("database_away")
@pytest.mark.parametrize("door", DOORS)
def test_every_door_says_when_to_come_back(door, caplog: pytest.LogCaptureFixture):
    answer = enter(door, by=TOKEN)
    assert answer.status == 503
    assert answer.json == UNAVAILABLE
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"
    assert "database unavailable: " in caplog.text
    # What the log tells the operator is not for the public.
    assert b"connection" not in answer.body


@pytest.mark.usefixtures("database_away")
@pytest.mark.parametrize("app", [application, only_django])
def test_a_lookup_without_a_key(app):
    answer = ask("GET", NUMBER, app=app)
    assert (answer.status, answer.json) == (503, UNAVAILABLE)
    assert answer.headers["Retry-After"] == "5"
    assert answer.left == (60, 59)
    text = ask("GET", NUMBER + "?format=text", app=app)
    assert (text.status, text.body.decode()) == (503, f"ERROR unavailable: {DETAIL}\n")
    assert text.headers["Retry-After"] == "5"


@pytest.mark.usefixtures("database_away")
def test_what_needs_no_database_is_answered():
    assert ask("GET", "/healthz").json == {"status": "ok"}
    assert ask("GET", "/v1/categories").status == 200
    assert ask("GET", "/v1/numbers/!!!").status == 400
    assert ask("GET", NUMBER, by="junk").status == 401


@pytest.mark.usefixtures("database_away")
def test_readyz_names_the_part():
    answer = ask("GET", "/readyz")
    assert answer.status == 503
    assert answer.json == {
        "status": "unavailable",
        "version": release(),
        "database": "unavailable",
        "migrations": "unknown",
        "cache": "ok",
        "disk": "ok",
        "worker": "unknown",
        "feeds": "unknown",
    }


def cut() -> None:
    """Ends this thread's connection at the server, as a restart or a failover does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with psycopg.connect(**connection.get_connection_params()) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid]).fetchone() == (True,)


@pytest.mark.django_db(transaction=True)
def test_a_cut_connection_is_opened_anew():
    by = holder()
    report = {"number": "+8613812345678", "category": "other"}
    many = {"numbers": ["+8613812345678"]}
    for method, path, body, app in (
        ("GET", NUMBER, None, application),
        ("GET", "/v1/numbers/13812345678", None, application),
        ("POST", "/v1/numbers/lookup", many, application),
        ("GET", NUMBER, None, only_django),
        ("POST", "/v1/reports", report, application),
    ):
        cut()
        assert ask(method, path, by=by, body=body, app=app).status < 300, (method, path, app)


@contextmanager
def locked(statement: str) -> Iterator[None]:
    """Another session has run `statement` and keeps its locks."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(statement)
        yield
        other.rollback()


def never_used() -> Holder:
    """Of a key whose use is noted at its next request."""
    by = holder()
    ApiKey.objects.update(last_used_at=None)
    return by


@pytest.mark.django_db(transaction=True)
def test_the_note_of_a_key_waits_for_nobody(caplog: pytest.LogCaptureFixture):
    by = never_used()
    with locked("SELECT * FROM api_apikey FOR UPDATE"):
        assert ask("GET", NUMBER, by=by).status == 200
    assert "not noted" not in caplog.text, "it waited for the lock until that took too long"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_a_lookup_that_waited_long_enough_does_not_wait_again(limit):
    by = holder()
    with connection.cursor() as cursor:
        cursor.execute(f"SET {limit} = 50")
        before = connection.connection
    with locked("LOCK TABLE reputation_number"):
        answer = ask("GET", NUMBER, by=by)
    assert (answer.status, answer.json) == (503, UNAVAILABLE)
    assert connection.connection is before, "it tried again on another connection, without limit"
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_became_read_only_is_noticed_and_left():
    """As after a failover: our sessions lead to the standby, new ones to the new server."""
    by = never_used()
    report = {"number": "+8613812345678", "category": "other"}

    def fail_over() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")

    fail_over()
    answer = ask("GET", "/readyz")
    assert (answer.status, answer.json["database"]) == (503, "read-only")
    assert ask("GET", "/readyz").status == 200
    fail_over()
    assert ask("GET", NUMBER, by=by).status == 200
    assert ask("GET", "/v1/me", by=by).status == 200
    assert ApiKey.objects.get().last_used_at is not None
    fail_over()
    answer = ask("POST", "/v1/reports", by=by, body=report)
    assert (answer.status, answer.json) == (503, UNAVAILABLE)
    assert answer.headers["Retry-After"] == "5"
    assert ask("POST", "/v1/reports", by=by, body=report).status == 201


@pytest.mark.django_db(transaction=True)
def test_a_standby_that_stays_one_answers_lookups_with_a_key(monkeypatch: pytest.MonkeyPatch):
    """The note of the key's use fails each time, on new connections as well."""
    by = never_used()
    given = connection.settings_dict["OPTIONS"]
    options = f"{given['options']} -c default_transaction_read_only=on"
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", given | {"options": options})
    connection.close()
    try:
        assert [ask("GET", NUMBER, by=by).status for _ in range(2)] == [200, 200]
    finally:
        connection.close()


@pytest.mark.usefixtures("database_away")
def test_an_outage_uses_nobodys_limit_up():
    for _ in range(3):
        answer = ask(
            "POST", f"{NUMBER}/disputes", body={"grounds": "new_holder", "statement": "It is mine."}
        )
        assert answer.status == 503
        assert answer.left == (10, 9)
