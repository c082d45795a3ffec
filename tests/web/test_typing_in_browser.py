"""Forms in a real browser: what is typed arrives, once, and only where it was meant to go."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation.complaints import filing
from reputation.complaints.seeding import load
from reputation.models import Complaint
from tests.given.browsers import PHONE, signed_in
from tests.given.reporters import NOW, say
from web.people import reporter_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    return signed_in(browser, live_server.url, "en-GB", PHONE, script=True)


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
