"""Answers of servers that others name, and addresses to which no request goes."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from edge import outgoing
from edge.outgoing import Received, RequestFailed

ANSWER = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n" + b"x" * 900


def received(most_bytes: int) -> Received:
    ours, theirs = socket.socketpair()

    def serve():
        with theirs, suppress(OSError):  # whoever has read enough hangs up
            theirs.sendall(ANSWER)

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        with ours:
            return outgoing.receive(ours, until=time.monotonic() + 20, most_bytes=most_bytes)
    finally:
        serving.join()


def test_an_answer_is_read_and_a_longer_one_refused():
    assert received(2000) == Received(302, "identity", b"x" * 900)
    with pytest.raises(RequestFailed, match="more than 500 bytes"):
        received(500)


def test_a_server_that_drips_is_left():
    ours, theirs = socket.socketpair()
    theirs.sendall(b"HTTP/1.1 200 OK\r\n")
    with ours, theirs, pytest.raises((RequestFailed, TimeoutError)):
        outgoing.receive(ours, until=time.monotonic() + 0.05, most_bytes=1000)


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([HEAD + b"Content-Length: 5\r\n\r\n", b"he", b"llo"], b"hello"),
        ([b"HTTP/1.1 103 Early Hints\r\n\r\n", HEAD + b"Content-Length: 0\r\n\r\n"], b""),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([CHUNKED, b"5\r\nhello\r\n", b"0\r\n\r\n"], b"hello"),
        ([CHUNKED, b"b\r\nhel\r\n0\r\n\r\n", b"o\r\n0\r\n\r\n"], b"hel\r\n0\r\n\r\no"),
    ],
)
def test_a_server_that_keeps_the_connection_open_is_not_waited_for(parts: list[bytes], body: bytes):
    ours, theirs = socket.socketpair()

    def serve():
        for part in parts:
            theirs.sendall(part)
            time.sleep(0.02)

    serving = threading.Thread(target=serve)
    serving.start()
    with ours, theirs:
        got = outgoing.receive(ours, until=time.monotonic() + 20, most_bytes=1000)
        serving.join()
    assert (got.body, got.status in (200, 204)) == (body, True)


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"\r\nok",  # says no length, and stays open
        b"HTTP/1.1 102 Processing\r\n\r\n" + HEAD + b"Content-Length: 900\r\n\r\nok",
        CHUNKED + b"2\r\nok\r\n",
        HEAD + b"\r\n" + b"x" * 2000,
    ],
)
def test_who_asks_for_the_status_alone_waits_for_no_body(answer: bytes):
    """A receiver that took the message and kept the connection was told it again for days."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(answer)
        until = time.monotonic() + 1
        got = outgoing.receive(ours, until=until, most_bytes=1000, head_only=True)
    assert got == Received(200, "identity", b"")


@pytest.mark.parametrize(
    "addresses",
    [
        [],
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00::1"],
        ["fec0::1"],
        ["ff02::1"],
        ["224.0.0.1"],
        ["::10.0.0.1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::10.0.0.1"],
        ["64:ff9b::169.254.169.254"],
        ["64:ff9b:1::10.0.0.1"],
        ["2002:a00:1::1"],
        ["93.184.216.34", "192.168.0.1"],
    ],
)
def test_a_name_that_leads_into_our_own_network_is_refused(addresses):
    with pytest.raises(RequestFailed, match="no address on the public internet"):
        outgoing.public_address("bank.example", addresses)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1", "64:ff9b::93.184.216.34"])
def test_a_public_address_is_asked(address):
    assert outgoing.public_address("bank.example", [address]) == address


def test_what_a_server_says_can_be_kept_and_shown():
    """PostgreSQL takes no NUL, and a terminal obeys escapes."""
    said = str(RequestFailed("%(error)s", error="BadStatusLine HT\0TP\x1b[2J\u202e" + "x" * 1000))
    assert said == ("BadStatusLine HT\ufffdTP\ufffd[2J\ufffd" + "x" * 1000)[:300]
