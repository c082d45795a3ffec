"""A browser as moderators have one, on a server with the panel."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.apps import apps
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation.roles import install

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """Debian's chromium. A bare machine may have none; CI has to."""
    if shutil.which(CHROMIUM) is None:
        if os.environ.get("CI"):
            pytest.fail(f"no {CHROMIUM}: apt-get install chromium")
        pytest.skip(f"no {CHROMIUM} on this machine")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright has an event loop in this thread, at which Django would take offence.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


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
