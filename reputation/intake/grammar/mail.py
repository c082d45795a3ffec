"""An e-mail: the same grammars on what its sender wrote, without what they answer and sign with."""

import re
from dataclasses import replace
from datetime import datetime, tzinfo
from html.parser import HTMLParser

from reputation.intake.grammar.message import Message
from reputation.intake.grammar.numbers import Country, find_numbers
from reputation.intake.grammar.reading import READ, Kind, Reading, Role, parts, plain
from reputation.intake.grammar.sms import answer as read_answer
from reputation.intake.grammar.sms import read as read_message

_I = re.IGNORECASE | re.MULTILINE
# What mail programs put before what is answered. All behind it was written by somebody else.
_QUOTE = re.compile(
    r"^[ \t]*+(?:>.*|(?:On\b.{3,200}\bwrote|Le\b.{3,200}\ba écrit"
    r"|Am\b.{3,200}\bschrieb.{0,80}|在.{3,200}写道"
    r"|.{3,200}于.{3,80}写道)[ \t]*:[ \t]*"
    r"|-{2,}[ \t]*(?:Original(?: Message)?|原始邮件|Ursprüngliche Nachricht)[ \t]*-{2,}[ \t]*)$",
    _I,
)
_FORWARD = re.compile(r"^\s*(?:fwd?|fw|tr|wg|转发)\s*:", _I)
_SHORT = (Kind.COMMAND, Kind.EMERGENCY, Kind.NO_NUMBER)
_WANT_A_NUMBER = (Kind.FORWARDED, Kind.UNCLEAR)
_KEYWORD = re.compile(r"\s*\w{1,20}[.!]?\s*")  # undo, 撤销: of whatever the subject is about
_SIGNATURE = re.compile(r"^--[ \t]*$", re.MULTILINE)
_SIGN_OFF = re.compile(
    r"^[ \t]*+(?:(?:kind|best|warm)?\s*regards|sincerely|yours(?: truly| sincerely"
    r"| faithfully)?|thanks|thank you|cheers"
    r"|many thanks|cordialement|此致|敬礼|谢谢|祝好|顺颂商祺|sent from my \w+"
    r"|发自我的.{2,20})[ \t]*[,.!。、]?[ \t]*$",
    _I,
)
_SIGN_OFF_LINES = 8  # a signature has no more, and what stands above is no sign-off
_REPLY = re.compile(r"^\s*(?:re|aw|sv|答复|回复)\s*:", re.IGNORECASE)  # the subject is ours
_MARKS = re.compile(
    r"^\s*(?:(?:re|aw|sv|答复|回复|fwd?|fw|tr|wg|转发)\s*:\s*|\[[A-Z0-9-]+\]\s*)+", re.IGNORECASE
)


