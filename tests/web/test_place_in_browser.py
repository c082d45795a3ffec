"""The first page that a person opens names the police of the place, too."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DIALLED = "Array.from(document.querySelectorAll('main [href^=tel]')).map(each => each.innerText)"


@pytest.mark.parametrize("path", ["/stop", "/advice", "/directory"])
@pytest.mark.parametrize(
    ("zone", "police", "loads"),
    [
        ("Asia/Shanghai", "110", 2),
        ("Asia/Calcutta", "112", 2),
        ("America/Chicago", "911", 1),  # as the browser's language says
        ("UTC", "911", 1),  # of no place
        ("Etc/GMT+5", "911", 2),  # of none either; once more is enough
    ],
)
def test_the_first_page_names_the_police_of_the_place(
    browser: Browser, live_server: LiveServer, path: str, zone: str, police: str, loads: int
):
    context = browser.new_context(locale="en-US", timezone_id=zone)
    page, opened = context.new_page(), []
    page.on("request", lambda each: opened.append(each.is_navigation_request()))
    for _ in range(2):
        page.goto(f"{live_server.url}{path}")
        page.locator(f"main [href='tel:{police}']").first.wait_for(timeout=15_000)
    page.wait_for_load_state("networkidle")
    assert {"110", "112", "911"} & set(page.evaluate(DIALLED)) == {police}
    assert sum(opened) == loads + 1
    context.close()


def test_a_country_that_was_asked_for_stays(browser: Browser, live_server: LiveServer):
    context = browser.new_context(locale="en-US", timezone_id="Asia/Shanghai")
    page, opened = context.new_page(), []
    page.on("request", lambda each: opened.append(each.is_navigation_request()))
    page.goto(f"{live_server.url}/advice?country=GB")
    page.wait_for_load_state("networkidle")
    assert sum(opened) == 1
    context.close()
