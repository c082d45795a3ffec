"""A screener for programs that are not Python: FastAGI for Asterisk, and plain HTTP.

Both are for this machine: neither asks for a password. HTTP refuses requests whose Host is not the
one that it listens on, so that no web page can use it through a local browser.
"""

from __future__ import annotations

import json
import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from ._exceptions import MirrorEmpty
from ._mirror import Mirror
from ._rules import Contacts
from ._screener import Decision, Screener

logger = logging.getLogger("ringscore")

PATIENCE: Final = 5.0  # seconds that a peer may keep us waiting
MAX_LINES, MAX_LINE = 200, 4096

Book = Callable[[], Contacts]


def decision_json(decision: Decision) -> dict[str, Any]:
    """A decision as a flat JSON object."""
    return {
        "action": str(decision.action),
        "reasons": list(decision.reasons),
        "source": str(decision.source),
        "stale": decision.stale,
    }


class AgiServer(socketserver.ThreadingTCPServer):
    """FastAGI: sets RINGSCORE_ACTION, _REASON, _SOURCE and _STALE on the channel and hangs up.

    In the dialplan `AGI(agi://127.0.0.1/)`; the first argument, if any, is the attestation, a
    verstat value or Asterisk's verify_result, percent-encoded. The caller is CALLERID(num) with
    CALLERID(name), the callee the dialled number.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], screener: Screener, book: Book) -> None:
        self.screener, self.book = screener, book
        super().__init__(address, _AgiHandler)


class _AgiHandler(socketserver.StreamRequestHandler):
    timeout = PATIENCE

    def handle(self) -> None:
        server = cast("AgiServer", self.server)
        try:
            variables = self._read()
            decision = server.screener.screen(
                variables.get("agi_callerid", ""),
                contacts=server.book(),
                attestation=unquote(variables.get("agi_arg_1", "")),
                caller_name=_known(variables.get("agi_calleridname")) or "",
                callee=_known(variables.get("agi_dnid")) or _known(variables.get("agi_extension")),
            )
            for name, value in (
                ("ACTION", str(decision.action)),
                ("REASON", " ".join(decision.reasons)),
                ("SOURCE", str(decision.source)),
                ("STALE", "1" if decision.stale else "0"),
            ):
                self.wfile.write(f'SET VARIABLE RINGSCORE_{name} "{_quotable(value)}"\n'.encode())
                answer = self.rfile.readline(MAX_LINE)
                if not answer.startswith(b"200"):
                    logger.warning("Asterisk answered %r; the call may be over", answer[:80])
                    return
        except (OSError, ValueError) as error:
            logger.warning("FastAGI: %s", error)

    def _read(self) -> dict[str, str]:
        variables: dict[str, str] = {}
        for _ in range(MAX_LINES):
            line = self.rfile.readline(MAX_LINE).decode(errors="replace").rstrip("\r\n")
            if not line:
                if not variables:
                    raise ValueError("the peer spoke no AGI")
                return variables
            name, colon, value = line.partition(": ")
            if not colon and not line.endswith(":"):
                raise ValueError("the peer spoke no AGI")
            variables[name.rstrip(":")] = value.strip()
        raise ValueError("the peer sent no end of its variables")


def _known(value: str | None) -> str | None:
    return value if value and value != "unknown" else None


def _quotable(value: str) -> str:
    return "".join(" " if each in '"\\\r\n' else each for each in value)


class HttpServer(ThreadingHTTPServer):
    """`GET /screen?caller=…` (`caller_name`, `callee`, `attestation`, `format=text`), `/status`,
    `/healthz`.
    """

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], screener: Screener, book: Book, mirror: Mirror | None
    ) -> None:
        self.screener, self.book, self.mirror = screener, book, mirror
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _HttpHandler)

    def server_bind(self) -> None:
        """Binds without a lookup of the host's own name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]


class _HttpHandler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "ringscore", ""

    def do_GET(self) -> None:
        self._say(*self._answer())

    def do_HEAD(self) -> None:
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers what HTTP itself finds wrong, above all any other method."""
        self.close_connection = True
        if code == HTTPStatus.NOT_IMPLEMENTED:
            code, message = HTTPStatus.METHOD_NOT_ALLOWED, "Use GET here."
        self._say(HTTPStatus(code), {"error": message or HTTPStatus(code).phrase})

    def _answer(self) -> tuple[HTTPStatus, dict[str, Any] | str]:
        server = cast("HttpServer", self.server)
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if not self._is_asked_for_this_machine():
            error = "Ask for localhost: other hosts are refused."
            return HTTPStatus.FORBIDDEN, {"error": error}
        path = parts.path.rstrip("/")
        if path == "/healthz":
            return HTTPStatus.OK, {"status": "ok"}
        if path == "/status":
            return HTTPStatus.OK, _status(server.mirror)
        if path != "/screen":
            return HTTPStatus.NOT_FOUND, {"error": "There are /screen, /status and /healthz."}
        if "caller" not in query:
            error = "caller is missing: give the number, empty when it is withheld."
            return HTTPStatus.BAD_REQUEST, {"error": error}
        # A bare plus in a query means a space, and no number begins with a space.
        callee = query.get("callee", "").strip()
        decision = server.screener.screen(
            _with_plus(query["caller"]),
            contacts=server.book(),
            attestation=query.get("attestation", ""),
            caller_name=query.get("caller_name", ""),
            callee=_with_plus(callee) if callee else None,
        )
        as_text = query.get("format") == "text"
        return HTTPStatus.OK, str(decision.action) if as_text else decision_json(decision)

    def _is_asked_for_this_machine(self) -> bool:
        named = self.headers.get("Host")
        if named is None and self.request_version == "HTTP/1.0":
            return True  # no browser
        try:
            host = urlsplit(f"//{named or ''}").hostname
        except ValueError:
            return False
        own = str(cast("HttpServer", self.server).server_address[0])
        return host in {"localhost", "127.0.0.1", "::1", own}

    def _say(self, status: HTTPStatus, body: dict[str, Any] | str) -> None:
        text = isinstance(body, str)
        content = f"{body}\n".encode() if text else json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if text else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Logs nothing: the calls of a household are private."""


def _with_plus(raw: str) -> str:
    return f"+{raw[1:]}" if raw.startswith(" ") and raw[1:2].isdigit() else raw


def _status(mirror: Mirror | None) -> dict[str, Any]:
    try:
        if mirror is None:
            return {"mirror": False}
        mirror.refresh()
        status = mirror.status()
    except MirrorEmpty:
        return {"mirror": True, "count": 0, "stale": True}
    return {
        "mirror": True,
        "cursor": status.cursor,
        "count": status.count,
        "age_seconds": round(status.age.total_seconds()),
        "stale": status.stale,
    }


def in_thread(server: socketserver.BaseServer) -> threading.Thread:
    """Serves in the background until `server.shutdown()`."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    return thread
