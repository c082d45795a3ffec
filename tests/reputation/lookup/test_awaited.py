"""Rows for an event loop: those of the database, or at once the news that it cannot be had."""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic, sleep

import pytest
from django.db import Error, connection, transaction
from psycopg.pq.abc import PGconn, PGresult

from reputation.lookup import ONE, Awaited, NotFoundOut, awaited
from reputation.models import Prepared, Row
from tests.given.reporters import BAKERY, SCAMMER, newcomer, say

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "+8613812345679"


class Reader:
    def __init__(self) -> None:
        self.kept: dict[str, Row | None] = {}
        self.awaited = Awaited(self.keep)

    def keep(self, key: str, row: Row | None, since: float) -> Row | None:
        self.kept[key] = row
        return row

    def row(self, key: str) -> Future[Row | None]:
        return self.awaited.read(key, lambda row: row)

    def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """`work` on a loop and a connection of its own, unless the work loses that."""
        self.awaited.connect()

        async def to_the_end() -> None:
            await work()
            if self.awaited.line is not None:
                asyncio.get_running_loop().remove_reader(self.awaited.line.socket)
                self.awaited.line.close()
                self.awaited.line = None

        asyncio.run(to_the_end())


@pytest.fixture
def reader() -> Reader:
    for number in (SCAMMER, BAKERY):
        say(newcomer(number.key), number=number)
    return Reader()


def test_all_that_wait_get_their_rows_from_one_statement(reader):
    asked = [SCAMMER.key, NOBODY, BAKERY.key, NOBODY]
    expected = [ONE.one(key) for key in asked]

    async def ask() -> None:
        rows = [reader.row(key) for key in asked]
        assert list(reader.awaited.under_way) == asked[:1]
        assert list(reader.awaited.wanted) == asked[1:3]
        assert await asyncio.gather(*rows) == expected

    reader.run(ask)
    assert reader.kept == dict(zip(asked, expected, strict=True))


def test_nobody_waits_for_more_than_two_statements(reader, monkeypatch):
    monkeypatch.setattr(awaited, "MOST", 2)

    async def ask() -> None:
        first, *others = (reader.row(f"+8613812345{place}") for place in range(100, 103))
        with pytest.raises(NotFoundOut):
            reader.row(SCAMMER.key)
        assert await first is None
        assert await asyncio.gather(reader.row(SCAMMER.key), *others)

    reader.run(ask)


def test_what_fails_of_one_row_fails_for_who_asked_alone(reader):
    expected = [ONE.one(SCAMMER.key), ONE.one(BAKERY.key)]

    async def ask() -> None:
        failing = reader.awaited.read(SCAMMER.key, lambda row: row.nothing)
        others = [reader.row(SCAMMER.key), reader.row(BAKERY.key)]
        with pytest.raises(AttributeError):
            await failing
        assert await asyncio.gather(*others) == expected

    reader.run(ask)


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
            reader.awaited.connect()
    deadline = monotonic() + 10
    while sessions() > before and monotonic() < deadline:  # PostgreSQL ends them in its own time
        sleep(0.01)
    assert sessions() <= before
    assert reader.awaited.offered is None


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


def test_the_loop_does_not_wait_for_the_end_of_an_answer(reader):
    reader.awaited.connect()
    line = reader.awaited.offered
    line.send(SCAMMER.key)
    half = line.pgconn = HalfAnAnswer(line.pgconn)
    while not half.asked:
        assert line.received() is None
    assert line.received() is None
    half.ended = True
    rows = None
    while rows is None:
        rows = line.received()
    assert [row[0] for row in rows] == [SCAMMER.key]
    line.close()


@contextmanager
def lost(reader: Reader) -> Iterator[None]:
    """The server ends the reader's connection."""
    assert reader.awaited.offered is not None
    with connection.cursor() as cursor:
        pid = reader.awaited.offered.pgconn.backend_pid
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    yield


@contextmanager
def locked(reader: Reader) -> Iterator[None]:
    """Somebody changes the table, and every read of it waits."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reputation_number IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.mark.parametrize("trouble", [lost, locked])
def test_a_server_without_an_answer_is_given_up_until_a_thread_has_connected_anew(
    reader, trouble: Callable[[Reader], AbstractContextManager[None]], monkeypatch
):
    monkeypatch.setattr(awaited, "PATIENCE", 0.05 if trouble is locked else 60.0)

    async def fail() -> None:
        for each in [reader.row(key) for key in (SCAMMER.key, BAKERY.key)]:
            with pytest.raises(NotFoundOut):
                await each
        with pytest.raises(NotFoundOut):
            reader.row(SCAMMER.key)

    async def succeed() -> None:
        assert await reader.row(SCAMMER.key) is not None

    reader.awaited.connect()
    with trouble(reader):
        reader.run(fail)
    monkeypatch.setattr(awaited, "PATIENCE", 60.0)
    reader.run(succeed)
