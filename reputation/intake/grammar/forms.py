"""The forms of services that accept reports by SMS (docs/integrations/sms.md has each one).

12321: time and number. China Mobile 10086999: number*content. China Unicom 10010:
ljdxjb#number#content. China Telecom 10000999: number:content. UK 7726: Call number. France 33700:
spam vocal number.
"""

import re

from reputation.identity import Identity
from reputation.intake.grammar import words
from reputation.intake.grammar.dates import Moment
from reputation.intake.grammar.message import SHORT_TEXT, Message, Spans, identities, if_bare
from reputation.intake.grammar.numbers import Found, find_numbers, is_day
from reputation.intake.grammar.own_words import is_of_the_sender
from reputation.intake.grammar.purpose import Purpose, Verdict, judge
from reputation.intake.grammar.reading import Kind, Reading, Role
from reputation.intake.grammar.view import NUMBER
from reputation.intake.grammar.written import has_headers

_I = re.IGNORECASE
_NUM = r"(?P<number>\+?[(\d][\d ().\-/·]{0,30}\d\0*+)"
_CARRIER = re.compile(
    r"\s*(?P<word>ljdxjb|垃圾短信举报|jbdx|举报)\s*[#*]\s*(?P<number>[^#*\n]{1,40}?)\s*[#*:]\s*", _I
)
_CARRIER_WITHOUT = re.compile(r"\s*(?P<word>ljdxjb|垃圾短信举报|jbdx)\s*[#*]*\s*", _I)
_SPAM_VOCAL = re.compile(rf"\s*(?P<word>spam\s*vocal)\s*:?\s*{_NUM}(?=\D|$)", _I)
_CALL = re.compile(rf"\s*(?P<word>(?:spam\s+)?call(?:\s+from)?|来电)\s*:?\s*{_NUM}(?=\D|$)", _I)
_STARRED = re.compile(r"\s*+(?P<number>[^*\s][^*\n]{1,39}?)\s*+\*+\s*+(?=\S)")
_COLON = re.compile(r"\s*(?P<number>\+?[(\d][\d ().\-·]{1,28}\d\0*+)\s*:\s*(?=\S)")
_PREFIX = re.compile(
    r"\s*(?P<word>(?:(?:fwd?|转发|转)\s*[::]?\s*)?(?:from|来自|发自|转发自|自))\s*[::]?\s*"
    + _NUM
    + r"\s*[::,\n]?\s*",
    _I,
)
_FIRST_LINE = re.compile(rf"\s*{_NUM}\s*\n\s*(?=\S)")
_BETWEEN = re.compile(r"\s*[+,;、和及与&]?\s*")
_BETWEEN_LISTED = re.compile(r"[\s,;、/&]*(?:\band\b|和|及|与|跟|还有)?[\s,;、/&]*", _I)
_NUMBER_THERE = re.compile(r"\+?[(\d][\d ().\-·]{0,30}\d\0*+")
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
# "call 0800 …" continued like this was written by the caller, who wants to be called.
_GOES_ON = re.compile(
    r"\s*(?:to|now|back|us|me|for|and|or|asap|immediately|today|before|within)\b", _I
)


def carrier(message: Message) -> Reading | None:
    """ljdxjb#13812345678#content"""
    if match := _CARRIER.match(message.figures):
        if number := message.country.identify(match["number"]):
            return message.report("ljdxjb", match, number, channel="sms")
        if match["word"] == "举报":
            return None
    if match := _CARRIER_WITHOUT.match(message.figures):
        spans: Spans = [(Role.KEYWORD, *match.span("word"))]
        return message.passed_on("ljdxjb", spans, match.end())
    return None


def spam_vocal(message: Message) -> Reading | None:
    """spam vocal 0612345678"""
    match = _SPAM_VOCAL.match(message.figures)
    if match and (number := message.country.number(match["number"])):
        also = _listed(message, match.end())
        return message.report(
            "spam_vocal", match, number, timed=True, fallback="robocall", also=also
        )
    return None


