"""Slow, idle and waiting clients stop neither lookups nor /healthz, and hold no thread."""

import hashlib
import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psutil
import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from api.keys import create_key
from reputation.models import Report
from tests.e2e.server import Server

pytestmark = pytest.mark.slow

NUMBER = "/v1/numbers/+8613812345678"
# Heads of requests whose body may take its time. The application asks for the body of the last
# three: the first two are refused without it.
BULK_LOOKUP = "POST /v1/numbers/lookup"
REPORT = "POST /v1/reports"
DISPUTE = f"POST {NUMBER}/disputes"
BULK = "POST /v1/reports/bulk"


def head(line: str, *more: str) -> bytes:
    return "\r\n".join((f"{line} HTTP/1.1", "Host: 127.0.0.1", *more, "", "")).encode()


@contextmanager
def opened(server: Server, count: int, *sent: bytes) -> Iterator[list[socket.socket]]:
    """Opens `count` connections, and sends one of `sent` on each, in turn."""
    with ExitStack() as closing:
        clients = []
        for place in range(count):
            client = closing.enter_context(
                socket.create_connection(("127.0.0.1", server.port), timeout=30)
            )
            client.sendall(sent[place % len(sent)])
            clients.append(client)
        yield clients


def status(client: socket.socket) -> int:
    with client.makefile("rb") as answer:
        return int(answer.readline().split()[1])


def get(server: Server, path: str, **headers: str) -> http.client.HTTPResponse:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    client.request("GET", path, headers=headers)
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer


def assert_served(server: Server) -> None:
    """An answer comes at once; on a busy machine a lookup may come too late for a phone."""
    for path in (NUMBER, "/healthz"):
        assert 200 in (get(server, path).status for _ in range(10)), path


def test_a_body_is_read_only_after_key_limit_and_scope(server):
    _, token = create_key(name="looks", scopes=["lookup"], now=timezone.now())
    key = f"Authorization: Bearer {token}"
    long = ("Content-Type: application/json", "Content-Length: 5000")
    for line, shown, expected in (
        (BULK_LOOKUP, (), 401),
        (REPORT, (), 401),
        (REPORT, (key,), 403),
        (BULK, (key,), 403),
        ("POST /v1/intake/email", (key,), 403),
    ):
        with opened(server, 1, head(line, *shown, *long)) as [client]:
            assert status(client) == expected, line


def test_bodies_that_drip_stop_nothing_and_are_given_up(server):
    _, token = create_key(name="all", scopes=["lookup", "report", "bulk"], now=timezone.now())
    more = (f"Authorization: Bearer {token}", "Content-Type: application/json")
    heads = [head(line, *more, "Content-Length: 5000") for line in (BULK_LOOKUP, REPORT, DISPUTE)]
    with opened(server, 24, *heads, head(BULK, *more, "Transfer-Encoding: chunked")) as clients:
        for client in clients:
            client.sendall(b"1\r\n{\r\n")  # a chunk, where chunks are awaited
        assert_served(server)
        assert {status(client) for client in clients} == {408}
    assert_served(server)


def test_one_address_has_so_many_requests_open(server):
    slow = head(DISPUTE, "Content-Type: application/json", "Content-Length: 50")
    with opened(server, 40, slow) as clients:
        clients[-1].settimeout(5)
        with clients[-1].makefile("rb") as answer:
            head_lines = [answer.readline().strip() for _ in range(8)]
        assert head_lines[0].split()[1] == b"429"
        # Not the limit of disputes, which tells another time to wait.
        assert b"retry-after: 1" in map(bytes.lower, head_lines)
        assert_served(server)


def test_silent_connections_stop_nothing_and_are_closed(server):
    with opened(server, 600, b"", b"GET / HT") as clients:
        assert_served(server)
        for client in clients[:2]:
            assert client.recv(1000)[:12] in (b"", b"HTTP/1.1 408"), "closed by the server"


def test_a_client_that_does_not_read_holds_no_thread(server):
    """Eight of them, each with more than sockets keep."""
    ask = head("GET /v1/schema?format=json")
    with opened(server, 8, ask * 20):
        assert_served(server)
        assert get(server, "/v1/categories").status == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_report_that_was_cut_short_is_not_filed(server, chunked):
    _, token = create_key(name="bulk", scopes=["bulk"], now=timezone.now())
    row = b'{"number":"+8613812345678","category":"robocall"}\n'
    length = "Transfer-Encoding: chunked" if chunked else "Content-Length: 1000"
    sent = b"%x\r\n%s\r\n" % (len(row), row) if chunked else row
    with opened(server, 1, head(BULK, f"Authorization: Bearer {token}", length) + sent) as [client]:
        client.shutdown(socket.SHUT_WR)
        client.recv(1000)
    assert get(server, "/v1/categories").status == 200
    assert not Report.objects.exists()


