"""Requests to servers that others name: over TLS, only to public addresses, with limits of time and
size. Redirects are not followed."""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from django.utils.translation import gettext_noop as _

from edge import tracing

# The most characters of a server's answer in an error message.
LONGEST: Final = 300
# What the system or a library says has no translation.
AS_IT_IS: Final = "%(error)s"
# Addresses that a gateway translates into IPv4 ones (RFC 6052, section 2.1).
TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
# Prefixes in which private IPv4 addresses have IPv6 ones that lead to them: RFC 8215, and 6to4 (RFC
# 3056), which nobody uses any more.
LEADING_IN: Final = (ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("2002::/16"))


class RequestFailed(Exception):
    """There is no complete answer. The message says why: `sentence`, with the particulars `of` it,
    in printable characters."""

    def __init__(self, sentence: str, **of: str) -> None:
        self.sentence, self.of = sentence, {name: _printable(each) for name, each in of.items()}
        super().__init__(sentence % self.of)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:LONGEST])


@dataclass(frozen=True, slots=True)
class Received:
    """An answer. `encoding`: its Content-Encoding."""

    status: int
    encoding: str
    body: bytes


def request(
    *,
    host: str,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str],
    body: bytes = b"",
    seconds: float,
    most_bytes: int,
    head_only: bool = False,
) -> Received:
    """Sends a request to a server by its name; `seconds` for everything, `most_bytes` for the
    answer. `head_only`: the answer's body is not waited for, and left away.

    The name is resolved once, and its address must be public: a name must not lead into our own
    network. Raises RequestFailed.
    """
    until = time.monotonic() + seconds
    address = public_address(host, _addresses(host))
    context = ssl.create_default_context()
    called = {"http.request.method": method, "server.address": host}
    try:
        with (
            tracing.span(method, client=True, attributes=called) as traced,
            socket.create_connection((address, 443), timeout=seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            secured.settimeout(max(until - time.monotonic(), 0.001))
            secured.sendall(_written(host, path, method, {**headers, **traced}, body))
            return receive(secured, until=until, most_bytes=most_bytes, head_only=head_only)
    except (OSError, http.client.HTTPException) as error:  # ssl.SSLError is an OSError
        raise RequestFailed(AS_IT_IS, error=f"{type(error).__name__} {error}") from None


def _written(host: str, path: str, method: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = {"Host": host, "User-Agent": "Ringscore", "Connection": "close", **headers}
    if body:
        lines["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def receive(
    connection: socket.socket, *, until: float, most_bytes: int, head_only: bool = False
) -> Received:
    """Reads an answer from an open connection, by `until` (monotonic seconds). A server that keeps
    the connection open after it is not waited for. Raises RequestFailed."""
    answer = b""
    whole = 0
    while not whole or len(answer) < whole:
        left = until - time.monotonic()
        if left <= 0:
            raise RequestFailed(_("the answer did not arrive in time"))
        connection.settimeout(left)
        part = connection.recv(65_536)
        if not part:
            break
        answer += part
        if head_only and (head := _head(answer)):
            return _parsed(head, with_body=False)
        if len(answer) > most_bytes:
            raise RequestFailed(
                _("the answer has more than %(most)s bytes"), most=f"{most_bytes:,}"
            )
        whole = whole or _announced(answer)
    return _parsed(answer)


def _announced(answer: bytes) -> int:
    """How many bytes the answer has, by its head or its last chunk; 0 if that is not known yet, or
    if only the end of the connection shows it."""
    head = _head(answer)
    if not head:
        return 0
    response = http.client.HTTPResponse(cast(socket.socket, _Whole(head)), method="GET")
    response.begin()
    if not response.chunked:
        return 0 if response.length is None else _begin(answer) + len(head) + response.length
    if not answer.endswith(b"0\r\n\r\n"):
        return 0
    try:
        _parsed(answer)
    except http.client.IncompleteRead:  # a chunk's own bytes end so
        return 0
    return len(answer)


def _head(answer: bytes) -> bytes:
    """The head of the answer behind those of 1xx, if it is complete."""
    begin = _begin(answer)
    end = answer.find(b"\r\n\r\n", begin) + 4
    return answer[begin:end] if end >= 4 else b""


def _begin(answer: bytes) -> int:
    """Where the answer begins, behind the heads of 1xx."""
    begin = 0
    while answer[begin + 9 : begin + 10] == b"1":
        end = answer.find(b"\r\n\r\n", begin)
        if end < 0:
            break
        begin = end + 4
    return begin


class _Whole:
    """A complete answer, in the form in which http.client reads a socket."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self.answer)


def _parsed(answer: bytes, *, with_body: bool = True) -> Received:
    response = http.client.HTTPResponse(
        cast(socket.socket, _Whole(answer[_begin(answer) :])), method="GET"
    )
    response.begin()
    encoding = response.getheader("Content-Encoding", "identity")
    return Received(response.status, encoding, response.read() if with_body else b"")


def public_address(host: str, addresses: Iterable[str]) -> str:
    """The first address, if all are public. Raises RequestFailed."""
    found = list(addresses)
    private = [each for each in found if not _is_public(each)]
    if private or not found:
        raise RequestFailed(_("%(host)s has no address on the public internet"), host=host)
    return found[0]


def may_be_public(host: str) -> bool:
    """Whether a host may be on the public internet: a name may, until it is resolved."""
    try:
        return _is_public(host)
    except ValueError:
        return True


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found in TRANSLATED or not int(found) >> 32:
            return _is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)))
        if found.is_site_local or any(found in network for network in LEADING_IN):
            return False
    return found.is_global and not found.is_multicast


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise RequestFailed(AS_IT_IS, error=f"{host}: {error}") from None
    return [str(place[0]) for *_rest, place in found]
