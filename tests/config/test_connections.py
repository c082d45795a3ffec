"""Connections to the database end with their threads."""

import gc
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection

from reputation import lookup


def plain() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def prepared() -> None:
    lookup.ONE.one("+8613800000000")


def opened() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        [count] = cursor.fetchone()
        return int(count)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [plain, prepared])
def test_a_connection_ends_with_its_thread(work: Callable[[], None]) -> None:
    gc.collect()
    gc.disable()  # as good as in a server, whose collector seldom comes by
    try:
        before = opened()
        for _ in range(5):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        deadline = time.monotonic() + 10  # PostgreSQL takes a moment to see a connection end
        while opened() > before and time.monotonic() < deadline:
            time.sleep(0.05)
        assert opened() <= before
    finally:
        gc.enable()
