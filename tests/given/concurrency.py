"""Acts at one moment, each in a thread and on a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import connection, transaction


def together[T](*acts: Callable[[], T]) -> list[T]:
    """Runs all of them at the same moment; raises what the first of them raised."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            gate.wait(20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(60) for future in [pool.submit(run, act) for act in acts]]


def meanwhile[T](act: Callable[[], object], other: Callable[[], T]) -> T:
    """What `other` comes to that begins when `act` is done and not committed yet; `act` is
    committed once the other is done, or waits for it."""
    done, go = threading.Event(), threading.Event()

    def held() -> None:
        try:
            with transaction.atomic():
                act()
                done.set()
                go.wait(20)
        finally:
            done.set()
            connection.close()

    def run() -> T:
        try:
            done.wait(20)
            return other()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(held), pool.submit(run)
        wait([second], timeout=0.5)
        go.set()
        first.result(60)
        return second.result(60)


def until_one_waits(done: threading.Event) -> None:
    """Returns once another connection to this database waits for a lock, or `done` is set."""
    while not done.wait(0.01):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees no change
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
