"""E-mails as they travel: whose they are, what is in them, and which of them are never answered."""

import io
import smtplib
import socket
import sys
from collections.abc import Iterator
from email import message_from_bytes
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from config import mail
from reputation.intake import mailbox
from reputation.intake.senders import canonical_address, network_of_address
from reputation.models import IntakeMessage, Report
from tests.e2e.processes import free_port
from tests.given.messages import AUTHSERV, MAIL, UK, VOUCHED, letter, live, post, read

OURS = "reports@ringscore.example"


@pytest.fixture(autouse=True)
def _ours(settings: Settings) -> None:
    settings.FICTIONAL_NUMBERS = True
    settings.INTAKE_AUTHSERV_ID, settings.INTAKE_REGION = AUTHSERV, "GB"
    settings.INTAKE_ADDRESS, settings.INTAKE_ADDRESSES = OURS, [OURS]


LOOPS = {
    "an answering machine": {"Auto_Submitted": "auto-replied"},
    "a notification": {"Auto_Submitted": "auto-generated; x=y"},
    "a newsletter": {"Precedence": "bulk"},
    "a mailing list": {"List_Id": "<l.example.org>"},
    "a shop": {"List_Unsubscribe": "<mailto:x@example.org>"},
    "an older answering machine": {"X_Autoreply": "yes"},
    "a bounce": {"Return_Path": "<>"},
    "another kind of bounce": {"X_Failed_Recipients": OURS},
}


class TestLoops:
    @pytest.mark.django_db
    @pytest.mark.parametrize("headers", LOOPS.values(), ids=LOOPS)
    def test_a_machine_is_kept_and_not_answered(self, headers):
        receipt = post(letter("Call 07700 900123", **headers))
        assert receipt.reply == ""
        assert receipt.message.status == "ignored"
        assert live() == []

    @pytest.mark.parametrize(
        "sender",
        [OURS, "Reports@Ringscore.Example", "MAILER-DAEMON@mx.example", "no-reply@x.example",
         "noreply+1@x.example", "list-bounces@x.example", "postmaster@x.example"],
    )  # fmt: skip
    def test_by_its_address(self, sender):
        assert read(letter("x", sender=sender)).automatic

    def test_by_its_envelope(self):
        assert read(letter("x"), envelope_sender="").automatic
        assert not read(letter("x"), envelope_sender=MAIL).automatic
        assert not read(letter("x"), envelope_sender=None).automatic

    def test_a_delivery_report(self):
        raw = letter("x").replace(b"text/plain", b"multipart/report; boundary=b", 1)
        assert read(raw).automatic

    def test_a_person(self):
        assert not read(letter("x", Auto_Submitted="no")).automatic

    def test_without_a_sender(self):
        assert read(b"Subject: x\n\ny").automatic


class TestWhoVouches:
    @pytest.mark.parametrize(
        ("header", "believed"),
        [
            (VOUCHED, True),
            (f"{AUTHSERV}; dkim=pass header.d=example.org", True),
            (f"{AUTHSERV}; dkim=pass header.i=@mail.example.org header.s=a", True),
            (f"{AUTHSERV}; spf=pass smtp.mailfrom=jane.doe@example.org", True),
            (f"{AUTHSERV} 1; spf=fail; dkim=none; dmarc=pass", True),
            (f"{AUTHSERV}; dkim=pass header.d=evil.example", False),
            (f"{AUTHSERV}; spf=pass smtp.mailfrom=evil.example", False),
            (f"{AUTHSERV}; dkim=pass header.d=notexample.org", False),
            (f"{AUTHSERV}; dmarc=fail", False),
            (f"{AUTHSERV}; none", False),
            ("evil.example; dmarc=pass", False),
            (f"x{AUTHSERV}; dmarc=pass", False),
        ],
    )
    def test_only_our_own_server_and_only_for_that_domain(self, header, believed):
        raw = letter("x", vouched=False, Authentication_Results=header)
        assert read(raw).authentic is believed

    def test_the_first_of_its_headers_counts(self):
        raw = letter("x", vouched=False, Authentication_Results=f"{AUTHSERV}; dmarc=fail")
        raw = raw.replace(b"\n\n", f"\nAuthentication-Results: {VOUCHED}\n\n".encode(), 1)
        assert not read(raw).authentic

    def test_nobody_where_no_server_is_named(self, settings):
        settings.INTAKE_AUTHSERV_ID = ""
        raw = letter("x", vouched=False, Authentication_Results="; dmarc=pass")
        assert not read(raw).authentic


