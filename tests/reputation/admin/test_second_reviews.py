"""The pages of second reviews: judged blind, settled by a senior, and what is closed meanwhile."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from api.keys import create_key
from reputation import quality
from reputation.models import (
    AuditEntry,
    DecisionBatch,
    DisputeFile,
    EvidenceEntry,
    QueueItem,
    SecondReview,
)
from reputation.models.attachment import NO_ENTRY
from reputation.moderation import MODERATOR, SENIOR, batches, queue, undo
from tests.given.api_requests import Holder, ask
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, SCAMMER, crowd, newcomer, row, say
from tests.given.staff import signed_in, staff, text

pytestmark = pytest.mark.django_db
SAID = "heard it at the zoo"
LISTS = "auditentry campaign decisionbatch dispute number officialnumber queueitem report reporter"


@pytest.fixture
def review(settings: Settings) -> SecondReview:
    """A confirmation in a batch by `first`, drawn, with much else about its number."""
    settings.SECOND_REVIEW_PERCENT = 100
    now = timezone.now()
    crowd(3, at=now - DAY)
    say(newcomer("neighbour"), number=SCAMMER, at=now - DAY, comment="Call Anna at 13800138000")
    first = staff(SENIOR, "first")
    batch = batches.start(
        actor=first, subject="number", verb="confirm_number", targets=[row().pk], reason=SAID,
        now=now,
    )  # fmt: skip
    while batch.finished_at is None:
        batch = batches.advance(batch=batch, now=now)
    a_dispute()
    quality.draw(now=timezone.now())
    queue.refresh(now=timezone.now())
    return SecondReview.objects.get()


def addresses() -> list[str]:
    """Every page of the panel that could tell what was decided about the number."""
    lists = [reverse(f"admin:reputation_{name}_changelist") for name in LISTS.split()]
    rows = [
        row(),
        row().statements.order_by("pk")[0],
        row().statements.order_by("pk")[0].reporter,
        row().disputes.get(),
        AuditEntry.objects.get(number=row()),
        DecisionBatch.objects.get(),
        *QueueItem.objects.exclude(kind="review"),
    ]
    pages = [
        reverse(f"admin:reputation_{each._meta.model_name}_change", args=[each.pk]) for each in rows
    ]
    entry = AuditEntry.objects.get(number=row())
    return [
        reverse("admin:index"),
        *lists,
        *(f"{each}?q={SCAMMER.key}" for each in lists),
        *pages,
        reverse("admin:reputation_number_decide", args=[row().pk, "clear_number"]),
        reverse("admin:reputation_queueitem_undo", args=[entry.pk]),
    ]


def told(client: Client) -> list[str]:
    """The addresses whose pages tell the first judgement or its reason."""
    found = []
    for address in addresses():
        said = client.get(address, follow=True).content.decode()
        if SAID in said or 'field-decided">confirmed unwanted' in said:
            found.append(address)
    return found


@pytest.mark.slow
def test_blind_is_blind(review: SecondReview):
    second = staff(MODERATOR, "second")
    client, key = signed_in(second), key_of(second)
    item = QueueItem.objects.get(kind="review")
    page = reverse("admin:reputation_queueitem_change", args=[item.pk])
    # Who has not taken it sees no case, and everything else.
    assert SCAMMER.key not in text(client.get(page)).replace(" ", "")
    case = f"/v1/moderation/subjects/number/%2B{SCAMMER.key[1:]}"
    undo_path = f"/v1/moderation/decisions/{review.entry_id}/undo"
    assert len(told(client)) >= 6
    assert SAID in str(ask("GET", case, by=key).json)
    client.post(reverse("admin:reputation_queueitem_claim", args=[item.pk]))
    shown = text(client.get(page))
    assert "+86 138 1234 5678" in shown
    assert "13800138000" not in shown
    for secret in ("first", SAID, "confirmed unwanted"):
        assert secret not in shown
    judging = text(client.get(f"{page.removesuffix('change/')}judge/leave/"))
    assert "first" not in judging.replace("The first decision", "")
    assert told(client) == []
    assert ask("GET", case, by=key).status == 409
    assert ask("POST", undo_path, by=key, body={"reason": "x"}).status == 409
    assert SCAMMER.key not in str(ask("GET", "/v1/moderation/queue", by=key).json)
    # Colleagues go on as ever, and it is over once it is judged.
    assert len(told(signed_in(staff(MODERATOR, "third")))) >= 6
    client.post(f"{page.removesuffix('change/')}judge/clear_number/", {"reason": "a clinic"})
    review.refresh_from_db()
    assert review.verdict == "clear_number"
    assert len(told(client)) >= 6


def test_who_judges_blind_opens_no_file(review: SecondReview):
    client = signed_in(staff(MODERATOR, "second"))
    report, dispute = row().statements.order_by("pk")[0], row().disputes.get()
    of_report = {"report": report, "position": 1, "previous": NO_ENTRY, "digest": "b" * 64}
    files = ((EvidenceEntry, of_report), (DisputeFile, {"dispute": dispute, "position": 1}))
    for model, about in files:
        model.objects.create(
            **about, sha256="a" * 64, size=1, media_type="image/png", added_at=timezone.now()
        )
    pages = [
        reverse(
            f"admin:reputation_{subject._meta.model_name}_evidence", args=[subject.pk, "a" * 64]
        )
        for subject in (report, dispute)
    ]
    assert [client.get(page).status_code for page in pages] == [200, 200]
    item = QueueItem.objects.get(kind="review")
    client.post(reverse("admin:reputation_queueitem_claim", args=[item.pk]))
    assert [client.get(page).status_code for page in pages] == [404, 404]


def key_of(user: User) -> Holder:
    key, token = create_key(name="tool", scopes=[], moderator=user, region="CN", now=timezone.now())
    return Holder(key, token)


def test_over_the_api(review: SecondReview):
    second = staff(MODERATOR, "second")
    key, other = key_of(second), key_of(staff(MODERATOR, "other"))
    (item,) = (
        each
        for each in ask("GET", "/v1/moderation/queue", by=key).json["items"]
        if each["kind"] == "review"
    )
    assert item["number"] == ""
    where = f"/v1/moderation/reviews/{item['subject']['id']}"
    said = {"verdict": "clear_number", "reason": "a clinic"}
    assert ask("GET", where, by=key).status == 404
    assert ask("POST", where, by=key, body=said).status == 404
    assert ask("POST", f"/v1/moderation/queue/{item['id']}/claim", by=key).status == 200
    case = ask("GET", where, by=key).json
    assert (case["number"], len(case["reports"])) == (SCAMMER.key, 4)
    assert SAID not in str(case)
    assert ask("GET", where, by=other).status == 404
    assert ask("POST", where, by=key, body=said | {"verdict": "uphold_dispute"}).status == 400
    assert ask("POST", where, by=key, body=said | {"reason": ""}).status == 400
    for _ in range(2):
        assert ask("POST", where, by=key, body=said).json["verdict"] == "clear_number"
    assert ask("POST", where, by=key, body=said | {"verdict": "leave"}).status == 409
    review.refresh_from_db()
    assert (review.reviewer, review.verdict) == (second, "clear_number")


def test_by_keys_to_the_next_and_a_senior_settles(review: SecondReview):
    second, boss = signed_in(staff(MODERATOR, "second")), signed_in(staff(SENIOR, "boss"))
    taken = second.post(reverse("admin:reputation_queueitem_next"), {"kind": "review"})
    assert 'data-key="c"' in second.get(taken["Location"]).content.decode()
    judge = taken["Location"].replace("change/?kind=review", "judge/clear_number/")
    refused = second.post(judge, {"reason": ""})
    assert "Give the reason" in text(refused)
    assert second.post(judge, {"preset": "1"}).status_code == 302
    assert second.post(judge, {"preset": "1"}).status_code == 302  # a double click
    review.refresh_from_db()
    assert review.reason == "#called_the_number"
    assert AuditEntry.objects.filter(verb="judge_again").count() == 1
    queue.refresh(now=timezone.now())
    item = QueueItem.objects.get(kind="split")
    boss.post(reverse("admin:reputation_queueitem_claim", args=[item.pk]))
    page = reverse("admin:reputation_queueitem_change", args=[item.pk])
    shown = text(boss.get(page))
    for said in ("first", SAID, "second", "Clear as legitimate", "Called the number"):
        assert said in shown
    settle = f"{page.removesuffix('change/')}settle/second/"
    assert "This no longer waits" in text(second.post(settle, {"reason": "x"}))
    assert boss.post(settle, {"reason": "it is a clinic"}).status_code == 302
    review.refresh_from_db()
    assert (review.outcome, str(review.settled_by)) == ("second", "boss")
    for wrong in ("judge/nonsense/", "settle/nonsense/"):
        assert boss.get(f"{page.removesuffix('change/')}{wrong}").status_code == 404


@pytest.mark.parametrize("page", ["judge/leave", "judge/clear_number", "settle/first", "leave"])
def test_words_about_an_item_that_is_gone_or_of_another_are_shown_again(
    review: SecondReview, page: str
):
    item, late = QueueItem.objects.get(kind="review"), signed_in(staff(SENIOR, "late"))
    address = f"{reverse('admin:reputation_queueitem_changelist')}{item.pk}/{page}/"
    signed_in(staff(MODERATOR, "taker")).post(
        reverse("admin:reputation_queueitem_claim", args=[item.pk])
    )
    words = "The clinic called back on 12 May."
    for _turn in ("of another", "gone"):
        shown = late.post(address, {"reason": words})
        assert words in text(shown)
        assert "errorlist" in shown.content.decode()
        assert SCAMMER.key not in text(shown).replace(" ", "")
        QueueItem.objects.filter(pk=item.pk).delete()
    assert late.get(address, follow=True).redirect_chain


def test_nobody_else_judges_and_what_was_taken_back_is_not(review: SecondReview):
    item = QueueItem.objects.get(kind="review")
    judge = reverse("admin:reputation_queueitem_judge", args=[item.pk, "leave"])
    for role in ("auditor", "administrator"):
        assert signed_in(staff(role, role)).post(judge, {"reason": "x"}).status_code == 403
    first = User.objects.get(username="first")
    assert "This no longer waits" in text(signed_in(first).post(judge, {"reason": "x"}))
    second = signed_in(staff(MODERATOR, "second"))
    assert "Somebody else judges this now" in text(second.post(judge, {"reason": "x"}))
    second.post(reverse("admin:reputation_queueitem_claim", args=[item.pk]))
    leave = reverse("admin:reputation_queueitem_leave", args=[item.pk])
    assert "or give it back" in text(second.post(leave, {"reason": "x"}))
    undo(actor=first, entry=review.entry, reason="a slip", now=timezone.now())
    assert "taken back meanwhile" in text(second.post(judge, {"reason": "x"}))
    review.refresh_from_db()
    assert review.judged_at is None


@pytest.mark.parametrize("kind", ["review", "split"])
def test_a_page_asks_as_often_with_more_reports(
    review: SecondReview, kind: str, django_assert_num_queries
):
    second, boss = staff(MODERATOR, "second"), staff(SENIOR, "boss")
    client = signed_in(second if kind == "review" else boss)
    if kind == "split":
        queue.claim_next(actor=second, now=timezone.now(), kind="review")
        quality.judge(actor=second, review=review, verdict="leave", reason="x", now=timezone.now())
        queue.refresh(now=timezone.now())
    taken = client.post(reverse("admin:reputation_queueitem_next"), {"kind": kind})["Location"]
    client.get(taken)
    budget = {"review": 14, "split": 12}[kind]
    for more in (0, 5):
        crowd(more, prefix=f"more{more}", at=timezone.now() - 2 * DAY)
        with django_assert_num_queries(budget):
            assert client.get(taken).status_code == 200
