"""The reading of a message: its parts, and what each of them means."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from reputation.identity import Identity, plain_characters

LONGEST = 20_000  # characters that a reading keeps; an SMS of ten parts has 1,530
READ = 4_000  # how many of them are searched for numbers and times


_SPACES = re.compile(r"[ \t]{2,}")
_LINE_ENDS = dict.fromkeys(map(ord, "\r\x85\u2028\u2029"), "\n")
_LINES = re.compile(r"\n(?:[ \t]?\n){2,}")


class Kind(StrEnum):
    REPORT = "report"  # a number, and what is said of it
    NUMBER = "number"  # a number and nothing else: asked about, or the answer to a question
    QUESTION = "question"  # who or what a number is
    LEGITIMATE = "legitimate"  # a number is defended
    STOPPED = "stopped"  # a number that calls no more
    OWN = "own"  # the sender's own number, with or without it
    UNCLEAR = "unclear"  # a number, and words that may mean this or that: ask
    EMERGENCY = "emergency"  # 110, 999: none that could be reported
    FORWARDED = "forwarded"  # somebody else's message, without the number it came from
    NO_NUMBER = "no_number"  # the sender does not know the number
    COMMAND = "command"
    NOTHING = "nothing"  # not understood


class Command(StrEnum):
    HELP = "help"
    STOP = "stop"
    START = "start"
    UNDO = "undo"  # of a number, or the last report
    LINK = "link"
    DISPUTE = "dispute"  # the listing of the sender's own number
    ERASE = "erase"  # all that is kept of the sender
    REPORT = "report"  # the answer to "report it, or is it fine?"
    LEGITIMATE = "legitimate"  # the other answer


class Role(StrEnum):
    """What a part of the text is; CONTENT if nothing else."""

    NUMBER = "number"
    TIME = "time"
    KEYWORD = "keyword"
    CONTENT = "content"
    QUOTED = "quoted"  # of e-mails: what was answered, and signatures


@dataclass(frozen=True, slots=True)
class Part:
    role: Role
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`text` is the message in plain characters; `parts` cover all of it.

    `callback`: the number that the message itself asks to call. `further`: numbers about which the
    message says the same as about `number`; `left`: how many others it may accuse. `count`: how
    many calls it mentions, at least. `corrects`: the numbers of earlier messages that it says were
    wrong; none where it does not say which, None if it corrects nothing.
    `occurred_at` has a time zone; `has_time`: whether the hour was given.
    """

    kind: Kind
    grammar: str
    text: str
    parts: tuple[Part, ...]
    number: Identity | None = None
    callback: Identity | None = None
    occurred_at: datetime | None = None
    has_time: bool = False
    category: str = "other"
    conduct: tuple[str, ...] = field(default=())
    channel: str = "call"
    further: tuple[Identity, ...] = ()
    left: int = 0
    count: int = 1
    command: Command | None = None
    argument: str = ""
    corrects: tuple[Identity, ...] | None = None

    @property
    def others(self) -> int:
        return len(self.further) + self.left

    @property
    def content(self) -> str:
        pieces = (self.text[p.start : p.end] for p in self.parts if p.role is Role.CONTENT)
        words = (" ".join(piece.split(" ")).strip(" \t\n,;:#*+-、。") for piece in pieces)
        return "\n".join(filter(None, words))


def plain(raw: str) -> str:
    """The text in the characters that grammars know, without full-width forms, odd digits and
    surplus spaces.

    Applied to its own result, it changes nothing.
    """
    # First: as two line ends, a line would be a paragraph.
    raw = raw[:LONGEST].replace("\r\n", "\n")
    while True:
        text = "".join(map(_plain, plain_characters(raw.translate(_LINE_ENDS))))
        text = _LINES.sub("\n\n", _SPACES.sub(" ", text))
        if text == raw:
            return text
        raw = text


def _plain(char: str) -> str:
    if char in "\n\t" or " " <= char < "\x7f":
        return char
    return " " if unicodedata.category(char)[0] == "C" else char


def parts(text: str, found: Iterable[tuple[Role, int, int]]) -> tuple[Part, ...]:
    """The whole text in parts: what was found, in order, with content in between. Overlaps are
    cut."""
    whole: list[Part] = []
    at = 0
    for role, start, end in sorted(found, key=lambda each: (each[1], -each[2])):
        start = max(start, at)
        if end <= start:
            continue
        if start > at:
            whole.append(Part(Role.CONTENT, at, start))
        whole.append(Part(role, start, end))
        at = end
    if at < len(text):
        whole.append(Part(Role.CONTENT, at, len(text)))
    return tuple(whole)