def test_a_large_body_in_chunks_arrives_whole(server):
    _, token = create_key(name="bulk", scopes=["bulk"], now=timezone.now())
    rows = (
        json.dumps({"number": f"+1202{2_000_000 + place}", "category": "other"}).encode() + b"\n"
        for place in range(1000)
    )
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    client.request("POST", "/v1/reports/bulk", rows, {"Authorization": f"Bearer {token}"})
    answer = json.loads(client.getresponse().read())
    client.close()
    assert (answer["saved"], answer["invalid_total"]) == (1000, 0)


def test_a_small_body_in_chunks_is_read_too(server):
    """As .NET's PostAsJsonAsync sends each."""
    _, token = create_key(name="all", scopes=["lookup", "report"], now=timezone.now())
    number = {"number": "+8613812345678", "category": "robocall"}
    part = b'Content-Disposition: form-data; name="file"; filename="a.txt"'
    form = b"--b\r\n" + part + b"\r\n\r\nhello\r\n--b--"

    def post(path: str, body: bytes, content_type: str = "application/json") -> tuple[int, Any]:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        more = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
        client.request("POST", path, iter([body]), more)
        answer = client.getresponse()
        shown = json.loads(answer.read())
        client.close()
        return answer.status, shown

    status, report = post("/v1/reports", json.dumps(number).encode())
    assert (status, report["number"]) == (201, "+8613812345678")
    status, found = post("/v1/numbers/lookup", b'{"numbers":["+8613812345678"]}')
    assert (status, [each["number"] for each in found["results"]]) == (200, ["+8613812345678"])
    evidence = f"/v1/reports/{report['id']}/evidence"
    status, entry = post(evidence, form, "multipart/form-data; boundary=b")
    assert (status, entry["sha256"]) == (201, hashlib.sha256(b"hello").hexdigest())
    status, refused = post("/v1/reports", b" " * 3_000_000)
    assert (status, refused["type"]) == (413, "urn:ringscore:problem:too-large")


@pytest.mark.parametrize(("version", "answered"), [("1.0", 200), ("1.1", 400)])
def test_only_a_device_of_http_1_0_may_name_no_host(server, version, answered):
    ask = f"GET /compat/cidlookup?number=+8613812345678 HTTP/{version}\r\n\r\n"
    with opened(server, 1, ask.encode()) as [client]:
        assert status(client) == answered


def test_a_header_with_an_underscore_is_not_the_proxys(transactional_db):
    server = Server(TRUSTED_PROXY_COUNT="1").start()
    try:
        left = []
        for place in range(2):
            answer = get(
                server,
                NUMBER,
                **{"X-Forwarded-For": "192.0.2.7", "X_Forwarded_For": f"192.0.2.{place}"},
            )
            left.append(int(answer.headers["RateLimit-Remaining"]))
        assert left == [59, 58]
    finally:
        server.stop()


# --- PostgreSQL waits ---


def test_locked_rows_hold_up_their_own_reports_alone(server):
    _, token = create_key(name="report", scopes=["report"], now=timezone.now())
    body = json.dumps({"number": "+8613812345678", "category": "other"}).encode()
    more = (f"Authorization: Bearer {token}", f"Content-Length: {len(body)}")
    report = head(REPORT, *more, "Content-Type: application/json") + body
    with opened(server, 1, report) as [client]:
        assert status(client) == 201
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT * FROM reputation_number FOR UPDATE")
        with opened(server, 12, report) as clients:
            assert_served(server)
            assert {status(client) for client in clients} == {503}
        other.execute("LOCK TABLE reputation_number")
        answer = get(server, NUMBER)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert get(server, "/healthz").status == 200
        assert_nobody_waits_for_a_lock()
        other.rollback()
    assert_served(server)


def assert_nobody_waits_for_a_lock() -> None:
    """Within seconds: a thread whose request was answered for does not stay with the lock."""
    waiting = 1
    end = time.monotonic() + 5
    while waiting and time.monotonic() < end:
        time.sleep(0.1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            [waiting] = cursor.fetchone()
    assert not waiting


def test_a_frozen_database_is_answered_for(server):
    assert_served(server)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        for _ in range(6):  # more than there are threads
            answer = get(server, NUMBER)
            if answer.status != 200:  # a thread without a connection opens one
                assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert get(server, "/healthz").status == 200
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert_served(server)


# --- Processes that die ---


def workers(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    return [
        child
        for child in psutil.Process(server.process.pid).children()
        if "resource_tracker" not in " ".join(child.cmdline())
    ]


def test_a_worker_that_was_killed_is_replaced(server):
    [worker] = workers(server)
    worker.kill()
    deadline = time.monotonic() + 60
    while True:
        try:
            assert_served(server)
            return
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_workers_end_with_their_main_process(server):
    [worker] = workers(server)
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    worker.wait(30)


def test_a_worker_that_still_starts_ends_with_its_main_process(server):
    server.kill()
    server.start()  # it listens, but its worker has not loaded the service
    while not (started := workers(server)):
        time.sleep(0.01)
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    try:
        assert psutil.wait_procs(started, timeout=60) == (started, [])
    finally:
        for worker in started:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
