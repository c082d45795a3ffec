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
from reputation.intake.grammar.commands import COMMANDS, is_courtesy, wish
from reputation.intake.grammar.counts import REPEATED, find_count
from reputation.intake.grammar.dates import Moment, find_moment
from reputation.intake.grammar.numbers import (
    Country,
    Found,
    find_numbers,
    is_day,
)
from reputation.intake.grammar.purpose import Purpose, Verdict, judge
from reputation.intake.grammar.reading import READ, Command, Kind, Reading, Role, parts, plain
from reputation.intake.grammar.view import NUMBER, view

_KINDS = {
    Purpose.REPORT: Kind.REPORT,
    Purpose.QUESTION: Kind.QUESTION,
    Purpose.OWN: Kind.OWN,
    Purpose.UNDO: Kind.COMMAND,
    Purpose.STOPPED: Kind.STOPPED,
    Purpose.LEGITIMATE: Kind.LEGITIMATE,
    Purpose.UNCLEAR: Kind.UNCLEAR,
    Purpose.BARE: Kind.NUMBER,
}  # fmt: skip

type Spans = list[tuple[Role, int, int]]

_I = re.IGNORECASE
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
    r"\s*(?:(?:不知道|不清楚|没(?:有)?(?:看|显示|记)(?:到|清|住|下)?)(?:是)?(?:什么|哪个)?号码?"
    r"|不知道|不清楚|没有(?:号码)?|没号码|未知(?:号码)?|匿名|隐藏号码|无号码"
    r"|(?:i )?(?:don'?t|do not|didn'?t) (?:know|see|get|have)"
    r"(?: (?:the|a|any|its|his|their) number)?|dunno|unknown|"
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
_REPEATEDLY = "repeated_intimidation"
_HEADER = re.compile(r"-{2,}\s*(?:original|forwarded|begin forwarded|原始邮件|转发)", _I)
_SHOWN = re.compile(
    r"(?:from|number|来自|接到|收到|号码)\s*(?P<number>\d{3})(?!\d)|^\s*(?P<first>\d{3})(?=\s*(?:打|来|发|called))"
)
# What is said of a number right behind it, rather than passed on.
_OF_THE_NUMBER = re.compile(
    r"\s*(?:这个?|他|它|her?|she|it|this)?\s*(?:不?是|not\b|is|was|'s|isn'?t|wasn'?t)"
)
_DIGITS = re.compile(r"\d(?:[ ().-]?\d){6,18}")
_MARKED = re.compile(r"\s*(?:[【\[]|(?:fwd?|tr|转发|转)\s*:)")  # passed on
_OPENING = 40  # characters
_LONGEST_ORDER = 80  # characters; longer messages tell of something
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

    def __init__(
        self, text: str, country: Country, now: datetime, zone: tzinfo, title: str = ""
    ) -> None:
        """`title`: words above the text that tell what it is about."""
        self.text, self.country, self.now, self.zone = text, country, now, zone
        self.view = view(text)
        self.title = view(title).strip()

    def read(self) -> Reading:
        grammars: list[Callable[[], Reading | None]] = [
            self.command,
            self.no_number,
            self.emergency,
            self.wished,
            self.carrier,
            self.spam_vocal,
            self.call,
            self.starred,
            self.labelled,
            self.time_and_number,
            self.colon,
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
        for command, pattern in COMMANDS:
            if match := pattern.fullmatch(self.view):
                argument = (match.groupdict().get("code") or "").strip()
                if argument and not _like_a_code(argument):
                    return None
                return self._command(command, self.text[match.start("code") :] if argument else "")
        return None

    def emergency(self) -> Reading | None:
        """110: no number that could be reported or looked up, alone or as what called."""
        bare = self.text.strip(" \t\n.,;!?。")
        shown = _SHOWN.search(self.view)
        short = bare if bare.isdecimal() else shown["number"] if shown else ""
        if not short or not self.country.is_emergency(short):
            return None
        if short != bare and find_numbers(self.view, self.country, taken=[]):
            return None  # another number called too
        return self._reading(Kind.EMERGENCY, "emergency", [(Role.KEYWORD, 0, len(self.text))])

    def wished(self) -> Reading | None:
        if words.has_link(self.text) or _MARKED.match(self.view):
            return None
        command = wish(self.view)
        if command is None or _DIGITS.search(self.view):
            return None  # of a number, even of one that cannot be read
        return self._command(command)

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
                if number and number.kind == "sender" and _HEADER.search(self.text):
                    number = None  # who wrote the mail that is passed on
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
        kind = self._labelled_kind(spans)
        grammar = "number" if kind is Kind.NUMBER else "labelled"
        return self._told(grammar, spans, number, moment, hint=said, kind=kind)

    def _labelled_kind(self, spans: Spans) -> Kind:
        rest = self._view_without(spans)
        verdict = judge(f"{NUMBER} {rest}", count=1, title=self.title, form=True)
        bare = sum(role is Role.KEYWORD for role, _, _ in spans) == 1
        if verdict.of[0] is Purpose.BARE and bare:
            return Kind.NUMBER
        if verdict.of[0] in (Purpose.BARE, Purpose.UNCLEAR) and not verdict.defended:
            return Kind.REPORT
        return _KINDS[verdict.of[0]]

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
        rest = self._view_without([*spans, *((Role.TIME, *span) for span in moment.spans)])
        verdict = judge(f"{NUMBER} {rest}", count=1, title=self.title, form=True)
        return self._told("time_and_number", spans, number, moment, kind=_if_bare(verdict))

    def number_first(self) -> Reading | None:
        """The number on a line of its own, or behind "from", and the message that came from it."""
        for pattern in (_PREFIX, _FIRST_LINE):
            match = pattern.match(self.text)
            if match and (number := self.country.number(match["number"])):
                said = judge(f"{NUMBER} {self.view[match.end() :]}", count=1, title=self.title)
                if pattern is _FIRST_LINE and (
                    (words.letters_in(self.view[match.end() :]) < _SHORT_TEXT and not said.accused)
                    or _is_of_the_sender(said)
                ):
                    return None
                sms = "sms" if not words.tells(self.view[match.end() :]) else "call"
                return self._report("number_first", match, number, channel=sms, timed=sms == "call")
        return None

    def forwarded(self) -> Reading | None:
        first = find_numbers(self.view[:_OPENING], self.country, taken=[])
        if first and not self.view[: first[0].start].strip(" \t\n,:;\"'"):
            return None  # what stands behind a number is said of it
        if not words.is_forwarded(self.text) or (
            words.tells(self.view) and not self.text.lstrip().startswith(("【", "["))
        ):
            return None
        mark = _FORWARD_MARK.match(self.text)
        spans: Spans = [(Role.KEYWORD, *mark.span())] if mark else []
        return self._passed_on("forwarded", spans, mark.end() if mark else 0)

    def free(self) -> Reading | None:
        """Words of their own: what is wanted of each number in them."""
        moment = self._moment()
        taken = list(moment.spans) if moment else []
        found = find_numbers(self.view, self.country, taken=taken, mine=True)
        verdict = self._verdict(found)
        if not found:
            return self._without_number(verdict)
        passed_on = any(e.callback for e in found) or words.has_link(self.text)
        if passed_on and not words.tells(self.view) and not _is_of_the_sender(verdict):
            return self._passed_on("text", [], 0)
        of = [Purpose.OWN if f.own else p for f, p in zip(found, verdict.of, strict=True)]
        others = [each for each in of if each is not Purpose.OWN]
        purpose = next(each for each in _KINDS if each in (others or of))
        meant = [f for f, each in zip(found, of, strict=True) if each is purpose]
        callers = [each for each in meant if not each.callback] or meant
        caller = callers[0]
        rest = {e.identity: e for e in meant if e.identity != caller.identity}
        callback = next((e for e in rest.values() if e.callback), None)
        if callback is None and purpose is Purpose.REPORT:
            callback = next((e for e in found if e.callback and e.identity not in rest), None)
        return self._told(
            "number" if purpose is Purpose.BARE else "free",
            [(Role.NUMBER, each.start, each.end) for each in callers[:1]],
            caller.identity,
            moment,
            callback=callback,
            further=tuple(each for each in rest if callback is None or each != callback.identity),
            channel="sms" if words.speaks_of_sms(self.view) else "call",
            kind=_KINDS[purpose],
        )

    def _without_number(self, verdict: Verdict) -> Reading | None:
        if not verdict.accused and is_courtesy(self.view):
            return None
        if verdict.whole is Purpose.OWN:
            return self._reading(Kind.OWN, "text", [])
        if verdict.whole is Purpose.UNDO and len(self.text) < _LONGEST_ORDER:
            if _DIGITS.search(self.view):
                return self._reading(Kind.UNCLEAR, "text", [])
            return self._command(Command.UNDO)
        plain_question = verdict.whole is Purpose.QUESTION and not verdict.accused
        if plain_question and len(self.text) < _LONGEST_ORDER and not _DIGITS.search(self.view):
            return self._command(Command.HELP)
        if verdict.asked and not words.has_link(self.text) and not words.is_forwarded(self.text):
            return self._reading(Kind.UNCLEAR, "text", [])
        if len(self.text) < _LONGEST_ORDER and not words.has_link(self.text):
            spared = verdict.defended and _DIGITS.search(self.view)
            if verdict.whole is Purpose.STOPPED or verdict.denied or verdict.misdialled or spared:
                return self._reading(Kind.UNCLEAR, "text", [])
        if words.letters_in(self.text) >= _SHORT_TEXT:
            return self._passed_on("text", [], 0)
        return None

    def _verdict(self, found: list[Found], start: int = 0) -> Verdict:
        """What the text from `start` on wants of the numbers that were found in it."""
        pieces, at = [], start
        for each in found:
            pieces += [self.view[at : each.start], NUMBER]
            at = each.end
        text = "".join([*pieces, self.view[at:]])
        if not found:  # numbers that cannot be read, for want of their country
            text = _DIGITS.sub(NUMBER, text)
        return judge(text, count=len(found), title=self.title)

    def _command(self, command: Command, argument: str = "") -> Reading:
        spans: Spans = [(Role.KEYWORD, 0, len(self.text))]
        return self._reading(Kind.COMMAND, "command", spans, command=command, argument=argument)

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
        blotted = [*spans, *((Role.TIME, *span) for span in (moment.spans if moment else ()))]
        kind = self._doubted(match.end(), blotted, passed_on=channel == "sms")
        callback = None
        if channel == "sms":
            callback = next(
                iter(find_numbers(self.text, self.country, taken=[], start=match.end())), None
            )
        return self._told(
            grammar,
            spans,
            number,
            moment,
            callback=callback,
            channel=channel,
            fallback=fallback,
            kind=kind,
        )

    def _doubted(self, start: int, spans: Spans, *, passed_on: bool) -> Kind:
        """What a message in a form that reports is: a report, unless its words take that back.

        `passed_on`: the words are the caller's own, who may well ask and promise; then only what is
        said of the number itself counts, and it is asked which is meant.
        """
        rest = self._view_without(spans)[start:]
        verdict = judge(f"{NUMBER} {rest}", count=1, title=self.title, form=True)
        if passed_on:
            defended = verdict.defended and _OF_THE_NUMBER.match(self.view, start)
            return Kind.UNCLEAR if defended or verdict.asked_about else Kind.REPORT
        return _if_bare(verdict)

    def _told(
        self,
        grammar: str,
        spans: Spans,
        number: Identity,
        moment: Moment | None,
        *,
        callback: Found | None = None,
        further: tuple[Identity, ...] = (),
        channel: str = "call",
        fallback: str = "other",
        hint: str = "",
        kind: Kind = Kind.REPORT,
    ) -> Reading:
        if moment is not None:
            spans = [*spans, *((Role.TIME, *span) for span in moment.spans)]
        said = f"{self.title}\n{self.view}"
        category = words.category_of(view(hint)) if hint else "other"
        if category == "other":
            category = words.category_of(said)
        count = find_count(self._view_without(spans))
        conduct = words.conduct_of(said)
        if count >= REPEATED and _REPEATEDLY not in conduct:
            conduct = (*conduct, _REPEATEDLY)
        return self._reading(
            kind,
            grammar,
            spans,
            number=number,
            callback=callback.identity if callback and callback.identity != number else None,
            occurred_at=moment.at if moment else None,
            has_time=bool(moment and moment.has_time),
            category=fallback if category == "other" else category,
            conduct=conduct,
            channel=channel,
            further=further,
            count=count,
            command=Command.UNDO if kind is Kind.COMMAND else None,
        )

    def _view_without(self, spans: Spans) -> str:
        """The view with numbers and times blotted out, so that their digits count nothing."""
        text = self.view
        for role, start, end in spans:
            if role in (Role.NUMBER, Role.TIME):
                text = text[:start] + "\n" * (end - start) + text[end:]
        return text

    def _passed_on(self, grammar: str, spans: Spans, start: int) -> Reading:
        """A message without the number that it came from; one that it wants called is kept."""
        found = find_numbers(self.text, self.country, taken=[], start=start)
        wanted = [each for each in found if each.callback] or found
        return self._reading(
            Kind.FORWARDED,
            grammar,
            spans,
            callback=wanted[0].identity if wanted else None,
            category=words.category_of(self.view),
            conduct=words.conduct_of(self.view),
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


def _if_bare(verdict: Verdict) -> Kind:
    """A form that reports, with nothing behind it, is a report; else what is behind it decides."""
    purpose = verdict.of[0]
    return Kind.REPORT if purpose is Purpose.BARE else _KINDS[purpose]


def _is_of_the_sender(verdict: Verdict) -> bool:
    """Whether no caller's message would say so: they ask and praise themselves, too."""
    return (
        verdict.whole in (Purpose.OWN, Purpose.UNDO, Purpose.STOPPED)
        or (verdict.whole is Purpose.QUESTION and verdict.asked)
        or (verdict.whole is Purpose.LEGITIMATE and verdict.denied)
    )


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n":
        at += 1
    return at


def _like_a_code(argument: str) -> bool:
    return 6 <= len("".join(filter(str.isalnum, argument))) <= 12
