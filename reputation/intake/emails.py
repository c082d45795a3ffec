"""Turns a raw e-mail into a message: who sent it, what it says, and whether the sender is proven.

Anybody can send anything, so every size is bounded before something is made of it.
"""

import logging
import re
import traceback
from binascii import Error as Base64Error
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime
from functools import partial
from typing import Any

from django.conf import settings

from reputation.intake import authentication
from reputation.intake.grammar import words_of_html
from reputation.intake.incoming import END_OF_HEADERS, Incoming
from reputation.intake.marks import MARK
from reputation.intake.senders import region_of_address
from reputation.privacy import ascii_domain, canonical_address

logger = logging.getLogger(__name__)

# Beyond these limits an e-mail is stored for a moderator, and not read.
MOST_PARTS = 100
DEEPEST = 15  # nested parts
MOST_LINES = 500_000  # each is compared with the boundaries of all parts that contain it
MOST_FIELDS = 2_000  # headers of all parts together
HEADER_BYTES = 1_000_000  # the same
# Characters that are read; the rest stays in the raw message.
LONGEST_FIELD = 2_000
LONGEST_TEXT = 100_000
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
    *("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Loop"),
    "X-Failed-Recipients",
)
_OF_OUTLOOK = ("application/ms-tnef", "application/vnd.ms-tnef")
# What holds another mail (RFC 2046; RFC 6532, with addresses beyond ASCII).
_MAILS = ("message/rfc822", "message/global")
_PASSED_ON = "---------- Forwarded message ----------"
_FILES = ("application", "audio", "image", "video")  # kinds of content that nobody wrote
# One mailbox (RFC 5322, section 3.4): a name that does not look like an address, and an address.
_ADDRESS = r"[^\s@<>()\[\],:;\"\\]++@[^\s@<>()\[\],:;\"\\]++"
_MAILBOX = re.compile(
    rf"\s*+(?:(?P<name>(?:\"(?:[^\"\\]|\\.)*+\"|[^@<>:;\"\\])*+)<\s*+(?P<routed>{_ADDRESS})\s*+>"
    rf"|(?P<bare>{_ADDRESS}))\s*+"
)


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    content: bytes


class _TooMuch(Exception):
    """More parts or headers than a person's e-mail has."""


class _Budget:
    """What parsing one e-mail may still use."""

    def __init__(self) -> None:
        # The parser makes one part as a trial, and discards it.
        self.parts, self.fields, self.size = MOST_PARTS + 1, MOST_FIELDS, HEADER_BYTES

    def spend(self, *, parts: int = 0, fields: int = 0, size: int = 0) -> None:
        self.parts, self.fields, self.size = (
            self.parts - parts,
            self.fields - fields,
            self.size - size,
        )
        if min(self.parts, self.fields, self.size) < 0:
            raise _TooMuch


class Letter(Message):
    """An e-mail or a part of one. `readable`: False where only the headers were parsed."""

    readable = True

    def __init__(self, budget: _Budget, policy: Any = compat32) -> None:
        budget.spend(parts=1)
        super().__init__(policy)
        self.depth, self._budget = 0, budget

    def attach(self, payload: Any) -> None:
        payload.depth = self.depth + 1
        if payload.depth > DEEPEST:
            raise _TooMuch
        super().attach(payload)

    def set_raw(self, name: str, value: str) -> None:
        self._budget.spend(fields=1, size=len(name) + len(value))
        if name.lower().startswith("content-"):
            value = value[:LONGEST_FIELD]  # its parameters are searched repeatedly
        super().set_raw(name, value)


def parse(raw: bytes) -> Letter:
    """Parses raw MIME. Never fails: the result is a message, its headers alone, or nothing."""
    raw = _from_its_headers(raw)
    head = END_OF_HEADERS.split(raw, maxsplit=1)[0][:HEADER_BYTES] + b"\n\n"
    whole = [(raw, False)] if raw.count(b"\n") <= MOST_LINES else []
    for content, headers_only in [*whole, (head, True)]:
        make: Any = partial(Letter, _Budget())
        try:
            letter = BytesParser(make, policy=compat32).parsebytes(content, headers_only)
        except Exception:  # noqa: S112 -- _TooMuch, or whatever the standard library trips over
            continue
        assert isinstance(letter, Letter)  # noqa: S101 -- that is what `make` makes
        letter.readable = not headers_only
        return letter
    letter = Letter(_Budget())
    letter.readable = False
    return letter


