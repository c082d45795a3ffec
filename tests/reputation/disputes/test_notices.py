"""What holders are told by e-mail: once a step, and only who proved to hold the number."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import Settings

from reputation.disputes import APPEAL_WITHIN, appeal, decide_dispute, send_notices
from reputation.disputes.histories import seal_contact
from reputation.identity import identify
from reputation.models import Dispute
from tests.given.disputes import a_dispute
from tests.given.mail_servers import lapsed_server
from tests.given.reporters import BAKERY, NOW, moderator, reported, row

pytestmark = pytest.mark.django_db


def disputed(contact: str, **more: object):
    reported()
    dispute = a_dispute(**more)
    seal_contact(dispute, contact)
    dispute.save()
    return dispute


def test_a_holder_gets_the_link_and_the_decision_once():
    dispute = disputed("Li@Example.org", language="zh-hans")
    assert [send_notices() for _ in range(2)] == [1, 0]
    [opened] = mail.outbox
    assert opened.to == ["Li@Example.org"]
    assert "+86 138 1234 5678" in opened.subject
    assert f"/disputes/{dispute.public_id}" in opened.body
    assert "审核员" in opened.body
    later = NOW + timedelta(days=1)
    decide_dispute(actor=moderator(), dispute=dispute, upheld=True, reason="Right.", now=later)
    assert [send_notices() for _ in range(2)] == [1, 0]
    assert mail.outbox[1].subject != opened.subject


def test_a_mail_names_the_day_as_the_holders_calendar_has_it():
    """As the page does: in China it is the fifteenth already."""
    evening = datetime(2026, 12, 14, 20, 0, tzinfo=UTC)
    disputed("li@example.org", deadline_at=evening)
    assert send_notices() == 1
    assert "by 15 Dec 2026" in mail.outbox[0].subject


@pytest.mark.parametrize("appealed", [False, True])
def test_who_lost_is_told_until_when_to_appeal(appealed: bool):
    """Not after an appeal, whose decision is final."""
    dispute = disputed("li@example.org")
    decide_dispute(actor=moderator(), dispute=dispute, upheld=False, reason="No.", now=NOW)
    if appealed:
        again = appeal(public_id=dispute.public_id, statement="Hear us.", now=NOW)
        judge = moderator("another")
        decide_dispute(actor=judge, dispute=again, upheld=False, reason="No.", now=NOW)
        Dispute.objects.filter(pk=dispute.pk).update(noticed="rejected")
    send_notices()
    body = mail.outbox[-1].body
    last = timezone.localtime(NOW + APPEAL_WITHIN, ZoneInfo("Asia/Shanghai"))
    told = f"There you can appeal until {date_format(last, 'DATETIME_FORMAT')} (Beijing):"
    assert (told in body) is not appealed
    assert ("appeal" in body) is not appealed


def test_nobody_else_gets_mail():
    """A telephone number, and whoever has not proved to hold the number."""
    disputed("+49 30 901820")
    unproven = a_dispute(status="awaiting_code", verified_at=None, deadline_at=None)
    seal_contact(unproven, "victim@example.org")
    unproven.save()
    assert send_notices() == 0
    assert mail.outbox == []


def test_mail_that_cannot_be_sent_now_is_sent_later(monkeypatch: pytest.MonkeyPatch):
    disputed("li@example.org")
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", _refuse)
        assert send_notices() == 0
    assert send_notices() == 1


@pytest.mark.parametrize(
    "contact", ["=?utf-8?q?x?=@example.org", f"li@{'ü' * 60}.example", "li@example.org"]
)
def test_a_mail_that_no_server_takes_stops_no_other(contact: str, settings: Settings):
    """Django takes the first two for addresses, and no mail can be written to them."""
    first = disputed(contact)
    reported(BAKERY)
    other = a_dispute(number=row(BAKERY))
    seal_contact(other, "wang@example.org")
    other.save()
    with lapsed_server(settings) as server:
        server.refuses = {"li@example.org": "450 come back later"}
        now = send_notices(), send_notices()
        server.refuses = {"li@example.org": "550 no such mailbox"}
        later = send_notices()
    assert (now, later, server.taken) == ((1, 0), 0, ["wang@example.org"])
    first.refresh_from_db()
    assert first.noticed == "open"


def test_mails_on_which_the_server_hangs_up_stop_no_other_for_good(settings: Settings):
    """So that nobody keeps all decisions from their holders by three addresses of a slow domain."""
    callers = [identify(f"+8613912345{place:03}") for place in range(3)]
    for place, caller in enumerate([*callers, BAKERY]):
        reported(caller)
        dispute = a_dispute(number=row(caller))
        seal_contact(dispute, "wang@example.org" if caller == BAKERY else f"{place}@slow.example")
        dispute.save()
    with lapsed_server(settings) as server:
        server.refuses = dict.fromkeys((f"{place}@slow.example" for place in range(3)), "")
        runs = (send_notices() for _ in range(50))
        assert any(runs)
    assert server.taken == ["wang@example.org"]


def _refuse(*_: object) -> None:
    raise ConnectionRefusedError