def call(message: Message) -> Reading | None:
    """Call 07700900123"""
    match = _CALL.match(message.figures)
    if not match:
        return None
    also = _listed(message, match.end())
    if not also and _GOES_ON.match(message.text, match.end()):
        return None
    if number := message.country.number(match["number"]):
        return message.report("call", match, number, timed=True, also=also)
    return None


def starred(message: Message) -> Reading | None:
    """13812345678*content"""
    match = _STARRED.match(message.figures)
    if match and (number := message.country.identify(match["number"])):
        return message.report("starred", match, number, channel="sms")
    return None


def labelled(message: Message) -> Reading | None:
    """Number: 13812345678; time: …; content: …"""
    labels = list(_LABEL.finditer(message.text))
    spans: Spans = [(Role.KEYWORD, *label.span()) for label in labels]
    number: Identity | None = None
    also: list[Found] = []
    moment: Moment | None = None
    hint = ""
    for place, label in enumerate(labels):
        end = labels[place + 1].start() if place + 1 < len(labels) else len(message.text)
        line = message.text.find("\n", label.end(), end)
        short = end if line < 0 else line
        if label["number"] and number is None:
            stop = _number_end(message, label.end(), short)
            number = message.country.identify(message.figures[label.end() : stop])
            # "From: Parcel Team" in a forwarded mail names the writer of the mail.
            forwarded = has_headers(message.text) or (message.title and len(labels) == 1)
            if number and number.kind == "sender" and forwarded:
                number = None
            if number:
                also = _listed(message, stop, short)
                spans.append((Role.NUMBER, label.end(), stop))
                spans += [(Role.NUMBER, each.start, each.end) for each in also]
        elif label["time"] and moment is None:
            moment = message.moment(label.end(), short)
        elif label["category"]:
            hint = message.text[label.end() : short]
    if number is None:
        return None
    if moment is None:
        moment = message.moment_before(labels[0].start())
    kind = _labelled_kind(message, spans)
    if kind is None:
        return None
    grammar = "number" if kind is Kind.NUMBER else "labelled"
    further = identities(also)
    return message.told(grammar, spans, number, moment, hint=hint, kind=kind, further=further)


def _labelled_kind(message: Message, spans: Spans) -> Kind | None:
    """The kind of a form with labels; None if its words contradict a report, so that all readers
    decide."""
    rest = message.view_without(spans)
    verdict = judge(f"{NUMBER} {rest}", count=1, title=message.title, form=True)
    bare = sum(role is Role.KEYWORD for role, _, _ in spans) == 1
    if verdict.of[0] is Purpose.BARE and bare:
        return Kind.NUMBER
    open_ = verdict.of[0] in (Purpose.BARE, Purpose.UNCLEAR) and not verdict.defended
    return Kind.REPORT if open_ or verdict.of[0] is Purpose.REPORT else None


def time_and_number(message: Message) -> Reading | None:
    """2026年3月5日14时30分 13812345678, in either order, with or without a plus between."""
    moment = message.moment()
    if moment is None:
        return None
    if not message.text[: moment.start].strip(" \t\n,;:"):
        between = _BETWEEN.match(message.text, moment.end)
        start = between.end() if between else moment.end
        found = _number_behind(message, moment.end, start)
    else:
        found = _number_before(message, moment.start)
    if found is None:
        return None
    number = _after_a_plus(message, found[0])
    if number is None:
        return None
    also = _listed(message, found.end())
    spans: Spans = [(Role.NUMBER, *found.span())]
    spans += [(Role.NUMBER, each.start, each.end) for each in also]
    rest = message.view_without([*spans, *((Role.TIME, *span) for span in moment.spans)])
    verdict = judge(f"{NUMBER} {rest}", count=1, title=message.title, form=True)
    if verdict.of[0] not in (Purpose.REPORT, Purpose.BARE) or (
        verdict.of[0] is Purpose.BARE and _is_day_in_words(message, moment)
    ):
        return None  # a sender who names the time, in free words, did not use a form
    further = identities(also)
    return message.told(
        "time_and_number", spans, number, moment, kind=if_bare(verdict), further=further
    )


def _is_day_in_words(message: Message, moment: Moment) -> bool:
    """Whether only a word such as "yesterday" gives the time: that and a number make no form."""
    stated = "".join(message.text[start:end] for start, end in moment.spans)
    return not moment.has_time and not any(map(str.isdecimal, stated))