def read_mail(
    subject: str,
    body: str,
    *,
    region: str,
    now: datetime,
    zone: tzinfo,
    own: frozenset[str] = frozenset(),
    allow_fictional: bool = False,
    answer: bool = False,
) -> Reading:
    """What an e-mail says. `answer`: its sender was asked which number it was.

    The text of the reading is the subject, a line, and the body.
    """
    subject, body = " ".join(plain(subject).split()), plain(body)
    text = f"{subject}\n{body}"
    country = Country(region, own, allow_fictional)
    quoted = _quoted(body, is_forward=bool(_FORWARD.match(subject)))
    visible = _blank(body, quoted)[:READ]
    marks = _MARKS.match(subject)
    title = _blank(subject, [(0, marks.end())] if marks else [])[:READ]
    below = len(subject) + 1

    reply = bool(_REPLY.match(subject))

    def read(words: str, above: str = "") -> Reading:
        message = Message(words, country, now, zone, "" if reply else above)
        return read_answer(message) if answer else read_message(message)

    reading, start = read(visible, title), below
    if reading.number is None and title.strip():
        above = read(title)
        if above.number is not None and not _KEYWORD.fullmatch(visible):
            # The number in the subject, and the body is what is said of it.
            both = read(f"{title}\n{visible}"[:READ])
            reading, start = (both if both.number is not None else above), 0
        elif (above.kind in _SHORT and not visible.strip()) or (
            reading.kind is Kind.NOTHING and above.kind is Kind.FORWARDED
        ):
            reading, start = above, 0
    ahead = ""
    if reply and reading.number is None and reading.kind in _WANT_A_NUMBER:
        ahead = _number_in(body, _quotes(body), country)
        about = read(f"{ahead}\n{visible}"[:READ]) if ahead else reading
        if about.number is not None and about.kind is not Kind.NUMBER:
            # Named in others' words only: it is not listed before the sender has said so.
            kind = Kind.UNCLEAR if about.kind is Kind.REPORT else about.kind
            reading, start = replace(about, kind=kind), below - len(ahead) - 1
    spans = [(p.role, p.start + start, p.end + start) for p in reading.parts
             if p.role is not Role.CONTENT and p.start >= len(ahead)]  # fmt: skip
    spans += [(Role.QUOTED, a + below, b + below) for a, b in quoted]
    if marks:
        spans.append((Role.KEYWORD, 0, marks.end()))
    return replace(reading, text=text, parts=parts(text, spans))


def _number_in(body: str, spans: list[tuple[int, int]], country: Country) -> str:
    """The only number that stands there, as it is written; empty if there is none or another."""
    text = "\n".join(body[start:end] for start, end in spans)[:READ]
    found = {each.identity: text[each.start : each.end]
             for each in find_numbers(text, country, taken=[])}  # fmt: skip
    return next(iter(found.values())) if len(found) == 1 else ""


def _quotes(body: str) -> list[tuple[int, int]]:
    """What the sender answers."""
    found: list[tuple[int, int]] = []
    for match in _QUOTE.finditer(body):
        if match[0].lstrip().startswith(">"):
            found.append(match.span())
        else:
            found.append((match.start(), len(body)))
            break
    return found


def _quoted(body: str, *, is_forward: bool) -> list[tuple[int, int]]:
    """What was not written by the sender. What a forward is about is no quotation."""
    found = [] if is_forward else _quotes(body)
    end = found[-1][0] if found and found[-1][1] == len(body) else len(body)
    if signature := _SIGNATURE.search(body, 0, end):
        found.append((signature.start(), end))
    else:
        lines = 0
        for sign_off in reversed(list(_SIGN_OFF.finditer(body, 0, end))):
            lines = body.count("\n", sign_off.end(), end)
            if lines <= _SIGN_OFF_LINES and body[: sign_off.start()].strip():
                found.append((sign_off.start(), end))
            break
    return sorted(found)


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these stretches made of spaces, so that all else keeps its place."""
    for start, end in spans:
        hidden = "".join("\n" if char == "\n" else " " for char in text[start:end])
        text = text[:start] + hidden + text[end:]
    return text


class _Words(HTMLParser):
    SILENT = frozenset({"script", "style", "head", "title", "template"})
    LINES = frozenset(
        [
            "p",
            "div",
            "br",
            "tr",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "table",
            "blockquote",
            "hr",
        ]
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.SILENT
        if tag in self.LINES:
            self.words.append("\n")
        if tag == "blockquote":
            self.words.append("> ")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(self.silent - (tag in self.SILENT), 0)
        if tag in self.LINES - {"br", "hr"}:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(re.sub(r"\s+", " ", data))


def words_of_html(html: str) -> str:
    """What a person reads of an HTML mail, in lines."""
    parser = _Words()
    try:
        parser.feed(html)
        parser.close()
    except (AssertionError, ValueError):  # html.parser's own, on some broken declarations
        return html
    lines = "".join(parser.words).split("\n")
    return "\n".join(filter(None, (line.strip() for line in lines)))
