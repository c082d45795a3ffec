"""The database or the disk fails outside of views: while a session is saved, or a form is read."""

import errno
import os
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connection

from tests.given.visitors import Visitor, text_of
from web.accounts import open_account

CODE = "/accounts/login/code/"
EMAIL = {"email": "anna@example.org"}


@pytest.fixture
def anna(transactional_db: None) -> Visitor:
    """She has an account, is not signed in, and sees the page that a broken request gets."""
    open_account(EMAIL["email"])
    return Visitor(headers={"accept-language": "en-GB"}, raise_request_exception=False)


def become_read_only() -> None:
    """This thread's connection leads to a standby from now on, as after a failover."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")


def test_a_new_session_that_cannot_be_saved(anna: Visitor):
    become_read_only()
    response = anna.post(CODE, EMAIL)
    assert (response.status_code, response.headers.get("Retry-After")) == (503, "60")
    page = text_of(response)
    assert "We cannot reach our records now" in page
    assert "What you sent may not have been saved" in page
    assert anna.post(CODE, EMAIL).status_code == 302, "the connection was not left"


def test_a_session_that_cannot_be_saved_again(anna: Visitor):
    """Django says of it that the session was deleted."""
    anna.post(CODE, EMAIL)
    become_read_only()
    response = anna.post(f"{CODE}confirm/", {"code": "BBBB-BBBB"})
    assert (response.status_code, response.headers.get("Retry-After")) == (503, "60")
    response = anna.post(f"{CODE}confirm/", {"code": "BBBB-BBBB"})
    assert "This is not the code of the last mail" in text_of(response)


def test_a_session_that_was_deleted_meanwhile_is_no_outage(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
):
    anna.post(CODE, EMAIL)
    usual = SessionStore.save

    def save(*args: Any, **kwargs: Any) -> None:
        Session.objects.all().delete()
        usual(*args, **kwargs)

    monkeypatch.setattr(SessionStore, "save", save)
    response = anna.post(f"{CODE}confirm/", {"code": "BBBB-BBBB"})
    assert response.status_code == 400


def test_the_page_is_in_the_readers_language(anna: Visitor):
    become_read_only()
    response = anna.post(CODE, EMAIL, headers={"accept-language": "zh-CN"})
    assert response.headers.get("Content-Language") == "zh-hans"
    assert "请稍等一分钟" in text_of(response)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accept", "kind", "wait"),
    [("text/html", "text/html; charset=utf-8", "60"), ("*/*", "application/problem+json", "5")],
)
def test_a_form_whose_file_has_no_room(
    accept: str, kind: str, wait: str, monkeypatch: pytest.MonkeyPatch
):
    """The mark of the form is looked for in it before the view begins."""
    visitor = Visitor(enforce_csrf_checks=True, raise_request_exception=False)
    visitor.get(CODE)  # which sets the cookie that the mark is compared with

    def no_room(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", no_room)
    file = SimpleUploadedFile("log.txt", b"+" * 3_000_000)
    response = visitor.post(CODE, EMAIL | {"file": file}, headers={"accept": accept})
    assert (response.status_code, response.headers.get("Retry-After")) == (503, wait)
    assert response["Content-Type"] == kind
