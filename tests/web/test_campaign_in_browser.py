"""A campaign in a real browser: three people, a moderator, and the fourth number."""

import re

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation.counting import group_anew
from reputation.identity import display
from reputation.models import Reporter
from reputation.moderation import queue
from reputation.moderation.roles import SENIOR
from tests.given.staff import staff
from tests.given.visitors import code_in_mail
from web.people import reporter_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TOLD = (
    "A woman said that my parcel is held at customs and wanted the release fee in gift cards",
    "Recorded voice: your parcel is held at customs, pay the release fee with a gift card",
    "They claim a parcel of mine is held at customs until I pay a release fee in gift cards",
    "Parcel is held at customs again, release fee to be paid by gift card today",
)


def person(browser: Browser, url: str, name: str) -> Page:
    """Somebody who signs in by code, and who was once first on a number that was confirmed."""
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{url}/accounts/login/code/")
    page.fill("#id_email", f"{name}@example.org")
    press(page, "Send me the code")
    page.fill("#id_code", code_in_mail())
    press(page, "Sign in")
    reporter = reporter_of(User.objects.get(email=f"{name}@example.org"), now=timezone.now())
    Reporter.objects.filter(pk=reporter.pk).update(firsts=3.0)
    return page


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=button, exact=True).click()


def report(page: Page, url: str, number: str, told: str) -> None:
    page.goto(f"{url}/report?number={number.replace('+', '%2B')}")
    page.locator("input[value=phishing]").check()
    page.fill("#id_comment", told)
    press(page, "Send the report")


def test_the_fourth_number_is_flagged_at_its_first_report(
    browser: Browser, live_server: LiveServer, settings: Settings
) -> None:
    settings.MODERATOR_MFA_REQUIRED = False
    settings.FICTIONAL_NUMBERS = True
    url = live_server.url
    numbers = [f"+1202555013{place}" for place in range(4)]
    people = [person(browser, url, name) for name in ("anna", "ben", "cleo", "dora")]
    for page, number, told in zip(people[:3], numbers[:3], TOLD[:3], strict=True):
        report(page, url, number, told)
        page.goto(f"{url}/numbers/{number}")
        assert "Be careful" not in page.locator("main").inner_text()
    group_anew(now=timezone.now())
    queue.refresh(now=timezone.now())

    desk = browser.new_context(locale="en-GB")
    client = Client()
    client.force_login(staff(SENIOR))
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    desk.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    panel = desk.new_page()
    panel.set_default_timeout(15_000)
    panel.goto(f"{url}/admin/reputation/queueitem/?kind=campaign")
    with panel.expect_navigation():
        panel.get_by_role("button", name="Take it").click()
    assert "held at customs" in panel.locator("#content").inner_text()
    with panel.expect_navigation():
        panel.get_by_role("link", name="Confirm the campaign").click()
    preview = panel.locator("#content table").first.inner_text()
    for number in numbers[:3]:
        assert re.search(rf"\{display(number)}\t.*ALLOW.*\tFLAG", preview)
    with panel.expect_navigation():
        panel.get_by_role("button", name="All of this is one scam.").click()

    report(people[3], url, numbers[3], TOLD[3])
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{url}/numbers/{numbers[3]}")
    shown = page.locator("main").inner_text()
    assert "Be careful" in shown
    assert "3 reports on 3 numbers." in shown
    assert "A moderator confirmed that this campaign is unwanted." in shown
    with page.expect_navigation():
        page.get_by_role("link", name="What the callers say").click()
    assert "held at customs" in page.locator("main").inner_text()
