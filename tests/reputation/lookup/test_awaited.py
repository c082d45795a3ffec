"""Rows for who may not wait: those of the database, or at once the news that it cannot be had."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from queue import SimpleQueue
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import Error, connection, transaction
from psycopg.pq.abc import PGconn, PGresult

from reputation.lookup import MISSING, ONE, Awaited, awaited
from reputation.models import Prepared, Row
from tests.given.reporters import BAKERY, SCAMMER, newcomer, say

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "+8613812345679"


class Reader:
    def __init__(self) -> None:
        self.kept: dict[str, Row | None] = {}
        self.awaited = Awaited(lambda key, row, since: self.kept.update({key: row}))
        self.told: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def want(self, key: str) -> bool:
        return self.awaited.row(key, lambda row: self.told.put((key, row)))

    def answers(self, count: int) -> list[tuple[str, Any]]:
        return [self.told.get(timeout=30) for _ in range(count)]

    @contextmanager
    def running(self) -> Iterator[None]:
        stopped = threading.Event()
        thread = threading.Thread(target=self.awaited.run, args=[stopped])
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()

    def connected(self) -> "awaited._Line":
        while (line := self.awaited.line) is None:
            sleep(0.01)
        return line


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setattr(awaited, "PAUSE", 0.02)
    monkeypatch.setattr(awaited, "PATIENCE", 60.0)
    for number in (SCAMMER, BAKERY):
        say(newcomer(number.key), number=number)
    return Reader()


def test_all_that_wait_get_their_rows_from_one_statement(reader):
    asked = [SCAMMER.key, NOBODY, BAKERY.key, NOBODY]
    expected = [(key, ONE.one(key)) for key in asked]
    reader.awaited.line = awaited._Line()  # and nobody reads yet
    assert all(map(reader.want, asked))
    assert list(reader.awaited.under_way) == asked[:1]
    assert list(reader.awaited.wanted) == asked[1:3]
    with reader.running():
        answers = reader.answers(4)
    assert sorted(answers, key=str) == sorted(expected, key=str)
    assert reader.kept == dict(expected)


def test_nobody_waits_for_more_than_two_statements(reader, monkeypatch):
    monkeypatch.setattr(awaited, "MOST", 2)
    reader.awaited.line = awaited._Line()
    assert all(reader.want(f"+8613812345{place}") for place in range(100, 103))
    assert not reader.want(SCAMMER.key)
    with reader.running():
        assert {row for _, row in reader.answers(3)} == {None}


def test_who_breaks_something_does_not_keep_the_row_from_others(reader, caplog):
    def break_it(row: Any) -> None:
        raise RuntimeError("a bug")

    reader.awaited.line = awaited._Line()
    reader.awaited.row(SCAMMER.key, break_it)
    for key in (SCAMMER.key, BAKERY.key):
        assert reader.want(key)
        reader.awaited.row(key, break_it)
    with reader.running():
        assert sorted(reader.answers(2)) == sorted(
            (number.key, ONE.one(number.key)) for number in (SCAMMER, BAKERY)
        )
    assert "a bug" in caplog.text


def sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        (found,) = cursor.fetchone()
        return int(found)


def test_a_line_that_cannot_be_prepared_does_not_stay_open(reader, monkeypatch):
    monkeypatch.setattr(awaited, "ROWS", Prepared("SELECT nothing FROM nowhere WHERE x = %s"))
    before = sessions()
    for _ in range(5):
        with pytest.raises(Error):
            awaited._Line()
    deadline = monotonic() + 10
    while sessions() > before and monotonic() < deadline:  # PostgreSQL ends them in its own time
        sleep(0.01)
    assert sessions() <= before


class HalfAnAnswer:
    """A connection to which the rows have come, and the end of the answer only later."""

    def __init__(self, pgconn: PGconn) -> None:
        self.pgconn, self.asked, self.ended = pgconn, 0, False

    def consume_input(self) -> None:
        self.pgconn.consume_input()

    def is_busy(self) -> bool:
        return bool(self.pgconn.is_busy()) or (self.asked == 1 and not self.ended)

    def get_result(self) -> PGresult | None:
        assert not self.is_busy(), "it would wait, and with it the whole process"
        self.asked += 1
        return self.pgconn.get_result()


def test_no_thread_waits_within_libpq_for_the_end_of_an_answer(reader):
    line = awaited._Line()
    line.send(SCAMMER.key)
    half = line.pgconn = HalfAnAnswer(line.pgconn)
    while not half.asked:
        assert line.received() is None
    assert line.received() is None
    half.ended = True
    result = None
    while result is None:
        result = line.received()
    assert [row[0] for row in line.rows(result)] == [SCAMMER.key]
    line.close()


@contextmanager
def lost(reader: Reader) -> Iterator[None]:
    """The server ends the reader's connection, and no other can be opened."""
    line = reader.connected()
    with connection.cursor() as cursor, pytest.MonkeyPatch.context() as away:
        away.setattr(awaited, "_Line", _nowhere)
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [line.pgconn.backend_pid])
        yield


def _nowhere() -> None:
    raise Error("no server")


@contextmanager
def locked(reader: Reader) -> Iterator[None]:
    """Somebody changes the table, and every read of it waits."""
    reader.connected()
    with transaction.atomic(), connection.cursor() as cursor, pytest.MonkeyPatch.context() as short:
        cursor.execute("LOCK TABLE reputation_number IN ACCESS EXCLUSIVE MODE")
        short.setattr(awaited, "PATIENCE", 0.05)
        yield


@pytest.mark.parametrize("trouble", [lost, locked])
def test_a_server_without_an_answer_is_given_up_and_connected_to_anew(
    reader, trouble: Callable[[Reader], AbstractContextManager[None]]
):
    asked = [SCAMMER.key, BAKERY.key]
    with reader.running():
        with trouble(reader):
            # A connection that is known to be lost is refused at once instead.
            accepted = [key for key in asked if reader.want(key)]
            assert reader.answers(len(accepted)) == [(key, MISSING) for key in accepted]
            if trouble is locked:
                assert accepted == asked
        reader.connected()
        while not reader.want(SCAMMER.key):
            sleep(0.01)
        assert reader.answers(1) == [(SCAMMER.key, ONE.one(SCAMMER.key))]


def test_a_thread_that_stops_leaves_nobody_waiting(reader):
    reader.awaited.line = awaited._Line()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reputation_number IN ACCESS EXCLUSIVE MODE")
        assert reader.want(SCAMMER.key)
        assert reader.want(BAKERY.key)
        with reader.running():
            pass
    assert reader.answers(2) == [(SCAMMER.key, MISSING), (BAKERY.key, MISSING)]
    assert not reader.want(SCAMMER.key)
