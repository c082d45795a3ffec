"""The panel's pages in a browser: narrow and wide, light and dark, in both languages.

SHOTS=/some/folder keeps a picture of each page.
"""

import os
from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, ViewportSize, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation import quality
from reputation.counting import group_anew
from reputation.decisions import RULES, OneDecision, propose
from reputation.identity import identify
from reputation.models import (
    AuditEntry,
    Campaign,
    IntakeMessage,
    KeyGrant,
    QueueItem,
    Reporter,
    SecondReview,
    Webhook,
)
from reputation.moderation import (
    block_cluster,
    clear_number,
    confirm_number,
    grant_key,
    notes,
    queue,
)
from reputation.moderation.roles import AUDITOR, SENIOR
from reputation.scoring import Action
from tests.given.campaigns import NUMBERS, tell
from tests.given.disputes import a_dispute
from tests.given.messages import text
from tests.given.reporters import BAKERY, DAY, crowd, newcomer, row, say
from tests.given.rows import a_key_grant
from tests.given.staff import staff

pytestmark = pytest.mark.slow

TOUCHING = """Array.from(document.querySelectorAll("p.actions > * + *"))
    .filter(each => {
        const [own, before] = [each, each.previousElementSibling]
            .map(e => e.getBoundingClientRect());
        return own.top < before.bottom && own.left <= before.right;
    })
    .map(each => each.outerHTML.slice(0, 100))"""

TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
# As the fingerprint of a file, or a link in a message.
WITHOUT_BLANKS = """document.querySelector("#content .work")
    .insertAdjacentHTML("beforeend", `<p>${"f".repeat(200)}</p>`)"""

# What one does and what one reads, in tables that scroll.
OUT_OF_SIGHT = """Array.from(document.querySelectorAll("table.queue button, table td.said"))
    .filter(each => each.getBoundingClientRect().right > innerWidth)
    .map(each => each.outerHTML.slice(0, 100))"""

# Fields of a search into which no number fits.
CRAMPED = """Array.from(document.querySelectorAll("#searchbar"))
    .filter(each => each.getBoundingClientRect().width < 160)
    .map(each => each.outerHTML.slice(0, 100))"""


def judged(looker: User) -> list[str]:
    """Two decisions of another: one that the looker judges blind, and one to settle."""
    now = timezone.now()
    anna, bert = staff(SENIOR, "anna"), staff(SENIOR, "bert")
    held, split = (identify(f"+4930901821{n}") for n in range(2))
    for number in (held, split):
        crowd(3, number=number, prefix=number.key, at=now - DAY)
        reason = "#called_the_number They wanted a fee in advance."
        confirm_number(actor=anna, identity=number, reason=reason, now=now)
        entry = AuditEntry.objects.latest("id")
        SecondReview.objects.create(entry=entry, sampled_at=now)
    queue.refresh(now=now)
    reviews = {each.entry.number.key: each for each in SecondReview.objects.all()}
    items = {each.subject_id: each.pk for each in QueueItem.objects.filter(kind="review")}
    queue.claim(actor=looker, item_id=items[reviews[held.key].pk], now=now)
    review = reviews[split.key]
    queue.claim(actor=bert, item_id=items[review.pk], now=now)
    said = {"verdict": "clear_number", "reason": "It is a bakery.", "now": now}
    quality.judge(actor=bert, review=review, **said)
    queue.refresh(now=now)
    settled = QueueItem.objects.get(kind="split")
    queue.claim(actor=looker, item_id=settled.pk, now=now)
    blind = items[reviews[held.key].pk]
    return [
        reverse("admin:reputation_queueitem_change", args=[blind]),
        reverse("admin:reputation_queueitem_judge", args=[blind, "clear_number"]),
        reverse("admin:reputation_queueitem_change", args=[settled.pk]),
        reverse("admin:reputation_queueitem_settle", args=[settled.pk, "second"]),
        reverse("admin:reputation_secondreview_changelist"),
        f"{reverse('admin:reputation_auditentry_changelist')}?by=anna",
        f"{reverse('admin:reputation_auditentry_export')}?by=anna",
    ]


