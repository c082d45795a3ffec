"""Reads the call log of a phone, a carrier or an app, or lines that somebody pastes.

There is no common format, so columns are recognised by their headings and values by their form.
Rows that cannot be read are returned, not guessed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reputation.identity import HIDING, Identity, InvalidNumber, identify
from reputation.models import Report
from reputation.reports.log_dates import Clock, Moment, in_figures
from reputation.reports.log_rows import Row, rows_of, text_of_tables

MOST_ROWS = 5000
MOST_CHARACTERS = 3_000_000
MOST_LINES = 100_000  # pretty XML has twenty for a call; reading a million takes half a minute
LINE_LENGTH = 500  # of a pasted line or a date; a longer one is not from a log
WHOLE = 10  # characters of a number without separators
LONGEST_KIND = 2  # words by which a line says what kind of call it was: Voice out, sent to
LONGEST_NAME = 4  # words of a contact's name
LONGEST_LENGTH = LINE_LENGTH  # of the text for a call's length
_I = re.IGNORECASE


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


_OUTGOING = re.compile(
    r"outgoing|dialed|dialled|呼出|拨出|撥出|去电|去電|已拨|已撥|ausgehend|abgehend|gewählt"
    r"|sortant|émis|saliente|realizad[ao]|in uscita|effettuat[ao]|efetuad[ao]|saída|uitgaand"
    r"|wychodząc|исходящ|giden|発信(?!者|元)|발신(?!자|인|번호)|gọi đi",
    _I,
)
_INCOMING = re.compile(r"incom|inbound|missed|received|呼入|被叫|来电|來電|eingehend", _I)
_PERHAPS_OUTGOING = re.compile(r"out|dial|sent|made|\bto\b|主叫|发送|發送|发出|發出", _I)
_MESSAGE = re.compile(r"sms|mms|text|message|messag|短信|彩信|短消息|nachricht", _I)
_DIGITS = re.compile(rf"(?:(?:{HIDING}) ?)?\+?\(?\d[\d ()./\u2010-\u2014\-]*\d")

_LISTED = frozenset(["、", "，", ",", ";", "；", "&", "和", "及", "and"])
# Begins at the first blank of many only, else a line of blanks would take hours.
_AT_NUMBERS = re.compile(r"(?<!\s)\s++(?=\+?\d{10,}(?!\d))")
_BETWEEN_PARTS = re.compile(
    r"[|,;:，；：()（）]|(?<!\s)\s{2,}+|(?<!\s)\s(?![ -~]|\s)|(?<![ -~]|\s)\s(?!\s)|\t"
)
_DONE_TO_CALLS = frozenset(("blocked", "restricted", "unavailable"))  # not to numbers
# What stands at calls and is no caller's name: kinds, lines, days, beginnings of sentences.
_NO_NAME = re.compile(
    r"\b(?:missed|incoming|inbound|voice|video|audio|calls?|called|caller|calling|mail|voicemail"
    r"|answered|unanswered|accepted|rejected|refused|declined|blocked|cancell?ed|received|picked"
    r"|hung|rang|ring(?:s|ing)?|no answer|phone|mobile|cell|home|work|office|main|other|iphone|sim"
    r"|line|dual|hd|volte|wi-?fi|whatsapp|facetime|signal|telegram|wechat|viber|skype|sms|mms|texts?"
    r"|messages?|hours?|hrs?|h|min(?:ute)?s?|m|sec(?:ond)?s?|s|a\.?m\.?|p\.?m\.?|at|on|from|and|to"
    r"|till|until|around|about|again|then|also|next|later|first|second|third|last|twice|once|times?"
    r"|i|he|she|it|they|we|you|me|my|his|her|was|is|man|woman|the|a|date|day|days|week|today|yesterday|morning|afternoon|evening|night|noon|midnight"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:jan|febr?)(?:uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|(?:octo|novem|decem)ber|oct|nov|dec|suspected|likely|potential|possible|spam|scam|fraud|risk"
    r"|telemarket(?:ing|er)|recents?|history|log|list|details?|info|verpasste?r?|eingehende?r?"
    r"|anrufe?|uhr|um|am|minuten?|sekunden?|std|stunden?|mobil|heute|gestern|angenommen|abgelehnt)\b"
    r"|未接|来电|來電|呼入|被叫|已接|接听|接聽|响铃|響鈴|拒接|拒听|拒绝|挂断|掛斷|通话|通話|电话|電話"
    r"|记录|記錄|详情|时长|時長|语音|語音|视频|視訊|短信|簡訊|彩信|信息|消息|手机|手機|座机|移动|移動"
    r"|联通|電信|电信|广电|主卡|副卡|卡|响|打来|打來|骚扰|騷擾|诈骗|詐騙|疑似|标记|標記|推销|拦截|攔截"
    r"|又|再次|再|然后|后来|接着|第[一二三四五六七八九十]次|次|声|聲|[周週]|星期|礼拜|[年月日号號天点點时時分秒]"
    r"|小时|小時|今天|昨天|前天|上午|下午|早上|晚上|凌晨|中午|夜里|半夜|和|到|至|[一二三四五六七八九十]",
    _I,
)
_WORD = re.compile(r"[^\W\d_][\w.'\u2019-]*")
_COUNT = re.compile(r"(?<=\d)\s*[(（]\d{1,3}[)）](?!\s*\d)")


def read_call_log(
    text: str,
    *,
    region: str,
    zone: ZoneInfo,
    now: datetime,
    about: Identity | None = None,
    allow_fictional: bool = False,
) -> CallLog:
    """The calls and messages that came in, oldest first.

    `region` and `zone` say how to read national numbers and times without an offset; `about` is
    the caller of pasted lines that name none. Raises LogUnreadable.
    """
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise LogUnreadable("empty")
    if len(text) > MOST_CHARACTERS or len(text.splitlines()) > MOST_LINES:
        raise LogUnreadable("too_long")
    text = text_of_tables(text)
    rows = rows_of(text)
    found = CallLog()
    reads = _Numbers(region, allow_fictional)
    if rows is not None:
        clock = Clock(map(_date, rows), region=region, zone=zone, now=now)
        _read_rows(rows, found, clock, reads)
    else:
        lines = _lines(text, found)
        clock = Clock(lines, region=region, zone=zone, now=now)
        _read_lines(lines, found, clock, reads, about)
    if len(found.calls) > MOST_ROWS:
        raise LogUnreadable("too_long")
    if not found.calls and not found.own:
        raise LogUnreadable("no_rows")
    distinct = {(call.identity.key, call.at, call.channel): call for call in found.calls}
    found.calls = sorted(distinct.values(), key=lambda call: (call.at, call.identity.key))
    return found


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or what Chinese Windows writes.

    Raises LogUnreadable for spreadsheets, PDF, pictures and archives.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content or content.startswith(b"%PDF"):
        raise LogUnreadable("no_text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


class _Numbers:
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
        candidates = sorted(_digits(line), key=lambda each: -sum(map(str.isdigit, each)))
        digits = [each for each in candidates if sum(map(str.isdigit, each)) >= 5]
        # A number without a gap stands by itself: before it its row is counted, or seconds follow.
        whole = [part for each in digits for part in each.split() if len(part) >= WHOLE]
        return next((found for each in (*digits, *whole) if (found := self.one(each))), None)


def _read_rows(rows: Sequence[Row], found: CallLog, clock: Clock, reads: _Numbers) -> None:
    own = _own_number(rows)
    # A bill names the destination of calls that were made. Of the others it says: incoming.
    says_incoming = any(_INCOMING.search(row.get("place", "")) for row in rows)
    for row in rows:
        if "raw" in row:
            found.unread.append(row["raw"])
            continue
        number = row.get("number", "")
        channel = _channel(f"{row.get('channel', '')} {row.get('way', '')}")
        outgoing = _is_outgoing(row.get("way", "")) or _is_code_of_own(row, channel)
        if says_incoming:
            outgoing = not _INCOMING.search(row.get("place", ""))
            number = number or row.get("called", "")
        elif "called" in row and own:
            outgoing = number == own
        elif "number" not in row:
            outgoing = True
        if outgoing:
            found.own += 1
            continue
        identity, at = reads.one(number), clock.read(_date(row))
        # A name can send messages. In front of a call it is a contact's, not a number.
        named = identity is not None and identity.kind == "sender"
        if identity is None or at is None or (named and channel == Report.Channel.CALL):
            found.unread.append(", ".join(row.values()))
            continue
        found.calls.append(
            FoundCall(
                identity=identity,
                at=at,
                channel=channel,
                seconds=_seconds(row.get("seconds", "")),
            )
        )


def _is_outgoing(words: str) -> bool:
    """Whether words beside a call say that the log's owner made it."""
    if _OUTGOING.search(words):
        return True
    return bool(_PERHAPS_OUTGOING.search(words)) and not _INCOMING.search(words)


