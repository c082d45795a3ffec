"""The pages by keyboard alone, for people who use no mouse, or see no screen."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation.complaints import filing
from reputation.complaints.seeding import load
from reputation.models import Authority, Complaint, Dispute
from tests.given.browsers import DESKTOP, PHONE, signed_in
from tests.given.phone import last_code
from tests.given.reporters import SCAMMER, crowd, say
from web.people import reporter_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FOCUSED = "document.activeElement.matches(%r)"
SEEN = """each => {
    const place = each.getBoundingClientRect();
    return place.top >= 0 && place.top < innerHeight;
}"""


def tab_to(page: Page, what: str, *, within: int = 40) -> None:
    for _ in range(within):
        if page.evaluate(FOCUSED % what):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no {what} by Tab")


def press(page: Page, key: str = "Enter") -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_objection_and_its_code(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    tmp_path: Path,
    size: dict[str, int],
):
    settings.CODE_SENDER = f"file:{tmp_path}"
    crowd(4, "loan_scam", SCAMMER, at=timezone.now())
    page = browser.new_page(viewport=size, locale="en-GB")  # type: ignore[arg-type]
    page.set_default_timeout(15_000)
    page.goto(f"{live_server.url}/numbers/{SCAMMER.key}/dispute")
    tab_to(page, "input[name=grounds]")
    page.keyboard.press("Space")
    tab_to(page, "#id_statement")
    page.keyboard.type("This is a school.")
    tab_to(page, "main form .actions button")
    press(page)
    tab_to(page, "#id_code", within=15)
    page.keyboard.type("00000000")
    press(page)
    assert page.evaluate(FOCUSED % "#problems"), "the mistake is read first"
    tab_to(page, "#id_code", within=2)
    page.keyboard.press("Control+a")
    page.keyboard.type(last_code(tmp_path / "codes.jsonl"))
    press(page)
    assert page.evaluate(FOCUSED % "[role=status]"), "what came of it is read first"
    assert Dispute.objects.get().status == Dispute.Status.OPEN
    page.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_letter_and_what_became_of_it(browser: Browser, live_server: LiveServer, script: bool):
    page = signed_in(browser, live_server.url, "en-GB", PHONE, script=script)
    load()
    now = timezone.now()
    reporter = reporter_of(User.objects.get(), now=now)
    complaint = filing.prepare_complaint(
        reporter=reporter,
        reports=[say(reporter, "threat", at=now, network="net").report.public_id],
        authority=Authority.objects.get(slug="cn-police").slug,
        language="en",
        now=now,
    )
    page.goto(f"{live_server.url}/complaints/{complaint.public_id}")
    tab_to(page, "#id_name")
    page.keyboard.type("Anna Example")
    press(page)  # in a field: the button below it, which shows the letter
    letter = page.locator("#letter")
    assert "Anna Example" in letter.inner_text()
    assert letter.evaluate(SEEN), "the page stands where the letter begins"
    framed = letter.evaluate("each => getComputedStyle(each).outlineStyle")
    assert framed == "none", "nor is it printed in the frame of a field that has the focus"
    tab_to(page, "#letter", within=2)  # screen readers read on from here
    tab_to(page, "#id_name", within=5)
    assert page.input_value("#id_name") == "Anna Example"
    tab_to(page, "#id_status input")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#id_reference", within=2)
    page.keyboard.type("A 17")
    tab_to(page, "button[value=status]", within=3)
    press(page)
    complaint = Complaint.objects.get()
    assert (complaint.status, complaint.reference) == ("filed", "A 17")
    assert re.search(r"Noted\.", page.locator("main [role=status]").inner_text())
    page.context.close()


def test_what_is_shown_once_is_in_sight_and_read_first(browser: Browser, live_server: LiveServer):
    """It came on a page that opened at its top: on a phone nothing seemed to have happened."""
    page = signed_in(browser, live_server.url, "en-GB", PHONE, script=True)
    page.goto(f"{live_server.url}/my/account")
    tab_to(page, "button[name=issue]")
    press(page)
    code = page.get_by_text(re.compile(r"^Send this from the other mailbox"))
    expect(code).to_be_focused()
    assert code.evaluate(SEEN)
    page.goto(f"{live_server.url}/my/keys")
    page.locator("#id_name").fill("my phone")
    tab_to(page, "main form .actions button")
    press(page)
    expect(page.get_by_text(re.compile(r"^Copy the key now"))).to_be_focused()
    page.context.close()
