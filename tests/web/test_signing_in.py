"""Signing in by a code in the mail; leaving again."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.core.internal import ratelimit
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from reputation.identity import identify
from reputation.models import AuditEntry, Report, Reporter, VoiceLink
from reputation.moderation import block_reporter, restating, undo
from reputation.reports import link_codes
from tests.given.clock import limits_by
from tests.given.mail_servers import lapsed_server
from tests.given.reporters import NOW, say
from tests.given.visitors import Visitor, code_in_mail, text_of
from web.people import forget_unconfirmed, voice_of

pytestmark = pytest.mark.django_db

ASK, CONFIRM = "/accounts/login/code/", "/accounts/login/code/confirm/"


def test_an_address_that_no_column_holds(visitor: Visitor):
    email = "a" * 250 + "@example.org"
    response = visitor.post(ASK, {"email": email})
    assert response.status_code in (200, 400)
    assert "“Your e-mail address” is too long" in text_of(response)
    assert not User.objects.exists()


def test_a_mailbox_that_is_not_there(
    visitor: Visitor, settings: Settings, caplog: pytest.LogCaptureFixture
):
    """Errors of mail servers quote the address; Django takes the second one for an address."""
    with lapsed_server(settings), caplog.at_level(logging.WARNING, "mail.log"):
        for email in ("anna@example.org", "=?utf-8?q?x?=@example.org"):
            response = visitor.post(ASK, {"email": email})
            assert response.status_code == 400
            assert "No mail can be sent to this address" in text_of(response)
    assert "a mail on signing in: SMTPRecipientsRefused" in caplog.messages
    assert "example.org" not in caplog.text


def test_a_mail_server_that_is_away(
    visitor: Visitor, settings: Settings, caplog: pytest.LogCaptureFixture
):
    with lapsed_server(settings):
        pass
    response = visitor.post(
        ASK, {"email": "anna@example.org"}, headers={"sec-fetch-site": "same-origin"}
    )
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "We cannot send mails now" in text_of(response)
    assert 'name="email" value="anna@example.org"' in response.content.decode()
    assert "example.org" not in caplog.text


def test_a_newcomer_comes_back_to_where_she_was(visitor: Visitor):
    where = visitor.where("/report?number=95533")
    assert where.startswith("/accounts/login/code/?next=/report")
    page = visitor.get(where)
    assert "We send you a code. No password" in text_of(page)
    ask = visitor.post(where, {"email": " Anna@Example.org ", "next": "/report?number=95533"})
    assert ask.status_code == 302
    assert "We sent it to anna@example.org" in visitor.see(ask["Location"])
    [message] = mail.outbox
    code = code_in_mail()
    assert (message.to, message.subject) == (["anna@example.org"], f"{code} is your Ringscore code")
    assert "for 15 minutes" in message.body
    typed = f" {code.lower()} "  # as a phone's keyboard writes it
    done = visitor.post(CONFIRM, {"code": typed, "next": "/report?number=95533"})
    assert (done.status_code, done["Location"]) == (302, "/report?number=95533")
    assert "Report a number" in visitor.see("/report?number=95533")
    user = User.objects.get()
    assert (user.email, user.has_usable_password()) == ("anna@example.org", False)
    # No voice before the first word.
    assert voice_of(user) is None


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_signing_in_leads_to_no_other_site(visitor: Visitor, away: str):
    visitor.post("/accounts/login/code/", {"email": "anna@example.org", "next": away})
    there = visitor.where("/accounts/login/code/confirm/", {"code": code_in_mail(), "next": away})
    assert there.startswith("/")
    assert "evil" not in there


def test_the_mail_with_the_code_is_chinese_for_who_reads_chinese():
    person = Visitor(headers={"accept-language": "zh-CN"})
    person.post(ASK, {"email": "li@example.org"})
    assert "Ringscore" in mail.outbox[0].subject
    assert "验证码" in mail.outbox[0].body
    assert code_in_mail() in mail.outbox[0].subject


def test_coming_again_is_the_same_account(signed_in: Callable[..., Visitor]):
    signed_in()
    signed_in("ANNA@example.org")
    assert User.objects.count() == 1


def test_a_wrong_code_and_the_end_of_patience(visitor: Visitor):
    visitor.post(ASK, {"email": "anna@example.org"})
    page = visitor.post(CONFIRM, {"code": "AAAA-AAAA"})
    assert "Please look at this again" in text_of(page)
    for _ in range(5):
        visitor.post(CONFIRM, {"code": "AAAA-AAAA"})
    # The code has gone with the attempts.
    visitor.post(CONFIRM, {"code": code_in_mail()})
    assert visitor.where("/my/reports").startswith(ASK)


THERE = {"next": "/report?number=95533"}
BEGINNING = f"{ASK}?next=%2Freport%3Fnumber%3D95533"


def test_a_code_in_another_browser_is_told_why_it_does_nothing(visitor: Visitor):
    visitor.post(ASK, {"email": "anna@example.org"} | THERE)
    other = Visitor(headers={"accept-language": "en-GB"})
    assert other.where(CONFIRM, {"code": code_in_mail()} | THERE) == BEGINNING
    page = other.see(BEGINNING)
    assert "This code works no more, or was asked for in another browser. Get a new one." in page
    assert visitor.where(CONFIRM, {"code": code_in_mail()} | THERE) == "/report?number=95533"
    # A second press on the button.
    assert visitor.where(CONFIRM, {"code": code_in_mail()} | THERE) == "/report?number=95533"


def test_who_gets_a_new_code_still_comes_to_where_they_were_going(visitor: Visitor):
    visitor.post(ASK, {"email": "anna@example.org"} | THERE)
    for _ in range(2):
        visitor.post(CONFIRM, {"code": "AAAA-AAAA"} | THERE)
    assert visitor.where(CONFIRM, {"code": "AAAA-AAAA"} | THERE) == BEGINNING
    page = visitor.get(BEGINNING)
    assert "Too many failed attempts." in text_of(page)
    assert "This code works no more" not in text_of(page)
    assert 'name="next" value="/report?number=95533"' in page.content.decode()


def test_who_has_no_address_is_told_what_needs_none(visitor: Visitor, settings: Settings):
    said = "To look a number up, or to object to a listing, you need none."
    page = visitor.see(ASK)
    assert said in page
    assert "by text message" not in page
    settings.INTAKE_OWN_NUMBERS = ["+447700900001"]
    assert f"{said} Report without one by text message to +44 7700 900001:" in visitor.see(ASK)


@pytest.mark.slow
def test_a_stranger_fills_nobodys_mailbox(monkeypatch: pytest.MonkeyPatch):
    """Twenty codes a day go to a mailbox, however many people ask, and however patiently."""
    clock = SimpleNamespace(time=lambda: moment, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(ratelimit, "time", clock)
    limits_by(monkeypatch, lambda: moment)
    begin = NOW.timestamp()
    for n in range(30):
        moment = begin + n * 60
        person = Visitor(REMOTE_ADDR=f"198.51.{n}.1")
        person.post(ASK, {"email": f"victim{f'+{n}' if n % 2 else ''}@example.org"})
        person.post(CONFIRM, {"action": "resend"})
    assert len(mail.outbox) == 20
    moment += 24 * 3600
    Visitor().post(ASK, {"email": "victim@example.org"})
    assert len(mail.outbox) == 21


def test_a_stranger_who_asks_for_codes_does_not_shut_out_the_owner_of_the_mailbox():
    asked = [
        Visitor(REMOTE_ADDR=f"198.51.100.{n}").post(ASK, {"email": "anna@example.org"}).status_code
        for n in range(20)
    ]
    assert asked == [302] * 8 + [429] * 12
    owner = Visitor(REMOTE_ADDR="203.0.113.1")
    assert owner.where(ASK, {"email": "anna@example.org"}) == CONFIRM
    assert owner.where(CONFIRM, {"code": code_in_mail()}) == "/my/reports"


def test_a_site_asks_for_no_more_codes_than_sixteen_households(settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"sign_in": "1/m"}
    for n in range(18):
        Visitor(REMOTE_ADDR=f"2001:db8:7:{n:x}::1").post(ASK, {"email": f"a{n}@example.org"})
    assert len(mail.outbox) == 16
    assert User.objects.count() == 16


def test_nobody_has_us_mail_strangers_by_the_thousand(settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"sign_in_mail_asked": "5/h"}
    for n in range(4):
        person = Visitor()
        person.post(ASK, {"email": f"a{n}@example.org"})
        person.post(CONFIRM, {"action": "resend"})
    assert len(mail.outbox) == 5
    Visitor(REMOTE_ADDR="198.51.100.7").post(ASK, {"email": "b@example.org"})
    assert len(mail.outbox) == 6


@pytest.mark.parametrize("kind", ["staff", "closed"])
def test_who_may_not_sign_in_here_is_told_by_mail_alone(visitor: Visitor, kind: str):
    User.objects.create_user(
        "somebody", "somebody@example.org", is_staff=kind == "staff", is_active=kind == "staff"
    )
    first = visitor.post(ASK, {"email": "somebody@example.org"})
    second = Visitor().post(ASK, {"email": "nobody@example.org"})
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    message = next(each for each in mail.outbox if each.to == ["somebody@example.org"])
    assert "cannot sign in by code" in message.body
    assert "    " not in message.body
    assert User.objects.filter(email="somebody@example.org").count() == 1


def test_there_is_one_way_in(known: Callable[..., Visitor], visitor: Visitor):
    assert visitor.where("/accounts/signup/?next=/report") == f"{ASK}?next=/report"
    assert visitor.where("/accounts/login/") == ASK
    person = known()
    for path in ("email", "email/", "password/set/", "password/change/", "password/reset/"):
        for who in (person, visitor):
            assert who.get(f"/accounts/{path}").status_code == 404, path
            assert who.post(f"/accounts/{path}", {"email": "x@example.org"}).status_code == 404


def test_a_cache_that_is_away_lets_nobody_guess(visitor: Visitor, settings: Settings):
    """Sign-in is limited by the cache: without it, it waits."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere.sock",
        }
    }
    page = visitor.post(ASK, {"email": "anna@example.org"})
    assert page.status_code == 503
    assert "We cannot reach our records now" in text_of(page)
    assert not mail.outbox


