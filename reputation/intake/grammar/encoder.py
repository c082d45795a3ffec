"""A third reader of messages: a small encoder, which recognizes the same meaning in other words.

The learned reader knows the words of its lessons. This one is the lower part of a model that had
read much of the web in a hundred languages (multilingual-e5-small, Microsoft, MIT licence) before
it was trained on the same lessons (`python -m benchmarks.lessons.encoder`, docs/adr/0046).
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reputation.intake.grammar.learned import PURPOSES

FILE = "encoder.npz"
LAYERS, LOWER = 8, 4  # layers that are read; the lower ones are the base model's, unchanged
UPPERS = 2  # stacks of trained upper layers, which read side by side
BLOCK = 32  # consecutive weights that share a scale; each has 4 bits
# The change of a weight by training has 2 bits, scaled by row: the nearest of the optimal levels
# for normally distributed values (Lloyd and Max).
MOVES = np.array([-1.51, -0.4528, 0.4528, 1.51], np.float32)
HEADS = 12  # attention heads
LONGEST = 96  # pieces that are read of a message
START, END, UNKNOWN = 0, 1, 2  # the first pieces, which occur in no text
_SPACE = "\u2581"  # as in pieces
_NEVER = -1e30
_UNKNOWN_COSTS = 10.0  # more than the rarest piece

type Floats = NDArray[np.floating[Any]]
type Layer = Mapping[str, Floats]


def likelihoods(text: str) -> dict[str, float]:
    """The probability of each of PURPOSES for a view with NUMBER in place of numbers; the sum is
    1."""
    model = _model()
    odds = np.exp(model.log_odds(model.pieces.of(text)))
    return {name: float(each) for name, each in zip(PURPOSES, odds / odds.sum(), strict=True)}


class Pieces:
    """The vocabulary: words, parts of words and characters, each with its log-probability."""

    def __init__(self, names: Iterable[str], scores: Iterable[float]) -> None:
        each = list(zip(names, scores, strict=True))
        self._known = {name: (i, score) for i, (name, score) in enumerate(each) if i > UNKNOWN}
        self._longest = max(map(len, self._known))
        self._unknown = min(score for _, score in each) - _UNKNOWN_COSTS

    def of(self, text: str) -> list[int]:
        """The most probable split of the text into pieces, as many as are read."""
        text = _SPACE + _SPACE.join(text.split())
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]  # score; last piece: start, id
        best += [(_NEVER, 0, 0)] * len(text)
        for start in range(len(text)):
            score = best[start][0]
            for end in range(start + 1, min(start + self._longest, len(text)) + 1):
                if known := self._known.get(text[start:end]):
                    best[end] = max(best[end], (score + known[1], start, known[0]))
            unknown = (score + self._unknown, start, UNKNOWN)
            best[start + 1] = max(best[start + 1], unknown)
        found, end = list[int](), len(text)
        while end:
            _, end, piece = best[end]
            found.append(piece)
        return [START, *found[::-1][: LONGEST - 2], END]


class Encoder:
    """A transformer from a file of weights: pieces, lower layers, and UPPERS stacks of upper layers
    over them, each with a head."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        names = bytes(arrays["pieces"]).decode().split("\n")
        self.pieces = Pieces(names, arrays["scores"].tolist())
        self._packed, self._scale = arrays["word.packed"], arrays["word.scale"]
        self._places: Floats = arrays["places"]
        self._norm = {name: arrays[f"norm.{name}"] for name in ("w", "b")}
        self._lower = list(layers(arrays, range(LOWER)))
        self._uppers = [_Upper(arrays, n) for n in range(UPPERS)]

    def log_odds(self, pieces: list[int]) -> Floats:
        """The log-odds of each of PURPOSES, up to a constant: the mean over the heads."""
        words = whole(self._packed[pieces], self._scale[pieces])
        x = _normal(words + self._places[: len(pieces)], self._norm["w"], self._norm["b"])
        for layer in self._lower:
            x = _through(layer, x)
        said: Floats = np.mean([upper.log_odds(x) for upper in self._uppers], axis=0)
        return said


