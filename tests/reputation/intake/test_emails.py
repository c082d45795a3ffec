"""E-mails as they travel: whose they are, what is in them, and which of them are never answered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.intake import emails, marks
from reputation.intake.authentication import vouches
from reputation.intake.senders import network_of_address
from tests.given.messages import (
    AUTHSERV,
    MAIL,
    MIME,
    OURS,
    VOUCHED,
    letter,
    live,
    nested,
    post,
    read,
)


def passing_on(inner: bytes, *, subject: str) -> bytes:
    """A letter with nothing but another one."""
    head = letter(subject=subject).partition(b"Content-Type:")[0]
    kind = b"Content-Type: multipart/mixed; boundary=b\n\n"
    return head + kind + b"--b\nContent-Type: message/rfc822\n\n" + inner + b"\n--b--\n"


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


SPF = f"{AUTHSERV}; spf=pass (sender SPF authorized) smtp.mailfrom=evil.example"
BELIEVED = {
    "DMARC": VOUCHED,
    "DMARC in capitals": f"{AUTHSERV.upper()}; DMARC=Pass Header.From=EXAMPLE.ORG",
    "a version": f"{AUTHSERV} 1; spf=fail; dkim=none; dmarc=pass header.from=example.org",
    "folded": f"{AUTHSERV};\n\tdmarc=pass (p=reject\n dis=none)\n header.from=example.org",
    "DKIM": f"{AUTHSERV}; dkim=pass header.d=example.org",
    "DKIM of a host": f"{AUTHSERV}; dkim=pass header.i=@mail.example.org header.s=a",
    "DKIM with a reason": f'{AUTHSERV}; dkim=pass reason="1024-bit key; weak" header.d=example.org',
    "one of two signatures": f"{AUTHSERV}; dkim=pass header.d=list.example;"
    " dkim=pass header.d=example.org",
    "SPF": f"{AUTHSERV}; spf=pass smtp.mailfrom=jane.doe@example.org",
    "SPF and whom it quotes": f"{AUTHSERV}; spf=pass (sender SPF authorized)"
    " smtp.mailfrom=example.org (client-ip=192.0.2.1; helo=mx.example.org;"
    " envelope-from=jane@example.org; receiver=<UNKNOWN>)",
    "DMARC that found no policy": f"{AUTHSERV}; dmarc=none header.from=example.org;"
    " dkim=pass header.d=example.org",
}
NOT_BELIEVED = {
    # What a sender chose, in a header of our own server.
    "MAIL FROM in a comment": f"{SPF} (client-ip=192.0.2.1; helo=evil.example;"
    " envelope-from=dmarc=pass@evil.example; receiver=<UNKNOWN>)",
    "HELO in a comment": f"{AUTHSERV}; spf=fail (client-ip=192.0.2.1; helo=dmarc=pass; x)",
    "HELO that ends the comment": f"{SPF} (client-ip=192.0.2.1; helo=x);"
    " dmarc=pass header.from=example.org; x=pass (; envelope-from=a@evil.example)",
    "a quotation that ends the comment": f'{SPF} (domain of "x); dmarc=pass'
    ' header.from=example.org; x=pass ("@evil.example designates 192.0.2.1)',
    "a quoted MAIL FROM": f"{AUTHSERV}; spf=pass"
    ' smtp.mailfrom="x header.d=example.org"@evil.example',
    "a quoted MAIL FROM with results": f"{AUTHSERV}; spf=pass"
    ' smtp.mailfrom="x; dmarc=pass header.from=example.org"@evil.example',
    "a MAIL FROM with two @": f"{AUTHSERV}; spf=pass smtp.mailfrom=a@example.org@evil.example",
    "a reason": f'{AUTHSERV}; dkim=fail reason="dkim=pass header.d=example.org"',
    "DKIM in a comment": f"{AUTHSERV}; dkim=pass (signed header.i=@example.org)"
    " header.d=evil.example",
    "comments within comments": f"{AUTHSERV}; dkim=pass {'(' * 2000} header.d=example.org",
    "a comment without an end": f"{AUTHSERV}; dmarc=pass header.from=example.org (x",
    # Another domain.
    "DMARC of another": f"{AUTHSERV}; dmarc=pass header.from=evil.example",
    "DMARC of another with DKIM of ours": f"{AUTHSERV}; dmarc=pass header.from=evil.example;"
    " dkim=pass header.d=example.org",
    "DMARC of the domain above": f"{AUTHSERV}; dmarc=pass header.from=org",
    "DMARC that names nobody": f"{AUTHSERV}; dmarc=pass",
    "DMARC that names two": f"{AUTHSERV}; dmarc=pass header.from=example.org"
    " header.from=evil.example",
    "DKIM of another": f"{AUTHSERV}; dkim=pass header.d=evil.example",
    "DKIM for a user of another": f"{AUTHSERV}; dkim=pass header.d=evil.example"
    " header.i=@example.org",
    "DKIM of two": f"{AUTHSERV}; dkim=pass header.d=evil.example header.d=example.org",
    "DKIM of a longer name": f"{AUTHSERV}; dkim=pass header.d=notexample.org",
    "SPF of another": f"{AUTHSERV}; spf=pass smtp.mailfrom=evil.example",
    "SPF of a host": f"{AUTHSERV}; spf=pass smtp.helo=example.org",
    # Not passed.
    "DMARC failed and DKIM passed": f"{AUTHSERV}; dmarc=fail header.from=example.org;"
    " dkim=pass header.d=example.org",
    "twice with two results": f"{AUTHSERV}; dmarc=pass header.from=example.org;"
    " dmarc=fail header.from=example.org",
    "failed": f"{AUTHSERV}; dmarc=fail",
    "nothing": f"{AUTHSERV}; none",
    "a result that begins alike": f"{AUTHSERV}; dkim=passed header.d=example.org",
    "a method that ends alike": f"{AUTHSERV}; x-dkim=pass header.d=example.org",
    # Not by our server, or not in its form.
    "another server": "evil.example; dmarc=pass header.from=example.org",
    "a server that ends alike": f"x{AUTHSERV}; dmarc=pass header.from=example.org",
    "a server that begins alike": f"{AUTHSERV}.evil.example; dmarc=pass header.from=example.org",
    "our server in a comment": f"evil.example ({AUTHSERV}); dmarc=pass header.from=example.org",
    "another version": f"{AUTHSERV} 2; dmarc=pass header.from=example.org",
    "trailing junk": f"{AUTHSERV}; dmarc=pass header.from=example.org, and more",
    "too long": f"{AUTHSERV}; dmarc=pass header.from=example.org{' ' * 5000};x=y",
}
# Who sends from the first domain, whom our server names, and whether they are one.
ORGANISATIONS = [
    ("example.org", "mail.example.org", True),
    ("a.example.org", "b.example.org", True),
    ("example.co.uk", "mail.example.co.uk", True),
    ("example.co.uk", "co.uk", False),
    ("example.co.uk", "another.co.uk", False),
    ("jane.github.io", "github.io", False),
    ("jane.github.io", "john.github.io", False),
    ("bücher.example", "xn--bcher-kva.example", True),
    ("xn--bcher-kva.example", "XN--BCHER-KVA.example", True),
    ("bücher.example", "bucher.example", False),
    ("例子.example", "xn--fsqu00a.example", True),
]
SENDERS = {
    "an address": ("jane@example.org", "jane@example.org"),
    "a name": ("Jane Doe <jane@example.org>", "jane@example.org"),
    "a name with a comma": ("Doe, Jane <jane@example.org>", "jane@example.org"),
    "a quoted name": ('"Doe, Jane" <Jane@Example.org>', "jane@example.org"),
    "the address as a quoted name": ('"jane@example.org" <jane@example.org>', "jane@example.org"),
    "an encoded name": ("=?utf-8?q?J=C3=A4ne?= <jane@example.org>", "jane@example.org"),
    "a comment": ("jane@example.org (Jane)", "jane@example.org"),
    "folded": ("Jane\n Doe\n <jane@example.org>", "jane@example.org"),
    "an address as a name": ("jane@example.org <evil@evil.example>", ""),
    "an encoded address as a name": ("=?utf-8?q?jane=40example.org?= <e@evil.example>", ""),
    "two addresses": ("evil@evil.example, jane@example.org", ""),
    "two addresses in brackets": ("<evil@evil.example> <jane@example.org>", ""),
    "a group": ("friends: jane@example.org;", ""),
    "a group with a name": ("friends: Jane <jane@example.org>;", ""),
    "a route": ("<@evil.example:jane@example.org>", ""),
    "brackets in a comment": ("evil@evil.example (<jane@example.org>", ""),
    "a quotation without an end": ('"x <evil@evil.example> <jane@example.org>', ""),
    "a domain within quotes": ('"jane@example.org"@evil.example', ""),
    "nothing": ("", ""),
    "no address": ("Jane", ""),
}


def under(*lines: str, sender: str = MAIL) -> bytes:
    """A letter with these headers on top, as they are."""
    return "\n".join([*lines, f"From: {sender}", "Message-ID: <1@x>", "", "x"]).encode()


def by_us(*values: str) -> list[str]:
    return [f"Authentication-Results: {value}" for value in values]


class TestWhoVouches:
    @pytest.mark.parametrize("header", BELIEVED.values(), ids=BELIEVED)
    def test_our_server_for_that_domain(self, header):
        assert read(under(*by_us(header))).authentic

    @pytest.mark.parametrize("header", NOT_BELIEVED.values(), ids=NOT_BELIEVED)
    def test_nobody_else_and_for_no_other(self, header):
        assert not read(under(*by_us(header))).authentic

    @pytest.mark.parametrize(("own", "named", "one"), ORGANISATIONS)
    def test_domains_of_one_organisation(self, own, named, one):
        for header in (f"dkim=pass header.d={named}", f"spf=pass smtp.mailfrom=a@{named}"):
            raw = under(*by_us(f"{AUTHSERV}; {header}"), sender=f"a@{own}")
            assert read(raw).authentic is one

    def test_all_headers_of_our_server_are_read(self):
        spf, dkim, dmarc = (
            f"{AUTHSERV}; spf=fail smtp.mailfrom=list.example",
            f"{AUTHSERV}; dkim=pass header.d=example.org",
            f"{AUTHSERV}; dmarc=pass header.from=example.org",
        )
        assert read(under(*by_us(spf, "else.example; dkim=fail", dkim))).authentic
        assert read(under(*by_us(spf, dmarc, dkim))).authentic
        assert read(under(*by_us(dmarc))).authentic

    @pytest.mark.parametrize(
        "ours",
        [
            "dmarc=fail header.from=example.org",
            "spf=fail smtp.mailfrom=example.org",
            "spf=pass smtp.mailfrom=evil.example",
            "dkim=none",
            "dkim=pass header.d=evil.example",
            "spf=fail smtp.mailfrom=<>",  # which cannot be read
        ],
    )
    def test_one_below_ours_in_our_name_is_not_believed(self, ours):
        raw = under(*by_us(f"{AUTHSERV}; {ours}", VOUCHED))
        assert not read(raw).authentic

    def test_what_came_with_the_letter_is_not_ours(self):
        ours = f"{AUTHSERV}; arc=none"
        forged = by_us(f"{AUTHSERV}; dkim=pass header.d=example.org")
        received = "Received: from evil.example by mx.ringscore.example"
        assert read(under(received, *by_us(ours), *forged)).authentic
        assert not read(under(*by_us(ours), received, *forged)).authentic

    def test_more_headers_than_a_server_writes(self):
        raw = under(*by_us(*[f"{AUTHSERV}; arc=none"] * 50, VOUCHED))
        assert not read(raw).authentic

    def test_nobody_where_no_server_is_named(self, settings):
        settings.INTAKE_AUTHSERV_ID = ""
        for header in ("; dmarc=pass header.from=example.org", VOUCHED):
            assert not read(under(*by_us(header))).authentic

    @pytest.mark.parametrize(("header", "sender"), SENDERS.values(), ids=SENDERS)
    def test_one_sender_or_none(self, header, sender):
        incoming = read(under(*by_us(VOUCHED), sender=header))
        assert (incoming.sender, incoming.authentic) == (sender, bool(sender))

    def test_two_senders_are_none(self):
        raw = under(*by_us(VOUCHED), "From: evil@evil.example")
        assert (read(raw).sender, read(raw).authentic) == ("", False)


# Pieces of what a sender may choose as HELO or MAIL FROM.
_CHOSEN = st.lists(
    st.sampled_from(
        ["dmarc=pass", "dkim=pass", "header.from=example.org", "header.d=example.org", "spf=pass",
         "smtp.mailfrom=example.org", AUTHSERV, ";", ")", "(", " ", "x", "@", "=", "/1", "reason="]
    ),
    max_size=9,
).map("".join)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=300)
@given(_CHOSEN, _CHOSEN)
def test_whatever_a_sender_chooses_it_vouches_for_nobody(helo, local):
    """HELO in a comment as it came, MAIL FROM as the quotation that its grammar asks for."""
    quoted = f'"{local}"@evil.example'
    for header in (
        f"{SPF} (client-ip=192.0.2.1; helo={helo}; envelope-from={quoted}; receiver=x)",
        f"{AUTHSERV}; spf=pass (domain of {quoted} designates 192.0.2.1) smtp.mailfrom={quoted}",
        f"{AUTHSERV}; spf=pass smtp.mailfrom={quoted}; dkim=none",
    ):
        fields = [("Authentication-Results", header)]
        assert not vouches(fields, domain="example.org", server=AUTHSERV)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.text(alphabet='();"\\ =.@/ax1\n\té'), _CHOSEN)
def test_any_header_is_read_or_not(one, other):
    for value in (f"{AUTHSERV}; {one}{other}", f"{AUTHSERV}{one}; {other}", one):
        vouches([("Authentication-Results", value)], domain="example.org", server=AUTHSERV)


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
        assert list(emails.attachments(raw)) == []

    def test_its_sender_is_known_where_its_headers_can_be_read(self):
        assert read(nested(2_000)).sender == MAIL

    def test_what_people_send_is_read(self):
        assert read(nested(emails.DEEPEST)).text.strip() == "07700 900123"
        assert not read(nested(emails.DEEPEST + 1)).readable

    @pytest.mark.parametrize("between", [" ", "\n "])
    def test_of_a_long_subject_a_piece_is_decoded(self, between, monkeypatch):
        given: list[int] = []
        whole = emails.decode_header

        def measured(value: str) -> list:
            given.append(len(value))
            return whole(value)

        monkeypatch.setattr(emails, "decode_header", measured)
        raw = under("Subject: " + f"=?utf-8?q?a?={between}" * 16_000)
        assert set(read(raw).subject) >= {"a"}
        assert max(given) <= emails.LONGEST_FIELD

    def test_parameters_without_end(self):
        raw = under("Content-Type: multipart/mixed; boundary=b" + ';"' * 100_000)
        assert read(raw).text == "x"

    def test_a_long_text_is_cut(self):
        assert len(read(under() + b"x" * 1_000_000).text) == emails.LONGEST_TEXT


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
        assert [each.name for each in emails.attachments(raw)] == ["x"]

    @pytest.mark.parametrize("charset", ["=x-none", "=idna", "=undefined", "*=utf-8''x%00"])
    def test_a_charset_that_decodes_nothing(self, charset):
        kind = f"Content-Type: text/plain; charset{charset}"
        raw = f"From: a@b.example\n{kind}\n\n07700 900123 é".encode()
        assert read(raw).text == "07700 900123 é"
        assert list(emails.attachments(raw)) == []

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
        [attached] = emails.attachments(raw)
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
        list(emails.attachments(raw))
