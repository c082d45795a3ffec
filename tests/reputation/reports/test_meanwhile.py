"""What a voice says while somebody blocks it, links it or erases the person behind it."""

import threading
import time
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from reputation import counting
from reputation.models import Erasure, EvidenceEntry, IntakeSender, LoggedCall, Report, Reporter
from reputation.moderation import block_reporter, restating
from reputation.reports import (
    ReporterBlocked,
    ReportNotFound,
    Statement,
    linking,
    mailboxes,
    submit_block,
    submit_report,
    unlinking,
    withdraw_all,
)
from reputation.reports.diary import NotedCall, log_calls
from reputation.rights import DataSubject, erase, hold
from tests.given.attachments import attach, keep_evidence_in, stored
from tests.given.concurrency import meanwhile, together
from tests.given.reporters import BAKERY, NOW, SCAMMER, moderator, newcomer, numbered, row, say
from tests.given.voices import live, sender, voice

pytestmark = pytest.mark.django_db(transaction=True)


def one(reporter: Reporter) -> None:
    say(reporter, number=BAKERY)


def many(reporter: Reporter) -> None:
    entries = [(numbered(place), Statement(category="robocall")) for place in range(20)]
    submit_block(reporter=reporter, entries=entries, network="n", now=NOW)


@pytest.mark.parametrize("file", [one, many])
def test_nothing_counts_that_is_filed_while_its_reporter_is_blocked(file):
    spammer, judge = newcomer("spammer"), moderator()
    say(spammer)
    meanwhile(
        lambda: file(spammer),
        lambda: block_reporter(actor=judge, reporter=spammer, reason="spam", now=NOW),
    )
    assert not Report.objects.live().exists()
    assert set(Report.objects.values_list("status", flat=True)) == {"rejected"}


