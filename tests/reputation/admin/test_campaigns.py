"""A campaign in the queue: taken, read with all its numbers, previewed, confirmed, taken back."""

import re

import pytest
from django.utils import timezone, translation

from reputation.counting import group_anew
from reputation.identity import display
from reputation.models import AuditEntry, Campaign, DecisionBatch, QueueItem
from reputation.moderation import queue
from reputation.moderation.roles import MODERATOR, SENIOR
from tests.given.campaigns import NUMBERS, tell
from tests.given.reporters import DAY, NOW, row
from tests.given.rows import a_campaign
from tests.given.staff import as_role, text

pytestmark = pytest.mark.django_db
BATCHES = "/admin/reputation/decisionbatch/"


@pytest.mark.slow
def test_a_moderator_confirms_what_the_preview_shows():
    now = timezone.now()
    for place, number in enumerate(NUMBERS[:3]):
        tell(place, number, at=now)
        tell(place + 1, number, at=now)
    for place in (2, 3):
        tell(place, NUMBERS[0], at=now, attestation="A")
    group_anew(now=now)
    campaign = Campaign.objects.get()
    queue.refresh(now=now)
    item = QueueItem.objects.get(kind="campaign")
    panel = as_role(SENIOR)
    assert campaign.phrases[0] in text(panel.get("/admin/reputation/queueitem/?kind=campaign"))
    panel.post(f"/admin/reputation/queueitem/{item.pk}/claim/")
    page = text(panel.get(f"/admin/reputation/queueitem/{item.pk}/change/"))
    assert "8 reports · 8 people · 3 numbers, 3 listed for reasons of their own" in page
    assert "Confirm the campaign" in page

    decide = f"/admin/reputation/campaign/{campaign.pk}/decide/confirm_campaign/"
    preview = text(panel.get(decide))
    assert re.search(rf"\{display(NUMBERS[0].key)} \d+ flag · [^+]* block · ", preview)
    panel.post(decide, {"preset": "1", "until": f"{now + 30 * DAY:%Y-%m-%d}", "item": item.pk})
    assert [row(number).action for number in NUMBERS[:3]] == ["block", "flag", "flag"]
    assert f"confirmed until {now + 30 * DAY:%Y-%m-%d}" in text(
        panel.get(f"/admin/reputation/campaign/{campaign.pk}/change/")
    )
    entry = AuditEntry.objects.get()
    assert text(panel.get("/admin/reputation/auditentry/")).count(str(campaign)) == 1
    panel.post(f"/admin/reputation/queueitem/undo/{entry.pk}/", {"preset": "1"})
    assert {row(number).action for number in NUMBERS[:3]} == {"flag"}


@pytest.mark.slow
def test_its_numbers_are_decided_from_its_page_also_once_it_is_confirmed():
    now = timezone.now()
    for place in range(3):
        for number in NUMBERS[:2]:
            tell(place, number, at=now, attestation="none" if number is NUMBERS[0] else "B")
    group_anew(now=now)
    campaign = Campaign.objects.get()
    panel = as_role(SENIOR)
    page = f"/admin/reputation/campaign/{campaign.pk}/"
    until = f"{now + 30 * DAY:%Y-%m-%d}"
    panel.post(f"{page}decide/confirm_campaign/", {"preset": "1", "until": until})
    shown = text(panel.get(f"{page}change/"))
    assert re.search(rf"\{display(NUMBERS[0].key)} .*?flag.*? 3 0 {now:%Y-%m-%d}", shown)
    assert re.search(rf"\{display(NUMBERS[1].key)} .*?block.*? 3 3 {now:%Y-%m-%d}", shown)
    assert "Confirm the campaign" in shown
    assert "Confirm the chosen" in shown
    of_number = text(panel.get(f"/admin/reputation/number/{row(NUMBERS[0]).pk}/change/"))
    assert of_number.count(" · attestation none ") == 3
    alone = as_role(MODERATOR)  # decides on one at a time
    assert "Confirm the chosen" not in text(alone.get(f"{page}change/"))
    chosen = {"subject": "number", "verb": "confirm_number", "target": [row(NUMBERS[0]).pk]}
    assert alone.post(f"{BATCHES}preview/", chosen).status_code == 403
    assert "1 row chosen." in text(panel.post(f"{BATCHES}preview/", chosen))
    panel.post(f"{BATCHES}start/", chosen | {"preset": "1"})
    batch = DecisionBatch.objects.get()
    panel.post(f"{BATCHES}{batch.pk}/advance/")
    assert row(NUMBERS[0]).action == "block"


def test_a_campaign_without_common_phrases_is_named_by_what_it_is_about():
    """Its id tells a moderator nothing."""
    first = NOW - 3 * DAY
    about = {"category": "loan_scam", "first_at": first}
    campaign = a_campaign(key="c0ffee", numbers=12, **about)
    single = a_campaign(key="decaf", numbers=1, like=campaign, first_at=first)
    panel = as_role(SENIOR)
    page = text(panel.get(f"/admin/reputation/campaign/{single.pk}/change/"))
    assert "campaign: 1 number, first on 2026-11-21" in page
    assert "Its words resemble those of: loan scam: 12 numbers, first on 2026-11-21" in page
    with translation.override("zh-hans"):
        assert str(campaign) == "贷款诈骗：12 个号码，始于 2026-11-21"
