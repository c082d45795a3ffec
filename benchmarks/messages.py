"""Learns from labelled messages which words say what, and measures how well messages are read.

    python -m benchmarks.messages            each set, read by one that has not learned from it
    python -m benchmarks.messages fresh_15   a set that nothing has learned from at all
    python -m benchmarks.messages --write    learn from all sets, and write what the service reads

Sets are the files in tests/reputation/intake/phrases; their messages have been frozen before the
rules of the grammar read them, but the rules have been mended by them since. Lessons are further
messages that are only learned from: benchmarks/lessons.
"""

import argparse
import math
import os
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from unittest.mock import patch

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from reputation.intake.grammar import Command, Kind, Reading, learned  # noqa: E402
from reputation.intake.grammar.message import KINDS  # noqa: E402
from reputation.intake.grammar.numbers import Country, find_numbers  # noqa: E402
from reputation.intake.grammar.purpose import Purpose, signs  # noqa: E402
from reputation.intake.grammar.reading import plain  # noqa: E402
from reputation.intake.grammar.view import NUMBER, view  # noqa: E402
from tests.given.phrases import FOLDER, Phrase, framed, phrases, read  # noqa: E402

# No reader learns from these, and no rule has been mended by them.
HELD = ["fresh_14", "fresh_15"]
SETS = sorted(path.stem for path in FOLDER.glob("*.txt") if path.stem not in HELD)
LESSONS = sorted(Path(__file__).with_name("lessons").glob("*.txt"))
# Of a message's weight: frames that report nothing are many, and say little new.
OUTRIGHT, OPEN = 0.5, 0.05
# Of a short and plain message: writers of lessons leave them out, and most that is sent is so.
PLAIN = 3.0
RIDGE, ROUNDS, PACE = 0.003, 150, 0.1  # how weights are learned: Adam, with a penalty on squares
RARE = 3  # texts at least that a feature is in

# Purposes as the sets write them.
WRITTEN = {"legit": "legitimate"} | {each: each for each in learned.PURPOSES}

# Features, purposes that it may have, weight.
type Lesson = tuple[set[str], frozenset[str], float]


def lessons(said: list[Phrase]) -> list[Lesson]:
    """Of every message with a number, every line of the lessons and every frame."""
    found = [(signs(seen(each)), _purposes(each.purposes), 1.0) for each in said if each.numbers]
    for path in LESSONS:
        weight = PLAIN if path.stem == "plain" else 1.0
        found += [
            (signs(view(text)), frozenset({purpose}), weight) for purpose, text in _lines(path)
        ]
    other = frozenset(learned.PURPOSES) - {"report"}
    for reports, text in framed():
        of, weight = (frozenset({"report"}), OUTRIGHT) if reports else (other, OPEN)
        found.append((signs(view(text)), of, weight))
    return found


def _purposes(written: frozenset[str]) -> frozenset[str]:
    return frozenset(WRITTEN.get(each, "unclear") for each in written)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    purpose = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("= "):
            purpose = WRITTEN[line[2:]]
        elif not line.startswith("#"):
            yield purpose, line


def seen(phrase: Phrase) -> str:
    """The message as purpose.judge sees it."""
    text = view(plain(phrase.text.replace("::", "\n")))
    for each in reversed(
        find_numbers(text, Country(phrase.place[:2], allow_fictional=True), taken=[])
    ):
        text = text[: each.start] + NUMBER + text[each.end :]
    return text


def learn(taught: list[Lesson]) -> dict[str, list[int]]:
    """Logistic regression over all purposes. Where a message may have several, or any but one, what
    counts is that it has one of them."""
    common = Counter(feature for features, _, _ in taught for feature in features)
    places = {f: i for i, f in enumerate(sorted(f for f, n in common.items() if n >= RARE))}
    bias = len(places)
    columns: list[int] = []
    values: list[float] = []
    starts: list[int] = []
    for features, _, _ in taught:
        known = [places[f] for f in features if f in places]
        starts.append(len(columns))
        columns += [bias, *known]
        values += [1.0, *[1 / math.sqrt(len(known) or 1)] * len(known)]
    column, value = np.array(columns), np.array(values, np.float32)[:, None]
    order = np.argsort(column, kind="stable")
    used, firsts = np.unique(column[order], return_index=True)
    row = np.repeat(np.arange(len(taught)), np.diff([*starts, len(columns)]))
    may = np.array([[name in of for name in learned.PURPOSES] for _, of, _ in taught], np.float32)
    share = np.array([weight for _, _, weight in taught], np.float32)[:, None]
    w, mean, square = np.zeros((3, bias + 1, len(learned.PURPOSES)), np.float32)
    penalty = np.full((bias + 1, 1), RIDGE, np.float32)
    penalty[bias] = 0
    for step in range(1, ROUNDS + 1):
        odds = np.exp(np.add.reduceat(w[column] * value, starts))
        likely = odds / odds.sum(1, keepdims=True)
        meant = likely * may / (likely * may).sum(1, keepdims=True)
        off = (likely - meant) * share
        slope = penalty * w
        slope[used] += np.add.reduceat((off[row] * value)[order], firsts)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        w -= PACE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    whole = np.rint(w * learned.STEPS).astype(int)
    return {"": whole[bias].tolist()} | {
        f: whole[i].tolist() for f, i in places.items() if whole[i].any()
    }


def write(weights: dict[str, list[int]]) -> None:
    lines = ("\t".join([name, *map(str, each)]) for name, each in sorted(weights.items()))
    file = resources.files("reputation.intake.grammar").joinpath("data", learned.FILE)
    with resources.as_file(file) as path:
        path.write_text("\n".join(lines) + "\n", "utf-8")


def measure(name: str) -> None:
    """Prints how messages of a set are read by one that has not learned from it."""
    others = [phrase for each in SETS if each != name for phrase in phrases(each)]
    weights = learn(lessons(others))
    with patch.object(learned, "_weights", lambda: weights):
        pairs = [(phrase, read(phrase)) for phrase in phrases(name) if phrase.numbers]
    right = sum(_said(reading) in phrase.purposes for phrase, reading in pairs)
    asked = sum(
        reading.kind is Kind.UNCLEAR and "unclear" not in phrase.purposes
        for phrase, reading in pairs
    )
    honest = sum(
        reading.kind is Kind.REPORT and "report" not in phrase.purposes for phrase, reading in pairs
    )
    print(f"{name}: {right} of {len(pairs)} right, {asked} asked back, {honest} honest listed")


def _said(reading: Reading) -> str:
    """The purpose as the sets write it."""
    if reading.kind is Kind.COMMAND:
        return (reading.command or Command.HELP).value
    return next((WRITE[each] for each, kind in KINDS.items() if kind is reading.kind), "forwarded")


WRITE = {each: each.value for each in Purpose} | {
    Purpose.LEGITIMATE: "legit",
    Purpose.BARE: "number",
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="learn from all and write the file")
    parser.add_argument("sets", nargs="*", help="measure these sets only")
    options = parser.parse_args()
    if options.write:
        write(learn(lessons([phrase for each in SETS for phrase in phrases(each)])))
    else:
        for each in options.sets or [*SETS, *HELD]:
            measure(each)
