"""Reads who sent an e-mail, what it says, and whether the sender is proven."""

import logging
import re
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr, parsedate_to_datetime

from django.conf import settings

from reputation.intake import authentication, mime
from reputation.intake.grammar import words_of_html
from reputation.intake.incoming import Incoming
from reputation.intake.marks import MARK
from reputation.intake.mime import LONGEST_TEXT, Letter
from reputation.intake.senders import region_of_address
from reputation.privacy import ascii_domain, canonical_address

logger = logging.getLogger(__name__)

LONGEST_HTML = 150_000
LONGEST_FROM = 1_000  # longer ones name nobody
LONGEST_LOCAL = 64  # the part before the @

_ROBOTS = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|notifications?|listserv"
    r"|majordomo)"
    r"(?:[+=-].*)?@.*|.*-(?:bounces?|request)@.*|.*\+bounce.*@.*",
    re.IGNORECASE,
)
# Envelope senders of bounces; the last is what Postfix hands to programs for none.
NOBODY = ("", "<>", "MAILER-DAEMON")
# How programs that set none of the marks below begin the subject: Exchange and others in the
# language of their user, QQ and NetEase.
_AUTOMATIC_SUBJECT = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office"
    r"|automatische antwort|réponse automatique|respuesta automática"
    r"|(?:自动|自動)(?:回复|回覆|答复|答覆))\s*[:：]",
    re.IGNORECASE,
)
_MARKS_OF_ROBOTS = (
    "List-Id",
    "List-Unsubscribe",
    "X-Autoreply",
    "X-Autorespond",
    "X-Loop",
    "X-Failed-Recipients",
)
_OF_OUTLOOK = ("application/ms-tnef", "application/vnd.ms-tnef")
_PASSED_ON = "---------- Forwarded message ----------"
_FILES = ("application", "audio", "image", "video")  # kinds of content that nobody wrote
# One mailbox (RFC 5322, section 3.4): a name that does not look like an address, and an address.
_ADDRESS = r"[^\s@<>()\[\],:;\"\\]++@[^\s@<>()\[\],:;\"\\]++"
_MAILBOX = re.compile(
    rf"\s*+(?:(?P<name>(?:\"(?:[^\"\\]|\\.)*+\"|[^@<>:;\"\\])*+)<\s*+(?P<routed>{_ADDRESS})\s*+>"
    rf"|(?P<bare>{_ADDRESS}))\s*+"
)


def incoming(raw: bytes, *, envelope_sender: str | None = None) -> Incoming:
    """The argument of `receive`. `envelope_sender`: that of SMTP, "" for bounces, None if unknown.
    Accepts any e-mail: an unreadable one is for a moderator."""
    raw = mime.from_its_headers(raw)
    try:
        return _incoming(mime.parse(raw), raw, envelope_sender)
    except Exception as error:
        # Any error of the standard library. Its message may quote the e-mail.
        place = "".join(traceback.format_tb(error.__traceback__))
        logger.error("an e-mail is not read: %s\n%s", type(error).__name__, place)
        return unreadable(raw)


def _incoming(message: Letter, raw: bytes, envelope_sender: str | None) -> Incoming:
    address = _sender(message)
    subject = mime.header(message, "Subject")
    text = _text(message) if message.readable else ""
    sent_at = _sent_at(message)
    return Incoming(
        channel="email",
        sender=canonical_address(address) if address else "",
        reply_to=address,
        provider_id=mime.header(message, "Message-ID") or f"{sent_at}",
        text=text,
        subject=subject,
        region=region_of_address(address.lower()),
        offset=_offset(sent_at),
        authentic=authentication.vouches(
            mime.fields(message),
            domain=address.rpartition("@")[2],
            server=settings.INTAKE_AUTHSERV_ID,
        ),
        automatic=_is_automatic(message, address, envelope_sender),
        readable=message.readable,
        token=_token(message, subject, text),
        winmail=not text.strip() and any(map(_is_winmail, mime.parts(message))),
        unread_mails=_unread_mails(message) if message.readable else 0,
        raw=raw,
    )


def unreadable(raw: bytes) -> Incoming:
    """An e-mail that cannot be read, for a moderator."""
    return Incoming(
        channel="email",
        sender="",
        provider_id="",
        text="",
        authentic=False,
        readable=False,
        raw=raw,
    )


