"""A hundred thousand reports in one request, and a server that dies half-way through."""

import http.client
import json
import threading
import time

import pytest
from django.utils import timezone

from api.keys import create_key
from reputation.models import Report, ReportRevision
from tests.e2e.server import Server

pytestmark = pytest.mark.slow

ROWS = 6_000


def _rows() -> bytes:
    """Each hundredth row is bad."""
    lines = (
        b"{bad"
        if place % 100 == 99
        else json.dumps({"number": f"+1202{2_000_000 + place}", "category": "robocall"}).encode()
        for place in range(ROWS)
    )
    return b"\n".join(lines) + b"\n"


def _post(server: Server, token: str, body: bytes) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "nightly"}
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
    deadline = time.monotonic() + 60
    while Report.objects.count() < ROWS // 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    server.kill()
    first.join()
    assert isinstance(broken[0], Exception), "it was to die before it answered"
    filed = Report.objects.count()
    assert ROWS // 3 <= filed < ROWS * 99 // 100

    server.start()
    status, answer = _post(server, token, body)
    assert status == 200
    assert (answer["saved"], answer["updated"], answer["invalid_total"]) == (5_940, 0, 60)
    assert Report.objects.count() == 5_940
    assert set(Report.objects.values_list("seq", "number__seq", "number__reports")) == {(1, 1, 1)}
    assert ReportRevision.objects.count() == 0
