"""Learns from labelled messages which words say what, and measures how well messages are read.

    python -m benchmarks.messages            messages that nothing has learned from: HELD
    python -m benchmarks.messages fresh_18   one set
    python -m benchmarks.messages --authors  lessons of authors that neither reader has learned
                                             from, by the likelihood that lists
    python -m benchmarks.messages --write    learn from all other sets and the lessons, and write
                                             what the learned reader reads

Sets are the files in tests/reputation/intake/phrases; their messages have been frozen before the
rules of the grammar read them, but the rules have been mended by them since, and both readers have
learned from them. Lessons are further messages that are only learned from: benchmarks/lessons. The
encoder beside the learned reader is taught by `python -m benchmarks.lessons.encoder`.
"""

import argparse
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from unittest.mock import patch

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from reputation.intake.grammar import Command, Kind, Reading, encoder, learned  # noqa: E402
from reputation.intake.grammar.message import KINDS  # noqa: E402
from reputation.intake.grammar.numbers import Country, find_numbers  # noqa: E402
from reputation.intake.grammar.purpose import (  # noqa: E402
    Purpose,
    settled,
    signs,
    surest,
    together,
)
from reputation.intake.grammar.reading import plain  # noqa: E402
from reputation.intake.grammar.spelling import spelled  # noqa: E402
from reputation.intake.grammar.view import NUMBER, view  # noqa: E402
from tests.given.phrases import FOLDER, Phrase, framed, phrases, read  # noqa: E402

# No reader learns from these. Lessons have been asked for by what was misread in the first two.
HELD = [f"fresh_{n}" for n in (20, 21, 22, 23, 25, 27, 30, 31, 34, 38, 39, 45, 46, 47, 48, 49, 50)]
SETS = sorted(path.stem for path in FOLDER.glob("*.txt") if path.stem not in HELD)
LESSONS = sorted(Path(__file__).with_name("lessons").glob("*.txt"))
AUTHORS = ("h",)  # of lessons that the encoder never learns from
# Of a frame's weight: those that report nothing are many, and each says little new.
OUTRIGHT, OPEN = 1.5, 0.6
# Of a short and plain message, and of one from a set: most that is sent is so, and writers of
# lessons write otherwise.
PLAIN, SENT = 5.0, 20.0
RIDGE, ROUNDS, PACE = 0.02, 150, 0.1  # how weights are learned: Adam, with a penalty on squares
SEEN, SEED = 0.3, 1  # of a message's features in each round, and where the draws of them begin
RARE = 3  # texts at least that a feature is in

# Of lessons that have an author of their own: a file in each language.
AUTHORED = re.compile(r"said_(?:(late|long)_)?(?:en|zh)_(\w+)")
LIKELIHOODS = [0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]  # tried, of a report

# Commands that change something.
_ACTS = frozenset(Command) - {Command.HELP, Command.DISPUTE}

# Purposes as the sets write them.
WRITTEN = {"legit": "legitimate"} | {each: each for each in learned.PURPOSES}

# Features, purposes that it may have, weight.
type Lesson = tuple[set[str], frozenset[str], float]


def lessons(said: list[Phrase], *but: str) -> list[Lesson]:
    """What the learned reader sees of texts."""
    return [(signs(text), of, weight) for text, of, weight in texts(said, *but)]


def texts(said: list[Phrase], *but: str) -> list[tuple[str, frozenset[str], float]]:
    """Of every message with a number, every line of the lessons and every frame: its view, the
    purposes that it may have, and its weight. `but`: authors whose lessons are left out."""
    found = [(seen(each), _purposes(each.purposes), SENT) for each in said if each.numbers]
    for path in LESSONS:
        weight = PLAIN if path.stem == "plain" else 1.0
        if author_of(path) not in but or not author_of(path):
            found += [(text, frozenset({purpose}), weight) for purpose, text in _lines(path)]
    other = frozenset(learned.PURPOSES) - {"report"}
    for reports, text in framed():
        of, weight = (frozenset({"report"}), OUTRIGHT) if reports else (other, OPEN)
        found.append((view(text), of, weight))
    return found


def author_of(path: Path) -> str:
    named = AUTHORED.fullmatch(path.stem)
    return " ".join(filter(None, named.groups())) if named else ""