class _Upper:
    """A stack of upper layers, and its head."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], n: int) -> None:
        self._layers = list(layers(arrays, range(LOWER, LAYERS), upper=n))
        self._head = {name: arrays[f"upper.{n}.head.{name}"] for name in ("w", "b")}

    def log_odds(self, x: Floats) -> Floats:
        for layer in self._layers:
            x = _through(layer, x)
        pooled = np.concatenate([x.mean(0), x[0], x.max(0)])
        said: Floats = pooled @ self._head["w"] + self._head["b"]
        return said


def whole(packed: NDArray[np.uint8], scale: NDArray[np.float16]) -> Floats:
    """Weights from 4 bits each: two in a byte, with a scale for each BLOCK."""
    fours = np.concatenate([packed & 15, packed >> 4], -1).astype(np.float32) - 8
    return (fours * scale[..., None].astype(np.float32)).reshape(len(packed), -1)


def moves(packed: NDArray[np.uint8], scale: NDArray[np.float16]) -> Floats:
    """The changes of weights: four in a byte."""
    twos = np.stack([packed >> shift & 3 for shift in (0, 2, 4, 6)], -1).reshape(len(packed), -1)
    return MOVES[twos] * scale.astype(np.float32)


def layers(
    arrays: Mapping[str, NDArray[Any]], of: Iterable[int], *, upper: int | None = None
) -> Iterator[Layer]:
    """The layers with these numbers: the base model's, or those of a stack of upper layers."""
    for i in of:
        at = f"layer.{i}"
        own = at if upper is None else f"upper.{upper}.{at}"
        layer: dict[str, Floats] = {}
        for name in ("qkv", "out", "in", "back"):
            weights = whole(arrays[f"{at}.{name}.packed"], arrays[f"{at}.{name}.scale"])
            if upper is not None:
                moved = f"{own}.{name}.moved"
                weights += moves(arrays[moved], arrays[f"{moved}.scale"])
            layer[name] = np.ascontiguousarray(weights.T)
            layer[f"{name}.b"] = arrays[f"{own}.{name}.b"]
        for name in ("norm.w", "norm.b", "norm2.w", "norm2.b"):
            layer[name] = arrays[f"{own}.{name}"]
        yield layer


def _through(layer: Layer, x: Floats) -> Floats:
    length, width = x.shape
    each = (x @ layer["qkv"] + layer["qkv.b"]).reshape(length, 3, HEADS, -1)
    query, key, value = each.transpose(1, 2, 0, 3)
    near = query @ key.transpose(0, 2, 1) / math.sqrt(width / HEADS)
    near = np.exp(near - near.max(-1, keepdims=True))
    near /= near.sum(-1, keepdims=True)
    seen = (near @ value).transpose(1, 0, 2).reshape(length, width)
    x = _normal(x + seen @ layer["out"] + layer["out.b"], layer["norm.w"], layer["norm.b"])
    inner = _gelu(x @ layer["in"] + layer["in.b"])
    return _normal(x + inner @ layer["back"] + layer["back.b"], layer["norm2.w"], layer["norm2.b"])


def _normal(x: Floats, w: Floats, b: Floats) -> Floats:
    away = x - x.mean(-1, keepdims=True)
    spread: Floats = np.sqrt((away * away).mean(-1, keepdims=True))
    return away / spread * w + b


def _gelu(x: Floats) -> Floats:
    half: Floats = 1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))
    return x / 2 * half


def arrays() -> dict[str, NDArray[Any]]:
    """The weights as the file has them."""
    file = resources.files(__package__).joinpath("data", FILE)
    with file.open("rb") as opened, np.load(opened) as found:
        return dict(found)


@cache
def _model() -> Encoder:
    return Encoder(arrays())