@pytest.mark.slow
def test_leaving_with_and_without_the_reports(signed_in: Callable[..., Visitor]):
    def leave(email: str, number: str, **ticked: str) -> Report:
        person = signed_in(email)
        person.send("/report", {"number": number, "category": "threat", "channel": "call"})
        report = Report.objects.latest("id")
        page = person.send("/my/account", {"sure": "1", **ticked})
        assert "Your account and its e-mail address are deleted." in page
        assert person.where("/my/reports").startswith(ASK)
        report.refresh_from_db()
        return report

    assert leave("a@example.org", "+8613812345678").status == "live"
    assert leave("b@example.org", "+8613812345679", withdraw="1").status == "withdrawn"
    assert not User.objects.exists()


def test_no_session_of_another_device_names_the_address(signed_in: Callable[..., Visitor]):
    phone, desk = signed_in("anna@example.org"), signed_in("anna@example.org")
    desk.send("/my/account", {"sure": "1"})
    assert "anna@" not in str([session.get_decoded() for session in Session.objects.all()])
    assert phone.where("/my/reports").startswith(ASK)


def test_an_account_that_nobody_entered_is_forgotten(signed_in: Callable[..., Visitor]):
    signed_in("anna@example.org")
    Visitor().post(ASK, {"email": "nobody@example.org"})
    User.objects.create_user("judge", "judge@example.org", is_staff=True)
    now = timezone.now()
    assert forget_unconfirmed(now=now) == 0
    assert forget_unconfirmed(now=now + timedelta(days=2)) == 1
    assert set(User.objects.values_list("email", flat=True)) == {
        "anna@example.org",
        "judge@example.org",
    }