def seed() -> list[str]:
    """A brigade against a bakery, a dispute and a message; the addresses to look at."""
    now = timezone.now()
    ring = attack_bakery(now)
    number = row(BAKERY)
    dispute = a_dispute(number=number, opened_at=now, verified_at=now, deadline_at=now + 9 * DAY)
    text("🙂 13987654321")
    IntakeMessage.objects.update(status="kept", trouble="unreadable")
    asked, lasting = two_grants(now)
    campaign = a_campaign(now)
    queue.refresh(now=now)
    report = ring[0].reports.get()
    message = IntakeMessage.objects.get()
    anna = staff(SENIOR, "proposer")
    bulk = {"actor": anna, "reason": "They move as one.", "now": now}
    batch = block_cluster(cluster=ring[0].pk, **bulk)
    pin = {"action": Action.BLOCK, "until": now + 30 * DAY}
    proposal = propose(plan=OneDecision(RULES["number"]["pin_number"], number, pin), **bulk)
    clear_number(identity=BAKERY, **bulk)
    notes.add(actor=anna, subject=number, words="Rang them: 我是面包店 at 13800138000.", now=now)
    item = QueueItem.objects.filter(kind="number").first() or QueueItem.objects.latest("pk")
    item.refresh_from_db()
    QueueItem.objects.filter(kind="dispute").update(assigned_to=anna, escalated_by=anna)
    QueueItem.objects.filter(kind="dispute").update(escalation="Is this their own line?")
    webhook = a_webhook_that_fails(now)
    rollback = reverse("admin:reputation_decisionbatch_rollback")
    lists = "number report reporter dispute auditentry officialnumber queueitem intakemessage"
    lists += " proposal decisionbatch webhook campaign numbersfile user keygrant"
    return [
        reverse("admin:index"),
        *(_list(name) for name in lists.split()),
        reverse("admin:reputation_officialnumber_import"),
        reverse("admin:desk"),
        reverse("admin:health"),
        rollback,
        f"{rollback}?account={anna.pk}",
        f"{rollback}?batch={batch.pk}",
        reverse("admin:reputation_decisionbatch_change", args=[batch.pk]),
        reverse("admin:reputation_proposal_change", args=[proposal.pk]),
        reverse("admin:reputation_webhook_change", args=[webhook.pk]),
        reverse("admin:reputation_number_decide", args=[number.pk, "pin_number"]),
        reverse("admin:auth_user_change", args=[anna.pk]),
        *(
            reverse(f"admin:reputation_{each._meta.model_name}_change", args=[each.pk])
            for each in (
                *(number, report, ring[0], dispute, message, QueueItem.objects.latest("pk")),
                *(asked, lasting, campaign),
            )
        ),
        reverse("admin:reputation_number_decide", args=[number.pk, "clear_number"]),
        reverse("admin:reputation_campaign_decide", args=[campaign.pk, "confirm_campaign"]),
        reverse("admin:reputation_report_decide", args=[report.pk, "reject_report"]),
        reverse("admin:reputation_intakemessage_act", args=[message.pk, "file"]),
        reverse("admin:reputation_keygrant_decide", args=[asked.pk, "grant_key"]),
        reverse("admin:reputation_keygrant_decide", args=[lasting.pk, "change_key"]),
    ]


def attack_bakery(now: datetime) -> list[Reporter]:
    """Reporters who act as one."""
    crowd(3, "legitimate", BAKERY, at=now - DAY)
    ring = [newcomer(f"ring{n}") for n in range(6)]
    for n, each in enumerate(ring):
        say(each, number=BAKERY, network=f"of{n % 2}", at=now, comment="Fake bakery, 假冒")
    Reporter.objects.filter(pk__in=[each.pk for each in ring]).update(cluster=ring[0].pk)
    return ring


