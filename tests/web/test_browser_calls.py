"""Reporting on a phone with few taps, and a long call log on its way into the letter.

With `-s` it prints taps and seconds, of a browser that types without a pause.
"""

import io
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page
from pytest_django.live_server_helper import LiveServer

from reputation.complaints.seeding import load
from reputation.models import LoggedCall, Report
from reputation.reports import diary
from tests.given.browsers import DESKTOP, PHONE, Reader, signed_in
from tests.given.reporters import SCAMMER, say
from tests.given.visitors import code_in_mail
from web.people import reporter_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("evidence_dir"),
]
MOST_TAPS = 8


def tell(line: str) -> None:
    print(line)  # noqa: T201 -- pytest shows it with -s alone


@pytest.mark.parametrize(
    ("locale", "size"), [("zh-CN", PHONE), ("en-GB", DESKTOP)], ids=["phone-zh", "desktop-en"]
)
def test_eight_taps_and_two_hundred_calls(
    browser: Browser, live_server: LiveServer, tmp_path: Path, locale: str, size: dict[str, int]
) -> None:
    load()
    context = browser.new_context(viewport=size, locale=locale, accept_downloads=True)
    context.set_default_timeout(15_000)
    reader = Reader(context.new_page(), live_server.url, size, f"calls-{locale}")
    page = reader.page
    taps, began = 0, time.monotonic()

    def tap(what: Locator, *, leads_on: bool = False) -> None:
        nonlocal taps
        taps += 1
        if leads_on:
            reader.follow(what)
        else:
            what.click()

    def type_in(field: str, text: str) -> None:
        tap(page.locator(field))
        page.keyboard.type(text)

    # From the page of the number to the report, with an address that nobody has seen before.
    reader.go(f"/numbers/{SCAMMER.key}")
    tap(page.locator("main a.button").first, leads_on=True)
    type_in("#id_email", "anna@example.org")
    tap(page.locator("main form button").first, leads_on=True)
    type_in("#id_code", code_in_mail())
    tap(page.locator("main form button").first, leads_on=True)
    tap(page.locator("label", has=page.locator("input[value=illegal_collection]")))
    tap(page.locator("main form p.actions button").first, leads_on=True)
    assert Report.objects.get().category == "illegal_collection"
    assert taps <= MOST_TAPS
    tell(f"{locale}: from sign-in to the report {taps} taps, {time.monotonic() - began:.1f} s")
    reader.look("reported")

    # A log of 200 calls, read from a file.
    now = timezone.now()
    times = [now - timedelta(hours=3 * place) for place in range(200)]
    rows = [f"{SCAMMER.key},{at.isoformat()},incoming,12" for at in times]
    began = time.monotonic()
    log = tmp_path / "calls.csv"
    log.write_text("\n".join(["Number,Date,Type,Duration", *rows, "+8613900000000,x,incoming,1"]))
    reader.go("/my/calls/import")
    reader.look("import")
    page.set_input_files("#id_file", log)
    reader.follow(page.locator("main form button").first)
    assert "200" in reader.look("chosen")
    reader.follow(page.locator("main form p.actions button").first)
    assert "200" in reader.look("log")
    assert LoggedCall.objects.count() == 200

    # It is in the letter.
    reader.follow(page.locator("main p.actions a[href*=complaints]").first)
    page.select_option("#id_country", "CN")
    reader.follow(page.locator("main form button").first)
    reader.look("who")
    reader.follow(page.locator("form.card button").first)
    with page.expect_download() as downloading:
        page.locator("button[value=download]").click()
    page.reload()
    page.locator("details", has=page.locator("code")).locator("summary").click()
    reader.look("packed")  # with the fingerprints of packs
    with zipfile.ZipFile(io.BytesIO(Path(downloading.value.path()).read_bytes())) as pack:
        letter = pack.read("letter.txt").decode()
        calls = pack.read("calls.csv").decode("utf-8-sig").splitlines()
    assert "来电和信息次数：200" in letter
    assert len(calls) == 1 + 200
    tell(f"{locale}: from a log of 200 calls to the letter {time.monotonic() - began:.1f} s")
    context.close()
    assert reader.wrong == []


@pytest.mark.parametrize("script", [False, True], ids=["no-script", "script"])
def test_no_typed_word_is_lost(browser: Browser, live_server: LiveServer, script: bool) -> None:
    """To another language in the middle of the form, and to a session that ended meanwhile."""
    context = browser.new_context(viewport=PHONE, locale="en-GB", java_script_enabled=script)
    context.set_default_timeout(15_000)
    reader = Reader(context.new_page(), live_server.url, PHONE, "typed")

    def sign_in(page: Page) -> None:
        page.fill("#id_email", "anna@example.org")
        with page.expect_navigation():
            page.locator("main form button").first.click()
        page.fill("#id_code", code_in_mail())
        with page.expect_navigation():
            page.locator("main form button").first.click()

    page = reader.page
    reader.go(f"/report?number={SCAMMER.key.replace('+', '%2B')}")
    sign_in(page)
    page.locator("input[value=threat]").check()
    page.fill("#id_comment", "He knows my school.")
    reader.follow(page.get_by_role("button", name="繁體中文"))
    assert page.get_by_role("button", name="提交檢舉").is_visible()
    assert page.input_value("#id_number") == "+86 138 1234 5678"
    assert page.input_value("#id_comment") == "He knows my school."
    assert page.locator("input[value=threat]").is_checked()
    assert not Report.objects.exists()

    Session.objects.all().delete()
    send = page.locator("main form p.actions button").first
    reader.follow(send)
    with context.expect_page() as opened:
        page.locator("main a.button").click()
    opened.value.wait_for_load_state()
    sign_in(opened.value)
    assert "請回到剛才的頁面" in opened.value.locator("main").inner_text()
    again = page.locator("main form button")
    reader.follow(again)
    if not script:  # its token against forged forms is of before
        reader.follow(again)
    assert Report.objects.get().comment == "He knows my school."
    context.close()


def test_a_hot_line_is_called_with_one_touch(browser: Browser, live_server: LiveServer):
    load()
    page = browser.new_page(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
    page.goto(f"{live_server.url}/advice")
    lines = page.locator(".lines a[href^='tel:']")
    boxes = [line.bounding_box() for line in lines.all()]
    assert len(boxes) > 3
    for box in boxes:
        assert box is not None
        assert box["height"] >= 44
    page.close()


def test_each_call_of_a_long_list_is_told_and_touched_by_itself(
    browser: Browser, live_server: LiveServer
):
    page = signed_in(browser, live_server.url, "en-GB", PHONE, script=True)
    now = timezone.now()
    reporter = reporter_of(User.objects.get(), now=now)
    report = say(reporter, "threat", at=now - timedelta(days=9), network="net").report
    diary.log_calls(
        reporter=reporter,
        public_id=report.public_id,
        calls=[diary.NotedCall(at=now - timedelta(hours=each)) for each in range(1, 30)],
        now=now,
    )
    page.goto(f"{live_server.url}/my/reports")
    page.locator(".card").click(position={"x": 5, "y": 5})  # all of a card leads on
    page.wait_for_url(f"**/{report.public_id}")
    page.locator("main summary").first.click()
    links = page.locator(".calls a").all()
    assert len(links) == 30
    names = {link.evaluate("each => each.textContent") for link in links}
    assert len(names) == 30
    for link in links:
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    page.context.close()
