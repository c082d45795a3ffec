"""What the second reader of messages learns, and whose lessons are one author's."""

from pathlib import Path

import pytest

from benchmarks.messages import author_of, found_in, learn
from reputation.identity import Identity
from reputation.intake.grammar import Command, Kind, Reading
from reputation.intake.grammar.learned import PURPOSES
from tests.given.phrases import Phrase


@pytest.mark.parametrize(
    ("stem", "author"),
    [
        ("said_en_a", "a"),
        ("said_zh_a", "a"),
        ("said_long_zh_a", "long a"),
        ("said_late_en_b", "late b"),
        ("plain", ""),
        ("zh_voices", ""),
    ],
)
def test_anauthor_of_has_a_file_in_each_language(stem, author):
    assert author_of(Path(f"{stem}.txt")) == author


def test_a_word_that_decides_outweighs_what_stands_beside_it_by_chance_and_so_each_time():
    report, own = frozenset({"report"}), frozenset({"own"})
    taught = [({"^", "$", "stole", f"word {n % 5}"}, report, 1.0) for n in range(20)]
    taught += [({"^", "$", "mine", f"word {n % 5}"}, own, 1.0) for n in range(20)]
    weights = learn(taught)
    of_report, of_own = PURPOSES.index("report"), PURPOSES.index("own")
    assert weights["stole"][of_report] > 0 > weights["stole"][of_own]
    assert weights["mine"][of_own] > 0 > weights["mine"][of_report]
    beside = [max(map(abs, weights.get(f"word {n}", [0]))) for n in range(5)]
    assert max(beside) < min(weights["stole"][of_report], weights["mine"][of_own])
    assert learn(taught) == weights


def pair(purpose, numbers, kind, *read, command=None):
    phrase = Phrase(frozenset({purpose}), "GB", frozenset(numbers), {}, "")
    first, *further = [*(Identity.on_record(each, "GB") for each in read), None]
    of = {"number": first, "further": tuple(filter(None, further)), "command": command}
    return phrase, Reading(kind=kind, grammar="free", text="", parts=(), **of)


def test_hotlines_beside_a_caller_and_commands_that_nobody_gave_are_counted():
    caller, hotline = "+447700900123", "+447700900124"
    assert (
        found_in(
            [
                pair("report", [caller], Kind.REPORT, caller),
                pair("report", [caller], Kind.REPORT, caller, hotline),
                pair("question", [caller], Kind.REPORT, caller),
                pair("question", [caller], Kind.UNCLEAR, caller),
                pair("unknown", [], Kind.COMMAND, command=Command.UNDO),
                pair("unknown", [], Kind.COMMAND, command=Command.HELP),
                pair("undo", [], Kind.COMMAND, command=Command.UNDO),
            ]
        )
        == "2 of 4 right, 1 asked back, 1 honest listed by purpose and 1 beside callers, "
        "1 commands that nobody gave"
    )
