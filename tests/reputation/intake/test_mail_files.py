"""Mails that are passed on as files, as mail programs and gateways pack them."""

import base64

import pytest

from reputation.intake import emails, mime
from tests.given.processor import processor

INNER = b"From: Evil <e@x.example>\nSubject: Pay\nContent-Type: text/plain\n\nPay now"
READ = "---------- Forwarded message ----------\nSubject: Pay\n\nPay now"
BASE64 = base64.encodebytes(INNER)


def passing_on(head: bytes, body: bytes, *, kind: bytes = b"mixed") -> bytes:
    """A mail with nothing but a part of this head and body."""
    multipart = b"MIME-Version: 1.0\nContent-Type: multipart/%s; boundary=b\n\n--b\n" % kind
    return b"From: a@b.example\n" + multipart + head + b"\n" + body + b"\n--b--\n"


@pytest.mark.parametrize(
    "raw",
    [
        passing_on(b"Content-Type: message/global\n", INNER),
        passing_on(b"", INNER, kind=b"digest"),
        passing_on(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n", BASE64),
        # It says so, and is none.
        passing_on(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n", INNER),
        passing_on(
            b'Content-Type: application/octet-stream; name="Pay.EML"\n'
            b"Content-Transfer-Encoding: base64\n",
            BASE64,
        ),
        b"From: a@b.example\nContent-Type: message/global\n\n" + INNER,
    ],
    ids=["global", "digest", "base64", "no base64", "file", "whole"],
)
def test_a_mail_that_is_only_a_forwarded_one_is_read_as_such(raw: bytes):
    """Its words were the sender's own, which command and report, or nothing."""
    incoming = emails.incoming(raw)
    assert incoming.text.strip() == READ
    [attached] = mime.attachments(raw)
    assert b"Pay now" in attached.content


def test_what_its_sender_wrote_goes_before_a_file():
    written = b"Content-Type: text/plain\n\nThey want money.\n--b\n"
    raw = passing_on(written + b"Content-Type: message/global\n", INNER)
    assert emails.incoming(raw).text == "They want money."


def test_mails_in_mails_in_base64_take_no_minutes():
    inner = INNER
    for _ in range(40):
        inner = passing_on(
            b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n",
            base64.encodebytes(inner),
        )
        if len(inner) > 5_000_000:
            break
    with processor(20):
        emails.incoming(inner)
        list(mime.attachments(inner))
