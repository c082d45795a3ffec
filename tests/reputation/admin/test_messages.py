"""Messages that wait for a moderator: found, read on record, filed for their sender, closed."""

import re

import pytest
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from reputation.models import AuditEntry, IntakeMessage, Report
from tests.given.messages import LI, letter, live, post, text
from tests.given.staff import SHORT, member, signed_in
from tests.reputation.intake.test_mailbox import nested

pytestmark = pytest.mark.django_db
LIST = "/admin/reputation/intakemessage/"
FILED = {"number": "+8613812345678", "category": "threat", "reason": "plain from the words"}


@pytest.fixture
def message() -> IntakeMessage:
    text("🙂 13987654321")
    IntakeMessage.objects.update(status="kept", trouble="unreadable")
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
    client.get(LIST)
    page = client.get(LIST).content.decode()
    assert "🙂" in page
    assert LI[3:] not in page
    with django_assert_num_queries(6):
        client.get(LIST)
    for _ in range(10):
        text("🙂")
    with django_assert_num_queries(6):
        client.get(LIST)


@pytest.mark.parametrize("who", [*SHORT, "staff"])
def test_who_may_what(who, message):
    client = signed_in(member(who))
    may_see = who != "staff"
    may_act = who in ("moderator", "senior")
    assert client.get(LIST).status_code == (200 if may_see else 403)
    for verb, data in (("read", {"reason": "to help"}), ("file", FILED), ("close", FILED)):
        answer = client.post(act(message, verb), data)
        assert answer.status_code == ((200 if verb == "read" else 302) if may_act else 403)
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
        assert client.post(act(message, verb), FILED | {"reason": " "}).status_code == 302
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
    assert "Emergency numbers can never be reported" in answer.content.decode()
    assert live() == []


def test_in_chinese(message):
    client = signed_in(member("moderator"))
    page = client.get(f"{LIST}{message.pk}/change/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    ids = re.findall(r'id="([^"]+)"', page.content.decode())
    assert len(ids) == len(set(ids))
    for words in ("收到时间", "威胁恐吓", "代为举报", "阅读（记录在案）", "不作处理", "未能读懂"):
        assert words in page.content.decode()
