"""Two workers that remember: what one of them is told, the other keeps to."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from api import keys
from tests.e2e.server import Server

pytestmark = pytest.mark.slow
SEVERAL = 12  # requests, each over a connection of its own, that reach both workers


@pytest.fixture
def server(transactional_db: None, redis_url: str) -> Iterator[Server]:
    server = Server(WEB_WORKERS="2", CACHE_URL=redis_url, LOOKUP_MEMORY_MB="128").start()
    yield server
    server.stop()


def ask(server: Server, method: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, body and json.dumps(body), headers)
    answer = connection.getresponse()
    found = json.loads(answer.read())
    connection.close()
    return answer.status, found


def test_own_reports_others_reports_and_revocations(server):
    now = timezone.now()
    numbers = [f"+49301234{place:03}" for place in range(5)]
    (key, writer), (_, reader) = (
        keys.create_key(name=name, scopes=["lookup", "report"], now=now) for name in "wr"
    )

    def seen(number: str, token: str) -> set[int]:
        answers = [ask(server, "GET", f"/v1/numbers/{number}", token) for _ in range(SEVERAL)]
        assert {status for status, _ in answers} == {200}
        return {found["reports"] for _, found in answers}

    for number in numbers:
        assert seen(number, writer) == seen(number, reader) == {0}
        report = {"number": number, "category": "robocall"}
        status, _ = ask(server, "POST", "/v1/reports", writer, report)
        assert status == 201
        assert seen(number, writer) == {1}
        time.sleep(2)
        assert seen(number, reader) == {1}
    assert keys.revoke_key(key=key, now=timezone.now()) == [key]
    time.sleep(1)
    for _ in range(SEVERAL):
        assert ask(server, "GET", f"/v1/numbers/{numbers[0]}", writer)[0] == 401


@contextmanager
def away() -> Iterator[None]:
    """The test's database ends all connections and takes no new ones."""
    name = connection.settings_dict["NAME"]
    parameters = connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
    connection.close()
    with psycopg.connect(**parameters) as other:
        other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            other.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
            yield
        finally:
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_nothing_is_answered_from_memory_for_longer_than_a_second_without_the_database(server):
    now = timezone.now()
    (_, reader), (_, writer) = (
        keys.create_key(name=name, scopes=["lookup", "report"], now=now) for name in "rw"
    )
    numbers = ["+49301234000", "+49301234001"]

    def report(number: str) -> int:
        body = {"number": number, "category": "robocall"}
        return ask(server, "POST", "/v1/reports", writer, body)[0]

    def statuses() -> set[int]:
        paths = [f"/v1/numbers/{number}" for number in numbers] * (SEVERAL // 2)
        return {ask(server, "GET", path, reader)[0] for path in paths}

    assert report(numbers[0]) == 201
    assert statuses() == {200}
    with away():
        time.sleep(1)
        assert statuses() == {503}
    deadline = time.monotonic() + 60
    while statuses() != {200}:
        assert time.monotonic() < deadline
    assert report(numbers[1]) == 201
    time.sleep(2)
    for _ in range(SEVERAL):
        assert ask(server, "GET", f"/v1/numbers/{numbers[1]}", reader)[1]["reports"] == 1
