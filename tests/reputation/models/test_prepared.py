"""Reads through libpq: what they give, and what happens when the connection does not hold."""

import os
import select
import socket
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from reputation.models import (
    LoggedCall,
    Number,
    Prepared,
    Reading,
    read_together,
    short_transaction,
)
from tests.given.reporters import NOW
from tests.given.wire import wire

KEY = "+8613812345678"
NAMED = Prepared("SELECT n.name, n.score FROM reputation_number n WHERE n.key = %s")
EACH = Prepared("SELECT k FROM unnest(string_to_array(%s, ' ')) k WHERE k <> %s ORDER BY k")


def number(name: str = "Bakery") -> Number:
    return Number.objects.create(
        key=KEY, name=name, created_at=NOW, evidence_at=NOW, prior=0.45, score=7
    )


def another() -> psycopg.Connection:
    """A connection beside Django's."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    return psycopg.connect(**parameters, autocommit=True)


def end(pid: int) -> None:
    """Ends a connection from outside, as a restart of the server would."""
    with another() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def break_off() -> None:
    """Lets Django's connection fail when it sends, after the server has said something."""
    with connection.cursor() as cursor:
        cursor.execute("LISTEN news")
    with another() as other:
        other.execute("NOTIFY news")
    descriptor = connection.connection.pgconn.socket
    assert select.select([descriptor], [], [], 20)[0]
    with socket.socket(fileno=os.dup(descriptor)) as ours:
        ours.shutdown(socket.SHUT_WR)


def backend() -> int:
    pid: int = connection.connection.info.backend_pid
    return pid


@pytest.mark.django_db
def test_a_row_or_none():
    assert NAMED.one(KEY) is None
    assert NAMED.all(KEY) == []
    number()
    assert NAMED.one(KEY) == ("Bakery", 7)
    assert NAMED.all(KEY) == [("Bakery", 7)]


@pytest.mark.django_db
def test_several_parameters_and_rows():
    assert EACH.all("b a c", "c") == [("a",), ("b",)]
    assert EACH.one("b a c", "a") == ("b",)


@pytest.mark.django_db
def test_it_sees_what_its_transaction_wrote_and_not_what_was_taken_back():
    with transaction.atomic():
        number("uncommitted")
        assert NAMED.one(KEY) == ("uncommitted", 7)
        transaction.set_rollback(True)
    assert NAMED.one(KEY) is None


@pytest.mark.django_db
def test_values_are_python_s():
    values = Prepared(
        "SELECT 1::int8, 1.5::float8, true, 'Ü', NULL, ARRAY['a'], '\\x00ff'::bytea,"
        " ROW(false, 2::int2, NULL::text)"
    )
    expected = (1, 1.5, True, "Ü", None, ["a"], b"\x00\xff", (False, 2, None))
    assert values.one() == expected


@pytest.mark.django_db
def test_moments_are_counted_from_a_column_on():
    query = "SELECT at, at, NULL::timestamptz, 'x' FROM (SELECT %s::timestamptz AS at) asked"
    row = Prepared(query, counted_from=1).one("2000-01-02T00:00:00.000001Z")
    assert row == (datetime(2000, 1, 2, 0, 0, 0, 1, UTC), 86_400_000_001, None, "x")


@pytest.mark.django_db
def test_an_error_is_postgresql_s_and_leaves_the_connection_usable():
    broken = Prepared("SELECT 1 / length(%s)")
    assert broken.one("a") == (1,)
    with pytest.raises(DataError), transaction.atomic():
        broken.one("")
    assert broken.one("a") == (1,)


@pytest.mark.django_db
def test_a_query_that_cannot_be_prepared_fails_each_time():
    nonsense = Prepared("SELECT nothing FROM nowhere")
    for _ in range(2):
        with pytest.raises(ProgrammingError), transaction.atomic():
            nonsense.one()


@pytest.mark.django_db
def test_a_failure_at_the_first_use_is_not_held_against_it():
    late = Prepared("SELECT 2 / length(%s)")
    with pytest.raises(DataError), transaction.atomic():
        late.one("")
    assert late.one("a") == (2,)


@pytest.mark.django_db(transaction=True)
def test_a_broken_connection_is_opened_anew():
    number()
    assert NAMED.one(KEY) == ("Bakery", 7)
    before = backend()
    end(before)
    assert NAMED.one(KEY) == ("Bakery", 7)
    assert backend() != before


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_after_the_server_has_said_something_is_opened_anew():
    """As where another of its processes has crashed: libpq reads what was said, and reports only
    that it cannot send."""
    number()
    assert NAMED.one(KEY) == ("Bakery", 7)
    before = backend()
    break_off()
    assert NAMED.one(KEY) == ("Bakery", 7)
    assert backend() != before