def two_grants(now: datetime) -> tuple[KeyGrant, KeyGrant]:
    """What an organisation asks for, and what another was granted."""
    asked, lasting = (
        a_key_grant(
            organisation=name,
            contact="Network operations, +1 202 555 0100",
            purpose="Our SIP gateway rejects what is blocked.",
            calls_per_day=20_000,
            asked_scopes=["lookup", "report"],
            asked_attestation=True,
            networks=["192.0.2.0/24", "2001:db8:1234::/48"],
            asked_at=now,
        )
        for name in ("Example Telecom", "示例通信")
    )
    grant_key(
        actor=staff(SENIOR, "gisela"),
        grant=lasting,
        scopes=["lookup", "report"],
        lookups_per_minute=200,
        verifies_attestation=True,
        until=now + 100 * DAY,
        reason="#known_organisation",
        now=now,
    )
    return asked, lasting


def a_campaign(now: datetime) -> Campaign:
    for place, number_of_three in enumerate(NUMBERS[:3]):
        tell(place, number_of_three, at=now)
        tell(place + 1, number_of_three, at=now)
    group_anew(now=now)
    return Campaign.objects.get()


def a_webhook_that_fails(now: datetime) -> Webhook:
    return Webhook.objects.create(
        url="https://tools.moderators.example.org/ringscore/events/of/the/queue",
        events=["item", "decision"],
        added_at=now,
        seen_deadline=now,
        failures=18,
        problem="The server answered 500.",
        disabled_at=now,
    )


def _list(name: str) -> str:
    return reverse(f"admin:{'auth' if name == 'user' else 'reputation'}_{name}_changelist")


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [
        ({"width": 1440, "height": 900}, "en-GB", "light"),
        ({"width": 390, "height": 844}, "zh-CN", "dark"),
    ],
)
def test_every_page_fits_and_is_for_everybody(
    browser: Browser,
    panel: LiveServer,
    settings: Settings,
    size: ViewportSize,
    language: str,
    theme: str,
):
    """Axe-core finds nothing, and nothing is off the screen."""
    settings.MODERATOR_MFA_REQUIRED = False
    # So that the state of the service, which administrators see too, has much to say.
    settings.IS_PUBLIC, settings.PUBLIC_URL = True, "https://ringscore.invalid"
    settings.SECOND_MODERATOR_REQUIRED = True
    looker = staff(SENIOR)
    looker.groups.add(Group.objects.get(name=AUDITOR))
    looker.user_permissions.add(Permission.objects.get(codename="view_user"))
    addresses = [*seed(), *judged(looker), f"{reverse('admin:health')}?others"]
    client = Client()
    client.force_login(looker)
    context = browser.new_context(
        base_url=panel.url, viewport=size, locale=language, color_scheme=theme
    )
    key = str(client.session.session_key)
    context.add_cookies([{"name": "sessionid", "value": key, "url": panel.url}])
    page, axe, wrong = context.new_page(), Axe(), []
    for place, address in enumerate(addresses):
        page.goto(address)
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{theme}-{place:02}.png", full_page=True)
        if page.evaluate(TOO_WIDE):
            wrong.append(f"{address} is too wide")
        wrong += [f"{address}: {each}" for each in page.evaluate(OUT_OF_SIGHT)]
        wrong += [f"{address} {each} touches" for each in page.evaluate(TOUCHING)]
        wrong += [f"{address} {each} is cramped" for each in page.evaluate(CRAMPED)]
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        wrong += [f"{address} {each['id']} {each['nodes'][0]['html'][:150]}" for each in found]
    assert wrong == []
    keys = page.locator("#keys dl")
    expect(keys).to_be_hidden()
    page.locator("h1").first.click()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    page.evaluate(WITHOUT_BLANKS)
    assert not page.evaluate(TOO_WIDE)
    page.emulate_media(media="print")
    expect(page.locator("#header")).to_be_hidden()
    expect(page.locator("h1").first).to_be_visible()
    context.close()