def test_nothing_counts_that_was_filed_when_its_reporter_was_blocked_in_steps(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(restating, "AT_ONCE", 5)
    spammer, judge = newcomer("spammer"), moderator()
    say(spammer)
    meanwhile(
        lambda: many(spammer),
        lambda: block_reporter(actor=judge, reporter=spammer, reason="spam", now=NOW),
    )
    with pytest.raises(ReporterBlocked):
        many(spammer)
    done = together(lambda: restating.carry_out(now=NOW), lambda: restating.carry_out(now=NOW))
    assert sum(done) == 21
    assert set(Report.objects.values_list("status", flat=True)) == {"rejected"}


def test_nothing_is_filed_once_its_reporter_is_being_blocked():
    spammer, judge = newcomer("spammer"), moderator()
    say(spammer)

    def report() -> str:
        try:
            return say(spammer, number=BAKERY).report.status
        except ReporterBlocked as error:
            return type(error).__name__

    told = meanwhile(
        lambda: block_reporter(actor=judge, reporter=spammer, reason="spam", now=NOW), report
    )
    assert told == "ReporterBlocked"
    assert not Report.objects.live().exists()


def test_no_words_are_left_of_who_is_erased_while_they_report():
    person = newcomer("person")
    meanwhile(
        lambda: say(person, comment="It was my brother's loan."),
        lambda: erase(who=DataSubject([("person", "person")]), now=NOW),
    )
    report = Report.objects.select_related("reporter").get()
    assert (report.comment, report.comment_public, report.status) == ("", "", "live")
    assert report.reporter.handle.startswith("erased-")


def add_a_file(report: Report) -> None:
    attach(report)


def note_a_call(report: Report) -> None:
    calls = [NotedCall(at=NOW, words="He named my brother.")]
    log_calls(reporter=report.reporter, public_id=report.public_id, calls=calls, now=NOW)


@pytest.mark.parametrize("add", [add_a_file, note_a_call])
def test_nothing_is_left_of_what_is_added_while_its_reporter_is_erased(
    add, settings: Settings, tmp_path: Path
):
    keep_evidence_in(settings, tmp_path)
    report = say(newcomer("person"), comment="It was my brother's loan.").report
    who = DataSubject([("person", "person")])
    meanwhile(lambda: add(report), lambda: erase(who=who, now=NOW))
    assert not LoggedCall.objects.exists()
    assert list(EvidenceEntry.objects.filter(erased_at=None)) == []
    assert [name for name in stored(tmp_path) if not name.startswith("erasures/")] == []
    with pytest.raises(ReportNotFound):
        add(report)


def test_who_was_erased_meanwhile_reports_nothing_more():
    person = newcomer("person")
    erase(who=DataSubject([("person", "person")]), now=NOW)
    with pytest.raises(ReporterBlocked, match="erased"):
        say(person, comment="It was my brother's loan.")
    assert not Report.objects.exists()


def test_who_is_linked_while_they_report_speaks_as_one():
    """Their link can be undone, too."""
    person, phone = voice("person"), voice("sms")
    sender(phone)
    say(person)
    say(phone, number=BAKERY)

    def report() -> None:
        submit_report(
            reporter=phone,
            identity=SCAMMER,
            statement=Statement(category="threat"),
            network="n",
            now=NOW,
        )

    meanwhile(lambda: linking.merge_reporters(into=person, other=phone, now=NOW), report)
    assert live() == [("person", "threat")]
    unlinking.undo_link(reporter=person, link=person.links.get().pk, now=NOW)
    assert sorted(live(BAKERY)) == [("sms", "loan_scam")]


def test_nothing_counts_of_whom_a_voice_is_linked_to_while_it_is_blocked():
    person, phone, judge = voice("person"), voice("sms"), moderator()
    say(person)
    say(phone, number=BAKERY)
    meanwhile(
        lambda: linking.merge_reporters(into=person, other=phone, now=NOW),
        lambda: block_reporter(actor=judge, reporter=person, reason="spam", now=NOW),
    )
    assert [(r.reporter, r.status) for r in Report.objects.all()] == [(person, "rejected")] * 2


def test_all_reports_are_withdrawn_with_those_that_are_being_filed():
    person = newcomer("person")
    say(person)
    meanwhile(lambda: say(person, number=BAKERY), lambda: withdraw_all(reporter=person, now=NOW))
    assert set(Report.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert (row().reports, row(BAKERY).reports) == (0, 0)


def test_all_reports_are_withdrawn_with_those_that_linked_voices_are_filing():
    person, phone = voice("person"), voice("sms")
    sender(phone)
    linking.merge_reporters(into=person, other=phone, now=NOW)
    meanwhile(lambda: say(phone, number=BAKERY), lambda: withdraw_all(reporter=person, now=NOW))
    assert [(r.reporter, r.status) for r in Report.objects.all()] == [(person, "withdrawn")]


def test_two_who_withdraw_all_and_a_file_about_the_same_numbers_wait_for_one_another():
    """Each locks the numbers in one order, whatever the order in which they were reported."""
    people = [newcomer("one"), newcomer("two")]
    numbers = [numbered(place) for place in range(60)]
    for who, reported in zip(people, (numbers, numbers[::-1]), strict=True):
        for number in reported:
            say(who, number=number)
    third = newcomer("third")
    together(
        lambda: withdraw_all(reporter=people[0], now=NOW),
        lambda: withdraw_all(reporter=people[1], now=NOW),
        lambda: [say(third, number=number) for number in numbers] and None,
    )
    assert {row(number).reports for number in numbers} == {1}


def test_a_block_outlasts_the_account_that_is_opened_meanwhile():
    """The mailbox's e-mails become the account's voice, and stay blocked."""
    box, judge = "anna@example.org", moderator()
    mail = mailboxes.voice_of_letters(box, now=NOW)
    account = meanwhile(
        lambda: block_reporter(actor=judge, reporter=mail, reason="spam", now=NOW),
        lambda: mailboxes.voice_of_account(box, crowd="", now=NOW),
    )
    account.refresh_from_db()
    assert (account.pk, account.kind, account.blocked_at) == (mail.pk, "person", NOW)


def test_an_account_that_was_an_e_mails_voice_until_now_is_linked_to_nobody():
    box, other = "anna@example.org", voice("person")
    mail = mailboxes.voice_of_letters(box, now=NOW)
    mailboxes.voice_of_account(box, crowd="", now=NOW)
    with pytest.raises(linking.LinkRefused, match="Only SMS and e-mail senders"):
        linking.merge_reporters(into=other, other=mail, now=NOW)


def test_who_came_back_after_an_erasure_takes_its_days_into_the_link():
    person, phone = voice("person"), voice("sms", erased_on=[Erasure.day_of(NOW)])
    sender(phone)
    linking.merge_reporters(into=person, other=phone, now=NOW)
    person.refresh_from_db()
    assert person.erased_on == [Erasure.day_of(NOW)]


@pytest.mark.parametrize("act", ["unlink", "erase"])
def test_who_is_parted_or_erased_while_a_message_comes_waits_for_it(act):
    """Senders are locked before voices, and voices before numbers, as by a message."""
    person, phone = voice("person"), voice("sms")
    texter = sender(phone)
    say(phone)
    linking.merge_reporters(into=person, other=phone, now=NOW)
    at_work = threading.Event()

    def message() -> None:
        with transaction.atomic():
            IntakeSender.objects.select_for_update().get(pk=texter.pk)
            at_work.set()
            time.sleep(0.5)  # until the other one waits
            counting.lock_number(SCAMMER, now=NOW)

    def other() -> None:
        at_work.wait(20)
        with transaction.atomic():
            if act == "unlink":
                unlinking.unlink(link=person.links.get(), now=NOW)
            else:
                who = DataSubject([("sms", "sms")])
                hold(who)
                erase(who=who, now=NOW)

    together(message, other)
    assert IntakeSender.objects.filter(reporter__handle="sms").exists() == (act == "unlink")
