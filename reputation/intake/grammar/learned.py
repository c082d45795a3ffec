"""A second reader of messages: a linear model of the words and cues that people use for each
purpose.

The rules of purpose.py see cues and miss their context: "the threats have ended", "I was wrong
about". This reader was trained on labelled messages (`python -m benchmarks.messages`), and makes
other errors than the rules.
"""

import math
import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import resources

from reputation.intake.grammar.cues import BAD_EN, BAD_ZH, GOOD_EN, GOOD_ZH
from reputation.intake.grammar.view import NUMBER

FILE = "learned.tsv"  # one line for each feature: the feature, and its weight for each of PURPOSES
PURPOSES = ("report", "question", "legitimate", "stopped", "undo", "own", "unclear")
STEPS = 16  # of a weight of 1: weights are whole numbers in the file
LONGEST = 3  # the most words of a feature

_GOOD = re.compile(rf"{GOOD_ZH}|\b{GOOD_EN}", re.ASCII)
_BAD = re.compile(rf"{BAD_ZH}|\b{BAD_EN}", re.ASCII)
_WORD = re.compile(rf"[a-z]+(?:'[a-z]+)?|{NUMBER}|[+-]|[\u3400-\u9fff]|[?!.,:;\"]")


def features(text: str) -> set[str]:
    """The features of a view with NUMBER in place of numbers: up to LONGEST words or characters in
    a row; the same again with "+" for honest trades and kin and "-" for bad names."""
    text = text.replace("+", " ").replace("-", " ")
    classes = _BAD.sub("-", _GOOD.sub("+", text))
    return {*_rows(text), *(each for each in _rows(classes) if "+" in each or "-" in each)}


def _rows(text: str) -> Iterator[str]:
    words = ["^", *_WORD.findall(text), "$"]
    for length in range(1, LONGEST + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])


def likelihoods(features: Collection[str]) -> dict[str, float]:
    """The probability of each of PURPOSES, by the features of a text; the sum is 1."""
    weights = _weights()
    known = [weights[each] for each in features if each in weights]
    scale = STEPS * math.sqrt(len(known) or 1)
    odds = [
        math.exp(sum(column) / scale + bias / STEPS)
        for bias, *column in zip(weights[""], *known, strict=True)
    ]
    return {name: each / sum(odds) for name, each in zip(PURPOSES, odds, strict=True)}


@cache
def _weights() -> dict[str, list[int]]:
    lines = resources.files(__package__).joinpath("data", FILE).read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {feature: list(map(int, weights)) for feature, *weights in rows}
