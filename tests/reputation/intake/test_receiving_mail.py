"""What becomes of e-mails: whom they count for, what their files are, and what is done later."""

import re
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import MagicMock

import pytest
from django.core import mail
from django.db import InternalError, OperationalError, connection
from psycopg.errors import ReadOnlySqlTransaction

from reputation.intake import AnswerNotSent, answer, catch_up, receiving
from reputation.intake.catching_up import LEFT_ALONE
from reputation.models import IntakeMessage, Report
from tests.given.attachments import PNG, keep_evidence_in
from tests.given.mail_servers import lapsed_server
from tests.given.messages import (
    MAIL,
    NOW,
    SCAM,
    UK,
    answering,
    letter,
    live,
    post,
    read,
    states,
    text,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_report():
    receipt = post(letter("yesterday at 8pm 07700 900123 said he is from my bank"))
    assert [(number, category) for number, category, _ in live()] == [(UK, "other")]
    assert receipt.reply.startswith("Reported: +44 7700 900123, 23 Nov 2026, 20:00.")


def test_a_national_number_from_nobody_knows_where(settings):
    settings.INTAKE_REGION = ""
    asked = post(letter("07700 900123 keeps calling me"))
    assert asked.reply == (
        "Please send the number with + and the country's code, such as +44 7700 900123."
    )
    post(letter("+44 7700 900123", subject="Re: Report"))
    assert [number for number, _, _ in live()] == [UK]


def test_an_answer_is_to_the_question_whose_mark_it_bears(settings):
    """Else it would answer the last."""
    settings.INTAKE_REGION = ""
    first = post(letter("07700 900123 keeps calling me"))
    post(letter("And 07700 900124"))
    post(letter("+44 7700 900123", subject=f"Re: [RS-{first.token}] Report"))
    assert [number for number, *_ in live()] == [UK]
    assert states() == [("reported", "number", ""), ("asked", "number", ""), ("answered", "", "")]


def test_its_files_become_evidence(evidence_dir):
    files = [("screen.png", PNG, "image/png"), ("virus.exe", b"MZ\0\0", "application/x")]
    receipt = post(letter("07700 900123", files=files))
    assert [e.name for e in Report.objects.get().evidence.all()] == ["screen.png"]
    assert receipt.reply.endswith("Files kept as evidence: 1. Files that we cannot keep: 1.")


def test_files_of_the_message_that_was_asked_about(evidence_dir):
    post(letter("I lost so much money to them", files=[("a.png", PNG, "image/png")]))
    post(letter("07700 900123", subject="Re: Report"))
    assert Report.objects.get().evidence.count() == 1


def test_a_storage_that_is_away_has_it_sent_again(settings, tmp_path):
    from reputation.attachments import StorageUnavailable

    (tmp_path / "file").write_text("in the way")
    keep_evidence_in(settings, tmp_path / "file")
    raw = letter("07700 900123", files=[("a.png", PNG, "image/png")])
    with pytest.raises(StorageUnavailable):
        post(raw)
    assert live() == []
    keep_evidence_in(settings, tmp_path / "there")
    post(raw)
    assert Report.objects.get().evidence.count() == 1


def standby() -> InternalError:
    """What a session says that leads to a standby since a failover."""
    error = InternalError()
    error.__cause__ = ReadOnlySqlTransaction()
    return error


@pytest.fixture(params=[OperationalError, standby])
def away(monkeypatch, request):
    """The database goes away once a message is stored, and nobody sends the message again."""
    # The connection of a test, which is in a transaction, is not left.
    monkeypatch.setattr(connection, "close", lambda: None)

    def gone(*_: object) -> None:
        raise request.param()

    def send(act: Callable[[], object]) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(receiving._Received, "do", gone)
            with pytest.raises((OperationalError, InternalError)):
                act()

    return send


def test_what_is_not_sent_again_is_processed_all_the_same(away):
    away(lambda: text("13812345678*还款", id="SM-lost"))
    assert (live(), states()) == ([], [("received", "", "")])
    assert catch_up(now=NOW + LEFT_ALONE / 2) == 0  # somebody may be at it
    assert catch_up(now=NOW + LEFT_ALONE) == 1
    assert [number for number, *_ in live()] == [SCAM]
    assert catch_up(now=NOW + 2 * LEFT_ALONE) == 0
    again = text("13812345678*还款", id="SM-lost", at=NOW + 2 * LEFT_ALONE)
    assert (again.repeated, Report.objects.count()) == (True, 1)


def test_what_is_left_stays_while_the_database_is_away(away):
    away(lambda: text("13812345678*还款", id="SM-lost"))
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(receiving._Received, "do", MagicMock(side_effect=standby()))
        assert catch_up(now=NOW + LEFT_ALONE) == 0
    assert states() == [("received", "", "")]


def test_an_email_that_was_left_is_answered_once_and_a_program_not_at_all(away):
    raw = letter("07700 900123 keeps calling")
    away(lambda: post(raw))
    away(lambda: post(letter("07700 900124", Auto_Submitted="auto-replied")))
    assert catch_up(now=NOW + LEFT_ALONE) == 2
    assert [number for number, *_ in live()] == [UK]
    assert sorted(states()) == [("ignored", "", ""), ("reported", "", "")]
    assert [each.to for each in mail.outbox] == [[MAIL]]
    receipt = post(raw, at=NOW + HOUR)
    assert (receipt.repeated, receipt.reply) == (True, "")


def test_an_answer_that_no_mail_server_took_is_sent_later_and_once(settings):
    """Nobody posts the message again, and without the letter nobody confirms it."""
    incoming = read(letter("07700 900123 keeps calling", vouched=False))
    with lapsed_server(settings) as server:
        server.refuses = {MAIL: "450 greylisted"}
        asked = receiving.receive(incoming, now=NOW)
        with pytest.raises(AnswerNotSent):
            answer(asked, incoming, now=NOW)
        for later in range(1, 3):
            catch_up(now=NOW + later * LEFT_ALONE)
        assert (server.asked, server.taken) == ([MAIL] * 3, [])
        server.refuses = {}
        for later in range(3, 6):
            catch_up(now=NOW + later * LEFT_ALONE)
        assert server.taken == [MAIL]


def test_who_was_erased_gets_no_answer_later(caplog):
    """The address went with the rest."""
    code = re.search(r"ERASE (\S+)\.", post(letter("ERASE")).reply)
    assert code
    assert "Erased" in post(letter(f"ERASE {code[1]}")).reply
    catch_up(now=NOW + LEFT_ALONE)
    assert (mail.outbox, caplog.records) == ([], [])


def test_a_message_that_must_wait_on_holds_up_no_other(away, settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    keep_evidence_in(settings, tmp_path / "file")
    with_file = letter("07700 900124", files=[("a.png", PNG, "image/png")])
    away(lambda: post(with_file))
    away(lambda: post(letter("07700 900123 keeps calling")))
    assert catch_up(now=NOW + LEFT_ALONE) == 1
    assert [number for number, *_ in live()] == [UK]
    keep_evidence_in(settings, tmp_path / "there")
    assert catch_up(now=NOW + LEFT_ALONE) == 1
    assert Report.objects.count() == 2


def test_one_mailbox_is_one_person():
    for sender in ("Jane.Doe@gmail.com", "janedoe+spam@googlemail.com"):
        raw = letter("07700 900123", sender=sender)
        post(raw.replace(b"header.from=example.org", b"header.from=gmail.com"))
    assert len(live()) == 1


def test_nobody_vouches_so_the_sender_is_asked():
    asked = post(letter("07700 900123 keeps calling", vouched=False))
    assert (live(), states()) == ([], [("asked", "confirmation", "")])

    # Whoever only knows the address cannot answer for it.
    forged = letter("yes", subject="Re: [RS-AAAAAAAAAAAAAAAA] Report", vouched=False)
    post(forged)
    assert live() == []

    confirmed = post(answering(asked, "yes"))
    assert live() == [(UK, "other", "Report\nkeeps calling")]
    assert confirmed.reply.startswith("Reported: +44 7700 900123")
    assert states() == [
        ("reported", "", ""),
        ("asked", "confirmation", ""),
        ("answered", "", ""),
    ]

    post(answering(asked, "yes"))
    assert Report.objects.count() == 1


def test_another_address_cannot_confirm():
    asked = post(letter("07700 900123", vouched=False))
    post(answering(asked, "yes", sender="x@y.example"))
    assert live() == []


def test_a_stranger_s_address_gets_few_letters():
    answers = [post(letter(f"07700 90012{n}", vouched=False)).reply for n in range(5)]
    assert [bool(each) for each in answers] == [True, True, True, False, False]
    assert IntakeMessage.objects.count() == 3
