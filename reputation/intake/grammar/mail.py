"""Reads an e-mail: the grammars of SMS on its sender's own text, without quotations and
signature."""

import re
from dataclasses import replace
from datetime import datetime, tzinfo

from reputation.intake.grammar.message import Message
from reputation.intake.grammar.numbers import Country, find_numbers
from reputation.intake.grammar.reading import READ, Kind, Reading, Role, parts, plain
from reputation.intake.grammar.sms import read as read_message
from reputation.intake.grammar.sms import read_answer
from reputation.intake.grammar.written import additions, quotations

_FORWARD = re.compile(r"^\s*(?:fwd?|fw|tr|wg|转发)\s*:", re.IGNORECASE)
_SHORT = (Kind.COMMAND, Kind.EMERGENCY, Kind.NO_NUMBER)
_OF_A_CALLER = (Kind.REPORT, Kind.UNCLEAR, Kind.FORWARDED)
_WANT_A_NUMBER = (Kind.FORWARDED, Kind.UNCLEAR)
_KEYWORD = re.compile(r"\s*\w{1,20}[.!]?\s*")  # undo, 撤销, spam
_REPLY = re.compile(r"^\s*(?:re|aw|sv|答复|回复)\s*:", re.IGNORECASE)  # our own subject
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
    """The reading of an e-mail. `answer`: its sender was asked which number called.

    The text of the reading is the subject, a line, and the body.
    """
    mail = _Mail(subject, body, Country(region, own, allow_fictional))
    title, visible = mail.title, mail.visible

    def read(words: str, above: str = "") -> Reading:
        message = Message(words[:READ], mail.country, now, zone, "" if mail.reply else above)
        return read_answer(message) if answer else read_message(message)

    reading, start, ahead = read(visible, title), mail.below, ""
    # The subject of an answer is our own: "Re: Fwd: Pay" names no sender "Pay".
    if reading.number is None and title.strip() and not (answer and mail.reply):
        above = read(title)
        both = read(f"{title}\n{visible}") if above.number is not None else above
        if above.number is not None and _is_about_it(visible, reading, both, reply=mail.reply):
            reading, start = (both if both.number is not None else above), 0
        elif (above.kind in _SHORT and not visible.strip()) or (
            reading.kind is Kind.NOTHING and above.kind is Kind.FORWARDED
        ):
            reading, start = above, 0
    elif reading.kind in _OF_A_CALLER and not mail.reply:
        # "Voicemail from №", and below it the number that it asks to call.
        named = {each.identity for each in find_numbers(title, mail.country, taken=[])}
        if named - {reading.number}:
            both = read(f"{title}\n{visible}")
            reading, start = (both, 0) if both.number in named else (reading, start)
    if mail.reply and reading.number is None and reading.kind in _WANT_A_NUMBER:
        ahead = _number_in(mail.body, quotations(mail.body), mail.country)
        about = read(f"{ahead}\n{visible}") if ahead else reading
        if about.number is not None and about.kind is not Kind.NUMBER:
            # A number that only quotations name is not listed before the sender confirms it.
            kind = Kind.UNCLEAR if about.kind is Kind.REPORT else about.kind
            reading, start = replace(about, kind=kind), mail.below - len(ahead) - 1
    return mail.whole(reading, start=start, ahead=len(ahead))


class _Mail:
    """A mail's subject and body. title, visible: what its sender wrote of them, the rest blank;
    below: where the body begins in the text of the reading."""

    def __init__(self, subject: str, body: str, country: Country) -> None:
        self.subject, self.body = " ".join(plain(subject).split()), plain(body)
        self.country = country
        self.reply = bool(_REPLY.match(self.subject))
        figures = country.in_figures(self.body[:READ]) + self.body[READ:]
        forward = bool(_FORWARD.match(self.subject))
        self.quoted = additions(figures, forward=forward, reply=self.reply)
        self.visible = _blank(self.body, self.quoted)[:READ]
        marks = _MARKS.match(self.subject)
        self.marks = [(0, marks.end())] if marks else []
        self.title = _blank(self.subject, self.marks)[:READ]
        self.below = len(self.subject) + 1

    def whole(self, reading: Reading, *, start: int, ahead: int) -> Reading:
        """The reading with the parts of the whole mail. start: where its text begins in the mail's;
        ahead: how many characters of it are a number that stands elsewhere."""
        # Without the blanks in the place of what is quoted: a command takes all of its text.
        spans = [
            (p.role, p.start + start, p.start + start + len(words.rstrip()))
            for p in reading.parts
            if p.role is not Role.CONTENT and p.start >= ahead
            for words in [reading.text[p.start : p.end]]
        ]
        spans += [(Role.QUOTED, a + self.below, b + self.below) for a, b in self.quoted]
        spans += [(Role.KEYWORD, a, b) for a, b in self.marks]
        text = f"{self.subject}\n{self.body}"
        return replace(reading, text=text, parts=parts(text, spans))


def _is_about_it(visible: str, alone: Reading, both: Reading, *, reply: bool) -> bool:
    """Whether a body is about the number in its subject. One word is in a mail of the sender's own
    (spam), unless it is a command that takes no number; in an answer the subject is ours."""
    if not _KEYWORD.fullmatch(visible):
        return True
    takes = alone.kind is not Kind.COMMAND or both.kind in (Kind.REPORT, Kind.COMMAND)
    return takes and not reply


def _number_in(body: str, spans: list[tuple[int, int]], country: Country) -> str:
    """The only number in these stretches, as written; "" if there is none or several."""
    text = "\n".join(body[start:end] for start, end in spans)[:READ]
    found = {
        each.identity: text[each.start : each.end] for each in find_numbers(text, country, taken=[])
    }
    return next(iter(found.values())) if len(found) == 1 else ""


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these stretches replaced by spaces, so that all positions stay."""
    for start, end in spans:
        hidden = "".join("\n" if char == "\n" else " " for char in text[start:end])
        text = text[:start] + hidden + text[end:]
    return text