def colon(message: Message) -> Reading | None:
    """13812345678:content"""
    match = _COLON.match(message.figures)
    if (
        match
        and not is_day(match["number"])
        and (number := message.country.number(match["number"]))
        and not _is_senders_word(message, match.end())
    ):
        return message.report("colon", match, number, channel="sms")
    return None


def _is_senders_word(message: Message, start: int) -> bool:
    """Whether the rest says something that only a sender says: that the number is theirs, is fine,
    or has stopped calling."""
    judged = judge(f"{NUMBER} {message.view[start:]}", count=1, title=message.title)
    return judged.whole in (Purpose.STOPPED, Purpose.UNDO, Purpose.OWN, Purpose.LEGITIMATE)


def number_first(message: Message) -> Reading | None:
    """The number on a line of its own, or after "from", and the message that came from it."""
    for pattern in (_PREFIX, _FIRST_LINE):
        match = pattern.match(message.figures)
        if match and (number := message.country.number(match["number"])):
            judged = judge(f"{NUMBER} {message.view[match.end() :]}", count=1, title=message.title)
            if pattern is _FIRST_LINE and _is_no_message(message, match.end(), judged):
                return None
            sms = "sms" if not words.tells(message.view[match.end() :]) else "call"
            found = message.report("number_first", match, number, channel=sms, timed=sms == "call")
            if (
                pattern is _FIRST_LINE
                and found.kind is Kind.UNCLEAR
                and judged.of[0] is Purpose.REPORT
            ):
                return None  # all readers take the text for the sender's own report
            return found
    return None


def _is_no_message(message: Message, start: int, judged: Verdict) -> bool:
    """Whether what follows a number in the first line is no message of its caller: it goes on with
    other numbers, says hardly a thing, or only its sender would say it."""
    short = words.letters_in(message.view[start:]) < SHORT_TEXT
    return bool(
        _listed(message, start) or (short and not judged.accused) or is_of_the_sender(judged)
    )


def _listed(message: Message, start: int, end: int | None = None) -> list[Found]:
    """The numbers of a list that goes on there: "…, 07700 900124 and 07700 900125"."""
    listed = []
    for each in find_numbers(message.text, message.country, taken=[], start=start):
        if not _BETWEEN_LISTED.fullmatch(message.text, start, each.start):
            break
        if end is not None and each.end > end:
            break
        listed.append(each)
        start = each.end
    return listed


def _number_end(message: Message, start: int, end: int) -> int:
    """Where the number after a label ends: with its digits, or with the line for a name."""
    digits = re.compile(rf"\s*{_NUMBER_THERE.pattern}").match(message.figures, start, end)
    if digits:
        return digits.end()
    stop = re.compile(r"[;,、。\n]").search(message.text, start, end)
    return stop.start() if stop else end


def _number_behind(message: Message, moment_end: int, start: int) -> re.Match[str] | None:
    """The number after a time: with its plus, unless that plus stands for "and"."""
    plus = message.text.find("+", moment_end, start)
    if plus >= 0 and plus > moment_end and not message.text[plus + 1 : start].strip(" "):
        # "14:30 +8613…": the plus is the number's; where it is not, _after_a_plus knows.
        found = _NUMBER_THERE.match(message.figures, plus)
        if found and plus + 1 == start:
            return found
    return _NUMBER_THERE.match(message.figures, start)


def _after_a_plus(message: Message, raw: str) -> Identity | None:
    """The number after a plus. In China "time + number" is meant literally: +13812345678 is not a
    number in New York."""
    if message.country.region == "CN" and _MOBILE.fullmatch(raw.replace(" ", "")):
        raw = raw.lstrip("+")
    return message.country.number(raw)


def _number_before(message: Message, end: int) -> re.Match[str] | None:
    """The number at the beginning of the text, if only a comma is between it and `end`.

    The search ends there, since the digits of a time may follow those of a number.
    """
    found = _NUMBER_THERE.match(message.figures, _after_space(message.text, 0), end)
    return found if found and _BETWEEN.fullmatch(message.text, found.end(), end) else None


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n":
        at += 1
    return at
