"""A hundred thousand reports in one request, and a server that dies half-way through."""

import contextlib
import http.client
import json
import socket
import struct
import threading
import time
from itertools import product

import pytest
from django.utils import timezone

from api.keys import create_key
from reputation.models import Number, Report, ReportRevision
from tests.e2e.server import Server

pytestmark = pytest.mark.slow

ROWS = 30_000


def _rows() -> bytes:
    """Each hundredth row is bad."""
    lines = (
        b"{bad"
        if place % 100 == 99
        else json.dumps({"number": f"+1202{2_000_000 + place}", "category": "robocall"}).encode()
        for place in range(ROWS)
    )
    return b"\n".join(lines) + b"\n"


def _post(
    server: Server, token: str, body: bytes, key: str = "nightly"
) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        connection.request("POST", "/v1/reports/bulk", body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_killed_half_way_and_sent_again_it_neither_loses_nor_doubles(server):
    _, token = create_key(name="bulk", scopes=["bulk"], now=timezone.now())
    body, broken = _rows(), []

    def send() -> None:
        try:
            broken.append(_post(server, token, body))
        except (OSError, http.client.HTTPException) as error:
            broken.append(error)

    first = threading.Thread(target=send)
    first.start()
    deadline = time.monotonic() + 120
    while Report.objects.count() < ROWS // 6 and time.monotonic() < deadline:
        time.sleep(0.02)
    server.kill()
    first.join()
    assert isinstance(broken[0], Exception), "it was to die before it answered"
    filed = Report.objects.count()
    assert ROWS // 6 <= filed < ROWS * 99 // 100

    server.start()
    status, answer = _post(server, token, body)
    assert status == 200
    assert (answer["saved"], answer["updated"], answer["invalid_total"]) == (29_700, 0, 300)
    assert Report.objects.count() == 29_700
    assert set(Report.objects.values_list("seq", "number__seq", "number__reports")) == {(1, 1, 1)}
    assert ReportRevision.objects.count() == 0


def _file(form: str, rows: int) -> bytes:
    if form == "csv":
        lines = [f"robocall,{number}" for number in _numbers(rows)]
        return "".join(f"{line}\n" for line in ["category,number", *lines]).encode()
    lines = [json.dumps({"category": "robocall", "number": number}) for number in _numbers(rows)]
    return "".join(f"{line}\n" for line in lines).encode()


def _numbers(rows: int) -> list[str]:
    return [f"+49303{1_000_000 + place}" for place in range(rows)]


def _lose(server: Server, token: str, key: str, body: bytes, *, chunked: bool, reset: bool) -> None:
    """Sends a part of a body, cut within a number, and loses the connection."""
    part = body[: body.rindex(b"+49303", 0, len(body) * 365 // 1000) + 10]
    head = [
        "POST /v1/reports/bulk HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Authorization: Bearer {token}",
        f"Idempotency-Key: {key}",
        "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}",
    ]
    if chunked:
        part = f"{len(part):x}\r\n".encode() + part + b"\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        with contextlib.suppress(OSError):
            client.sendall("\r\n".join([*head, "", ""]).encode() + part)
            time.sleep(0.5)
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_lost_connection_leaves_no_row_out_and_reports_nothing_that_nobody_named(server):
    _, token = create_key(name="bulk", scopes=["bulk"], now=timezone.now())
    rows = 2_000
    for form, chunked, reset in product(("ndjson", "csv"), (False, True), (False, True)):
        key, body = f"{form} {chunked} {reset}", _file(form, rows)
        _lose(server, token, key, body, chunked=chunked, reset=reset)
        status, answer = _post(server, token, body, key)
        assert (key, status, answer["invalid_total"]) == (key, 200, 0)
        assert answer["saved"] + answer["updated"] == rows
        assert set(Number.objects.values_list("key", flat=True)) == set(_numbers(rows))
    assert Report.objects.count() == rows
