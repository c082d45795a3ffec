"""Limits on guessing the password of a staff account, which lock nobody out of their own browser.

Anybody can fail in somebody's name. So failures are counted by account and place: a browser that
signed in to this account before is a place of its own (it keeps a signed cookie), and so is each
network. Strangers of all networks together have a limit for each account too, which closes the
account to browsers that it does not know, and to no other.
"""

import secrets
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from edge import client_address, forgive, site
from web import limits

COOKIE: Final = "known-browser"
KEPT: Final = 180 * 86_400  # seconds since the last time that it signed in
_SALT: Final = "web.passwords"
# The groups of settings.PAGE_LIMITS in which an attempt counts until it turns out to be right.
_ADDRESS, _PLACE, _STRANGERS = "password", "password_place", "password_strangers"


def count(request: HttpRequest, name: str) -> None:
    """Counts an attempt for the account of that name, which need not exist. Raises
    limits.TooMany."""
    if browser := _browser(request, name):
        limits.spend_of(f"{name}\0{browser}", request, _PLACE)
        return
    limits.spend(request, _ADDRESS)
    limits.spend_of(f"{name}\0{site(client_address(request.META))}", request, _PLACE)
    # Last, so that one network alone cannot use up the limit of all.
    limits.spend_of(name, request, _STRANGERS)


def uncount(request: HttpRequest) -> None:
    """Takes the count back: the password was right."""
    for group in (_ADDRESS, _PLACE, _STRANGERS):
        forgive(request.META, f"page-{group}")


def know(response: HttpResponse, name: str) -> None:
    """Makes the browser one that signed in to this account."""
    response.set_signed_cookie(
        _cookie(),
        secrets.token_urlsafe(16),
        salt=f"{_SALT}\0{name}",
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _browser(request: HttpRequest, name: str) -> str:
    """What this browser is counted by; "" if it never signed in to the account."""
    known = request.get_signed_cookie(_cookie(), default="", salt=f"{_SALT}\0{name}", max_age=KEPT)
    return known or ""


def _cookie() -> str:
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE
