"""Servers on real sockets that answer as broken ones do, one connection a thread."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def silent(connection: socket.socket, stop: threading.Event) -> None:
    """Takes the request and says nothing."""
    stop.wait()


def slow_body(connection: socket.socket, stop: threading.Event) -> None:
    """A byte now and then: each one would start a socket's timeout anew."""
    connection.sendall(HEAD + b"Content-Length: 5000\r\n\r\n")
    while not stop.wait(0.05):
        connection.sendall(b" ")


def slow_head(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not stop.wait(0.05):
        connection.sendall(b"x")


def endless(connection: socket.socket, stop: threading.Event) -> None:
    """As fast as it can, without end."""
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while not stop.is_set():
        connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def cut(connection: socket.socket, stop: threading.Event) -> None:
    """Ends in the middle of what it announced."""
    connection.sendall(HEAD + b'Content-Length: 5000\r\n\r\n{"number":')


def rubbish(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def html(connection: socket.socket, stop: threading.Event) -> None:
    """A hotel's portal, which says 200 to everything."""
    page = b"<html><body>Welcome! Accept our terms.</body></html>"
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
        % (len(page), page)
    )


def redirecting(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(
        b"HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/\r\nContent-Length: 0\r\n\r\n"
    )


def failing(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")


def not_the_contract(connection: socket.socket, stop: threading.Event) -> None:
    body = b'{"action":"allow"}'
    connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


def busy(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 503 Busy\r\nRetry-After: 999999\r\nContent-Length: 0\r\n\r\n")


def limited(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 429 Slow\r\nRetry-After: 999999\r\nContent-Length: 0\r\n\r\n")


LIARS = [silent, slow_body, slow_head, endless, cut, rubbish, html, redirecting, failing,
         not_the_contract, busy, limited]  # fmt: skip


@contextmanager
def server(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """Serves on a free port; yields the address."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def handle(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                behave(connection, stop)
            except OSError:
                pass  # the client has gone

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=handle, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()
