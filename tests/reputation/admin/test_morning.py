"""A moderator's morning in a real browser, and what each role finds closed."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal import auth
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation.identity import display, identify
from reputation.models import AuditEntry, Dispute, Number, QueueItem, Report, Reporter
from reputation.moderation import queue
from reputation.moderation.roles import ADMINISTRATOR, AUDITOR, MODERATOR, SENIOR
from tests.given.disputes import a_dispute
from tests.given.reporters import BAKERY, SCAMMER, newcomer, row, say, veteran
from tests.given.staff import staff

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DISPUTED = identify("+4930901822")


def moderator(role: str) -> User:
    """With a password and a second factor."""
    user = staff(role)
    user.set_password(PASSWORD)
    user.save()
    auth.TOTP.activate(user, SECRET)
    return user


def code() -> str:
    return auth.format_hotp_value(auth.hotp_value(SECRET, int(auth.time.time()) // 30))


def seed() -> None:
    """A brigade against a bakery, a scam that few have reported, and a dispute."""
    now = timezone.now()
    for n in range(12):
        say(newcomer(f"liar{n}"), number=BAKERY, network=f"of{n % 2}", at=now, comment="scam scam")
    for n in range(2):
        say(veteran(f"victim{n}"), at=now - timedelta(days=n), comment="I am at 13800138000")
    say(newcomer("holder"), number=DISPUTED, at=now)
    number = row(DISPUTED)
    a_dispute(number=number, opened_at=now, verified_at=now, deadline_at=now + timedelta(days=2))
    Number.objects.filter(pk=number.pk).update(disputed=True, status="disputed")
    queue.refresh(now=now)


def sign_in(page: Page, user: User) -> None:
    page.goto("/admin/reputation/queueitem/")
    page.get_by_label("User name").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=code]").fill(code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()


def test_a_moderator_s_morning(panel: LiveServer, window: Page):
    seed()
    user = moderator(SENIOR)
    page = window
    sign_in(page, user)

    # The queue by keys: the dispute comes first, since it stands before its deadline.
    page.keyboard.press("n")
    expect(page.get_by_text("I am a bakery, call ▇▇▇")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_role("heading", name="Uphold: the holder is right")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("Uphold: the holder is right:")).to_be_visible()
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.decided_by) == ("upheld", user)

    # On to the next without another key: the bakery has a brigade, that is for later.
    expect(page.get_by_role("heading", name=re.compile("30 901820"))).to_be_visible()
    page.keyboard.press("n")
    # Two keys decide.
    expect(page.get_by_role("heading", name=re.compile("138 1234 5678"))).to_be_visible()
    assert "13800138000" not in page.content()
    page.keyboard.press("c")
    expect(page.get_by_text("After the decision")).to_be_visible()
    # What is refused is where keys and screen readers go on.
    page.keyboard.press("Enter")
    refused = page.locator(".errorlist", has_text="Give the reason: it goes on record")
    expect(refused).to_be_focused()
    page.keyboard.press("1")
    expect(page.get_by_text("Confirm as unwanted:")).to_be_visible()
    assert row().moderated == 1
    expect(page.get_by_role("heading", name=re.compile("30 901820"))).to_be_visible()

    # Taken back by two keys, and decided for good.
    page.keyboard.press("z")
    expect(page.get_by_role("heading", name="Take a decision back")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("Taken back:")).to_be_visible()
    assert row().moderated == 0
    page.keyboard.press("q")
    expect(page.locator("table.queue")).to_contain_text(display(SCAMMER.key))

    # The brigade, all at once: chosen on the number's page, looked at, decided step by step.
    page.goto(f"/admin/reputation/number/{row(BAKERY).pk}/change/")
    for handle in (f"liar{n}" for n in range(12)):
        page.get_by_role("row", name=re.compile(f" {handle} ")).get_by_role("checkbox").check()
    page.get_by_role("button", name="Reject the chosen …").click()
    expect(page.get_by_text("12 rows chosen.")).to_be_visible()
    assert Report.objects.filter(status="rejected").count() == 0
    page.keyboard.press("2")
    expect(page.get_by_text("12 / 12")).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_have_count(0)
    assert Report.objects.filter(status="rejected").count() == 12
    assert Reporter.objects.get(handle="liar0").fp == 3.0

    # One of them was honest.
    honest = Report.objects.get(reporter__handle="liar3")
    page.goto(f"/admin/reputation/number/{row(BAKERY).pk}/change/")
    page.goto(f"/admin/reputation/report/{honest.pk}/change/")
    entry = AuditEntry.objects.get(report=honest, verb="reject_report")
    page.goto(f"/admin/reputation/queueitem/undo/{entry.pk}/")
    page.get_by_label("Reason").fill("She showed me the letter.")
    page.get_by_role("button", name="Take a decision back").click()
    expect(page.get_by_text("Taken back:")).to_be_visible()
    honest.refresh_from_db()
    assert honest.status == "live"

    # And all of it is on record.
    page.goto("/admin/reputation/auditentry/")
    record = page.locator("#result_list")
    expect(record).to_contain_text("She showed me the letter.")
    expect(record).to_contain_text("Independent reports agree.")
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["uphold_dispute", "confirm_number", "undo", *["reject_report"] * 12, "undo"]


def test_without_script_all_of_it_is_clicked(
    panel: LiveServer, context: BrowserContext, settings: Settings
):
    seed()
    user = staff(MODERATOR)
    browser = context.browser
    assert browser is not None
    plain = browser.new_context(base_url=panel.url, java_script_enabled=False)
    plain.set_default_timeout(15_000)
    _enter(plain, user, panel, settings)
    page = plain.new_page()
    page.goto("/admin/reputation/queueitem/?kind=number")
    page.get_by_role("button", name="n Take the next").click()
    page.get_by_role("link", name="x Clear as legitimate").click()
    page.get_by_role("button", name="2 Accounts that move as one.").click()
    expect(page.get_by_text("Clear as legitimate:")).to_be_visible()
    assert AuditEntry.objects.get().verb == "clear_number"
    plain.close()


@pytest.mark.parametrize("role", [AUDITOR, ADMINISTRATOR, MODERATOR])
def test_what_a_role_may_not_do_has_no_button(
    panel: LiveServer, context: BrowserContext, window: Page, settings: Settings, role: str
):
    seed()
    _enter(context, staff(role), panel, settings)
    page = window
    page.goto(f"/admin/reputation/number/{row().pk}/change/")
    expect(page.get_by_role("heading", name=re.compile("138 1234 5678"))).to_be_visible()
    decides = role == MODERATOR
    for name, may in (
        ("c Confirm as unwanted", decides),
        ("p Pin what clients are told", False),
        ("o Enter in the directory", False),
    ):
        expect(page.get_by_role("link", name=name)).to_have_count(int(may))
    expect(page.get_by_role("button", name="Reject the chosen …")).to_have_count(0)
    page.keyboard.press("p")  # a key without its button does nothing
    page.goto("/admin/reputation/queueitem/")
    expect(page.get_by_role("button", name="n Take the next")).to_have_count(int(decides))
    before = QueueItem.objects.exclude(claimed_by=None).count()
    page.keyboard.press("n")
    if decides:
        expect(page.get_by_role("button", name="g Give back")).to_be_visible()
    else:
        expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
        assert QueueItem.objects.exclude(claimed_by=None).count() == before == 0
    assert not AuditEntry.objects.exists()


def _enter(context: BrowserContext, user: User, panel: LiveServer, settings: Settings) -> None:
    """A session without the form and without a second factor: signing in is tested once."""
    settings.MODERATOR_MFA_REQUIRED = False
    client = Client()
    client.force_login(user)
    key = str(client.session.session_key)
    context.add_cookies([{"name": "sessionid", "value": key, "url": panel.url}])
