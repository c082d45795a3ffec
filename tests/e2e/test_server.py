"""The application server lets through what clients send, and answers as the application does.

In-process tests compare every byte of many exchanges; here the same bytes go over a socket, since
servers have opinions on slashes, methods, labels and upgrades too.
"""

import socket
from urllib.parse import urlsplit

import pytest

from tests.e2e.server import TOKEN
from tests.given.dialects import exchange, tell
from tests.given.traces import (
    ASTERISK,
    BROWSER,
    KAMAILIO,
    MOD_CIDLOOKUP,
    NUMBER,
    dongle,
    dongle_check,
    spamblocker_check,
    spamblocker_list,
    spamblocker_rate,
    sync_client,
)

pytestmark = pytest.mark.slow

TRACES = {
    "spamblocker checks": spamblocker_check(TOKEN),
    "spamblocker reports": spamblocker_rate(TOKEN),
    "spamblocker reports without a label": spamblocker_rate(TOKEN).replace(
        b"Content-Type: application/x-www-form-urlencoded\r\n", b""
    ),
    "spamblocker pulls": spamblocker_list(TOKEN, "0"),
    "the sync client, which would upgrade": sync_client(TOKEN),
    "the dongle checks": dongle_check(TOKEN),
    "the dongle meets a call": dongle(
        TOKEN, "report-call/0012025550123", "POST", "Content-Length: 0"
    ),
    "the dongle's file": dongle(TOKEN, "blocklist?format=binary&type=community"),
    "kamailio": KAMAILIO.format(TOKEN).encode(),
    "asterisk": ASTERISK.format(TOKEN).encode(),
    "freeswitch": MOD_CIDLOOKUP.format(NUMBER, TOKEN).encode(),
    "freeswitch, withheld": MOD_CIDLOOKUP.format("anonymous", TOKEN).encode(),
    "doubled slashes": f"GET //compat//cidlookup//{NUMBER}// HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    .encode(),
    "a browser": f"GET /phoneblock/api/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {BROWSER}"
    "\r\n\r\n".encode(),
}  # fmt: skip


@pytest.mark.parametrize("raw", TRACES.values(), ids=TRACES.keys())
def test_the_server_answers_as_the_application_does(service, key, raw, settings):
    settings.PUBLIC_URL = service
    settings.FICTIONAL_NUMBERS = True
    tell(NUMBER, "block")
    status, kind, body = over_a_socket(service, raw)
    expected = exchange(raw)
    assert (status, kind, body) == (expected.status, expected.type, expected.body)


def over_a_socket(service: str, raw: bytes) -> tuple[int, str, bytes]:
    address = urlsplit(service)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), 10) as client:
        client.sendall(raw)
        with client.makefile("rb") as answer:
            status = int(answer.readline().split(b" ")[1])
            headers = {}
            while (line := answer.readline().strip()) != b"":
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            body = answer.read(int(headers.get("content-length", "0")))
    return status, headers.get("content-type", ""), body
