"""The calls in lines that somebody pastes, as from the screen of a phone or from a letter.

A line has both number and time, or a number stands in a line of its own above the times of its
calls, or below them.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from reputation.identity import Identity
from reputation.reports.log_dates import Clock, Moment, in_figures, length_of
from reputation.reports.log_values import (
    DIGITS,
    LINE_LENGTH,
    MOST_CALLS,
    OUTGOING,
    PERHAPS_OUTGOING,
    CallLog,
    FoundCall,
    LogUnreadable,
    Numbers,
    channel_of,
    is_numbered,
    is_outgoing,
)

LONGEST_KIND = 2  # words by which a line says what kind of call it was: Voice out, sent to
LONGEST_NAME = 4  # words of a contact's name

_LISTED = frozenset(["、", "，", ",", ";", "；", "&", "和", "及", "and"])
# Begins at the first blank of many only, else a line of blanks would take hours.
_AT_NUMBERS = re.compile(r"(?<!\s)\s++(?=\+?\d{10,}(?!\d))")
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
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w.'\u2019-]*")


def read_lines(
    lines: Sequence[str],
    found: CallLog,
    clock: Clock,
    reads: Numbers,
    above: Identity | None,
) -> None:
    """Reads the calls of lines into `found`. `above`: the number that the whole log is about."""
    reader = _LineReader(found, clock, reads, above)
    for plain in (part for line in lines for part in _calls_of(in_figures(line), clock, reads)):
        if len(found.calls) + len(reader.waiting) + found.own > MOST_CALLS:
            raise LogUnreadable("too_long")
        reader.read(plain)
    reader.finish()


class _LineReader:
    """Reads the lines of one log in order, and keeps what a later line may belong to."""

    def __init__(
        self, found: CallLog, clock: Clock, reads: Numbers, above: Identity | None
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
        if identity is None and is_numbered(rest):  # another caller's line: not of the one above
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
            seconds = self._length(plain, moment)
            call = FoundCall(caller, moment.at, channel_of(rest), seconds)
            self.found.calls.append(call)
        else:
            self.waiting.append((moment.at, channel_of(rest)))

    def _length(self, plain: str, moment: Moment) -> int | None:
        """How long the call was: the line says it, or when the call ended."""
        ended = self.clock.ended(plain, moment)
        said = f"{plain[: moment.start]} | {plain[ended.end if ended else moment.end :]}"
        while other := self.clock.find(said):  # the same moment in other words, or when it was read
            said = f"{said[: other.start]} | {said[other.end :]}"
        seconds = length_of(said)
        if seconds is None and ended is not None:
            return int((ended.at - moment.at).total_seconds())
        return seconds

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


def lines_of(text: str, found: CallLog) -> list[str]:
    """The lines. One that is too long, as of a list without its line breaks, is cut at numbers."""
    lines: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        for part in _AT_NUMBERS.split(line) if len(line) > LINE_LENGTH else [line]:
            lines.append(part[:LINE_LENGTH])
            found.unread += filter(None, [part[LINE_LENGTH : 2 * LINE_LENGTH].strip()])
    return lines


def _calls_of(line: str, clock: Clock, reads: Numbers) -> Iterator[str]:
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


def _first_number(text: str, reads: Numbers) -> int:
    """Where the first telephone number begins; 0 if there is none, since a blank is before it."""
    numbers = (each.start() for each in DIGITS.finditer(text) if reads.within(each[0]))
    return next(numbers, 0)


def _is_own(words: list[str]) -> bool:
    """Whether a pasted line says that the log's owner made the call.

    In a sentence about a call "to" says nothing of who called: they threatened to come.
    """
    line = " ".join(words)
    if len(words) > LONGEST_KIND or not any(map(PERHAPS_OUTGOING.match, words)):
        return bool(OUTGOING.search(line))
    return is_outgoing(line)
