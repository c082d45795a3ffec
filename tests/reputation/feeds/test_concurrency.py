"""Many writers, a polling reader, and somebody who kills their connections: nothing is missed."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, InterfaceError, connection, transaction

from reputation import counting
from reputation.counting import publishing
from reputation.feeds import log
from reputation.feeds.compaction import compact
from reputation.feeds.log import Change
from reputation.identity import identify
from reputation.models import FeedChange, Number
from tests.given.reporters import NOW

# Few, so that writers meet on them.
NUMBERS = [f"+86138123456{last:02}" for last in range(12)]
WRITERS, ATTEMPTS = 8, 60
KILLED = (DatabaseError, InterfaceError)

pytestmark = pytest.mark.django_db(transaction=True)


class ChangedMyMind(Exception):
    pass


class Diary:
    """What writers know of their attempts. Each attempt has a moment of its own, its name."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.attempts = 0
        self.committed: set[datetime] = set()
        self.undone: set[datetime] = set()
        self.killed: set[datetime] = set()  # of those, who knows: the answer to COMMIT was lost

    def begin(self) -> datetime:
        with self.lock:
            self.attempts += 1
            return NOW + timedelta(microseconds=self.attempts)


def write(diary: Diary, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(ATTEMPTS):
        moment = diary.begin()
        try:
            with transaction.atomic():
                # In order, as whoever locks several numbers must.
                for key in sorted(chance.sample(NUMBERS, chance.choice([1, 1, 2]))):
                    number = counting.lock_number(identify(key), now=moment)
                    number.pinned = "flag" if number.action == "allow" else "allow"
                    publishing.publish(number, now=moment)
                    time.sleep(chance.choice([0, 0, 0.002]))
                if chance.random() < 0.2:
                    raise ChangedMyMind
            diary.committed.add(moment)
        except ChangedMyMind:
            diary.undone.add(moment)
        except KILLED:
            diary.killed.add(moment)
            connection.close()


def poll(seen: list[Change], finished: threading.Event, limit: int) -> None:
    cursor = 0
    while True:
        last_round = finished.is_set()
        try:
            page = log.changes_since(cursor, limit=limit)
        except KILLED:
            connection.close()
            continue
        seen.extend(page.changes)
        cursor = page.cursor
        if last_round and cursor == page.head:
            return
        time.sleep(0.001)


def kill(finished: threading.Event, killed: list[int]) -> None:
    """Ends a random connection to this database every few milliseconds: writers' and readers'."""
    while not finished.wait(0.02):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid, pg_terminate_backend(pid) FROM ("
                " SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid NOT IN (pg_backend_pid(), %s) AND backend_type = 'client backend'"
                " ORDER BY random() LIMIT 1) victim",
                [killed[0]],
            )
            killed.extend(row[0] for row in cursor.fetchall())


@contextmanager
def running(*targets: Callable[[], object]) -> Iterator[list[threading.Thread]]:
    """Threads with connections of their own; what they raise fails the test (pytest's hook)."""

    def closing(target: Callable[[], object]) -> None:
        try:
            target()
        finally:
            connection.close()

    threads = [threading.Thread(target=closing, args=[target]) for target in targets]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.join()


def own_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.slow
def test_a_polling_reader_misses_nothing_and_sees_nothing_twice():
    diary, finished, killing_over = Diary(), threading.Event(), threading.Event()
    seen: list[list[Change]] = [[], []]
    killed = [own_pid()]  # the first is spared: it is the test's own

    with running(
        lambda: poll(seen[0], finished, 7),
        lambda: poll(seen[1], finished, 1000),
        lambda: kill(killing_over, killed),
    ):
        with running(*[lambda seed=seed: write(diary, seed) for seed in range(WRITERS)]):
            pass
        killing_over.set()
        number_the_rest()
        finished.set()

    rows = list(FeedChange.objects.order_by("cursor"))
    for each in seen:
        # Gapless, in order, exactly once: all that is in the log.
        assert [change.cursor for change in each] == list(range(1, len(rows) + 1))
        assert [(change.number, change.changed_at) for change in each] == [
            (row.key, row.changed_at) for row in rows
        ]
    # And the log is all that was committed, with what may have been when the connection broke.
    logged = {row.changed_at for row in rows}
    assert diary.committed <= logged <= diary.committed | diary.killed
    assert not diary.undone & logged
    assert len(diary.committed) > WRITERS * ATTEMPTS / 4
    assert diary.undone
    assert diary.killed
    assert len(killed) > 5
    # Each number's changes follow on one another, and lead to what the public is told now.
    told = dict.fromkeys(NUMBERS, "allow")
    for change in seen[0]:
        assert change.previous == told[change.number]
        told[change.number] = change.action
    assert told == {
        **dict.fromkeys(NUMBERS, "allow"),
        **dict(Number.objects.values_list("key", "action")),
    }


def test_a_writer_that_dawdles_holds_nobody_up_and_is_not_passed_over(tell):
    """Cursors drawn from a sequence fail here: the later is read first, the earlier never."""
    written, go_on = threading.Event(), threading.Event()

    def dawdle() -> None:
        with transaction.atomic():
            tell(NUMBERS[0], "flag")
            written.set()
            assert go_on.wait(20)

    with running(dawdle):
        try:
            assert written.wait(20)
            tell(NUMBERS[1], "flag")
            first = log.changes_since(0)
            with log.snapshot() as before:
                listed = [change.number for change in before.changes]
        finally:
            go_on.set()
    second = log.changes_since(first.cursor)

    assert [(change.cursor, change.number) for change in first.changes] == [(1, NUMBERS[1])]
    assert (before.cursor, listed) == (1, [NUMBERS[1]])
    assert [(change.cursor, change.number) for change in second.changes] == [(2, NUMBERS[0])]


def test_while_another_sequences_a_reader_goes_on_with_what_there_is(tell):
    tell(NUMBERS[0], "flag")
    log.sequence()
    tell(NUMBERS[1], "flag")
    holding, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM reputation_feedhead FOR UPDATE")
            holding.set()
            assert go_on.wait(20)

    with running(hold):
        try:
            assert holding.wait(20)
            page = log.changes_since(0)
        finally:
            go_on.set()

    assert [change.number for change in page.changes] == [NUMBERS[0]]
    assert [change.number for change in log.changes_since(1).changes] == [NUMBERS[1]]


def test_a_reader_that_may_not_write_goes_on_with_what_there_is(tell):
    """As on a replica."""
    tell(NUMBERS[0], "flag")
    log.sequence()
    tell(NUMBERS[1], "flag")
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        assert [change.number for change in log.changes_since(0).changes] == [NUMBERS[0]]
        assert take_snapshot() == (1, {NUMBERS[0]: "flag"})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
    assert log.head() == 2


@pytest.mark.slow
def test_compaction_among_writers_and_readers_loses_no_listed_number():
    diary, finished = Diary(), threading.Event()
    snapshots: list[tuple[int, dict[str, str]]] = []

    def compacting() -> None:
        while not finished.is_set():
            compact(now=NOW + timedelta(days=1), keep=timedelta(0))
            time.sleep(0.01)

    def reading() -> None:
        """As a client does: a snapshot, then changes; anew when told that the cursor is too old."""
        cursor, state = take_snapshot()
        while True:
            last_round = finished.is_set()
            try:
                page = log.changes_since(cursor, limit=3)
            except log.CursorTooOld:
                cursor, state = take_snapshot()
                continue
            for change in page.changes:
                state.pop(change.number, None)
                if change.listed:
                    state[change.number] = change.action
            cursor = page.cursor
            if last_round and cursor == page.head:
                snapshots.append((cursor, state))
                return

    with running(compacting, reading, reading):
        with running(*[lambda seed=seed: write(diary, seed) for seed in range(3)]):
            pass
        number_the_rest()
        finished.set()

    truth = dict(Number.objects.listed().values_list("key", "action"))
    assert truth
    cursor, state = take_snapshot()
    assert snapshots == [(cursor, truth), (cursor, truth)]
    assert state == truth


def number_the_rest() -> None:
    """Until all has its cursor. A reader alone may come while another is just giving them."""
    while FeedChange.objects.filter(cursor=None).exists():
        log.sequence()


def take_snapshot() -> tuple[int, dict[str, str]]:
    with log.snapshot() as taken:
        return taken.cursor, {change.number: change.action for change in taken.changes}