def _purposes(written: frozenset[str]) -> frozenset[str]:
    return frozenset(WRITTEN.get(each, "unclear") for each in written)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    purpose = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("= "):
            purpose = WRITTEN[line[2:]]
        elif not line.startswith("#"):
            yield purpose, view(line)


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
    counts is that it has one of them. Every step sees a part of each message's features only, drawn
    anew, so that no weight leans on words that stand beside it in these messages alone."""
    common = Counter(feature for features, _, _ in taught for feature in features)
    places = {f: i for i, f in enumerate(sorted(f for f, n in common.items() if n >= RARE))}
    bias = len(places)  # the first of each message's features, and always seen
    known = [[bias, *sorted(places[f] for f in each if f in places)] for each, _, _ in taught]
    lengths = np.array([len(each) for each in known])
    column = np.concatenate([np.array(each, np.int32) for each in known])
    row = np.repeat(np.arange(len(taught), dtype=np.int32), lengths)
    value = (1 / np.sqrt(np.maximum(lengths - 1, 1) * SEEN)).astype(np.float32)[row]
    starts = np.cumsum(lengths) - lengths
    value[starts] = 1
    order = np.argsort(column, kind="stable").astype(np.int32)
    may = np.array([[name in of for name in learned.PURPOSES] for _, of, _ in taught], np.float32)
    share = np.array([weight for _, _, weight in taught], np.float32)[:, None]
    w, mean, square = np.zeros((3, bias + 1, len(learned.PURPOSES)), np.float32)
    penalty = np.full((bias + 1, 1), RIDGE, np.float32)
    penalty[bias] = 0
    chance = np.random.default_rng(SEED)
    for step in range(1, ROUNDS + 1):
        seen = chance.random(len(column), np.float32) < SEEN
        seen[starts] = True
        by_row, by_column = np.flatnonzero(seen), order[seen[order]]
        odds = np.exp(
            np.add.reduceat(
                w[column[by_row]] * value[by_row, None], np.searchsorted(by_row, starts)
            )
        )
        likely = odds / odds.sum(1, keepdims=True)
        meant = likely * may / (likely * may).sum(1, keepdims=True)
        off = (likely - meant) * share
        slope = penalty * w
        firsts = np.flatnonzero(np.diff(column[by_column], prepend=-1))
        slope[column[by_column[firsts]]] += np.add.reduceat(
            off[row[by_column]] * value[by_column, None], firsts
        )
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
    """Prints how messages of a set are read."""
    print(f"{name}: {found_in([(phrase, read(phrase)) for phrase in phrases(name)])}")


def found_in(pairs: Sequence[tuple[Phrase, Reading]]) -> str:
    """How many messages with a number are read right and asked back, by their purpose. Of all, what
    would do harm: honest numbers listed by a message that reports nobody, or beside a caller, and
    commands that nobody gave."""
    numbered = [pair for pair in pairs if pair[0].numbers]
    right = sum(_said(reading) in phrase.purposes for phrase, reading in numbered)
    asked = sum(
        reading.kind is Kind.UNCLEAR and "unclear" not in phrase.purposes
        for phrase, reading in numbered
    )
    by_purpose = sum(bool(_listed(r)) for p, r in pairs if "report" not in p.purposes)
    beside = sum(len(_listed(r) - p.numbers) for p, r in pairs if "report" in p.purposes)
    commands = sum(r.command in _ACTS and _said(r) not in p.purposes for p, r in pairs)
    return (
        f"{right} of {len(numbered)} right, {asked} asked back, {by_purpose} honest listed by "
        f"purpose and {beside} beside callers, {commands} commands that nobody gave"
    )


def _listed(reading: Reading) -> set[str]:
    """The numbers that a reading reports."""
    reports = reading.kind is Kind.REPORT
    return {each.key for each in (reading.number, *reading.further) if each} if reports else set()


def measure_authors() -> None:
    """Prints how both readers, alone and together, read the lessons of AUTHORS."""
    lines = [line for path in LESSONS if author_of(path) in AUTHORS for line in _lines(path)]
    weights = learn(lessons([phrase for each in SETS for phrase in phrases(each)], *AUTHORS))
    with patch.object(learned, "_weights", lambda: weights):
        by_words = [learned.likelihoods(signs(text)) for _, text in lines]
    by_sentence = [encoder.likelihoods(spelled(text)) for _, text in lines]
    both = [together(*each) for each in zip(by_words, by_sentence, strict=True)]
    for name, likely in (("learned", by_words), ("encoder", by_sentence), ("together", both)):
        print(f"{name}:")
        _print_by_likelihood(lines, likely)


def _print_by_likelihood(
    lines: list[tuple[str, str]], likely: Sequence[Mapping[str, float]]
) -> None:
    """Prints for each of LIKELIHOODS from which a number is listed the shares of messages that are
    read right and asked back, and of honest numbers that are listed."""
    meant = np.array([purpose for purpose, _ in lines])
    rules = [settled(text) for _, text in lines]
    for least in LIKELIHOODS:
        read = np.array(
            [by or surest(each, least) for by, each in zip(rules, likely, strict=True)], str
        )
        asked, honest = (read == "unclear") & (meant != "unclear"), meant != "report"
        print(
            f"  listed from {least}: {(read == meant).mean():.1%} right, {asked.mean():.1%} asked "
            f"back, {(read[honest] == 'report').mean():.2%} of honest numbers listed"
        )


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
    parser.add_argument("--authors", action="store_true", help="measure by lessons of AUTHORS")
    parser.add_argument("sets", nargs="*", default=HELD, help="measure these sets")
    options = parser.parse_args()
    if options.authors:
        measure_authors()
    elif options.write:
        write(learn(lessons([phrase for each in SETS for phrase in phrases(each)])))
    else:
        for each in options.sets:
            measure(each)
