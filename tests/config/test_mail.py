"""How mail leaves, from EMAIL_URL."""

import asyncio
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from pytest_django import Settings

from config import mail
from config.console_mail import EmailBackend
from config.mail import parse
from edge import Sending, notice, send_mail
from tests.given.processes import free_port

SMTP = "config.smtp_mail.EmailBackend"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        (
            "smtp://user:p%40ss@mail.example",
            {
                "host": "mail.example",
                "port": 587,
                "username": "user",
                "password": "p@ss",
                "use_tls": True,
                "use_ssl": False,
                "timeout": 10,
            },
        ),
        ("smtps://mail.example", {"port": 465, "use_tls": False, "use_ssl": True}),
        ("smtp+plain://localhost:2525", {"port": 2525, "use_tls": False, "use_ssl": False}),
    ],
)
def test_a_server(url: str, options: dict[str, Any]) -> None:
    parsed = parse(url)
    assert parsed["BACKEND"] == SMTP
    assert parsed["OPTIONS"] == parsed["OPTIONS"] | options


def test_mail_can_go_to_the_console_or_to_a_folder() -> None:
    assert parse("console:") == {"BACKEND": "config.console_mail.EmailBackend"}
    assert parse("file:/tmp/mail")["OPTIONS"] == {"file_path": "/tmp/mail"}


@pytest.mark.parametrize(
    "url", ["smtp://", "mail.example", "file:", "smtp://mail:port", "http://x"]
)
def test_what_is_none_of_ours(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        parse(url)


def test_a_bad_url_keeps_its_password_to_itself() -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        parse("pop://user:hunter2@mail.example")
    assert "hunter2" not in str(raised.value)


def test_the_console_shows_mail_as_people_read_it() -> None:
    """Lines as long as these go over the wire as base64."""
    body = "您的验证码是 ABC-DEF。" + "请在登录页面输入。" * 50
    letter = EmailMessage("登录验证码", body, "codes@example.org", ["anna@example.org"])
    assert body not in letter.message().as_string()
    printed = io.StringIO()
    EmailBackend(stream=printed).send_messages([letter])
    said = printed.getvalue()
    assert "Subject: 登录验证码\n" in said
    assert "To: anna@example.org\n" in said
    assert f"\n\n{body}\n---" in said


@contextmanager
def slow_server(seconds: float) -> Iterator[tuple[int, list[str]]]:
    """A mail server that looks through each mail before it says that it took it: its port, and the
    recipients of what it took."""
    taken: list[str] = []

    class Slow:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            taken.extend(envelope.rcpt_tos)
            await asyncio.sleep(seconds)
            return "250 OK"

    controller = Controller(Slow(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port, taken
    controller.stop()


def test_a_job_waits_for_a_server_that_looks_through_a_mail_first(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server had taken it all the same, and got it again at each run."""
    monkeypatch.setattr(mail, "TIMEOUT", 1)
    with slow_server(2) as (port, taken):
        settings.MAILERS = {"default": parse(f"smtp+plain://127.0.0.1:{port}")}
        for_anna = notice(to="anna@example.org", subject="Decided", body="See the page.")
        assert send_mail(for_anna, about="a test") is Sending.AWAY
        mail.wait_as_jobs(settings.MAILERS)
        assert send_mail(for_anna, about="a test") is Sending.SENT
    assert taken == ["anna@example.org"] * 2


@contextmanager
def dripping_server(greeting: bytes) -> Iterator[tuple[int, list[int]]]:
    """A mail server that greets letter by letter: its port, and the letters that were taken."""
    said: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            caller, _address = listening.accept()
            with caller, suppress(OSError):  # the caller has gone
                for letter in greeting:
                    caller.sendall(bytes([letter]))
                    said.append(letter)
                    time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        yield listening.getsockname()[1], said
        thread.join()


@pytest.mark.parametrize(
    "greeting", [b"220 " + b"mail " * 40, b"220-mail\r\n" * 20], ids=["a line", "many lines"]
)
def test_a_server_that_says_a_letter_now_and_then_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, greeting: bytes
) -> None:
    """It held a thread for hours: nobody could sign in, also when it was well again."""
    monkeypatch.setattr(mail, "TIMEOUT", 0.5)
    with dripping_server(greeting) as (port, said):
        settings.MAILERS = {"default": parse(f"smtp+plain://127.0.0.1:{port}")}
        letter = notice(to="anna@example.org", subject="Decided", body="See the page.")
        assert send_mail(letter, about="a test") is Sending.AWAY
    assert len(said) < len(greeting)
