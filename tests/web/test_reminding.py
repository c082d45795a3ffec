"""A mail on the day on which the answer to a complaint is due, if its complainant wants one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from reputation.models import Authority, Complaint, Reminder, Report
from reputation.watching import DayRefused, remind, send_reminders
from reputation.watching.reminders import LONGEST
from tests.given.authorities import load_authorities
from tests.given.mail_servers import absent_server
from tests.given.visitors import Visitor

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def anna(signed_in: Callable[..., Visitor]) -> Visitor:
    """She filed a complaint with an authority that has fifteen days to answer."""
    load_authorities()
    visitor = signed_in("anna@example.org")
    said = {"number": "+8613812345678", "category": "illegal_collection", "channel": "call"}
    visitor.send("/report", said)
    reports = Report.objects.values_list("public_id", flat=True)
    visitor.send("/complaints/prepare", {"report": list(reports), "authority": "us-cfpb"})
    visitor.send(where(), {"do": "status", "status": "filed"})
    return visitor


def where() -> str:
    return f"/complaints/{Complaint.objects.get().public_id}"


def test_one_mail_on_the_chosen_day_and_no_other(anna: Visitor, settings):
    settings.PUBLIC_URL = "https://ringscore.example"
    anna.cookies["zone"] = "Europe/London"
    due = timezone.localdate(timezone.now(), LONDON) + 15 * DAY
    page = anna.see(where())
    assert "asked to answer within 15 days" in page
    assert f'value="{due}"' in anna.get(where()).content.decode()
    assert "We mail you once" in anna.send(where(), {"do": "remind", "on": str(due)})
    assert send_reminders(now=datetime.combine(due, time(7, 59), LONDON)) == 0
    assert send_reminders(now=datetime.combine(due, time(8), LONDON)) == 1
    assert send_reminders(now=datetime.combine(due, time(9), LONDON)) == 0
    [letter] = mail.outbox[-1:]
    assert letter.to == ["anna@example.org"]
    assert letter.subject == "Is there an answer to your complaint?"
    assert f"https://ringscore.example{where()}" in letter.body
    assert "15 days" in letter.body


@pytest.mark.parametrize(
    ("zone", "today", "morning"),
    [  # at 20:00 UTC on the thirtieth
        ("Asia/Shanghai", "2026-12-01", "2026-12-01 00:00"),
        ("America/Los_Angeles", "2026-11-30", "2026-11-30 16:00"),
    ],
)
def test_the_day_is_that_of_the_persons_clock(anna: Visitor, zone: str, today: str, morning: str):
    asked = {"user": User.objects.get(), "complaint": Complaint.objects.get(), "language": "en"}
    evening, day = datetime(2026, 11, 30, 20, tzinfo=UTC), date.fromisoformat(today)
    with pytest.raises(DayRefused):
        remind(**asked, on=day - DAY, zone=ZoneInfo(zone), now=evening)
    with pytest.raises(DayRefused):
        remind(**asked, on=day + LONGEST + DAY, zone=ZoneInfo(zone), now=evening)
    remind(**asked, on=day + LONGEST, zone=ZoneInfo(zone), now=evening)
    remind(**asked, on=day, zone=ZoneInfo(zone), now=evening)
    began = datetime.fromisoformat(f"{morning}Z")
    assert send_reminders(now=began - timedelta(minutes=1)) == 0
    assert send_reminders(now=began) == 1


def test_the_mail_names_the_day_on_which_it_was_filed_there(anna: Visitor):
    night = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # in America still the nineteenth
    Complaint.objects.update(filed_at=night)
    anna.send(where(), {"do": "remind", "on": str((timezone.now() + DAY).date())})
    assert send_reminders(now=timezone.now() + 3 * DAY) == 1
    assert " on 19 Nov 2026.\n" in mail.outbox[-1].body


def test_none_for_who_changed_their_mind_or_has_the_answer(anna: Visitor):
    sent, tomorrow = len(mail.outbox), (timezone.now() + DAY).date()
    anna.send(where(), {"do": "remind", "on": str(tomorrow)})
    assert "You get no mail" in anna.send(where(), {"do": "forget"})
    assert not Reminder.objects.exists()
    anna.send(where(), {"do": "remind", "on": str(tomorrow)})
    anna.send(where(), {"do": "status", "status": "answered", "outcome": "accepted"})
    assert send_reminders(now=timezone.now() + 3 * DAY) == 0
    again = anna.send(where(), {"do": "remind", "on": str(tomorrow)})
    assert "Note first that you sent it." in again
    assert (len(mail.outbox), Reminder.objects.count()) == (sent, 0)


def test_a_mail_that_could_not_go_goes_later_and_one_that_is_not_due_does_not(
    anna: Visitor, settings: Settings
):
    first = Complaint.objects.get()
    again = {"report": [str(Report.objects.get().public_id)], "authority": "us-fcc"}
    anna.send("/complaints/prepare", again)
    second = Complaint.objects.exclude(pk=first.pk).get()
    anna.send(f"/complaints/{second.public_id}", {"do": "status", "status": "filed"})
    second.refresh_from_db()
    tomorrow = timezone.localdate(timezone.now(), LONDON) + DAY
    for complaint, on in ((first, tomorrow + 9 * DAY), (second, tomorrow)):
        remind(
            user=User.objects.get(),
            complaint=complaint,
            on=on,
            zone=LONDON,
            language="en",
            now=timezone.now(),
        )
    noon, mailers = datetime.combine(tomorrow, time(12), LONDON), settings.MAILERS
    with absent_server(settings):
        assert send_reminders(now=noon) == 0
    settings.MAILERS = mailers
    assert send_reminders(now=noon) == 1
    assert Reminder.objects.get().complaint == first


def test_what_is_asked_wrongly(anna: Visitor, signed_in: Callable[..., Visitor]):
    for day in ("", "soon", "2020-01-01", "2100-01-01"):
        assert anna.post(where(), {"do": "remind", "on": day}).status_code == 400
    stranger = signed_in("berta@example.org")
    tomorrow = str((timezone.now() + DAY).date())
    assert stranger.post(where(), {"do": "remind", "on": tomorrow}).status_code == 404
    assert not Reminder.objects.exists()


def test_every_term_names_its_basis():
    load_authorities()
    terms = Authority.objects.exclude(answer_days=None)
    assert {each.slug for each in terms} == {
        "us-cfpb", "cn-mobile", "cn-unicom", "cn-telecom", "tw-consumer", "ke-odpc", "ph-npc",
    }  # fmt: skip
    assert all("not checked" in each.answer_basis for each in terms)
