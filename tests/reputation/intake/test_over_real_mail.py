"""Reports that come over SMTP and through a pipe, also while the database is away."""

import io
import smtplib
import sys
from collections.abc import Iterator
from email import message_from_bytes
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from config import mail
from reputation.intake import keeping
from reputation.models import IntakeMessage, Report
from tests.given.messages import MAIL, OURS, UK, letter, live, nested
from tests.given.processes import free_port


class Deliver:
    """A mail server that pipes what it gets into the command, as Postfix and Exim do."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        self.received.append(envelope.content)
        return "250 OK"


@pytest.fixture(scope="module")
def smtp() -> Iterator[SimpleNamespace]:
    """A real SMTP server for letters to us, and one that takes our answers."""
    inbox, outbox = Deliver(), Deliver()
    servers = [Controller(each, hostname="127.0.0.1", port=free_port()) for each in (inbox, outbox)]
    for server in servers:
        server.start()
    inward, outward = (server.port for server in servers)
    yield SimpleNamespace(inbox=inbox, outbox=outbox, inward=inward, outward=outward)
    for server in servers:
        server.stop()


@pytest.fixture
def mailed(smtp: SimpleNamespace, settings: Settings) -> SimpleNamespace:
    smtp.inbox.received.clear()
    smtp.outbox.received.clear()
    settings.MAILERS = {"default": mail.parse(f"smtp+plain://127.0.0.1:{smtp.outward}")}
    return smtp


def send(smtp: SimpleNamespace, raw: bytes) -> bytes:
    """A person sends a letter; what our mail server got."""
    with smtplib.SMTP("127.0.0.1", smtp.inward) as client:
        client.sendmail(MAIL, [OURS], raw)
    return smtp.inbox.received[-1]


def pipe(raw: bytes, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    told = io.StringIO()
    call_command("intake_mail", *options, stdout=told)
    return told.getvalue()


@pytest.mark.django_db
class TestOverRealMail:
    def test_a_letter_is_taken_in_and_answered(self, mailed, monkeypatch):
        raw = send(mailed, letter("07700 900123 keeps calling"))
        assert pipe(raw, monkeypatch) == "reported\n"
        assert pipe(raw, monkeypatch) == "reported again\n"
        assert [number for number, _, _ in live()] == [UK]
        [answer] = map(message_from_bytes, mailed.outbox.received)
        assert (answer["To"], answer["From"]) == (MAIL, OURS)
        assert answer["Auto-Submitted"] == "auto-replied"
        assert answer["In-Reply-To"] == message_from_bytes(raw)["Message-ID"]
        assert "Reported: +44 7700 900123." in answer.get_payload(decode=True).decode()

    def test_our_answer_that_comes_back_ends_there(self, mailed, monkeypatch):
        pipe(send(mailed, letter("07700 900123")), monkeypatch)
        [answer] = mailed.outbox.received
        assert pipe(answer, monkeypatch) == "ignored\n"
        assert len(mailed.outbox.received) == 1

    def test_a_dialogue_by_answering_our_letters(self, mailed, monkeypatch):
        """Nobody vouches, and the number is missing: two questions, each answered by `reply`."""
        pipe(send(mailed, letter("They insult me all day and want money", vouched=False)),
             monkeypatch)  # fmt: skip

        def reply(words: str) -> None:
            question = message_from_bytes(mailed.outbox.received[-1])
            quoted = question.get_payload(decode=True).decode().replace("\n", "\n> ")
            raw = letter(
                f"{words}\n\nOn Tue, 24 Nov 2026, Ringscore wrote:\n> {quoted}",
                subject=f"Re: {' '.join(question['Subject'].split())}",
                vouched=False,
                In_Reply_To=question["Message-ID"],
            )
            pipe(send(mailed, raw), monkeypatch)

        reply("yes, it was me")
        assert live() == []
        assert "Which number" in mailed.outbox.received[-1].decode()
        reply("07700 900123")  # an answer nobody vouches for has to be confirmed too
        assert live() == []
        reply("yes")
        assert [number for number, _, _ in live()] == [UK]
        report = Report.objects.get()
        assert report.comment.startswith("Report\nThey insult me all day")

    def test_poison_does_not_bounce(self, mailed, monkeypatch):
        """The mail server is rid of it, and it is there for a moderator."""
        assert pipe(nested(2_000), monkeypatch) == "kept\n"
        assert pipe(nested(2_000), monkeypatch) == "kept again\n"
        assert mailed.outbox.received == []

    def test_one_too_many_does_not_bounce(self, mailed, monkeypatch):
        monkeypatch.setattr(keeping, "UNPROVEN_HOURLY", 0)
        assert pipe(letter("07700 900123", vouched=False), monkeypatch) == "counted\n"

    def test_a_bounce_of_our_answer(self, mailed, monkeypatch):
        raw = send(mailed, letter("Undelivered: 07700 900123"))
        assert pipe(raw, monkeypatch, "--envelope-sender=") == "ignored\n"
        assert mailed.outbox.received == []

    def test_a_mail_server_that_does_not_take_the_answer(self, mailed, monkeypatch, settings):
        raw = send(mailed, letter("07700 900123"))
        settings.MAILERS = {"default": mail.parse("smtp+plain://127.0.0.1:1")}
        with pytest.raises(CommandError) as refused:
            pipe(raw, monkeypatch)
        assert refused.value.returncode == 75
        assert len(live()) == 1
        settings.MAILERS = {"default": mail.parse(f"smtp+plain://127.0.0.1:{mailed.outward}")}
        assert pipe(raw, monkeypatch) == "reported again\n"
        assert len(mailed.outbox.received) == 1

    def test_a_mail_beyond_our_limit_is_refused_for_good(self, monkeypatch, settings):
        settings.INTAKE_MAX_BYTES = 10
        with pytest.raises(CommandError) as refused:
            pipe(b"x" * 11, monkeypatch)
        assert refused.value.returncode == 65


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_has_the_mail_server_keep_it(mailed, monkeypatch, tmp_path):
    raw = send(mailed, letter("07700 900123"))
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", str(tmp_path))
        with pytest.raises(CommandError) as refused:
            pipe(raw, monkeypatch)
        connection.close()
    assert refused.value.returncode == 75
    assert pipe(raw, monkeypatch) == "reported\n"
    assert IntakeMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_the_database_can_only_be_read_a_letter_is_delivered_again_later(monkeypatch):
    raw = letter("07700 900123 keeps calling")
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    with pytest.raises(CommandError) as refused:
        pipe(raw, monkeypatch)
    assert refused.value.returncode == 75
    assert pipe(raw, monkeypatch) == "reported\n"