def _is_own(words: list[str]) -> bool:
    """Whether a pasted line says that. What somebody wrote about a call says little by its "to":
    they threatened to come, and shouted."""
    line = " ".join(words)
    if len(words) > LONGEST_KIND or not any(map(_PERHAPS_OUTGOING.match, words)):
        return bool(_OUTGOING.search(line))
    return _is_outgoing(line)


def _is_code_of_own(row: Row, channel: str) -> bool:
    """Android's codes: 2 went out; messages of 3 and more never left, or wait."""
    code = row.get("code", "")
    return code == "2" or (channel == Report.Channel.SMS and code in ("3", "4", "5", "6"))


def _date(row: Row) -> str:
    return row.get("date", "")[:LINE_LENGTH]


def _own_number(rows: Iterable[Row]) -> str:
    """The log's owner, where each row names caller and called: the number that is in most rows; of
    two that are in all rows, the one that was called more."""
    both = [(row["number"], row["called"]) for row in rows if "number" in row and "called" in row]
    met = Counter(number for pair in both for number in pair)
    called = Counter(callee for _, callee in both)
    return max(met, key=lambda number: (met[number], called[number]), default="")


def _read_lines(
    lines: Sequence[str],
    found: CallLog,
    clock: Clock,
    reads: _Numbers,
    above: Identity | None,
) -> None:
    """Reads the calls of lines into `found`. `above`: the number that the whole log is about."""
    reader = _LineReader(found, clock, reads, above)
    for plain in (part for line in lines for part in _calls_of(in_figures(line), clock, reads)):
        if len(found.calls) + len(reader.waiting) + found.own > MOST_ROWS:
            raise LogUnreadable("too_long")
        reader.read(plain)
    reader.finish()


