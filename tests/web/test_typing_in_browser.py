"""Forms in a real browser: what is typed arrives, once, and only where it was meant to go."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation.complaints import filing
from reputation.complaints.seeding import load
from reputation.models import Complaint, Report
from tests.given.browsers import PHONE, signed_in
from tests.given.reporters import NOW, say
from web.errors import refused
from web.people import reporter_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    page = signed_in(browser, live_server.url, "en-GB", PHONE, script=True)
    page.set_default_timeout(60_000)
    return page


def test_enter_presses_the_button_below_the_field(page: Page, live_server: LiveServer):
    load()
    reporter = reporter_of(User.objects.get(), now=NOW)
    complaint = filing.prepare_complaint(
        reporter=reporter,
        reports=[say(reporter, "threat", network="net").report.public_id],
        authority="us-cfpb",
        now=NOW,
    )
    page.goto(f"{live_server.url}/complaints/{complaint.public_id}")
    page.fill("#id_name", "Anna Li")
    page.check("input[name=status][value=filed]")
    page.fill("#id_reference", "A-17")
    with page.expect_navigation():
        page.press("#id_reference", "Enter")
    assert Complaint.objects.get().reference == "A-17"
    assert page.input_value("#id_name") == "Anna Li"


def test_files_that_are_too_many_or_too_large_are_not_sent(
    page: Page, live_server: LiveServer, settings: Settings
):
    settings.EVIDENCE_MAX_BYTES = 1_000_000
    page.goto(f"{live_server.url}/report")
    page.fill("#id_comment", "He shouted.")
    small = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"}
    for wrong in ([small] * 6, [small | {"buffer": b"x" * 1_000_001}]):
        page.set_input_files("#id_files", wrong)
        said = page.evaluate("document.getElementById('id_files').validationMessage")
        assert said == (
            "At most 5 files of 1 MB each can be sent at once. Choose fewer, or smaller ones."
        )
    page.set_input_files("#id_files", [small] * 5)
    assert page.evaluate("document.getElementById('id_files').checkValidity()")


def test_what_the_line_did_not_carry_is_still_there(page: Page, live_server: LiveServer):
    page.goto(f"{live_server.url}/my/reports")
    page.goto(f"{live_server.url}/report")
    page.fill("#id_number", "+8613812345678")
    page.check("input[name=category][value=threat]")
    page.fill("#id_comment", "He shouted.")
    send = page.get_by_role("button", name="Send the report")
    page.context.set_offline(True)
    send.click()  # the browser knows that there is no line: it stays where it is
    assert "no connection" in page.locator(".unsent").inner_text()
    assert page.input_value("#id_comment") == "He shouted."
    page.context.set_offline(False)
    page.route("**/report", lambda route: route.abort())  # the line breaks off on the way
    send.click()
    page.wait_for_url("chrome-error://**")
    page.unroute_all()
    page.goto(f"{live_server.url}/report?number=%2B12025550100")
    assert page.input_value("#id_comment") == "", "it is about another number"
    page.goto(f"{live_server.url}/report")
    page.route(
        "**/report",
        lambda route: route.fulfill(status=503, content_type="text/html", body=refused(503, "en")),
    )
    page.get_by_role("button", name="Send the report").click()
    page.get_by_role("heading", name="Too many people are here now").wait_for()
    page.unroute_all()
    page.goto(f"{live_server.url}/my/reports")
    page.get_by_role("link", name="Report a call").click()
    page.wait_for_url("**/report")
    assert "Files must be chosen again." in page.locator(".unsent").inner_text()
    assert page.input_value("#id_number") == "+8613812345678"
    assert page.is_checked("input[name=category][value=threat]")
    assert page.input_value("#id_comment") == "He shouted."
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_url("**/my/reports/**")
    assert Report.objects.get().comment == "He shouted."
    page.goto(f"{live_server.url}/report")
    assert page.input_value("#id_comment") == ""
    assert page.evaluate("sessionStorage.length") == 0


def test_who_signs_out_leaves_no_words_in_the_tab(page: Page, live_server: LiveServer):
    page.goto(f"{live_server.url}/report")
    page.fill("#id_comment", "He shouted.")
    page.fill("#id_number", "+8613812345678")
    page.check("input[name=category][value=threat]")
    page.route("**/report", lambda route: route.abort())
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_url("chrome-error://**")
    page.unroute_all()
    page.goto(f"{live_server.url}/my/reports")
    assert "He shouted." in page.evaluate("JSON.stringify(sessionStorage)")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()
    assert page.evaluate("sessionStorage.length") == 0
