"""What people mean: messages by their purposes, and how many of them are read so. No honest number
is listed: where a message does not report, no reading of it may be a report."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.intake.grammar import Command, Kind, Reading
from tests.given.phrases import (
    ACTS,
    ACTS_EN,
    ASKED,
    ASKED_EN,
    BAD,
    BAD_EN,
    HEDGES,
    HEDGES_EN,
    ZONES,
    Phrase,
    phrases,
    read,
)

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
# Harder ones: of these, too, no honest number may be listed, but more may be asked about.
HARD = [*(f"fresh_{n}" for n in range(9, 17)), "lessons"]
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


@pytest.mark.parametrize("name", HARD)
def test_no_honest_number_is_listed_on_a_word_that_accuses_in_passing(name):
    assert [p.text for p in phrases(name) if lists_an_honest_number(p, read(p))] == []


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


@pytest.mark.parametrize("greeting", ["打扰了。", "你好，", "Dear sirs. ", "hello there\n"])
def test_a_greeting_makes_no_report(greeting):
    assert not listed(f"{greeting}13512349071给我发了条短信", "CN")


@pytest.mark.parametrize("behind", ["", " thanks", " x", " plz", "\nRegards"])
@pytest.mark.parametrize("asked", ["y/n", "Y / N", "yes or no"])
def test_who_asks_for_yes_or_no_reports_nothing(asked, behind):
    assert not listed(f"718-555-0132 scam {asked}{behind}", "US")


@quick
@given(st.sampled_from(HONEST_NUMBERS), st.sampled_from(HONEST_NUMBERS))
def test_two_honest_messages_in_one_make_no_report(one, two):
    if one.place == two.place:
        assert not listed(f"{one.text}。{two.text}", one.place)


@pytest.mark.parametrize("shape", ASKED)
@pytest.mark.parametrize("bad", BAD)
def test_what_is_asked_denied_or_supposed_lists_nobody(shape, bad):
    assert not listed(shape.format(n="13812345678", b=bad), "CN")


@pytest.mark.parametrize("shape", ASKED_EN)
@pytest.mark.parametrize("bad", BAD_EN)
def test_nor_does_it_in_english(shape, bad):
    assert not listed(shape.format(n="202-555-0123", b=bad), "US")


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