@pytest.mark.django_db(transaction=True)
def test_a_transaction_is_not_continued_on_another_connection():
    def read_across_a_restart() -> None:
        with transaction.atomic():
            NAMED.one(KEY)
            end(backend())
            NAMED.one(KEY)

    with pytest.raises(OperationalError):
        read_across_a_restart()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_each_thread_reads_on_its_own_connection():
    number()
    seen: list[tuple[object, int]] = []

    def read() -> None:
        try:
            seen.append((NAMED.one(KEY), backend()))
        finally:
            connection.close()

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row for row, _ in seen] == [("Bakery", 7)] * 4
    assert len({pid for _, pid in seen} | {backend()}) == 5


RENAME = Prepared("UPDATE reputation_number SET name = %s WHERE key = %s")
SCORED = Prepared("UPDATE reputation_number SET score = %s::smallint RETURNING score")
LATER = Prepared("SELECT 1 / length(%s)")


@pytest.mark.django_db(transaction=True)
def test_a_short_transaction_sends_its_writes_with_the_next_read_and_its_end():
    number()

    def act() -> list[tuple[object, ...]]:
        seen: list[tuple[object, ...]] = []
        with short_transaction():
            RENAME.run("a", KEY)
            SCORED.then(seen.extend, "8")
            assert not seen
            assert NAMED.one(KEY) == ("a", 8)
            RENAME.run("b", KEY)
            assert Number.objects.get().name == "b"  # Django's own come after what is held
            RENAME.run("c", KEY)
        return seen

    act()  # prepares
    with wire() as sent:
        assert act() == [(8,)]
    # BEGIN, both writes and the read; a write; Django's; the last write and COMMIT
    assert (sent.trips, len(sent.statements)) == (4, 8)
    connection.close()
    assert NAMED.one(KEY) == ("c", 8)


@pytest.mark.django_db(transaction=True)
def test_a_short_transaction_that_fails_leaves_nothing():
    number()

    def fails_at_its_end() -> None:
        with short_transaction():
            RENAME.run("a", KEY)
            LATER.run("")
            RENAME.run("b", KEY)

    def fails_itself() -> None:
        with short_transaction():
            RENAME.run("a", KEY)
            NAMED.one(KEY)
            RENAME.run("b", KEY)
            raise KeyError

    def fails_within_another() -> None:
        with short_transaction():
            RENAME.run("a", KEY)
            with short_transaction():
                RENAME.run("b", KEY)
                raise KeyError

    def breaks() -> None:
        with short_transaction():
            NAMED.one(KEY)
            end(backend())
            RENAME.run("a", KEY)

    for fails, error in (
        (fails_at_its_end, DataError),
        (fails_itself, KeyError),
        (fails_within_another, KeyError),
        (breaks, OperationalError),
    ):
        with pytest.raises(error):
            fails()
        assert NAMED.one(KEY) == ("Bakery", 7), fails.__name__


@pytest.mark.django_db(transaction=True)
def test_a_deferred_constraint_fails_at_the_end_of_a_short_transaction():
    """COMMIT itself fails: it was sent along, and nobody may think that it succeeded."""
    orphan = Prepared(
        "INSERT INTO reputation_loggedcall (report_id, at, channel, conduct, words, imported,"
        " noted_at) VALUES (%s::bigint, now(), 'call', '{}', '', false, now())"
    )
    with pytest.raises(IntegrityError), short_transaction():
        orphan.run("0")
    assert not LoggedCall.objects.exists()
    assert connection.get_autocommit()


@pytest.mark.django_db(transaction=True)
def test_much_is_sent_and_read_at_once():
    """More than the sockets hold, both ways."""
    long, echo = "x" * 1_000_000, Prepared("SELECT %s::text")
    with transaction.atomic():
        readings = [Reading(echo, (f"{place}{long}",)) for place in range(8)]
        read_together(*readings)
    assert [each.rows for each in readings] == [[(f"{place}{long}",)] for place in range(8)]


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_together_sees_what_was_committed_while_it_waited_for_a_lock():
    number()
    lock = Prepared("SELECT id FROM reputation_number WHERE key = %s FOR UPDATE")
    said = Reading(NAMED, (KEY,))
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("UPDATE reputation_number SET name = 'later'")
        release = threading.Timer(0.2, other.commit)
        release.start()
        with short_transaction():
            read_together(Reading(lock, (KEY,)), said)
        release.join()
    assert said.rows == [("later", 7)]
