"""Messages that wait for a moderator: found, read on record, filed for their sender, closed."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from reputation.models import AuditEntry, IntakeMessage, QueueItem, Report
from reputation.moderation import queue
from reputation.moderation.queue import refreshing
from tests.given.messages import LI, letter, live, nested, post, text
from tests.given.staff import SHORT, member, signed_in
from tests.given.staff import text as text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/reputation/intakemessage/"
FILED = {"number": "+8613812345678", "category": "threat", "reason": "plain from the words"}


def unreadable() -> None:
    IntakeMessage.objects.update(status="kept", trouble="unreadable")


@pytest.fixture
def message() -> IntakeMessage:
    text("🙂 13987654321")
    unreadable()
    return IntakeMessage.objects.get()


def act(message: IntakeMessage, verb: str) -> str:
    return reverse("admin:reputation_intakemessage_act", args=[message.pk, verb])


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


@pytest.mark.slow
def test_the_list_shows_no_personal_data_in_a_constant_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
):
    client = signed_in(member("moderator"))
    text("🙂 13987654321")
    unreadable()
    client.get(LIST)
    page = client.get(LIST).content.decode()
    assert "🙂" in page
    assert LI[3:] not in page
    with django_assert_num_queries(7):
        client.get(LIST)
    for _ in range(10):
        text("🙂")
    unreadable()
    with django_assert_num_queries(7):
        client.get(LIST)


@pytest.mark.parametrize("who", [*SHORT, "staff"])
def test_who_may_what(who, message):
    client = signed_in(member(who))
    may_see = who != "staff"
    may_act = who in ("moderator", "senior")
    assert client.get(LIST).status_code == (200 if may_see else 403)
    # What was filed is not closed again: the page says so.
    for verb, done in (("read", 200), ("file", 302), ("close", 200)):
        assert client.get(act(message, verb)).status_code == (200 if may_act else 403)
        answer = client.post(act(message, verb), FILED)
        assert answer.status_code == (done if may_act else 403)
    assert verbs() == (["read_message", "file_message"] if may_act else [])


def test_reading_is_on_record_and_not_kept_by_browsers(message):
    answer = signed_in(member("moderator")).post(act(message, "read"), {"reason": "to help"})
    assert LI in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.reason) == ("read_message", "to help")
    assert entry.after == {"message": str(message.public_id)}


def test_a_reason_is_needed(message):
    client = signed_in(member("moderator"))
    for verb in ("read", "file", "close"):
        answer = client.post(act(message, verb), FILED | {"reason": " "})
        assert "Give the reason" in answer.content.decode()
    assert verbs() == []
    message.refresh_from_db()
    assert message.status == "kept"


def test_filed_in_the_voice_of_its_sender(message):
    signed_in(member("moderator")).post(act(message, "file"), FILED)
    assert live() == [("+8613812345678", "threat", "🙂 13987654321")]
    report = Report.objects.get()
    assert report.reporter == message.sender.reporter
    assert report.comment_public == "🙂 ▇▇▇"
    message.refresh_from_db()
    assert (message.status, message.report) == ("reported", report)
    assert AuditEntry.objects.get().report == report


def test_what_anybody_may_have_sent_is_not_shown_until_it_is_confirmed(settings):
    settings.INTAKE_REGION = "GB"
    client = signed_in(member("moderator"))
    asked = post(letter("they insult me", vouched=False))
    assert asked.message is not None
    page = f"{LIST}{asked.message.pk}/change/"
    assert "they insult me" not in client.get(LIST).content.decode()
    assert client.get(page).status_code == 302  # as for one that is not there
    assert client.post(act(asked.message, "file"), FILED).status_code == 404
    post(letter("yes", subject=f"[RS-{asked.token}]", vouched=False))
    assert "they insult me" in client.get(LIST).content.decode()


def test_what_nobody_vouches_for_speaks_for_no_one():
    client = signed_in(member("moderator"))
    message = post(nested(2_000)).message
    assert message is not None
    answer = client.post(act(message, "file"), FILED, follow=True)
    assert "Nobody vouches for the sender of this e-mail" in answer.content.decode()
    client.post(act(message, "close"), {"reason": "nothing in it"})
    message.refresh_from_db()
    assert (live(), message.status, verbs()) == ([], "closed", ["close_message"])


def test_what_is_done_is_not_done_again(message):
    client = signed_in(member("moderator"))
    client.post(act(message, "close"), {"reason": "nothing in it"})
    message.refresh_from_db()
    assert message.status == "closed"
    client.post(act(message, "file"), FILED)
    assert (live(), verbs()) == ([], ["close_message"])


def test_a_number_that_is_none_is_said(message):
    client = signed_in(member("moderator"))
    answer = client.post(act(message, "file"), FILED | {"number": "112"}, follow=True)
    assert "This is an emergency number. It can be neither reported" in answer.content.decode()
    assert live() == []


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("not a number", "This is no phone number, service code or name of a sender."),
        ("07700900777", "write it with + and calling code, or behind its country"),
        ("", "This field is required."),
    ],
)
def test_a_slip_loses_nothing_of_the_form(message, number: str, said: str):
    client = signed_in(member("moderator"))
    page = client.post(act(message, "file"), FILED | {"number": number}).content.decode()
    assert said in page
    assert FILED["reason"] in page
    assert f'value="{number}"' in page or not number
    assert re.search(r'value="threat" selected', page)
    assert live() == []


def test_messages_wait_in_the_queue_and_on_the_dashboard(message):
    text("🙂 13987654322")  # which asks its sender back
    queue.refresh(now=timezone.now())
    item = QueueItem.objects.get(kind="message")
    assert item.subject_id == message.pk
    user = member("moderator")
    client = signed_in(user)
    front = text_of(client.get("/admin/"))
    assert "1 item waits in the queue" in front
    assert "messages that wait: 1" in front
    for user_may, role in ((True, user), (False, member("auditor"))):
        page = signed_in(role).get("/admin/").content.decode()
        assert ('class="to-queue"' in page) is user_may
    assert [each.pk for each in client.get(LIST).context["cl"].result_list] == [message.pk]
    assert len(client.get(LIST, {"need": "all"}).context["cl"].result_list) == 2
    queue.claim(actor=user, item_id=item.pk, now=timezone.now())
    page = client.get(f"/admin/reputation/queueitem/{item.pk}/change/")
    assert "🙂" in text_of(page)
    assert f"{act(message, 'file')}?item={item.pk}" in page.content.decode()
    # Another finds it taken; whoever took it closes it, and the next item comes.
    other = signed_in(member("senior")).post(act(message, "close"), {"reason": "x"})
    assert "moderator is at this until" in text_of(other)
    client.post(act(message, "close"), {"reason": "nothing in it", "item": str(item.pk)})
    message.refresh_from_db()
    assert message.status == "closed"
    assert not queue.waiting(now=timezone.now()).exists()


def test_a_flood_of_messages_does_not_fill_the_queue(monkeypatch: pytest.MonkeyPatch):
    """The list of messages has all of them, and the next come as these are closed."""
    monkeypatch.setattr(refreshing, "MESSAGES", 2)
    for _ in range(3):
        text("🙂")
    unreadable()
    queue.refresh(now=timezone.now())
    oldest = IntakeMessage.objects.order_by("received_at", "id").values_list("pk", flat=True)
    waiting = QueueItem.objects.filter(kind="message").values_list("subject_id", flat=True)
    assert sorted(waiting) == sorted(oldest[:2])
    IntakeMessage.objects.filter(pk=oldest[0]).update(status="closed")
    queue.refresh(now=timezone.now())
    assert sorted(waiting.all()) == sorted(oldest[1:3])


def test_a_message_is_shown_in_chinese(message):
    client = signed_in(member("moderator"))
    page = client.get(f"{LIST}{message.pk}/change/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    ids = re.findall(r'id="([^"]+)"', page.content.decode())
    assert len(ids) == len(set(ids))
    for words in ("收到时间", "代发送者举报", "阅读（记录在案）", "不作处理", "未能读懂"):
        assert words in page.content.decode()
    filing = client.get(act(message, "file"), HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert "威胁恐吓" in filing.content.decode()


def test_who_closes_what_another_filed_reads_so_in_their_language_and_keeps_their_words(message):
    one, other = signed_in(member("moderator")), signed_in(member("senior"))
    assert other.post(act(message, "file"), FILED).status_code == 302
    written = {"reason": "Advertises a shop."}
    late = one.post(act(message, "close"), written, headers={"accept-language": "zh-hans"})
    assert "此消息已被处理。" in text_of(late)
    assert "Advertises a shop." in text_of(late)
    assert verbs() == ["file_message"]
