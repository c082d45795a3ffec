"""How mail leaves, from EMAIL_URL."""

import io
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage

from config.console_mail import EmailBackend
from config.mail import parse

SMTP = "django.core.mail.backends.smtp.EmailBackend"


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
    mail = EmailMessage("登录验证码", body, "codes@example.org", ["anna@example.org"])
    assert body not in mail.message().as_string()
    printed = io.StringIO()
    EmailBackend(stream=printed).send_messages([mail])
    said = printed.getvalue()
    assert "Subject: 登录验证码\n" in said
    assert "To: anna@example.org\n" in said
    assert f"\n\n{body}\n---" in said
