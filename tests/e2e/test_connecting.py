"""From an empty account to clients that work: in a browser, with what the page shows used as shown.

Steps and seconds are printed (`pytest -s`), and are in the report of `--junitxml`.
"""

import json
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation.feeds import publish
from tests.e2e.sip import PACKAGES, answers_sip, exchange, request
from tests.given.dialects import tell
from tests.given.processes import free_port, running, until
from tests.given.visitors import code_in_mail

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BLOCKED, UNKNOWN = "+12025550123", "+12025550199"


class Visit:
    """A visitor's browser, which counts what they do."""

    def __init__(self, page: Page, url: str, note: Callable[[str, object], None]) -> None:
        self.page, self.url, self.note = page, url, note
        self.steps = 0

    @contextmanager
    def way_to(self, what: str) -> Iterator[None]:
        begins, steps = time.monotonic(), self.steps
        yield
        said = f"{time.monotonic() - begins:.1f} s, {self.steps - steps} steps"
        print(f"\n{what}: {said}")  # noqa: T201 -- the record that is asked for
        self.note(what, said)

    def click(self, where: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(where).first.click()
        self.steps += 1

    def fill(self, where: str, text: str) -> None:
        self.page.fill(where, text)
        self.steps += 1

    def choose(self, where: str, value: str) -> None:
        self.page.select_option(where, value)
        self.steps += 1

    def connect(self, client: str, country: str = "") -> None:
        self.page.goto(f"{self.url}/connect")
        self.click(f"main a[href$='/connect/{client}']")
        if country:
            self.choose("#id_country", country)
        self.click("main button[type=submit]")


@pytest.mark.usefixtures("feeds_dir")
def test_an_empty_account_gets_to_clients_that_work(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
):
    if shutil.which("kamailio") is None:
        pytest.fail(f"no kamailio here: apt-get install {PACKAGES}")
    settings.PUBLIC_URL = live_server.url
    settings.FICTIONAL_NUMBERS = True
    tell(BLOCKED, "block")
    publish(now=timezone.now())
    context = browser.new_context(locale="en-US", accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    visit = Visit(page, live_server.url, record_property)

    with visit.way_to("an account"):
        page.goto(f"{live_server.url}/connect")
        visit.click("main a[href$='/connect/spamblocker']")
        visit.fill("input[name=email]", "anna@example.org")
        visit.click("main button[type=submit]")
        visit.fill("input[name=code]", code_in_mail())
        visit.click("main button[type=submit]")

    with visit.way_to("a SpamBlocker file"):
        visit.connect("spamblocker", "US")
        with page.expect_download() as download:
            page.locator("button[form=file-spamblocker-query]").click()
        visit.steps += 1
        query = json.loads(download.value.path().read_text())
    asks = next(each for each in query["actions"] if each["type"] == "HttpDownload")
    says = next(each for each in query["actions"] if each["type"] == "ParseQueryResult")
    verdicts = {}
    for number in (BLOCKED, UNKNOWN):
        name, _colon, value = asks["header"].partition(": ")
        answer = httpx.get(_as_the_app(asks["url"], number), headers={name: value})
        rating = re.search(says["categorySig"], answer.text)
        assert rating is not None
        verdicts[number] = bool(re.search(says["negativeSig"], rating[1]))
    assert verdicts == {BLOCKED: True, UNKNOWN: False}

    with visit.way_to("a Fritz!Box address"):
        visit.connect("fritzbox")
        shown = page.locator("dl.facts dd").all_inner_texts()
    _name, address, user, password = shown

    # As a box finds its way: whatever is named below the address, down to the cards.
    ways = {address}
    for _level in range(4):
        for way in {each for each in ways if each.endswith("/")}:
            found = httpx.request("PROPFIND", way, headers={"Depth": "1"}, auth=(user, password))
            assert found.status_code == 207
            ways |= {live_server.url + each for each in re.findall(r"href>([^<]+)</", found.text)}
    cards = [each for each in ways if each.endswith(".vcf")]
    assert BLOCKED in "".join(httpx.get(each, auth=(user, password)).text for each in cards)

    with visit.way_to("a Kamailio snippet"):
        visit.connect("kamailio", "US")
        snippet = page.locator("#part-kamailio").inner_text()
    assert live_server.url in snippet
    (tmp_path / "kamailio.cfg").write_text(snippet)
    port, hop = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    command = ["kamailio", "-f", "kamailio.cfg", "-l", f"udp:127.0.0.1:{port}", "-DD", "-E"]
    command += ["-m", "16", "-M", "4", "-w", str(tmp_path), "-Y", str(tmp_path)]
    command += ["-A", f'NEXT_HOP="sip:127.0.0.1:{hop}"']
    with running(command, tmp_path) as process:
        until(lambda: process.poll() is not None or answers_sip(port), "Kamailio does not answer")
        calls = iter(range(1_000))

        def rejected(number: str) -> bool:
            # A late answer connects: another call asks again.
            message = request("INVITE", number, port, f"call{next(calls)}")
            return b"SIP/2.0 607" in exchange(port, message, patience=1)

        until(lambda: rejected(BLOCKED), "no call of a blocked number is rejected")
        assert not rejected(UNKNOWN)
    context.close()


def _as_the_app(url: str, number: str) -> str:
    """The address with the app's tags filled in: {sha1(…)} of {cc}{domestic}, or less digits."""
    text = url.replace("{cc}", number[1:2]).replace("{domestic}", number[2:])
    text = re.sub(r"\{drop_last\(([^,]+),(\d)\)\}", lambda tag: tag[1][: -int(tag[2])], text)
    return re.sub(
        r"\{sha1\(([^)]+)\)\}",
        lambda tag: sha1(tag[1].encode(), usedforsecurity=False).hexdigest().upper(),
        text,
    )
