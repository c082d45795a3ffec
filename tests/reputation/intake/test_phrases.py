"""What people mean: messages by their purposes, and how many of them are read so. No honest number
is listed: where a message does not report, no reading of it may be a report."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.intake.grammar import Command, Kind, Reading, read_mail, read_sms

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
ZONES = {"CN": "Asia/Shanghai", "GB": "Europe/London", "US": "America/New_York"}
FOLDER = Path(__file__).parent / "phrases"
LEAST = 0.98
SETS = [
    "tuning",
    "held_out",
    "fresh",
    "fresh_2",
    "fresh_3",
    "fresh_4",
    "fresh_5",
    "fresh_6",
    "fresh_7",
    "fresh_8",
]
KINDS = {
    "report": Kind.REPORT,
    "legit": Kind.LEGITIMATE,
    "question": Kind.QUESTION,
    "stopped": Kind.STOPPED,
    "own": Kind.OWN,
    "unclear": Kind.UNCLEAR,
    "number": Kind.NUMBER,
    "forwarded": Kind.FORWARDED,
    "unknown": Kind.NO_NUMBER,
    "emergency": Kind.EMERGENCY,
    "nothing": Kind.NOTHING,
}
COMMANDS = {"undo", "help", "stop", "start", "link"}


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
    said = {
        "region": country,
        "now": NOW,
        "zone": ZoneInfo(ZONES[country]),
        "allow_fictional": True,
    }
    if mail:
        subject, _, body = phrase.text.partition("::")
        return read_mail(subject.strip(), body.strip(), **said)
    return read_sms(phrase.text, **said)


def faults(phrase: Phrase, reading: Reading) -> list[str]:
    """In what the reading is not what the sender meant."""
    purpose = next((name for name, kind in KINDS.items() if kind is reading.kind), "")
    if reading.command is not None:
        purpose = reading.command.value
    found = []
    if purpose not in phrase.purposes:
        found.append(f"read as {purpose}")
    elif purpose not in COMMANDS | {"forwarded"} or reading.number is not None:
        numbers = {each.key for each in (reading.number, *reading.further) if each}
        if numbers != phrase.numbers:
            found.append(f"numbers {numbers}")
    if purpose == "report":
        found += _details(phrase, reading)
    return found


def _details(phrase: Phrase, reading: Reading) -> list[str]:
    said = {"n": str(reading.count), "c": reading.category}
    if reading.occurred_at is not None:
        local = reading.occurred_at.astimezone(ZoneInfo(ZONES[phrase.place[:2]]))
        said |= {"at": f"{local:%Y-%m-%dT%H:%M}" if reading.has_time else "", "day": f"{local:%F}"}
    found = [
        f"{name} {said.get(name)}"
        for name, wanted in phrase.marks.items()
        if name != "k" and said.get(name) not in wanted.split("/")
    ]
    if (act := phrase.marks.get("k")) and act not in reading.conduct:
        found.append(f"k {reading.conduct}")
    return found


def lists_an_honest_number(phrase: Phrase, reading: Reading) -> bool:
    if reading.kind is not Kind.REPORT and reading.command is not Command.REPORT:
        return False
    numbers = {each.key for each in (reading.number, *reading.further) if each}
    return "report" not in phrase.purposes or not numbers <= phrase.numbers


@pytest.mark.parametrize("name", SETS)
def test_people_are_understood_and_no_honest_number_is_listed(name):
    each = [(phrase, read(phrase)) for phrase in phrases(name)]
    wrong = [(p.text, faults(p, r)) for p, r in each if faults(p, r)]
    assert [p.text for p, r in each if lists_an_honest_number(p, r)] == []
    assert len(wrong) <= (1 - LEAST) * len(each), wrong


EACH = [phrase for name in SETS for phrase in phrases(name)]
HONEST = [phrase for phrase in EACH if "report" not in phrase.purposes and "+" not in phrase.place]
HONEST_NUMBERS = [phrase for phrase in HONEST if phrase.numbers]
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x30, 0x3A)})
quick = settings(deadline=None, max_examples=150)


def listed(text: str, country: str) -> bool:
    phrase = Phrase(frozenset(), country, frozenset(), {}, text)
    return read(phrase).kind is Kind.REPORT


@pytest.mark.slow
@quick
@given(st.sampled_from(EACH))
def test_wide_digits_and_capitals_say_the_same(phrase):
    plain, other = read(phrase), replace(phrase, text=phrase.text.translate(WIDE))
    for again in (read(other), read(replace(phrase, text=other.text.upper()))):
        assert (again.kind, again.number, again.further) == (
            plain.kind,
            plain.number,
            plain.further,
        )
        assert (again.category, again.count) == (plain.category, plain.count)


@quick
@given(
    st.sampled_from(HONEST),
    st.sampled_from(["", "你好，", "您好：\n", "Hi, ", "hello there\n", "打扰了。", "Dear sirs. "]),
    st.sampled_from(["", "谢谢！", " thanks", "🙏", "。。。", "\n麻烦了", "!!", " x", "\nRegards"]),
)
def test_courtesy_makes_no_report(phrase, before, behind):
    assert not listed(before + phrase.text + behind, phrase.place)


@quick
@given(st.sampled_from(HONEST_NUMBERS), st.sampled_from(HONEST_NUMBERS))
def test_two_honest_messages_in_one_make_no_report(one, two):
    if one.place == two.place:
        assert not listed(f"{one.text}。{two.text}", one.place)


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


@pytest.mark.parametrize("shape", ASKED)
@pytest.mark.parametrize("bad", BAD)
def test_what_is_asked_denied_or_supposed_lists_nobody(shape, bad):
    assert not listed(shape.format(n="13812345678", b=bad), "CN")


@pytest.mark.parametrize("shape", ASKED_EN)
@pytest.mark.parametrize("bad", BAD_EN)
def test_nor_does_it_in_english(shape, bad):
    assert not listed(shape.format(n="202-555-0123", b=bad), "US")


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


def test_an_act_that_may_not_have_happened_lists_nobody_and_one_that_has_does():
    for country, number, shapes, acts in (
        ("CN", "13812345678", HEDGES, ACTS),
        ("GB", "07700 900123", HEDGES_EN, ACTS_EN),
    ):
        for act in acts:
            assert [x for x in shapes if listed(x.format(n=number, a=act), country)] == [], act
            assert listed(f"{number} {act}", country), act


@pytest.mark.parametrize("bad", BAD)
def test_what_is_said_outright_does(bad):
    assert listed(f"13812345678是{bad}", "CN")


@pytest.mark.parametrize("bad", BAD_EN)
def test_and_in_english(bad):
    assert listed(f"202-555-0123 is {bad}", "US")
