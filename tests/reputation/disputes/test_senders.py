"""Codes leave by the sender that the settings name, and a gateway that fails is one clear error."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from reputation.disputes import senders
from reputation.disputes.senders import Message, NotSent, Unanswered, send, sender

MESSAGE = Message(
    to="+8613812345678", via="sms", language="en", text="Ringscore: 1234 5678 …", reference="abc-1"
)
BODY = {
    "to": "+8613812345678",
    "via": "sms",
    "language": "en",
    "text": "Ringscore: 1234 5678 …",
}


class Gateway(ThreadingHTTPServer):
    """A gateway that does as it is told: a status, silence, or half an answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.does: int | str = 202
        self.got: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.done = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/messages"


class Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        self.server.got.append((self.path, dict(self.headers), body))
        does = self.server.does
        if does == "hang":
            self.server.done.wait(10)
        elif does == "cut":
            self.wfile.write(b"HTTP/1.1 2")
        elif does == "redirect":
            self.send_response(302)
            self.send_header("Location", self.server.url)
            self.end_headers()
        elif does == "endless":
            # All that matters has come with the status.
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{")
            self.server.done.wait(10)
        else:
            self.send_response(int(does))
            self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def running() -> Iterator[Gateway]:
    with Gateway() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.done.set()
        server.shutdown()


@pytest.fixture
def gateway(running: Gateway, settings: Settings) -> Gateway:
    running.does, running.got = 202, []
    settings.CODE_SENDER, settings.CODE_SENDER_TOKEN = running.url, "sesame"
    return running


def test_a_gateway_gets_it_with_token_and_reference(gateway: Gateway):
    send(MESSAGE)
    [(path, headers, body)] = gateway.got
    assert (path, body) == ("/messages", BODY)
    assert headers["Authorization"] == "Bearer sesame"
    assert headers["Idempotency-Key"] == "abc-1"
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("does", [200, 204, "endless"])
def test_any_2xx_is_sent(gateway: Gateway, does: int | str):
    gateway.does = does
    send(MESSAGE)
    assert len(gateway.got) == 1


@pytest.mark.parametrize(
    ("does", "kind", "why"),
    [
        (400, NotSent, "the gateway answered 400"),
        (500, NotSent, "the gateway answered 500"),
        (502, Unanswered, "the gateway answered 502"),
        (504, Unanswered, "the gateway answered 504"),
        ("redirect", NotSent, "the gateway answered 302"),
        ("cut", Unanswered, "the gateway did not answer: ConnectionError"),
        ("hang", Unanswered, "the gateway did not answer: ReadTimeout"),
    ],
)
def test_whatever_else_is_not_sent(gateway: Gateway, monkeypatch, caplog, does, kind, why):
    monkeypatch.setattr(senders, "TIMEOUT", (0.2, 0.2))
    gateway.does = does
    with pytest.raises(NotSent) as error:
        send(MESSAGE)
    assert (error.type, str(error.value)) == (kind, why)
    assert error.value.__cause__ is None
    assert len(gateway.got) == 1
    mine = [r.getMessage() for r in caplog.records if r.name == "reputation.disputes.senders"]
    assert mine == [f"code abc-1 not sent by sms: {why}"]


def test_nobody_listens(settings: Settings):
    settings.CODE_SENDER = "http://127.0.0.1:9/messages"
    with pytest.raises(NotSent, match="did not answer: ConnectionError") as error:
        send(MESSAGE)
    assert error.type is NotSent, "nobody has it"


def test_on_the_console(settings: Settings, capsys):
    settings.CODE_SENDER = "console:"
    send(MESSAGE)
    assert capsys.readouterr().err == "Code for +8613812345678 by sms: Ringscore: 1234 5678 …\n"


def test_into_a_file_that_only_we_read(settings: Settings, tmp_path: Path):
    settings.CODE_SENDER = f"file:{tmp_path}/codes"
    send(MESSAGE)
    send(MESSAGE)
    path = tmp_path / "codes" / "codes.jsonl"
    assert [json.loads(line) for line in path.read_text().splitlines()] == [BODY, BODY]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written(settings: Settings, tmp_path: Path):
    (tmp_path / "codes").write_text("in the way")
    settings.CODE_SENDER = f"file:{tmp_path}/codes"
    with pytest.raises(NotSent, match="cannot write"):
        send(MESSAGE)


def test_without_a_gateway_no_code_is_sent(settings: Settings):
    settings.CODE_SENDER = "off:"
    with pytest.raises(NotSent, match="CODE_SENDER is off"):
        send(MESSAGE)


class Own:
    got: list[Message] = []

    def send(self, message: Message) -> None:
        self.got.append(message)


def test_a_class_of_ones_own(settings: Settings):
    settings.CODE_SENDER = f"{__name__}.Own"
    send(MESSAGE)
    assert Own.got == [MESSAGE]


@pytest.mark.parametrize("name", ["pigeon:", "file:relative", "pigeon:/loft"])
def test_no_sender_of_that_name(name: str):
    with pytest.raises(ValueError, match="CODE_SENDER is"):
        sender(name, "")
