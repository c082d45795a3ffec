"""E-mails as they travel: what is in them, and which of them are never answered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.intake import marks, mime
from reputation.intake.senders import network_of_address
from tests.given.messages import MAIL, MIME, OURS, letter, live, nested, post, read, under


def passing_on(*inner: bytes, subject: str, above: bytes = b"") -> bytes:
    """A letter with nothing but others."""
    head = letter(subject=subject).partition(b"Content-Type:")[0]
    kind = b"Content-Type: multipart/mixed; boundary=b\n\n"
    each = (b"--b\nContent-Type: message/rfc822\n\n" + mail + b"\n" for mail in inner)
    return head + kind + above + b"".join(each) + b"--b--\n"


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
AUTOMATIC = [
    "Automatic reply: Report", "AutoReply: Report", "Auto-Response: Report",
    "Out of Office: Report", "Out of the office: Report", "Automatische Antwort: Meldung",
    "Réponse automatique : Signalement", "Respuesta automática: Aviso", "自动回复: 举报",
    "自动回复：举报", "自动答复: 举报", "自動回覆: 檢舉",
]  # fmt: skip


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

    def test_by_an_address_of_ours_that_has_a_name(self, settings):
        settings.INTAKE_ADDRESSES = ["Ringscore <codes@ringscore.example>"]
        assert read(letter("x", sender="codes@ringscore.example")).automatic

    def test_by_its_envelope(self):
        for nobody in ("", "<>", "MAILER-DAEMON"):
            assert read(letter("x"), envelope_sender=nobody).automatic
        assert not read(letter("x"), envelope_sender=MAIL).automatic
        assert not read(letter("x"), envelope_sender=None).automatic

    @pytest.mark.parametrize("subject", AUTOMATIC)
    def test_by_its_subject(self, subject):
        assert read(letter("Call 07700 900123", subject=subject)).automatic
        assert not read(letter("Call 07700 900123", subject=f"Re: {subject}")).automatic

    def test_a_delivery_report(self):
        raw = letter("x").replace(b"text/plain", b"multipart/report; boundary=b", 1)
        assert read(raw).automatic

    def test_a_person(self):
        assert not read(letter("x", Auto_Submitted="no")).automatic

    def test_without_a_sender(self):
        assert read(b"Subject: x\n\ny").automatic


POISON = {
    "parts within parts": nested(2_000),
    "messages within messages": (MIME + "Content-Type: message/rfc822\n\n" * 400).encode(),
    "parts": (MIME + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 500).encode(),
    "reports": (MIME + "Content-Type: message/delivery-status\n\n" + "A: b\n\n" * 500).encode(),
    "headers": (MIME + "X: y\n" * 5_000 + "\nx").encode(),
    "a long header": (MIME + "X: " + "y" * 2_000_000 + "\n\nx").encode(),
    "lines": MIME.encode() + b"\n" * 600_000,
}


class TestPoison:
    """What would take a parser too long or too deep is not read, and kept as it came."""

    @pytest.mark.parametrize("raw", POISON.values(), ids=POISON)
    def test_it_is_not_read(self, raw):
        incoming = read(raw)
        assert not incoming.readable
        assert (incoming.text, incoming.raw) == ("", raw)
        assert list(mime.attachments(raw)) == []

    def test_its_sender_is_known_where_its_headers_can_be_read(self):
        assert read(nested(2_000)).sender == MAIL

    def test_what_people_send_is_read(self):
        assert read(nested(mime.DEEPEST)).text.strip() == "07700 900123"
        assert not read(nested(mime.DEEPEST + 1)).readable

    @pytest.mark.parametrize("between", [" ", "\n "])
    def test_of_a_long_subject_a_piece_is_decoded(self, between, monkeypatch):
        given: list[int] = []
        whole = mime.decode_header

        def measured(value: str) -> list:
            given.append(len(value))
            return whole(value)

        monkeypatch.setattr(mime, "decode_header", measured)
        raw = under("Subject: " + f"=?utf-8?q?a?={between}" * 16_000)
        assert set(read(raw).subject) >= {"a"}
        assert max(given) <= mime.LONGEST_FIELD

    def test_parameters_without_end(self):
        raw = under("Content-Type: multipart/mixed; boundary=b" + ';"' * 100_000)
        assert read(raw).text == "x"

    def test_a_long_text_is_cut(self):
        assert len(read(under() + b"x" * 1_000_000).text) == mime.LONGEST_TEXT


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

    @pytest.mark.parametrize(
        ("domain", "country"),
        [("yahoo.com.tw", "TW"), ("ust.hk", "HK"), ("example.co.uk", "GB"), ("mail.mx", "MX"),
         ("example.co.id", "ID"), ("qq.com", "CN"), ("gmail.com", ""), ("proton.me", ""),
         ("example.io", ""), ("example.eu", "")],
    )  # fmt: skip
    def test_the_country_of_a_domain_reads_national_numbers(self, domain, country):
        assert read(f"From: li@{domain}\n\nx".encode()).region == country

    def test_a_subject_of_bytes_in_an_old_encoding(self):
        """Without RFC 2047, as some programs in China write it."""
        subject = "13812345678 是骗子，骗了我的钱"
        for encoding in ("gb18030", "utf-8"):
            head = b"From: li@qq.com\nSubject: " + subject.encode(encoding)
            assert read(head + b"\n\n.").subject == subject

    @pytest.mark.parametrize("before", [b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
    def test_what_scripts_leave_before_the_headers(self, before):
        incoming = read(before + b"From: li@qq.com\nSubject: s\n\n13812345678")
        shown = (incoming.sender, incoming.subject, incoming.text, incoming.automatic)
        assert shown == ("li@qq.com", "s", "13812345678", False)

    @pytest.mark.parametrize("end", [-1, -2, None])
    def test_utf_8_that_was_cut_is_still_utf_8(self, end):
        """Cut by one or two bytes, it may happen to be GB 18030, too, in other words."""
        for words in ("13812345678 威胁我还钱", "13812345678 一直威胁我还钱，还骂人"):
            kind = b"Content-Type: text/plain; charset=utf-8\n\n"
            text = read(b"From: li@qq.com\n" + kind + words.encode()[:end]).text
            assert text.rstrip("\ufffd") in (words, words[:-1])

    @pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "ISO-8859-1"])
    def test_quotation_marks_of_windows(self, charset):
        kind = f"Content-Type: text/plain; charset={charset}\n\n".encode()
        words = "They won\u2019t stop \u2014 07700 900123"
        assert read(b"From: a@b.example\n" + kind + words.encode("cp1252")).text == words

    @pytest.mark.parametrize("kind", ["image/jpeg", "application/ms-tnef", "application/pdf"])
    def test_a_letter_that_is_nothing_but_a_file_says_nothing(self, kind):
        """In its bytes digits may stand as if somebody had written a number."""
        head = f"From: a@b.example\nContent-Type: {kind}; name=x\n\n".encode()
        raw = head + b"\xff\xd8 07700 900123 threatens me"
        incoming = read(raw)
        assert (incoming.text, incoming.readable) == ("", True)
        assert [each.name for each in mime.attachments(raw)] == ["x"]

    @pytest.mark.parametrize("charset", ["=x-none", "=idna", "=undefined", "*=utf-8''x%00"])
    def test_a_charset_that_decodes_nothing(self, charset):
        kind = f"Content-Type: text/plain; charset{charset}"
        raw = f"From: a@b.example\n{kind}\n\n07700 900123 é".encode()
        assert read(raw).text == "07700 900123 é"
        assert list(mime.attachments(raw)) == []

    @pytest.mark.django_db
    def test_what_the_standard_library_trips_over_is_for_a_moderator(self, monkeypatch, caplog):
        def trip(self: object) -> str:
            raise RuntimeError(raw.decode())

        raw = letter("Call 07700 900123")
        monkeypatch.setattr("email.message.Message.is_multipart", trip)
        receipt = post(raw)
        assert (receipt.message.status, receipt.message.trouble) == ("kept", "unreadable")
        assert "an e-mail is not read: RuntimeError" in caplog.text
        assert "900123" not in caplog.text

    def test_a_forwarded_mail_is_an_attachment(self):
        raw = (
            b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            b"--b\nContent-Type: text/plain\n\nsee below\n"
            b"--b\nContent-Type: message/rfc822\n\nFrom: Evil <e@x.example>\n"
            b"Date: Tue, 24 Nov 2026 12:00:00 +0000\nSubject: Pay\n\nPay now\n--b--\n"
        )
        [attached] = mime.attachments(raw)
        assert attached.name == "forwarded.eml"
        assert b"Pay now" in attached.content

    @pytest.mark.parametrize("above", [b"", b"--b\nContent-Type: text/plain\n\n \n"])
    def test_a_mail_that_is_only_a_forwarded_one_is_read_as_such(self, above):
        raw = (
            b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            + above
            + b"--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n"
            b"From: Evil <e@x.example>\nSubject: Pay\nContent-Type: text/plain\n\nPay now\n"
            b"--b\nContent-Type: message/rfc822\n\nFrom: x@x.example\n\nAnother\n--b--\n"
        )
        passed_on = "---------- Forwarded message ----------\nSubject: Pay\n\nPay now"
        assert read(raw).text.strip() == passed_on
        whole = b"From: a@b.example\nContent-Type: message/rfc822\n\nSubject: Pay\n\nPay now"
        assert read(whole).text == passed_on

    @pytest.mark.django_db
    def test_a_forwarded_mail_commands_nothing(self):
        receipt = post(passing_on(b"Subject: STOP\n\nSTOP", subject="Fwd: STOP"))
        assert (receipt.message.status, receipt.message.sender.stopped_at) == ("asked", None)

    @pytest.mark.django_db
    def test_a_forwarded_mail_is_asked_about_and_its_call_back_number_is_read(self):
        inner = b"Subject: Pay\n\nYou owe us 900 pounds. Call 07700 900123 or we visit you."
        receipt = post(passing_on(inner, subject="Fwd: Pay"))
        assert (receipt.message.status, receipt.message.asked) == ("asked", "number")
        post(letter("I don't know.", subject="Re: Fwd: Pay"))
        assert [number for number, *_ in live()] == ["+447700900123"]

    @pytest.mark.django_db
    def test_who_passes_on_several_mails_is_told_which_was_read(self):
        told = "Only the first of the mails that you passed on was read: please send each alone."
        mails = (b"Subject: Pay\n\nYou owe us 900 pounds.", b"Subject: Last day\n\nPay now.")
        both = post(passing_on(*mails, subject="Fwd: Pay"))
        assert both.message.asked == "number"
        assert both.reply.endswith(told)
        assert told not in post(passing_on(mails[0], subject="Fwd: Pay")).reply
        # Below words of their own the mails are evidence.
        words = b"--b\nContent-Type: text/plain\n\n07700 900123 threatens me\n"
        filed = post(passing_on(*mails, subject="Report", above=words))
        assert filed.submission is not None
        assert told not in filed.reply

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("winmail.dat", "application/ms-tnef"),
            ("x", "application/vnd.ms-tnef"),
            ("winmail.dat", "application/octet-stream"),
        ],
    )
    def test_winmail_is_answered_with_what_to_send_instead(self, name, kind):
        receipt = post(letter(subject="Report", files=[(name, b'x\x9f>"', kind)]))
        assert "in Outlook choose Format Text, then Plain Text." in receipt.reply
        assert (receipt.message.status, receipt.message.trouble) == ("kept", "unreadable")
        # What can be read is read.
        subject = "+447700900123 threatens me"
        receipt = post(letter(subject=subject, files=[(name, b'x\x9f>"', kind)]))
        assert receipt.submission is not None
        words = "07700 900123 threatens me"
        receipt = post(letter(words, files=[(name, b'x\x9f>"', kind)]))
        assert "Outlook" not in receipt.reply

    @pytest.mark.django_db
    def test_winmail_of_whom_nobody_vouched_for_is_answered_once_it_is_theirs(self):
        raw = letter(vouched=False, files=[("winmail.dat", b"x", "application/ms-tnef")])
        asked = post(raw)
        code = asked.token
        assert code
        receipt = post(letter("yes", subject=f"Re: [{marks.mark_of(code)}]", vouched=False))
        assert "Outlook" in receipt.reply

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
        list(mime.attachments(raw))
