"""A change of language in a real browser: the rest of the page, beside its main form, stays too."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from reputation.complaints import filing
from reputation.complaints.seeding import load
from reputation.models import Authority
from tests.given.browsers import DESKTOP, signed_in
from tests.given.reporters import NOW, say
from web.people import reporter_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    return signed_in(browser, live_server.url, "en-GB", DESKTOP, script=True)


def in_chinese(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="简体中文").click()
    page.wait_for_function("document.documentElement.lang === 'zh-hans'")
    page.wait_for_load_state()


def test_more_of_a_report_stays_open(page: Page, live_server: LiveServer):
    page.goto(f"{live_server.url}/report")
    page.fill("#id_comment", "He shouted.")
    page.get_by_text("More: what they did").click()
    page.check("input[name=conduct][value=threats]")
    in_chinese(page)
    assert page.input_value("#id_comment") == "He shouted."
    assert page.is_checked("input[name=conduct][value=threats]")
    page.uncheck("input[name=conduct][value=threats]")
    page.get_by_role("button", name="English").click()
    page.wait_for_function("document.documentElement.lang === 'en'")
    assert page.is_visible("#id_claimed_name")  # nothing in it, and still open


def test_what_is_chosen_in_other_forms_stays(page: Page, live_server: LiveServer):
    for path in ("/advice", "/connect/spamblocker"):
        page.goto(f"{live_server.url}{path}")
        page.select_option("#id_country", "DE")
        in_chinese(page)
        assert page.input_value("#id_country") == "DE", path
        page.context.clear_cookies(name="django_language")


def test_what_was_done_is_read_above_the_first_page(page: Page, live_server: LiveServer):
    page.goto(f"{live_server.url}/accounts/logout/")
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="Sign out").click()
    note, band = page.locator(".note").bounding_box(), page.locator(".hero").bounding_box()
    assert note is not None
    assert band is not None
    assert note["y"] + note["height"] <= band["y"]


def test_what_became_of_a_complaint_stays(page: Page, live_server: LiveServer):
    load()
    reporter = reporter_of(User.objects.get(), now=NOW)
    report = say(reporter, "threat", network="net").report
    complaint = filing.prepare_complaint(
        reporter=reporter,
        reports=[report.public_id],
        authority=Authority.objects.filter(country="CN").first().slug,
        language="",
        now=NOW,
    )
    page.goto(f"{live_server.url}/complaints/{complaint.public_id}")
    page.fill("#id_name", "Anna")
    page.check("input[name=status][value=filed]")
    page.fill("#id_reference", "12321-7")
    in_chinese(page)
    assert page.input_value("#id_name") == "Anna"
    assert page.is_checked("input[name=status][value=filed]")
    assert page.input_value("#id_reference") == "12321-7"
    page.reload()
    assert page.evaluate("sessionStorage.length") == 0