class _LineReader:
    """Reads lines in order. A line has both number and time, or a number stands in a line of its
    own above the times of its calls, or below them."""

    def __init__(
        self, found: CallLog, clock: Clock, reads: _Numbers, above: Identity | None
    ) -> None:
        self.found, self.clock, self.reads = found, clock, reads
        self.above = above  # the number to which times without a number belong
        self.alone = ""  # the line of the number above, until a time belongs to it
        self.waiting: list[tuple[datetime, str]] = []  # times whose number may follow below
        self.hidden = False  # whether the caller above withheld the number, or has but a name
        self.listed = False  # whether the number above stands in these lines

    def read(self, plain: str) -> None:
        moment = self.clock.find(plain)
        # Digits on both sides of the moment are not one number: +1 202 555 0104 … 65 s.
        rest = f"{plain[: moment.start]} | {plain[moment.end :]}" if moment else plain
        identity = self.reads.within(rest)
        if identity is None and _numbered(rest):  # another caller's line: not of the one above
            self._leave(plain)
        elif identity is None and (self.reads.is_hidden(rest) or self._is_contact(plain, moment)):
            self._leave(plain)  # nor of the one above
            if moment is None:
                self._give_up_waiting()
                self.hidden = True
        elif moment is not None:
            self._read_call(plain, identity, moment, rest)
        elif identity is not None:
            self._read_number(plain, identity)
        else:
            self._leave(plain)

    def finish(self) -> None:
        if self.alone:
            self._leave(self.alone)
        self._give_up_waiting()

    def _read_number(self, plain: str, identity: Identity) -> None:
        if self.alone:
            self._leave(self.alone)
        self.alone, self.hidden = "" if self.waiting else plain.strip(), False
        self.found.calls += [FoundCall(identity, at, kind, None) for at, kind in self.waiting]
        self.waiting, self.above, self.listed = [], identity, True

    def _is_contact(self, plain: str, moment: Moment | None) -> bool:
        """Whether a line without a number has a contact's name in its place."""
        told = self.listed and not self.alone  # of the number above, which has its times by now
        if moment is None:
            return bool(told or self.waiting) and _is_name(plain.strip())
        return told and _is_name(plain[: moment.start])

    def _read_call(self, plain: str, identity: Identity | None, moment: Moment, rest: str) -> None:
        if identity is None:
            if self.hidden:
                self._leave(plain)
                return
            self.alone = ""
        if _is_own(re.sub(r"[\d\W]+", " ", rest).split()):
            self.found.own += 1
        elif (caller := identity or self.above) is not None:
            self.found.calls.append(FoundCall(caller, moment.at, _channel(rest), _seconds(rest)))
        else:
            self.waiting.append((moment.at, _channel(rest)))

    def _leave(self, plain: str) -> None:
        self.found.unread.append(plain.strip())

    def _give_up_waiting(self) -> None:
        self.found.unread += map(_told, self.waiting)
        self.waiting = []


