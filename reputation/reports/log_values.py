"""The calls of a log, and what is said beside a call: its number, direction, channel and length."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reputation.identity import HIDING, Identity, InvalidNumber, identify
from reputation.models import Report

MOST_CALLS = 5000
LINE_LENGTH = 500  # of a pasted line or a date; a longer one is not from a log
WHOLE = 10  # characters of a number without separators
_I = re.IGNORECASE

OUTGOING = re.compile(
    r"outgoing|outbound|dialed|dialled|呼出|拨出|撥出|去电|去電|已拨|已撥|ausgehend|abgehend|gewählt"
    r"|sortant|émis|saliente|realizad[ao]|in uscita|effettuat[ao]|efetuad[ao]|saída|uitgaand"
    r"|wychodząc|исходящ|giden|発信(?!者|元)|발신(?!자|인|번호)|gọi đi",
    _I,
)
INCOMING = re.compile(r"incom|inbound|missed|received|呼入|被叫|来电|來電|eingehend", _I)
PERHAPS_OUTGOING = re.compile(r"out|dial|sent|made|\bto\b|主叫|发送|發送|发出|發出", _I)
_MESSAGE = re.compile(r"sms|mms|text|message|messag|短信|彩信|短消息|nachricht", _I)
DIGITS = re.compile(rf"(?:(?:{HIDING}) ?)?\+?\(?\d[\d ()./\u2010-\u2014\-]*\d")

_BETWEEN_PARTS = re.compile(
    r"[|,;:，；：()（）]|(?<!\s)\s{2,}+|(?<!\s)\s(?![ -~]|\s)|(?<![ -~]|\s)\s(?!\s)|\t"
)
_DONE_TO_CALLS = frozenset(("blocked", "restricted", "unavailable"))  # not to numbers
_BRACKETED = re.compile(r"(?<=[^\W\d_])\s*\((\+?\d[\d -]{5,18}\d)\)$")
_COUNT = re.compile(r"(?<=\d)\s*[(（]\d{1,3}[)）](?!\s*\d)")


class LogUnreadable(Exception):
    """The text is no call log. `reason`: empty, too_long, no_rows, or no_text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FoundCall:
    identity: Identity
    at: datetime
    channel: str
    seconds: int | None


@dataclass(slots=True)
class CallLog:
    """`own`: how many calls the log's owner made; `unread`: rows without a number or a time."""

    calls: list[FoundCall] = field(default_factory=list)
    own: int = 0
    unread: list[str] = field(default_factory=list)


class Numbers:
    """Reads the numbers of one log, of which most come again and again."""

    def __init__(self, region: str, allow_fictional: bool) -> None:
        self._options: dict[str, Any] = {"region": region, "allow_fictional": allow_fictional}
        self._known: dict[str, Identity | None] = {}

    def one(self, raw: str) -> Identity | None:
        if raw not in self._known:
            try:
                self._known[raw] = identify(raw, **self._options)
            except InvalidNumber:
                self._known[raw] = None
        return self._known[raw]

    def cell(self, raw: str) -> Identity | None:
        """The number of a cell, which may stand behind a name: ACME (2025550143)."""
        bracketed = _BRACKETED.search(raw)
        return self.one(bracketed[1] if bracketed else raw)

    def is_hidden(self, line: str) -> bool:
        """Whether a line names a caller who withheld the number: 未知号码 11-27 20:15."""
        return any(self._is_withheld(each.strip()) for each in _BETWEEN_PARTS.split(line))

    def _is_withheld(self, words: str) -> bool:
        if not words or words.casefold() in _DONE_TO_CALLS:
            return False
        try:
            identify(words, **self._options)
        except InvalidNumber as error:
            return error.code == "withheld"
        return False

    def within(self, line: str) -> Identity | None:
        """The telephone number in a line: of several, the longest."""
        candidates = sorted(digits_in(line), key=lambda each: -sum(map(str.isdigit, each)))
        digits = [each for each in candidates if sum(map(str.isdigit, each)) >= 5]
        # A number without a gap stands by itself: before it its row is counted, or seconds follow.
        whole = [part for each in digits for part in each.split() if len(part) >= WHOLE]
        return next((found for each in (*digits, *whole) if (found := self.one(each))), None)


def is_outgoing(words: str) -> bool:
    """Whether words beside a call say that the log's owner made it."""
    if OUTGOING.search(words):
        return True
    return bool(PERHAPS_OUTGOING.search(words)) and not INCOMING.search(words)


def is_numbered(line: str) -> bool:
    """Whether something in the line is written like a telephone number, possible or not."""
    return any(sum(map(str.isdigit, each)) >= 7 for each in digits_in(line))


def digits_in(line: str) -> list[str]:
    """The digits of a number, without a count of calls after it: 138 1234 5678 (5)."""
    return DIGITS.findall(_COUNT.sub(" ", line))


def channel_of(words: str) -> str:
    return Report.Channel.SMS.value if _MESSAGE.search(words) else Report.Channel.CALL.value