def test_leaving_needs_a_tick(signed_in: Callable[..., Visitor]):
    assert "Tick the box to confirm" in signed_in().send("/my/account", {})
    assert User.objects.count() == 1


def test_staff_is_not_deleted_by_itself(client: Visitor):
    client.force_login(User.objects.create_user("judge", is_staff=True))
    client.post("/my/account", {"sure": "1"})
    assert User.objects.count() == 1


def test_the_account_says_where_to_send_what_links(
    signed_in: Callable[..., Visitor], settings: Settings
):
    settings.INTAKE_OWN_NUMBERS = ["+447700900123"]
    settings.INTAKE_ADDRESS = "Ringscore <report@ringscore.example>"
    page = signed_in().send("/my/account/link", {"issue": "1"})
    assert "send LINK from that phone to +44 7700 900123, and type the code" in page
    assert "from the other mailbox to report@ringscore.example within 30 minutes: LINK " in page


def test_linking_a_voice_that_reports_by_text_message(signed_in: Callable[..., Visitor]):
    sender = Reporter.objects.create(kind="sms", handle="a phone", created_at=NOW)
    report = say(sender, "threat", identify("+8613812345678")).report
    person = signed_in()
    page = person.send("/my/account/link", {"issue": "1"})
    assert "within 30 minutes: LINK " in page
    # By SMS we only give codes out: one that comes in by SMS joins nothing.
    assert "send LINK from that phone, and type the code that comes back" in page
    code = link_codes.issue_code(reporter=sender, now=timezone.now())
    assert "Linked." in person.send("/my/account/link", {"code": code.lower()})
    assert "+86 138 1234 5678" in person.see("/my/reports")
    assert person.get(f"/my/reports/{report.public_id}").status_code == 200
    again = person.post("/my/account/link", {"code": code})
    assert again.status_code == 400
    assert "not known, was used" in text_of(again)
    assert f'value="{code}"' in again.content.decode()
    own = link_codes.issue_code(reporter=voice_of(User.objects.get()), now=timezone.now())
    assert "already speaks for that phone or address. There is nothing to link." in person.send(
        "/my/account/link", {"code": own}, status=400
    )


