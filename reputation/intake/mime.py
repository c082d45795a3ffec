"""The parts, headers and files of a raw e-mail.

Anybody can send anything, so every size is bounded before something is made of it.
"""

from binascii import Error as Base64Error
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from functools import partial
from typing import Any

from reputation.intake.incoming import END_OF_HEADERS

# Beyond these limits an e-mail is stored for a moderator, and not read.
MOST_PARTS = 100
DEEPEST = 15  # nested parts
MOST_LINES = 500_000  # each is compared with the boundaries of all parts that contain it
MOST_FIELDS = 2_000  # headers of all parts together
HEADER_BYTES = 1_000_000  # the same
# Characters that are read; the rest stays in the raw message.
LONGEST_FIELD = 2_000
LONGEST_TEXT = 100_000
# What holds another mail (RFC 2046; RFC 6532, with addresses beyond ASCII).
_MAILS = ("message/rfc822", "message/global")


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
    raw = from_its_headers(raw)
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


def from_its_headers(raw: bytes) -> bytes:
    """The message without the blank lines that scripts leave before it: the parser would take them
    for the end of the headers, and all headers for text."""
    return raw.removeprefix(BOM_UTF8).lstrip(b"\r\n")


def attachments(raw: bytes) -> Iterator[Attached]:
    """The files of a raw e-mail, including pictures in its text."""
    for part in parts(parse(raw)):
        name = name_of(part)
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
    encoding = header(part, "Content-Transfer-Encoding").lower()
    if encoding not in ("base64", "quoted-printable") or fields(letter):
        return letter
    # No standard allows to encode a mail in a mail, and some programs do: what is encoded was taken
    # for a mail without headers.
    letter["Content-Transfer-Encoding"] = encoding
    return _parsed(letter)


def is_mail(part: Letter) -> bool:
    """Whether a part says that it is another mail, or a file of one."""
    name = decoded_words(part.get_filename() or "").lower()
    return part.get_content_type() in _MAILS or name.endswith(".eml")


def mail_in(part: Letter) -> Letter | None:
    """The mail that a part holds, as a message or as a file; None if it holds none."""
    return _inside(part) or _file_of_a_mail(part)


def _file_of_a_mail(part: Letter) -> Letter | None:
    """The mail in a file that is labelled as any other."""
    name = name_of(part).lower()
    return _parsed(part) if name.endswith(".eml") and not part.is_multipart() else None


def _parsed(part: Letter) -> Letter:
    content = part.get_payload(decode=True)
    return parse(content if isinstance(content, bytes) else b"")


def _as_it_came(message: Letter) -> bytes:
    """The part's bytes with unfolded lines as received: it is evidence."""
    return message.as_bytes(policy=compat32.clone(max_line_length=0))


def parts(message: Letter) -> Iterator[Letter]:
    """The parts of a message in order, without those of messages inside it."""
    waiting: list[Any] = [message]
    while waiting:
        part = waiting.pop()
        # For other parts get_payload decodes the text, by a charset that may not exist.
        if part.is_multipart() and part.get_content_type() not in _MAILS:
            waiting.extend(reversed(part.get_payload()))
        else:
            yield part


def fields(message: Letter) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in message.raw_items()]


def headers(message: Letter, name: str) -> list[str]:
    """The values of all headers of that name, from the top."""
    return [value for each, value in fields(message) if each.lower() == name.lower()]


def header(message: Letter, name: str) -> str:
    """The first header of that name in one line, up to LONGEST_FIELD characters, or ""."""
    value = next(iter(headers(message, name)), "")[:LONGEST_FIELD]
    return " ".join(decoded_words(value).split())[:LONGEST_FIELD]


def name_of(part: Letter) -> str:
    """The name of the part's file, or ""."""
    return decoded_words(part.get_filename() or "")


def decoded_words(value: str) -> str:
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


def decoded(part: Letter) -> str:
    """The text of a part, by the charset that it names or the likeliest one."""
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