class TestReading:
    def test_html_alone(self):
        raw = letter(html="<p>Call from <b>07700&nbsp;900123</b></p>")
        assert "07700 900123" in " ".join(read(raw).text.split())

    def test_chinese_in_its_old_encoding(self):
        words = "骚扰电话 13812345678".encode("gb18030")
        head = b"From: =?gb2312?B?1cXI/Q==?= <li@qq.com>\nSubject: =?gb2312?B?vtmxqA==?=\n"
        kind = b"Content-Type: text/plain; charset=gb2312\n\n"
        incoming = read(head + kind + words)
        assert (incoming.sender, incoming.subject, incoming.region) == ("li@qq.com", "举报", "CN")
        assert incoming.text == "骚扰电话 13812345678"

    def test_a_charset_that_nobody_knows(self):
        raw = b"From: a@b.example\nContent-Type: text/plain; charset=x-none\n\n07700 900123"
        assert read(raw).text == "07700 900123"

    def test_a_forwarded_mail_is_an_attachment(self):
        raw = (
            b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            b"--b\nContent-Type: text/plain\n\nsee below\n"
            b"--b\nContent-Type: message/rfc822\n\nFrom: Evil <e@x.example>\n"
            b"Date: Tue, 24 Nov 2026 12:00:00 +0000\nSubject: Pay\n\nPay now\n--b--\n"
        )
        [attached] = mailbox.attachments(raw)
        assert attached.name == "forwarded.eml"
        assert b"Pay now" in attached.content

    @pytest.mark.parametrize(
        ("one", "two"),
        [("A@B.example", "a@b.example"), ("a+x@b.example", "a@b.example"),
         ("j.d@gmail.com", "jd@googlemail.com")],
    )  # fmt: skip
    def test_one_mailbox(self, one, two):
        assert canonical_address(one) == canonical_address(two)

    def test_a_domain_is_a_network_where_it_is_not_a_million_people(self):
        assert network_of_address("a@own.example") == network_of_address("b@own.example")
        assert network_of_address("a@gmail.com") != network_of_address("b@gmail.com")

    @settings(deadline=None, max_examples=60)
    @given(
        st.one_of(
            st.binary(max_size=200),
            st.builds(
                lambda head, body: head.encode() + b"\n\n" + body,
                st.lists(
                    st.tuples(
                        st.sampled_from(["From", "Subject", "Date", "Content-Type", "Message-ID",
                                         "Content-Transfer-Encoding", "In-Reply-To"]),
                        st.sampled_from(["", "a@b", "<>", '"x" <a@b.example>', "=?utf-8?B?/w==?=",
                                         "=?x?q?=", "multipart/mixed; boundary=b", "text/html",
                                         "message/rfc822", "base64", "quoted-printable", "group:;",
                                         "Tue, 99 Foo 2026", "\udcff", "a" * 99]),
                    ).map(": ".join),
                    max_size=6,
                ).map(lambda lines: "\n".join(lines).replace("\udcff", "\xff")),
                st.binary(max_size=80),
            ),
        )
    )  # fmt: skip
    def test_whatever_comes_is_read(self, raw):
        incoming = read(raw)
        assert incoming.channel == "email"
        assert incoming.pack()
        list(mailbox.attachments(raw))


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
    servers = [
        Controller(each, hostname="127.0.0.1", port=free_port(socket.SOCK_STREAM))
        for each in (inbox, outbox)
    ]
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

    def test_too_large(self, monkeypatch, settings):
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
