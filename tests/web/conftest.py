"""Visitors of the pages."""

import time
from collections.abc import Callable

import pytest

from tests.given.clock import limits_by
from tests.given.visitors import Visitor, code_in_mail
from web.accounts import open_account


@pytest.fixture(autouse=True)
def _windows_of_limits_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window of an hour ends at another minute for each account, and must not end in a test."""
    began = time.time()
    limits_by(monkeypatch, lambda: began)


@pytest.fixture
def visitor() -> Visitor:
    """Somebody without an account, whose browser speaks English."""
    return Visitor(headers={"accept-language": "en-GB"})


@pytest.fixture
def known() -> Callable[..., Visitor]:
    """Somebody who is signed in, the quick way."""

    def enter(email: str = "anna@example.org") -> Visitor:
        person = Visitor(headers={"accept-language": "en-GB"})
        user = open_account(email)
        assert user is not None
        person.force_login(user)
        return person

    return enter


@pytest.fixture
def anna(known: Callable[..., Visitor]) -> Visitor:
    return known()


@pytest.fixture
def signed_in() -> Callable[..., Visitor]:
    """Signs a new visitor in, by the code that comes by mail."""

    def sign_in(email: str = "anna@example.org", **options: str) -> Visitor:
        person = Visitor(headers={"accept-language": options.get("language", "en-GB")})
        person.post("/accounts/login/code/", {"email": email})
        person.post("/accounts/login/code/confirm/", {"code": code_in_mail()})
        return person

    return sign_in