def test_a_link_waits_for_a_decision_that_is_carried_out(
    signed_in: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(restating, "AT_ONCE", 1)
    sender = Reporter.objects.create(kind="sms", handle="a phone", created_at=NOW)
    report = say(sender, "threat", identify("+8613812345678")).report
    say(sender, "threat", identify("+8613812345679"))
    by = {"actor": User.objects.create_user("judge"), "reason": "r", "now": NOW}
    person = signed_in()
    code = link_codes.issue_code(reporter=sender, now=timezone.now())

    def pend(reporter: Reporter) -> None:
        """As after a block that was taken back."""
        block_reporter(reporter=reporter, **by)
        restating.carry_out(now=NOW)
        undo(entry=AuditEntry.objects.latest("id"), **by)

    pend(sender)
    page = person.send("/my/account/link", {"code": code}, status=400)
    assert "cannot be linked yet. Try again in a few minutes." in page
    assert "moderators" not in page
    restating.carry_out(now=NOW)
    assert "Linked." in person.send("/my/account/link", {"code": code})
    report.refresh_from_db()
    pend(report.reporter)
    unlink = {"link": str(VoiceLink.objects.get().pk)}
    page = person.send("/my/account/unlink", unlink)
    assert "cannot be undone yet. Try again in a few minutes." in page
    restating.carry_out(now=NOW)
    assert "The link is undone." in person.send("/my/account/unlink", unlink)


@pytest.mark.slow
def test_a_link_can_be_undone_by_the_account_it_leads_to(signed_in: Callable[..., Visitor]):
    sender = Reporter.objects.create(kind="sms", handle="a phone", created_at=NOW)
    report = say(sender, "threat", identify("+8613812345678")).report
    person, stranger = signed_in("anna@example.org"), signed_in("bert@example.org")
    for each in (person, stranger):
        each.send("/my/account/link", {"issue": "1"})  # the first word of either
    code = link_codes.issue_code(reporter=sender, now=timezone.now())
    assert "a telephone that sends text messages" in person.send("/my/account/link", {"code": code})
    link = VoiceLink.objects.get()
    for chosen in (str(link.pk), "", "x", "9" * 30):
        assert "cannot be undone here" in stranger.send("/my/account/unlink", {"link": chosen})
    assert person.get(f"/my/reports/{report.public_id}").status_code == 200
    for _window in range(2):  # the second shows the link still
        page = person.send("/my/account/unlink", {"link": str(link.pk)})
        assert "The link is undone." in page
        assert "a telephone that sends" not in page
    assert "cannot be undone here" in stranger.send("/my/account/unlink", {"link": str(link.pk)})
    assert person.get(f"/my/reports/{report.public_id}").status_code == 404
    report.refresh_from_db()
    assert (report.reporter, report.status) == (sender, "live")


@pytest.mark.slow
def test_nothing_offers_to_mail_staff_a_password(client: Visitor):
    client.force_login(User.objects.create_user("judge", password="x", is_staff=True))
    page = client.get("/accounts/reauthenticate/")
    assert page.status_code == 200
    assert "/accounts/password" not in page.content.decode()