def _sender(message: Letter) -> str:
    """The address in From, if there is one From with one address; otherwise ""."""
    values = mime.headers(message, "From")
    if len(values) != 1 or len(values[0]) > LONGEST_FROM:
        return ""
    try:
        value = authentication.without_comments(re.sub(r"\r?\n", "", values[0]))
    except authentication.Ambiguous:
        return ""
    value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    match = _MAILBOX.fullmatch(value)
    if match is None or "@" in _unquoted(mime.decoded_words(match["name"] or "")):
        return ""
    address: str = match["routed"] or match["bare"]
    local, _, domain = address.rpartition("@")
    return address if len(local) <= LONGEST_LOCAL and ascii_domain(domain) else ""


def _unquoted(name: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*+"', "", name)


def _is_winmail(part: Letter) -> bool:
    name = mime.name_of(part).lower()
    return part.get_content_type() in _OF_OUTLOOK or name == "winmail.dat"


def _text(message: Letter) -> str:
    """The written text; if nobody wrote anything above a mail that is passed on as a file, its
    text, as programs quote a forwarded one."""
    own = _own_text(message)
    if own is not None:
        return own
    for part in mime.parts(message):
        inner = mime.mail_in(part)
        if inner is not None and (words := _text(inner)).strip():
            return f"{_PASSED_ON}\nSubject: {mime.header(inner, 'Subject')}\n\n{words}"[
                :LONGEST_TEXT
            ]
    # A picture or winmail.dat may be all there is: in its bytes nobody wrote a number.
    if message.is_multipart() or message.get_content_maintype() in _FILES:
        return ""
    return mime.decoded(message)[:LONGEST_TEXT]


def _unread_mails(message: Letter) -> int:
    """How many mails are passed on as files, without a word above them, beside the one that is
    read."""
    mails = sum(map(mime.is_mail, mime.parts(message)))
    return mails - 1 if mails > 1 and _own_text(message) is None else 0


def _own_text(message: Letter) -> str | None:
    """The plain part, or the words of the HTML part; None if nobody wrote either."""
    for kind in ("text/plain", "text/html"):
        for part in mime.parts(message):
            if part.get_content_type() != kind or part.get_content_disposition() == "attachment":
                continue
            words = mime.decoded(part)
            if words.strip():
                words = words if kind == "text/plain" else words_of_html(words[:LONGEST_HTML])
                return words[:LONGEST_TEXT]
    return None


def _sent_at(message: Letter) -> datetime | None:
    try:
        sent = parsedate_to_datetime(mime.header(message, "Date"))
        return sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _offset(sent_at: datetime | None) -> timedelta | None:
    """The sender's clock offset from UTC; None if it is impossible, or 0, which often means
    unknown."""
    offset = sent_at.utcoffset() if sent_at else None
    return offset if offset and abs(offset) < timedelta(hours=15) else None


def _is_automatic(message: Letter, address: str, envelope_sender: str | None) -> bool:
    """Whether a program sent it: an answer would begin a loop (RFC 3834)."""
    if envelope_sender in NOBODY or mime.header(message, "Return-Path") == "<>" or not address:
        return True
    auto = mime.header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if auto not in ("", "no"):
        return True
    if mime.header(message, "Precedence").lower() in ("bulk", "list", "junk", "auto_reply"):
        return True
    if any(mime.header(message, name) for name in _MARKS_OF_ROBOTS):
        return True
    if _AUTOMATIC_SUBJECT.match(mime.header(message, "Subject")):
        return True
    if message.get_content_type() == "multipart/report":
        return True
    ours = {canonical_address(parseaddr(each)[1]) for each in settings.INTAKE_ADDRESSES}
    return canonical_address(address) in ours or bool(_ROBOTS.fullmatch(address))


def _token(message: Letter, subject: str, text: str) -> str:
    """The mark of our question in an answer: in its subject, its references, or its quotes."""
    places = [
        subject,
        mime.header(message, "In-Reply-To"),
        mime.header(message, "References"),
        text,
    ]
    for place in places:
        if match := MARK.search(place):
            return match[1]
    return ""