def _from_its_headers(raw: bytes) -> bytes:
    """The message without the blank lines that scripts leave before it: the parser would take them
    for the end of the headers, and all headers for text."""
    return raw.removeprefix(BOM_UTF8).lstrip(b"\r\n")


def incoming(message: Letter, raw: bytes, *, envelope_sender: str | None = None) -> Incoming:
    """The argument of `receive`. `envelope_sender`: that of SMTP, "" for bounces, None if unknown.
    Accepts any e-mail: an unreadable one is for a moderator."""
    raw = _from_its_headers(raw)
    try:
        return _incoming(message, raw, envelope_sender)
    except Exception as error:
        # Any error of the standard library. Its message may quote the e-mail.
        place = "".join(traceback.format_tb(error.__traceback__))
        logger.error("an e-mail is not read: %s\n%s", type(error).__name__, place)
        return unreadable(raw)


def _incoming(message: Letter, raw: bytes, envelope_sender: str | None) -> Incoming:
    address = _sender(message)
    subject = _header(message, "Subject")
    text = _text(message) if message.readable else ""
    sent_at = _sent_at(message)
    return Incoming(
        channel="email",
        sender=canonical_address(address) if address else "",
        reply_to=address,
        provider_id=_header(message, "Message-ID") or f"{sent_at}",
        text=text,
        subject=subject,
        region=region_of_address(address.lower()),
        offset=_offset(sent_at),
        authentic=authentication.vouches(
            _fields(message),
            domain=address.rpartition("@")[2],
            server=settings.INTAKE_AUTHSERV_ID,
        ),
        automatic=_is_automatic(message, address, envelope_sender),
        readable=message.readable,
        token=_token(message, subject, text),
        winmail=not text.strip() and any(map(_is_winmail, _parts(message))),
        raw=raw,
    )


def unreadable(raw: bytes) -> Incoming:
    """An e-mail that cannot be read, for a moderator."""
    return Incoming(
        channel="email", sender="", provider_id="", text="", authentic=False, readable=False,
        raw=raw,
    )  # fmt: skip


def attachments(raw: bytes) -> Iterator[Attached]:
    """The files of a raw e-mail, including pictures in its text."""
    for part in _parts(parse(raw)):
        name = _decoded_words(part.get_filename() or "")
        if part.get_content_type() in _MAILS:
            inner = _inside(part)
            if inner is not None:
                yield Attached(name or "forwarded.eml", _as_it_came(inner))
        elif name or part.get_content_disposition() == "attachment":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content:
                yield Attached(name, content)


def _inside(part: Letter) -> Letter | None:
    """The message that a part consists of, if it does."""
    if part.get_content_type() not in _MAILS or not part.is_multipart():
        return None
    inner: Any = part.get_payload()
    if not inner or not isinstance(inner[0], Letter):
        return None
    letter = inner[0]
    encoding = _header(part, "Content-Transfer-Encoding").lower()
    if encoding not in ("base64", "quoted-printable") or _fields(letter):
        return letter
    # No standard allows to encode a mail in a mail, and some programs do: what is encoded was taken
    # for a mail without headers.
    letter["Content-Transfer-Encoding"] = encoding
    return _parsed(letter)


def _file_of_a_mail(part: Letter) -> Letter | None:
    """The mail in a file that is labelled as any other."""
    name = _decoded_words(part.get_filename() or "").lower()
    return _parsed(part) if name.endswith(".eml") and not part.is_multipart() else None


def _parsed(part: Letter) -> Letter:
    content = part.get_payload(decode=True)
    return parse(content if isinstance(content, bytes) else b"")


def _as_it_came(message: Letter) -> bytes:
    """The part's bytes with unfolded lines as received: it is evidence."""
    return message.as_bytes(policy=compat32.clone(max_line_length=0))


def _parts(message: Letter) -> Iterator[Letter]:
    """The parts of a message in order, without those of messages inside it."""
    waiting: list[Any] = [message]
    while waiting:
        part = waiting.pop()
        # For other parts get_payload decodes the text, by a charset that may not exist.
        if part.is_multipart() and part.get_content_type() not in _MAILS:
            waiting.extend(reversed(part.get_payload()))
        else:
            yield part


def _fields(message: Letter) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in message.raw_items()]


def _all(message: Letter, name: str) -> list[str]:
    return [value for each, value in _fields(message) if each.lower() == name.lower()]


def _header(message: Letter, name: str) -> str:
    """The first header of that name in one line, up to LONGEST_FIELD characters, or ""."""
    value = next(iter(_all(message, name)), "")[:LONGEST_FIELD]
    return " ".join(_decoded_words(value).split())[:LONGEST_FIELD]


