"""Messages and what their senders want: tests/reputation/intake/phrases has them, set by set."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reputation.intake.grammar import Reading, read_mail, read_sms
from reputation.intake.grammar.view import NUMBER

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
ZONES = {
    "CN": "Asia/Shanghai",
    "GB": "Europe/London",
    "HK": "Asia/Hong_Kong",
    "IN": "Asia/Kolkata",
    "KE": "Africa/Nairobi",
    "MY": "Asia/Kuala_Lumpur",
    "NG": "Africa/Lagos",
    "PH": "Asia/Manila",
    "SG": "Asia/Singapore",
    "TW": "Asia/Taipei",
    "US": "America/New_York",
}
FOLDER = Path(__file__).parent.parent / "reputation" / "intake" / "phrases"


@dataclass(frozen=True)
class Phrase:
    purposes: frozenset[str]
    place: str
    numbers: frozenset[str]
    marks: dict[str, str]
    text: str


def phrases(name: str) -> Iterator[Phrase]:
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        purposes, place, numbers, marks, text = (each.strip() for each in line.split(" | ", 4))
        yield Phrase(
            frozenset(purposes.split("/")),
            place,
            frozenset(numbers.split(",")) - {"-"},
            dict(mark.split("=", 1) for mark in marks.split()),
            text.replace("\\n", "\n"),
        )


def read(phrase: Phrase) -> Reading:
    country, _, mail = phrase.place.partition("+")
    zone = ZoneInfo(ZONES[country])
    if not mail:
        return read_sms(phrase.text, region=country, now=NOW, zone=zone, allow_fictional=True)
    subject, _, body = (each.strip() for each in phrase.text.partition("::"))
    return read_mail(subject, body, region=country, now=NOW, zone=zone, allow_fictional=True)


# Frames and what stands in them: what is asked, denied or supposed, and what is said outright.
BAD = [
    "骗子",
    "诈骗",
    "骚扰电话",
    "推销的",
    "催收",
    "冒充的",
    "诈骗电话",
    "坏人",
    "垃圾电话",
    "黑社会",
]
BAD_EN = [
    "a scam",
    "spam",
    "a fraud",
    "a scammer",
    "a telemarketer",
    "a robocall",
    "a debt collector",
]
ASKED = [
    "{n}是{b}吗",
    "{n}是不是{b}",
    "{n} 会不会是{b}",
    "{n}可能是{b}",
    "不知道{n}是不是{b}",
    "请问{n}是{b}吗",
    "{n}不是{b}",
    "{n}并不是{b}",
    "如果{n}是{b}",
    "以前以为{n}是{b}",
    "{n}被标成{b}",
    "{n}，{b}？",
    "谁说{n}是{b}",
    "听说{n}是{b}",
    "我的号码{n}被当成{b}",
    "{n}到底是快递还是{b}",
]
ASKED_EN = [
    "is {n} {b}",
    "{n} is not {b}",
    "{n} isn't {b}",
    "not sure if {n} is {b}",
    "could {n} be {b}?",
    "I thought {n} was {b}",
    "if {n} is {b}",
    "do you think {n} is {b}",
    "my number {n} is marked as {b}",
    "who says {n} is {b}",
    "maybe {n} is {b}",
    "{n} was never {b}",
    "{n}: {b}?",
    "how do I know {n} is {b}",
    "please don't list {n} as {b}",
    "{n} is {b} or not",
]
ACTS = [
    "骗我",
    "威胁我",
    "骂我",
    "催我还钱",
    "骚扰我",
    "恐吓我",
    "打骚扰电话",
    "冒充客服",
    "要我转账",
    "天天打",
    "勒索我",
    "泄露我的信息",
]
HEDGES = [
    "{n}没有{a}",
    "{n}从来没有{a}",
    "{n}是不是{a}",
    "{n}会不会{a}",
    "如果{n}{a}怎么办呢",
    "{n}可能{a}",
    "{n}{a}？",
    "听说{n}{a}",
    "有人说{n}{a}",
    "我没说{n}{a}",
    "{n}不会{a}的",
    "谁说{n}{a}了",
    "{n}要是{a}我再告诉你们",
    "我不觉得{n}会{a}",
    "{n}是我妈，没{a}",
    "别说{n}{a}，他是我同学",
    "{n}怎么会{a}呢",
    "误以为{n}{a}",
]
ACTS_EN = [
    "threatened me",
    "scammed me",
    "harassed me",
    "insulted me",
    "spammed me",
    "sworn at me",
    "stolen money",
    "pretended to be a bank",
    "called 20 times",
    "demanded payment",
    "robbed mum",
]
HEDGES_EN = [
    "{n} has not {a}",
    "{n} never {a}",
    "has {n} {a}",
    "if {n} {a}",
    "I don't think {n} {a}",
    "they say {n} {a}",
    "{n} might have {a}",
    "not sure {n} {a}",
    "{n} hasn't {a}, she's my aunt",
    "I doubt {n} {a}",
    "{n} {a}?",
    "it is untrue that {n} {a}",
    "nobody at {n} {a}",
    "{n} was accused of having {a} but it was not them",
]


def framed() -> Iterator[tuple[bool, str]]:
    """Whether it reports, and a text: every frame with all that can stand in it."""
    for shapes, bad in ((ASKED, BAD), (ASKED_EN, BAD_EN)):
        yield from ((False, shape.format(n=NUMBER, b=each)) for shape in shapes for each in bad)
    for shapes, acts in ((HEDGES, ACTS), (HEDGES_EN, ACTS_EN)):
        yield from ((False, shape.format(n=NUMBER, a=each)) for shape in shapes for each in acts)
    yield from ((True, f"{NUMBER}是{each}") for each in BAD)
    yield from ((True, f"{NUMBER} is {each}") for each in BAD_EN)
    yield from ((True, f"{NUMBER} {each}") for each in (*ACTS, *ACTS_EN))
