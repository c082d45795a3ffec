"""Without a connection one page says what to do, and nothing from before is shown."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.given.browsers import PHONE, signed_in
from tests.given.reporters import SCAMMER, crowd

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KEPT = """async () => {
    const urls = [];
    for (const name of await caches.keys()) {
        const kept = await (await caches.open(name)).keys();
        urls.push(...kept.map(each => new URL(each.url).pathname));
    }
    return urls;
}"""


def ready(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_a_page_says_what_to_do(browser: Browser, live_server: LiveServer):
    crowd(4, "loan_scam", SCAMMER, at=timezone.now())
    page = signed_in(browser, live_server.url, "zh-TW", PHONE, script=True)
    number, own = (
        f"{live_server.url}{path}" for path in (f"/numbers/{SCAMMER.key}", "/my/reports")
    )
    page.goto(number)
    ready(page)
    page.goto(own)
    assert "我的檢舉" in page.locator("main").inner_text()
    stored = page.evaluate(KEPT)
    assert stored[0] == "/offline"
    assert [each for each in stored if not each.startswith("/static/web/style")] == ["/offline"]

    page.context.set_offline(True)
    for address in (number, own, live_server.url):
        page.goto(address)
        shown = page.locator("main").inner_text()
        assert page.locator("h1").inner_text() == "沒有網路連接"
        assert "打電話不需要網路" in shown
        assert "a call needs no internet" in shown
        assert "+86" not in shown
        assert "anna" not in page.content()
        assert (
            page.evaluate("getComputedStyle(document.querySelector('main .button')).display")
            != "inline"
        )
    page.context.set_offline(False)
    page.goto(number)
    page.context.set_offline(True)
    page.goto(own)
    page.context.set_offline(False)
    page.get_by_role("link", name="再試一次").click()
    page.wait_for_url(own)
    assert page.locator("h1").inner_text() == "我的檢舉"
    page.context.close()


def test_the_words_of_a_form_that_broke_off_stay(browser: Browser, live_server: LiveServer):
    page = signed_in(browser, live_server.url, "en-GB", PHONE, script=True)
    page.goto(f"{live_server.url}/report")
    ready(page)
    page.reload()
    page.fill("#id_number", "+8613812345678")
    page.check("input[name=category][value=threat]")
    page.fill("#id_comment", "He shouted.")
    page.context.route("**/report", lambda route: route.abort())
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_url("chrome-error://**")
    page.context.unroute_all()
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/my/reports")
    assert page.locator("h1").inner_text() == "There is no connection"
    page.context.set_offline(False)
    page.goto(f"{live_server.url}/report")
    assert page.input_value("#id_comment") == "He shouted."
    page.context.close()
