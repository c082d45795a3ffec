"""Reads an SMS: asks every grammar in this order; each gives its reading or None."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo

from reputation.intake.grammar import forms, own_words
from reputation.intake.grammar.message import Message, Spans
from reputation.intake.grammar.numbers import Country
from reputation.intake.grammar.reading import READ, Kind, Reading, Role, parts, plain

_GRAMMARS: list[Callable[[Message], Reading | None]] = [
    own_words.command,
    own_words.thanks,
    own_words.no_number,
    own_words.emergency,
    own_words.wished,
    own_words.corrected,
    forms.carrier,
    forms.spam_vocal,
    forms.call,
    forms.starred,
    forms.labelled,
    forms.time_and_number,
    forms.colon,
    forms.number_first,
    own_words.forwarded,
    own_words.free,
]
_I = re.IGNORECASE
_LEAD_IN = re.compile(
    r"(?:\s*(?:(?:it|that) (?:was|is|came from)|it'?s|from|number|the number (?:is|was)"
    r"|号码是?|是|来自|对方是?)\s*[::]?\s*)+",
    _I,
)
# Words that are not a sender's name in an answer to "which number?".
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


def read_sms(
    raw: str,
    *,
    region: str,
    now: datetime,
    zone: tzinfo,
    own: frozenset[str] = frozenset(),
    allow_fictional: bool = False,
    answer: bool = False,
) -> Reading:
    """The reading of an SMS. `region` is the sender's country, `own` their number's key.

    `answer`: its sender was asked which number called, so a name is accepted too.
    """
    text = plain(raw)
    message = Message(text[:READ], Country(region, own, allow_fictional), now, zone)
    return whole(read_answer(message) if answer else read(message), text)


def whole(reading: Reading, text: str) -> Reading:
    """The reading of a long text whose beginning was read: the rest is content."""
    if len(text) == len(reading.text):
        return reading
    spans = [(p.role, p.start, p.end) for p in reading.parts if p.role is not Role.CONTENT]
    return replace(reading, text=text, parts=parts(text, spans))


def read(message: Message) -> Reading:
    readings = (grammar(message) for grammar in _GRAMMARS)
    found = next((each for each in readings if each is not None), None)
    return found or own_words.nothing(message)


def read_answer(message: Message) -> Reading:
    """The reading of an answer to "which number?": a name is accepted too."""
    reading = read(message)
    if reading.kind in (Kind.COMMAND, Kind.NO_NUMBER) or reading.number is not None:
        return reading
    lead = _LEAD_IN.match(message.text)
    start = lead.end() if lead else 0
    name = message.text[start:].strip()
    if name.casefold().strip(".!。") in _NOT_A_NAME:
        return reading
    if "\n" not in name and (identity := message.country.identify(name)):
        spans: Spans = [(Role.KEYWORD, 0, start), (Role.NUMBER, start, len(message.text))]
        return message.reading(Kind.NUMBER, "name", spans, number=identity, channel="sms")
    return reading
