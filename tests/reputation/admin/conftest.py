"""A browser as moderators have one, on a server with the panel."""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal import auth
from django.apps import apps
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation.moderation.roles import install


@pytest.fixture(autouse=True)
def _codes_stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code of the second factor that a test reads holds until it is sent."""
    now = time.time()
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now))


@pytest.fixture
def panel(browser: Browser, live_server: LiveServer, settings: Settings) -> LiveServer:
    """The panel as on a server: entered with a second factor only. Its roles are there."""
    settings.MODERATOR_MFA_REQUIRED = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    install(apps)  # the last test with a server emptied all tables
    return live_server


@pytest.fixture
def context(browser: Browser, panel: LiveServer) -> Iterator[BrowserContext]:
    """A window of its own; whatever goes wrong on its pages fails the test."""
    context = browser.new_context(
        base_url=panel.url, viewport={"width": 1440, "height": 900}, locale="en-GB"
    )
    context.set_default_timeout(15_000)
    wrong: list[str] = []

    def listen(said: ConsoleMessage) -> None:
        asked_by_itself = said.location["url"].endswith("/favicon.ico")
        if said.type in ("error", "warning") and not asked_by_itself:
            wrong.append(said.text)

    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", listen)
    yield context
    context.close()
    assert wrong == []


@pytest.fixture
def window(context: BrowserContext) -> Page:
    return context.new_page()