def _is_name(words: str) -> bool:
    """Whether words before a call's time, or above it, look like a contact's name: Mum, Dr Lee."""
    left = _WORD.findall(_NO_NAME.sub(" ", words))
    if not 0 < len(left) <= LONGEST_NAME:
        return False
    return len(left) == 1 or all(each[0].isupper() or not each.isascii() for each in left)


def _told(waiting: tuple[datetime, str]) -> str:
    return f"{waiting[0]:%Y-%m-%d %H:%M}"


def _lines(text: str, found: CallLog) -> list[str]:
    """The lines. One that is too long, as of a list without its line breaks, is cut at numbers."""
    lines: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        for part in _AT_NUMBERS.split(line) if len(line) > LINE_LENGTH else [line]:
            lines.append(part[:LINE_LENGTH])
            found.unread += filter(None, [part[LINE_LENGTH : 2 * LINE_LENGTH].strip()])
    return lines


def _calls_of(line: str, clock: Clock, reads: _Numbers) -> Iterator[str]:
    """The line, or a line for each call that it tells of."""
    moment = clock.find(line)
    following = None if moment is None else clock.find(line[moment.end :])
    if moment is None:
        yield line
        return
    head, told, tail = line[: moment.start], line[: moment.end], line[moment.end :]
    if further := clock.another(line, moment):
        full, end = further
        yield told
        yield from _calls_of(f"{head}{full}{line[end:]}", clock, reads)
    elif following is None:
        yield line
    elif number := _first_number(between := tail[: following.start], reads):
        # The number of the second call, or of the first where numbers stand behind times.
        cut = number if reads.within(head) else following.start
        yield f"{told}{tail[:cut]}"
        yield from _calls_of(tail[cut:], clock, reads)
    elif between.strip() in _LISTED:
        yield told
        yield from _calls_of(f"{head}{tail[following.start :]}", clock, reads)
    else:  # when the call ended
        yield line


def _first_number(text: str, reads: _Numbers) -> int:
    """Where the first telephone number begins; 0 if there is none, since a blank is before it."""
    numbers = (each.start() for each in _DIGITS.finditer(text) if reads.within(each[0]))
    return next(numbers, 0)


def _numbered(line: str) -> bool:
    """Whether a line has what is written like a telephone number, if none that can be."""
    return any(sum(map(str.isdigit, each)) >= 7 for each in _digits(line))


def _digits(line: str) -> list[str]:
    """The digits of a number, without a count of calls after it: 138 1234 5678 (5)."""
    return _DIGITS.findall(_COUNT.sub(" ", line))


def _channel(words: str) -> str:
    return Report.Channel.SMS.value if _MESSAGE.search(words) else Report.Channel.CALL.value


_CLOCK = re.compile(r"(?<![\d:.])(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?![\d:])")
_PARTS = re.compile(
    r"(\d+)\s*(h|hours?|hrs?|小时|小時|时|std)?\s*(?:(?<=[a-z时])\s*)?"
    r"(m|min|mins|minutes?|分钟?|分鐘?)?\s*(s|sec|secs|seconds?|秒)?(?![a-z])",
    _I,
)


def _seconds(text: str) -> int | None:
    """A call's length: 65, 1:05, 00:01:05, 1分5秒, 1 min 5 s. None where there is none."""
    text = text.strip()[:LONGEST_LENGTH]
    if text.isdecimal():
        return min(int(text), 86_400)
    if match := _CLOCK.search(text):
        hours, minutes, seconds = (int(each or 0) for each in match.groups())
        return min(hours * 3600 + minutes * 60 + seconds, 86_400)
    total, any_unit = 0, False
    for match in _PARTS.finditer(text):
        value = int(match[1])
        for unit, worth in ((match[2], 3600), (match[3], 60), (match[4], 1)):
            if unit:
                total, any_unit = total + value * worth, True
                break
    return min(total, 86_400) if any_unit else None
