"""Learns from labelled messages which words say what, and measures how well messages are read.

    python -m benchmarks.messages            each set, read by one that has not learned from it
    python -m benchmarks.messages --write    learn from all sets, and write what the service reads

Sets are the files in tests/reputation/intake/phrases; their messages have been frozen before the
rules of the grammar read them, but the rules have been mended by them since.
"""

import argparse
import math
import os
from collections import Counter
from importlib import resources
from unittest.mock import patch

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from reputation.intake.grammar import Kind, learned  # noqa: E402
from reputation.intake.grammar.numbers import Country, find_numbers  # noqa: E402
from reputation.intake.grammar.reading import plain  # noqa: E402
from reputation.intake.grammar.spelling import spelled  # noqa: E402
from reputation.intake.grammar.view import NUMBER, view  # noqa: E402
from tests.given.phrases import FOLDER, Phrase, framed, phrases, read  # noqa: E402

SETS = sorted(path.stem for path in FOLDER.glob("*.txt"))
# Of a message's weight: frames that report nothing are many, and say little new.
OUTRIGHT, OPEN = 0.5, 0.05
RIDGE, ROUNDS, PACE = 0.03, 150, 0.1  # how weights are learned: Adam, with a penalty on squares
RARE = 2  # texts at least that a feature is in

type Lesson = tuple[set[str], float, float]


def lessons(said: list[Phrase]) -> list[Lesson]:
    """Features, how far it reports, weight: of every message with a number, and of every frame."""
    found = [
        (learned.features(seen(each)), ("report" in each.purposes) / len(each.purposes), 1.0)
        for each in said
        if each.numbers
    ]
    for reports, text in framed():
        found.append(
            (learned.features(spelled(view(text))), float(reports), OUTRIGHT if reports else OPEN)
        )
    return found


def seen(phrase: Phrase) -> str:
    """The message as purpose.judge sees it."""
    text = view(plain(phrase.text.replace("::", "\n")))
    for each in reversed(
        find_numbers(text, Country(phrase.place[:2], allow_fictional=True), taken=[])
    ):
        text = text[: each.start] + NUMBER + text[each.end :]
    return spelled(text)


def learn(taught: list[Lesson]) -> dict[str, int]:
    """Logistic regression."""
    common = Counter(feature for features, _, _ in taught for feature in features)
    places = {f: i for i, f in enumerate(sorted(f for f, n in common.items() if n >= RARE))}
    x = np.zeros((len(taught), len(places) + 1), np.float32)
    for row, (features, _, _) in enumerate(taught):
        known = [places[f] for f in features if f in places]
        x[row, known] = 1 / math.sqrt(len(known) or 1)
        x[row, -1] = 1
    y, share = np.array([[a, b] for _, a, b in taught], np.float32).T
    w, mean, square = np.zeros((3, x.shape[1]), np.float32)
    penalty = np.append(np.full(len(places), RIDGE, np.float32), 0)
    for step in range(1, ROUNDS + 1):
        slope = ((1 / (1 + np.exp(-(x @ w))) - y) * share) @ x + penalty * w
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        w -= PACE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    whole = np.rint(w * learned.STEPS).astype(int).tolist()
    return {"": whole[-1], **{f: whole[i] for f, i in places.items() if whole[i]}}


def write(weights: dict[str, int]) -> None:
    lines = (f"{name}\t{weight}" for name, weight in sorted(weights.items()))
    file = resources.files("reputation.intake.grammar").joinpath("data", learned.FILE)
    with resources.as_file(file) as path:
        path.write_text("\n".join(lines) + "\n", "utf-8")


def measure(name: str) -> None:
    """Prints how messages of a set are read by one that has not learned from it."""
    others = [phrase for each in SETS if each != name for phrase in phrases(each)]
    weights = learn(lessons(others))
    with patch.object(learned, "_weights", lambda: weights):
        pairs = [(phrase, read(phrase)) for phrase in phrases(name)]
    filed = [phrase for phrase, reading in pairs if reading.kind is Kind.REPORT]
    reports = [phrase for phrase, _ in pairs if phrase.purposes == {"report"}]
    right = sum(phrase.purposes == {"report"} for phrase in filed)
    honest = sum("report" not in phrase.purposes for phrase in filed)
    print(f"{name}: {right} of {len(reports)} reports filed, {honest} honest numbers listed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="learn from all and write the file")
    parser.add_argument("sets", nargs="*", help="measure these sets only")
    options = parser.parse_args()
    if options.write:
        write(learn(lessons([phrase for each in SETS for phrase in phrases(each)])))
    else:
        for each in options.sets or SETS:
            measure(each)
