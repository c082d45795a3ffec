"""How mail leaves, from EMAIL_URL."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

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


def test_no_server() -> None:
    assert parse("console:") == {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
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
