"""Connecting a phone in a real browser: a phone without script in Chinese, a desktop in English.

SHOTS=/some/folder keeps a picture of each page.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from reputation.models import KeyGrant
from reputation.moderation import grant_key
from tests.given.browsers import DESKTOP, PHONE, signed_in

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

READERS = pytest.mark.parametrize(
    ("language", "size", "script"),
    [("zh-CN", PHONE, False), ("en-GB", DESKTOP, True)],
    ids=["phone-zh-no-script", "desktop-en-script"],
)


def look(page: Page, shot: str, script: bool) -> None:
    if folder := os.environ.get("SHOTS"):
        size = page.viewport_size
        assert size is not None
        page.screenshot(path=f"{folder}/{size['width']}-{shot}.png", full_page=True)
    if script:
        assert Axe().run(page).response["violations"] == [], shot
        wide = "document.documentElement.scrollWidth > innerWidth"
        assert not page.evaluate(wide), shot


@contextmanager
def device() -> Iterator[tuple[str, list[str]]]:
    """A device in the home network that waits for its key, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"paired")

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/token-callback", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@READERS
def test_a_device_is_paired(
    browser: Browser, live_server: LiveServer, language: str, size: dict[str, int], script: bool
) -> None:
    page = signed_in(browser, live_server.url, language, size, script)
    with device() as (callback, asked):
        page.goto(
            f"{live_server.url}/phoneblock/mobile/login?appId=PhoneBlockDongle"
            f"&tokenLabel=PhoneBlock-Dongle&callback={quote(callback, safe='')}&state={'0f' * 16}"
        )
        look(page, "pair", script)
        with page.expect_navigation():
            page.locator("main button[type=submit]").click()
        assert page.locator("body").inner_text() == "paired"
    (path,) = [each for each in asked if each.startswith("/token-callback")]
    answer = parse_qs(urlsplit(path).query)
    assert answer["state"] == ["0f" * 16]
    assert answer["loginToken"][0].startswith("rsk_")


@READERS
def test_an_organisation_asks_for_a_key_and_makes_it(
    browser: Browser, live_server: LiveServer, language: str, size: dict[str, int], script: bool
) -> None:
    page = signed_in(browser, live_server.url, language, size, script)
    page.goto(f"{live_server.url}/organisations")
    page.fill("#id_organisation", "Example Telecom")
    page.fill("#id_contact", "Network operations, +1 202 555 0100")
    page.fill("#id_purpose", "Our SIP gateway rejects what is blocked.")
    page.fill("#id_calls_per_day", "20000")
    page.fill("#id_networks", "everywhere")
    page.check("#id_verifies_attestation")
    submit = page.locator("main form[action='/organisations'] button[type=submit]")
    with page.expect_navigation():
        submit.click()
    look(page, "organisations-wrong", script)
    page.fill("#id_networks", "127.0.0.0/24\n2001:db8::/32")
    with page.expect_navigation():
        submit.click()
    look(page, "organisation-waits", script)
    grant = KeyGrant.objects.get()
    grant_key(
        actor=User.objects.create_superuser("gisela"),
        grant=grant,
        scopes=["lookup", "report"],
        lookups_per_minute=200,
        verifies_attestation=True,
        until=timezone.now() + timedelta(days=100),
        reason="#known_organisation",
        now=timezone.now(),
    )
    page.reload()
    with page.expect_navigation():
        page.locator("form[action$='/key'] button").click()
    look(page, "organisation-key", script)
    (token,) = re.findall(r"rsk_\w{8}_\w{43}", page.locator(".note b").inner_text())
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{live_server.url}/v1/me", headers=headers).status_code == 200
    page.fill("#id_email", "ben@example.net")
    with page.expect_navigation():
        page.locator("form[action$='/contacts'] button").click()
    look(page, "organisation-contacts", script)
    page.check("#id_sure")
    with page.expect_navigation():
        page.locator("form[action$='/end'] button").click()
    assert httpx.get(f"{live_server.url}/v1/me", headers=headers).status_code == 401
    page.goto(f"{live_server.url}/organisations")
    look(page, "organisations", script)


@READERS
@pytest.mark.usefixtures("feeds_dir")
def test_from_the_list_of_clients_to_a_phone_that_asks(
    browser: Browser, live_server: LiveServer, language: str, size: dict[str, int], script: bool
) -> None:
    page = signed_in(browser, live_server.url, language, size, script)
    page.goto(f"{live_server.url}/my/list")
    page.fill("#id_patterns", "+4930*\nDE\n+*")
    with page.expect_navigation():
        page.locator("button[value=block]").first.click()
    page.fill("#id_caller_name", "City Loans")
    with page.expect_navigation():
        page.locator("button[value=block]").nth(1).click()
    look(page, "my-list", script)
    page.goto(f"{live_server.url}/connect")
    look(page, "connect", script)
    for slug in ("spamblocker", "freepbx", "contacts"):
        page.goto(f"{live_server.url}/connect")
        with page.expect_navigation():
            page.locator(f"main a[href$='/connect/{slug}']").click()
        if slug == "spamblocker":
            look(page, "connect-form", script)
        with page.expect_navigation():
            page.locator("main button[type=submit]").click()
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        look(page, f"connect-{slug}", script)
        if slug != "spamblocker":
            continue
        with page.expect_download() as download:
            page.locator("button[form=file-spamblocker-query]").click()
        shown = page.locator("#part-spamblocker-query").inner_text()
        text = json.loads(download.value.path().read_text())
        assert text == json.loads(shown)
        header = text["actions"][1]["header"]
        headers = dict([header.split(": ")])
        assert httpx.get(f"{live_server.url}/phoneblock/api/test", headers=headers).text == "ok"
        if script:
            page.get_by_text("It works: it asked us").wait_for()
        else:
            page.goto(live_server.url + str(page.locator("[data-seen]").get_attribute("data-seen")))
            assert page.locator("#seen.success").count() == 1
