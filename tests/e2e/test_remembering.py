"""Two workers that remember: what one of them is told, the other keeps to."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from django.utils import timezone

from api import keys
from tests.e2e.server import Server

pytestmark = pytest.mark.slow
SEVERAL = 12  # requests, each over a connection of its own, that reach both workers


@pytest.fixture
def server(transactional_db: None, redis_url: str) -> Iterator[Server]:
    server = Server(WEB_WORKERS="2", CACHE_URL=redis_url).start()
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
