"""An e-mail as it comes, made into a message: who sent it, what it says, whether to believe it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime

from django.conf import settings

from reputation.intake.grammar import words_of_html
from reputation.intake.incoming import TOKEN, Incoming
from reputation.intake.senders import canonical_address, region_of_address

_ROBOTS = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|notifications?|listserv"
    r"|majordomo)"
    r"(?:[+=-].*)?@.*|.*-(?:bounces?|request)@.*|.*\+bounce.*@.*",
    re.IGNORECASE,
)
_MARKS_OF_ROBOTS = (
    *("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Loop"),
    "X-Failed-Recipients",
)
_RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*(\w+)([^;]*)", re.IGNORECASE)
_OF = re.compile(
    r"(?:header\.[di]|smtp\.mailfrom|header\.from)\s*=\s*\"?@?(?:[^\s;@\"]*@)?([\w.-]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    content: bytes


def parse(raw: bytes) -> EmailMessage:
    """Raw MIME as a message. Whatever it is, it parses: as headers, or else all of it as text."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 -- that is what the policy makes
    return message


def incoming(message: EmailMessage, raw: bytes, *, envelope_sender: str | None = None) -> Incoming:
    """What `receive` takes. `envelope_sender`: the SMTP one, "" for that of bounces, None when
    nobody told."""
    address = parseaddr(_header(message, "From"))[1]
    subject, text = _header(message, "Subject"), _text(message)
    sent_at = _sent_at(message)
    return Incoming(
        channel="email",
        sender=canonical_address(address) if "@" in address else "",
        reply_to=address if "@" in address else "",
        provider_id=_header(message, "Message-ID") or f"{sent_at}",
        text=text,
        subject=subject,
        region=region_of_address(address.lower()),
        offset=_offset(sent_at),
        authentic=_is_authentic(message, address),
        automatic=_is_automatic(message, address, envelope_sender),
        token=_token(message, subject, text),
        raw=raw,
    )


def attachments(raw: bytes) -> Iterator[Attached]:
    """The files of a raw e-mail, pictures in its text among them."""
    for part in parse(raw).walk():
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            continue
        name = part.get_filename() or ""
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                yield Attached(name or "forwarded.eml", inner[0].as_bytes())
        elif name or part.get_content_disposition() == "attachment":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content:
                yield Attached(name, content)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except Exception:
        # Whatever the standard library's parser trips over: a header is read or it is not there.
        return ""


def _headers(message: EmailMessage, name: str) -> list[str]:
    try:
        return [str(value) for value in message.get_all(name, [])]
    except Exception:  # as above
        return []


def _text(message: EmailMessage) -> str:
    """What was written: the plain part, or the words of the HTML one."""
    for kind in ("plain", "html"):
        try:
            part = message.get_body(preferencelist=(kind,))
        except Exception:  # as above: a multipart that is none
            part = None
        if part is not None:
            words = _decoded(part)
            if words.strip():
                return words if kind == "plain" else words_of_html(words)
    return "" if message.is_multipart() else _decoded(message)


def _decoded(part: MIMEPart) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "gb18030"):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("utf-8", "replace")


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        sent = parsedate_to_datetime(_header(message, "Date"))
        return sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _offset(sent_at: datetime | None) -> timedelta | None:
    """How far the sender's clock is from UTC, if any clock is: 0 often means that nobody said."""
    offset = sent_at.utcoffset() if sent_at else None
    return offset if offset and abs(offset) < timedelta(hours=15) else None


def _is_automatic(message: EmailMessage, address: str, envelope_sender: str | None) -> bool:
    """Whether a machine sent it: answering would begin a loop (RFC 3834)."""
    if envelope_sender == "" or _header(message, "Return-Path") == "<>" or "@" not in address:
        return True
    auto = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if auto not in ("", "no"):
        return True
    if _header(message, "Precedence").lower() in ("bulk", "list", "junk", "auto_reply"):
        return True
    if any(_header(message, name) for name in _MARKS_OF_ROBOTS):
        return True
    if message.get_content_type() == "multipart/report":
        return True
    ours = {canonical_address(each) for each in settings.INTAKE_ADDRESSES}
    return canonical_address(address) in ours or bool(_ROBOTS.fullmatch(address))


def _is_authentic(message: EmailMessage, address: str) -> bool:
    """Whether our own mail server vouches for the sender: its first Authentication-Results.

    Anybody can write such a header, so it counts from the server that INTAKE_AUTHSERV_ID names,
    which removes those that others wrote in its name (RFC 8601, section 5).
    """
    trusted = settings.INTAKE_AUTHSERV_ID.lower()
    domain = address.rpartition("@")[2].lower()
    if not trusted or not domain:
        return False
    for header in _headers(message, "Authentication-Results"):
        server, _, results = header.partition(";")
        if server.split()[:1] != [trusted] and server.strip().lower() != trusted:
            continue
        for method, result, rest in _RESULT.findall(results):
            if result.lower() != "pass":
                continue
            if method.lower() == "dmarc":
                return True
            if any(_aligned(each.lower(), domain) for each in _OF.findall(rest)):
                return True
        return False
    return False


def _aligned(one: str, two: str) -> bool:
    return one == two or one.endswith(f".{two}") or (two.endswith(f".{one}") and "." in one)


def _token(message: EmailMessage, subject: str, text: str) -> str:
    """The mark of our question that an answer shows: in its subject, its references, its quote."""
    places = [subject, _header(message, "In-Reply-To"), _header(message, "References"), text]
    for place in places:
        if match := TOKEN.search(place):
            return match[1]
    return ""