def _decoded_words(value: str) -> str:
    """A header's value with its encoded words decoded (RFC 2047)."""
    value = _in_charset(value.encode("utf-8", "surrogateescape"), "utf-8")
    try:
        pieces = decode_header(value)
    except (HeaderParseError, Base64Error, ValueError):
        return value
    return "".join(
        # Text between encoded words is bytes too, in decode_header's own encoding.
        piece if isinstance(piece, str) else _in_charset(piece, charset or "raw-unicode-escape")
        for piece, charset in pieces
    )


def _sender(message: Letter) -> str:
    """The address in From, if there is one From with one address; otherwise ""."""
    values = _all(message, "From")
    if len(values) != 1 or len(values[0]) > LONGEST_FROM:
        return ""
    try:
        value = authentication.without_comments(re.sub(r"\r?\n", "", values[0]))
    except authentication.Ambiguous:
        return ""
    value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    match = _MAILBOX.fullmatch(value)
    if match is None or "@" in _unquoted(_decoded_words(match["name"] or "")):
        return ""
    address: str = match["routed"] or match["bare"]
    local, _, domain = address.rpartition("@")
    return address if len(local) <= LONGEST_LOCAL and ascii_domain(domain) else ""


def _unquoted(name: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*+"', "", name)


def _is_winmail(part: Letter) -> bool:
    name = _decoded_words(part.get_filename() or "").lower()
    return part.get_content_type() in _OF_OUTLOOK or name == "winmail.dat"


def _text(message: Letter) -> str:
    """The written text: the plain part, or the words of the HTML part. If nobody wrote anything
    above a mail that is passed on as a file, its text, as programs quote a forwarded one."""
    for kind in ("text/plain", "text/html"):
        for part in _parts(message):
            if part.get_content_type() != kind or part.get_content_disposition() == "attachment":
                continue
            words = _decoded(part)
            if words.strip():
                words = words if kind == "text/plain" else words_of_html(words[:LONGEST_HTML])
                return words[:LONGEST_TEXT]
    for part in _parts(message):
        inner = _inside(part) or _file_of_a_mail(part)
        if inner is not None and (words := _text(inner)).strip():
            return f"{_PASSED_ON}\nSubject: {_header(inner, 'Subject')}\n\n{words}"[:LONGEST_TEXT]
    # A picture or winmail.dat may be all there is: in its bytes nobody wrote a number.
    if message.is_multipart() or message.get_content_maintype() in _FILES:
        return ""
    return _decoded(message)[:LONGEST_TEXT]


def _decoded(part: Letter) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return _in_charset(content, part.get_content_charset() or "utf-8")


def _in_charset(content: bytes, charset: str) -> str:
    # Programs of Windows say Latin-1 and use its free places for quotation marks, as browsers know.
    of_windows = ("windows-1252",) if charset.lower() == "iso-8859-1" else ()
    for each in (*of_windows, charset, "utf-8"):
        try:
            return content.decode(each)
        except (LookupError, UnicodeError, ValueError):
            continue
    damaged = content.decode("utf-8", "replace")
    # Where it was cut or spoilt, most of it is still UTF-8; of GB 18030 hardly anything is.
    shown = damaged[:LONGEST_TEXT]
    lost = shown.count("\N{REPLACEMENT CHARACTER}")
    if 3 * lost <= sum(map("\x7f".__lt__, shown)):
        return damaged
    try:
        return content.decode("gb18030")
    except UnicodeError:
        return damaged


def _sent_at(message: Letter) -> datetime | None:
    try:
        sent = parsedate_to_datetime(_header(message, "Date"))
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
    if envelope_sender in NOBODY or _header(message, "Return-Path") == "<>" or not address:
        return True
    auto = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if auto not in ("", "no"):
        return True
    if _header(message, "Precedence").lower() in ("bulk", "list", "junk", "auto_reply"):
        return True
    if any(_header(message, name) for name in _MARKS_OF_ROBOTS):
        return True
    if _AUTOMATIC_SUBJECT.match(_header(message, "Subject")):
        return True
    if message.get_content_type() == "multipart/report":
        return True
    ours = {canonical_address(parseaddr(each)[1]) for each in settings.INTAKE_ADDRESSES}
    return canonical_address(address) in ours or bool(_ROBOTS.fullmatch(address))


def _token(message: Letter, subject: str, text: str) -> str:
    """The mark of our question in an answer: in its subject, its references, or its quotes."""
    places = [subject, _header(message, "In-Reply-To"), _header(message, "References"), text]
    for place in places:
        if match := MARK.search(place):
            return match[1]
    return ""
