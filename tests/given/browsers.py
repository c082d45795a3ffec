"""Readers of the pages in a real browser."""

import os
import re
from dataclasses import dataclass, field

from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page

from web.accounts import open_account

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
TOO_WIDE = """Array.from(document.body.querySelectorAll("*"))
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
    .map(each => each.outerHTML.slice(0, 200))"""


@dataclass
class Reader:
    """A window, and what goes wrong in it."""

    page: Page
    url: str
    size: dict[str, int]
    name: str
    wrong: list[str] = field(default_factory=list)
    own: str = ""  # the path of the report that this reader made

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self._note(said.type, said.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.wrong.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.wrong.append(f"asked {url}")

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def press(self, button: str) -> None:
        self.follow(self.page.locator("main").get_by_role("button", name=button, exact=True))

    def follow(self, what: Locator) -> None:
        """Clicks and waits until the next page is there."""
        with self.page.expect_navigation():
            what.click()

    def look(self, shot: str) -> str:
        """What is on the page; it fits the window, and a picture of it is kept if wanted."""
        self.page.wait_for_load_state()
        if folder := os.environ.get("SHOTS"):
            self.page.screenshot(path=f"{folder}/{self.name}-{shot}.png", full_page=True)
        assert self.page.evaluate(TOO_WIDE) == [], shot
        shown = self.page.locator("main").inner_text()
        blank_between_sentences = re.findall(r".{20}[。：？！] \S.{20}", shown)
        assert blank_between_sentences == [], shot
        return shown


def signed_in(
    browser: Browser, url: str, language: str, size: dict[str, int], script: bool
) -> Page:
    """A window of anna's, who is signed in."""
    client = Client()
    user = open_account("anna@example.org")
    assert user is not None
    client.force_login(user)
    context = browser.new_context(
        locale=language,
        viewport=size,  # type: ignore[arg-type]
        java_script_enabled=script,
        accept_downloads=True,
    )
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page
