import pytest
from django.core.exceptions import ImproperlyConfigured

from config.code_sender import parse


@pytest.mark.parametrize(
    "value",
    [
        "console:",
        "off:",
        "file:/var/lib/codes",
        "https://gateway.example/messages?to=here",
        "http://127.0.0.1:8025/messages",
        "http://[::1]/messages",
        "tests.given.phone.Phone",
    ],
)
def test_what_names_a_sender(value):
    assert parse(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "http://user:secret@gateway.example/messages",  # codes would travel in clear
        "https://",
        "file:relative",
        "console:loud",
        "off:never",
        "pigeon",
        "smtp://secret@mail.example",
    ],
)
def test_what_names_none(value):
    with pytest.raises(ImproperlyConfigured, match="CODE_SENDER is not valid") as error:
        parse(value)
    assert "secret" not in str(error.value)
