"""An SMS, by the grammars of those who ask for them (docs/integrations/sms.md has each one).

12321: time and number. China Mobile 10086999: number*content. China Unicom 10010:
ljdxjb#number#content. China Telecom 10000999: number:content. UK 7726: Call number. France 33700:
spam vocal number. And what people write who know none of these.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo

from reputation.identity import Identity
from reputation.intake.grammar import words
from reputation.intake.grammar.dates import Moment, find_moment
from reputation.intake.grammar.numbers import (
    Country,
    Found,
    find_numbers,
    is_day,
)
from reputation.intake.grammar.reading import READ, Command, Kind, Reading, Role, parts, plain

type Spans = list[tuple[Role, int, int]]

_I = re.IGNORECASE
_COMMANDS = [
    (Command.HELP, re.compile(r"\s*(?:help|info|帮助|说明|\?)\s*[.!。]?\s*", _I)),
    (Command.STOP, re.compile(r"\s*(?:stop|stopall|unsubscribe|cancel|end|quit|退订|td|停止)"
                              r"\s*[.!。]?\s*", _I)),
    (Command.START, re.compile(r"\s*(?:start|unstop|恢复|订阅)\s*[.!。]?\s*", _I)),
    (Command.UNDO, re.compile(r"\s*(?:undo|wrong|withdraw|撤销|撤回|取消|错了"
                              r"|不对)\s*[.!。]?\s*", _I)),
    (Command.LINK, re.compile(r"\s*(?:link|绑定"
                              r"|关联)\s*[:#*]?\s*(?P<code>[a-z0-9][a-z0-9 -]{0,20})?\s*",
                              _I)),
]  # fmt: skip
_NUM = r"(?P<number>\+?[(\d][\d ().\-/·]{0,30}\d)"
_CARRIER = re.compile(
    r"\s*(?P<word>ljdxjb|垃圾短信举报|jbdx|举报)\s*[#*]\s*(?P<number>[^#*\n]{1,40}?)\s*[#*:]\s*", _I
)
_CARRIER_WITHOUT = re.compile(r"\s*(?P<word>ljdxjb|垃圾短信举报|jbdx)\s*[#*]*\s*", _I)
_SPAM_VOCAL = re.compile(rf"\s*(?P<word>spam\s*vocal)\s*:?\s*{_NUM}(?=\D|$)", _I)
_CALL = re.compile(rf"\s*(?P<word>(?:spam\s+)?call(?:\s+from)?|来电)\s*:?\s*{_NUM}(?=\D|$)", _I)
_STARRED = re.compile(r"\s*+(?P<number>[^*\s][^*\n]{1,39}?)\s*+\*+\s*+(?=\S)")
_COLON = re.compile(r"\s*(?P<number>\+?[(\d][\d ().\-·]{1,28}\d)\s*:\s*(?=\S)")
_PREFIX = re.compile(
    r"\s*(?P<word>(?:(?:fwd?|转发|转)\s*[::]?\s*)?(?:from|来自|发自|转发自|自))\s*[::]?\s*"
    + _NUM
    + r"\s*[::,\n]?\s*",
    _I,
)
_FIRST_LINE = re.compile(rf"\s*{_NUM}\s*\n\s*(?=\S)")
_FORWARD_MARK = re.compile(r"\s*(?:fwd?|tr|转发|转)\s*[::]\s*", _I)
_BETWEEN = re.compile(r"\s*[+,;、和及与&]?\s*")
_NUMBER_THERE = re.compile(r"\+?[(\d][\d ().\-·]{0,30}\d")
_MOBILE = re.compile(r"\+1[3-9]\d{9}")
_LABELS = [
    ("number", r"(?:举报|来电|骚扰|诈骗|对方|主叫)?(?:手机|电话)?号码?|来电|电话|手机"
     r"|(?:phone |caller'?s? |calling |spam )?number|caller(?: id)?|phone|from|sender"
     r"|发件人|发送方|发送号码"),
    ("time", r"(?:来电|接听|接收|收到|发生)?时间|日期|time|date|when|received(?: at)?"),
    ("content", r"(?:短信|通话|举报|来电)?内容|content|message|text|comment|details|说明|描述"
     r"|备注"),
    ("category", r"(?:举报)?类型|类别|category|type|kind"),
]  # fmt: skip
_LABEL = re.compile(
    r"(?:^|(?<=[\n;,、。 ]))\s*+(?:"
    + "|".join(rf"(?P<{n}>{w})" for n, w in _LABELS)
    + r")\s*+[:=]\s*+",
    _I,
)
_UNKNOWN = re.compile(
    r"\s*(?:不知道|不清楚|没有(?:号码)?|没号码|未知(?:号码)?|匿名|隐藏号码|无号码"
    r"|(?:i )?(?:don'?t|do not) know|dunno|unknown|"
    r"no (?:number|idea)|none|hidden|withheld|private(?: number)?|anonymous"
    r"|no caller id)\s*[.!。]*\s*",
    _I,
)
_LEAD_IN = re.compile(
    r"(?:\s*(?:(?:it|that) (?:was|is|came from)|it'?s|from|number|the number (?:is|was)"
    r"|号码是?|是|来自|对方是?)\s*[::]?\s*)+",
    _I,
)
# In answer to "which number?" these are no sender's name.
_NOT_A_NAME = frozenset(
    [
        "thanks",
        "thank you",
        "thx",
        "ok",
        "okay",
        "yes",
        "no",
        "y",
        "n",
        "hello",
        "hi",
        "hey",
        "what",
        "why",
        "sorry",
        "please",
        "pls",
        "who",
        "sure",
        "later",
        "谢谢",
        "好的",
        "好",
        "收到",
        "是",
        "不是",
        "你好",
        "您好",
        "什么",
        "为什么",
        "哪个",
        "对",
        "嗯",
        "在吗",
        "多谢",
    ]
)
# What goes on like this after "call 0800 …" was said by the one who wants to be called.
_GOES_ON = re.compile(
    r"\s*(?:to|now|back|us|me|for|and|or|asap|immediately|today|before|within)\b", _I
)
_SHORT_TEXT = 12  # letters; less is no message that somebody passed on


def read_sms(
    raw: str,
    *,
    region: str,
    now: datetime,
    zone: tzinfo,
    own: frozenset[str] = frozenset(),
    allow_fictional: bool = False,
) -> Reading:
    """What an SMS says. `region` is the sender's country, `own` their number's key."""
    text = plain(raw)
    reading = _Text(text[:READ], Country(region, own, allow_fictional), now, zone).read()
    return whole(reading, text)


def read_answer(
    raw: str,
    *,
    region: str,
    now: datetime,
    zone: tzinfo,
    own: frozenset[str] = frozenset(),
    allow_fictional: bool = False,
) -> Reading:
    """The same for a sender who was asked which number it was: a name will do too."""
    text = plain(raw)
    reading = _Text(text[:READ], Country(region, own, allow_fictional), now, zone).read_answer()
    return whole(reading, text)


def whole(reading: Reading, text: str) -> Reading:
    """The reading of a long text whose beginning was read: the rest is content."""
    if len(text) == len(reading.text):
        return reading
    spans = [(p.role, p.start, p.end) for p in reading.parts if p.role is not Role.CONTENT]
    return replace(reading, text=text, parts=parts(text, spans))


class _Text:
    """One text while it is read: each grammar looks at it and says what it is, or None."""

    def __init__(self, text: str, country: Country, now: datetime, zone: tzinfo) -> None:
        self.text, self.country, self.now, self.zone = text, country, now, zone

    def read(self) -> Reading:
        grammars: list[Callable[[], Reading | None]] = [
            self.command,
            self.no_number,
            self.carrier,
            self.spam_vocal,
            self.call,
            self.starred,
            self.labelled,
            self.time_and_number,
            self.colon,
            self.number_alone,
            self.number_first,
            self.forwarded,
            self.free,
        ]
        for grammar in grammars:
            if (reading := grammar()) is not None:
                return reading
        return self.nothing()

    def read_answer(self) -> Reading:
        reading = self.read()
        if reading.kind in (Kind.COMMAND, Kind.NO_NUMBER) or reading.number is not None:
            return reading
        lead = _LEAD_IN.match(self.text)
        start = lead.end() if lead else 0
        name = self.text[start:].strip()
        if name.casefold().strip(".!。") in _NOT_A_NAME:
            return reading
        if "\n" not in name and (identity := self.country.identify(name)):
            spans: Spans = [(Role.KEYWORD, 0, start), (Role.NUMBER, start, len(self.text))]
            return self._reading(Kind.NUMBER, "name", spans, number=identity, channel="sms")
        return reading

    # --- Grammars ---

    def command(self) -> Reading | None:
        for command, pattern in _COMMANDS:
            if match := pattern.fullmatch(self.text):
                argument = (match.groupdict().get("code") or "").strip()
                if argument and not _like_a_code(argument):
                    return None
                spans: Spans = [(Role.KEYWORD, 0, len(self.text))]
                return self._reading(
                    Kind.COMMAND, "command", spans, command=command, argument=argument
                )
        return None

    def no_number(self) -> Reading | None:
        if not _UNKNOWN.fullmatch(self.text):
            return None
        return self._reading(Kind.NO_NUMBER, "no_number", [(Role.KEYWORD, 0, len(self.text))])

    def carrier(self) -> Reading | None:
        """ljdxjb#13812345678#content"""
        if match := _CARRIER.match(self.text):
            if number := self.country.identify(match["number"]):
                return self._report("ljdxjb", match, number, channel="sms")
            if match["word"] == "举报":
                return None
        if match := _CARRIER_WITHOUT.match(self.text):
            spans: Spans = [(Role.KEYWORD, *match.span("word"))]
            return self._passed_on("ljdxjb", spans, match.end())
        return None

    def spam_vocal(self) -> Reading | None:
        """spam vocal 0612345678"""
        match = _SPAM_VOCAL.match(self.text)
        if match and (number := self.country.number(match["number"])):
            return self._report("spam_vocal", match, number, timed=True, fallback="robocall")
        return None

    def call(self) -> Reading | None:
        """Call 07700900123"""
        match = _CALL.match(self.text)
        if not match or _GOES_ON.match(self.text, match.end()):
            return None
        if number := self.country.number(match["number"]):
            return self._report("call", match, number, timed=True)
        return None

    def starred(self) -> Reading | None:
        """13812345678*content"""
        match = _STARRED.match(self.text)
        if match and (number := self.country.identify(match["number"])):
            return self._report("starred", match, number, channel="sms")
        return None

    def colon(self) -> Reading | None:
        """13812345678:content"""
        match = _COLON.match(self.text)
        if (
            match
            and not is_day(match["number"])
            and (number := self.country.number(match["number"]))
        ):
            return self._report("colon", match, number, channel="sms")
        return None

    def labelled(self) -> Reading | None:
        """Number: 13812345678; time: …; content: …"""
        labels = list(_LABEL.finditer(self.text))
        spans: Spans = [(Role.KEYWORD, *label.span()) for label in labels]
        number: Identity | None = None
        moment: Moment | None = None
        said = ""
        for place, label in enumerate(labels):
            end = labels[place + 1].start() if place + 1 < len(labels) else len(self.text)
            line = self.text.find("\n", label.end(), end)
            short = end if line < 0 else line
            if label["number"] and number is None:
                stop = self._number_end(label.end(), short)
                number = self.country.identify(self.text[label.end() : stop])
                if number:
                    spans.append((Role.NUMBER, label.end(), stop))
            elif label["time"] and moment is None:
                moment = self._moment(label.end(), short)
            elif label["category"]:
                said = self.text[label.end() : short]
        if number is None:
            return None
        if moment is None:
            moment = self._moment_before(labels[0].start())
        return self._told("labelled", spans, number, moment, hint=said)

    def time_and_number(self) -> Reading | None:
        """2026年3月5日14时30分 13812345678, in either order, with or without a plus between."""
        moment = self._moment()
        if moment is None:
            return None
        if not self.text[: moment.start].strip(" \t\n,;:"):
            between = _BETWEEN.match(self.text, moment.end)
            start = between.end() if between else moment.end
            found = self._number_behind(moment.end, start)
        else:
            found = self._number_before(moment.start)
        if found is None:
            return None
        number = self._after_a_plus(found[0])
        if number is None:
            return None
        spans: Spans = [(Role.NUMBER, *found.span())]
        return self._told("time_and_number", spans, number, moment)

    def number_alone(self) -> Reading | None:
        bare = self.text.strip(" \t\n.,;!。")
        number = self.country.number(bare) if _NUMBER_THERE.fullmatch(bare) else None
        if number is None:
            return None
        return self._reading(
            Kind.NUMBER, "number", [(Role.NUMBER, 0, len(self.text))], number=number
        )

    def number_first(self) -> Reading | None:
        """The number on a line of its own, or behind "from", and the message that came from it."""
        for pattern in (_PREFIX, _FIRST_LINE):
            match = pattern.match(self.text)
            if match and (number := self.country.number(match["number"])):
                sms = "sms" if not words.tells(self.text[match.end() :]) else "call"
                return self._report("number_first", match, number, channel=sms, timed=sms == "call")
        return None

    def forwarded(self) -> Reading | None:
        if not words.is_forwarded(self.text) or (
            words.tells(self.text) and not self.text.lstrip().startswith(("【", "["))
        ):
            return None
        mark = _FORWARD_MARK.match(self.text)
        spans: Spans = [(Role.KEYWORD, *mark.span())] if mark else []
        return self._passed_on("forwarded", spans, mark.end() if mark else 0)

    def free(self) -> Reading | None:
        moment = self._moment()
        taken = list(moment.spans) if moment else []
        found = find_numbers(self.text, self.country, taken=taken)
        if not found:
            if words.letters_in(self.text) >= _SHORT_TEXT:
                return self._passed_on("text", [], 0)
            return None
        if not words.tells(self.text) and (
            any(e.callback for e in found) or words.has_link(self.text)
        ):
            return self._passed_on("text", [], 0)
        callers = [each for each in found if not each.callback] or found
        caller = callers[0]
        others = [each for each in found if each.identity != caller.identity]
        callback = next((each for each in others if each.callback), None)
        return self._told(
            "free",
            [(Role.NUMBER, caller.start, caller.end)],
            caller.identity,
            moment,
            callback=callback,
            others=len({e.identity for e in others} - {callback.identity if callback else None}),
            channel="sms" if words.speaks_of_sms(self.text) else "call",
        )

    def nothing(self) -> Reading:
        return self._reading(Kind.NOTHING, "nothing", [])

    # --- What they share ---

    def _moment(self, start: int = 0, end: int | None = None) -> Moment | None:
        return find_moment(
            self.text,
            now=self.now,
            zone=self.zone,
            month_first=self.country.region in ("US", "PH"),
            start=start,
            end=end,
        )

    def _moment_before(self, end: int) -> Moment | None:
        return self._moment(0, end) if end else None

    def _report(
        self,
        grammar: str,
        match: re.Match[str],
        number: Identity,
        *,
        channel: str = "call",
        timed: bool = False,
        fallback: str = "other",
    ) -> Reading:
        """A number at the beginning, and the rest is what is said of it, or what it said."""
        spans: Spans = [(Role.NUMBER, *match.span("number"))]
        if match.groupdict().get("word"):
            spans.append((Role.KEYWORD, *match.span("word")))
        moment = self._moment(match.end()) if timed else None
        callback = None
        if channel == "sms":
            callback = next(
                iter(find_numbers(self.text, self.country, taken=[], start=match.end())), None
            )
        return self._told(
            grammar, spans, number, moment, callback=callback, channel=channel, fallback=fallback
        )

    def _told(
        self,
        grammar: str,
        spans: Spans,
        number: Identity,
        moment: Moment | None,
        *,
        callback: Found | None = None,
        others: int = 0,
        channel: str = "call",
        fallback: str = "other",
        hint: str = "",
    ) -> Reading:
        if moment is not None:
            spans = [*spans, *((Role.TIME, *span) for span in moment.spans)]
        category = words.category_of(hint) if hint else "other"
        if category == "other":
            category = words.category_of(self.text)
        return self._reading(
            Kind.REPORT,
            grammar,
            spans,
            number=number,
            callback=callback.identity if callback and callback.identity != number else None,
            occurred_at=moment.at if moment else None,
            has_time=bool(moment and moment.has_time),
            category=fallback if category == "other" else category,
            conduct=words.conduct_of(self.text),
            channel=channel,
            others=others,
        )

    def _passed_on(self, grammar: str, spans: Spans, start: int) -> Reading:
        """A message without the number that it came from; one that it wants called is kept."""
        found = find_numbers(self.text, self.country, taken=[], start=start)
        wanted = [each for each in found if each.callback] or found
        return self._reading(
            Kind.FORWARDED,
            grammar,
            spans,
            callback=wanted[0].identity if wanted else None,
            category=words.category_of(self.text),
            conduct=words.conduct_of(self.text),
            channel="sms",
        )

    def _reading(self, kind: Kind, grammar: str, spans: Spans, **said: object) -> Reading:
        return Reading(
            kind=kind,
            grammar=grammar,
            text=self.text,
            parts=parts(self.text, spans),
            **said,  # type: ignore[arg-type]
        )

    def _number_end(self, start: int, end: int) -> int:
        """Where the number behind a label ends: with its digits, or with the line for a name."""
        digits = re.compile(r"\s*\+?[(\d][\d ().\-·]{0,30}\d").match(self.text, start, end)
        if digits:
            return digits.end()
        stop = re.compile(r"[;,、。\n]").search(self.text, start, end)
        return stop.start() if stop else end

    def _number_behind(self, moment_end: int, start: int) -> re.Match[str] | None:
        """The number behind a time: with its plus, unless that plus stands for "and"."""
        plus = self.text.find("+", moment_end, start)
        if plus >= 0 and plus > moment_end and not self.text[plus + 1 : start].strip(" "):
            # "14:30 +8613…": the plus is the number's; where it is not, _after_a_plus knows.
            found = _NUMBER_THERE.match(self.text, plus)
            if found and plus + 1 == start:
                return found
        return _NUMBER_THERE.match(self.text, start)

    def _after_a_plus(self, raw: str) -> Identity | None:
        """In China "time + number" is taken at its word: +13812345678 is no number in New York."""
        if self.country.region == "CN" and _MOBILE.fullmatch(raw.replace(" ", "")):
            raw = raw.lstrip("+")
        return self.country.number(raw)

    def _number_before(self, end: int) -> re.Match[str] | None:
        """The number that the text begins with, when nothing but a comma is between it and `end`.

        Only up to there: the digits of a time may follow those of a number.
        """
        found = _NUMBER_THERE.match(self.text, _after_space(self.text, 0), end)
        return found if found and _BETWEEN.fullmatch(self.text, found.end(), end) else None


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n":
        at += 1
    return at


def _like_a_code(argument: str) -> bool:
    return 6 <= len("".join(filter(str.isalnum, argument))) <= 12
