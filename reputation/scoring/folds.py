"""Does evidence.fold and mix.fold_mix for many numbers at once, over arrays, with the same floats.

The layout is in layers: the first voice of each number, then the second of each, and so on, numbers
with more voices first. The numbers of a layer are then the beginning of the layer before, and one
pass over the layers folds all numbers. numpy may round powers and tanh differently from the math
module, so the math module computes these.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, repeat
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import trust
from reputation.scoring.categories import (
    CATEGORIES,
    LEGITIMATE_HALF_LIFE,
    LONG_HALF_LIFE,
    SHORT_HALF_LIFE,
    is_unwanted,
)
from reputation.scoring.chains import Bools, Floats, Ints, within
from reputation.scoring.evidence import (
    DAY_CAP,
    EMPTY,
    NETWORK_ESTABLISHED_CAP,
    NETWORK_NEWCOMERS_CAP,
    NEWCOMERS_CAP,
    NEWCOMERS_LEGITIMATE_CAP,
    SILENT_DAYS,
    BucketKind,
    Evidence,
)
from reputation.scoring.moves import established
from reputation.scoring.records import anchored, false_alarms, weights

# Categories by their places here.
NAMES: Final = tuple(CATEGORIES)
HALF_LIVES: Final = np.array([CATEGORIES[name].half_life for name in NAMES])
IS_UNWANTED: Final = np.array(list(map(is_unwanted, NAMES)))
# A layer costs as much as this many voices folded one by one.
LAYER: Final = 15


@dataclass(frozen=True, slots=True)
class Voices:
    """evidence.Voice as columns. Each number's voices are in the order of its fold.

    `number`: ascends from 0. `category`: places in NAMES. `begins`: see evidence.Voice. `network`:
    any integer that names it.
    """

    number: Ints
    category: Ints
    at: Floats
    begins: Floats
    weight: Floats
    established: Bools
    network: Ints


class Buckets(NamedTuple):
    """evidence.Bucket as columns. `voice`: the last voice in the bucket; its network or day names
    the bucket."""

    voice: Ints
    kind: Ints
    short: Floats
    long: Floats
    at: Floats


class Together(NamedTuple):
    """The result of a fold: evidence and mix by number, contribution by voice, all buckets."""

    evidence: list[Evidence]
    mix: list[dict[str, float]]
    contribution: Floats
    buckets: Buckets


def fold_together(voices: Voices, numbers: int) -> Together:
    """Folds these voices of this many numbers, which have no evidence yet."""
    heard = np.flatnonzero(voices.weight != 0.0)  # voices without weight change nothing
    layers = _Layers(voices, heard, numbers)
    sums = _Sums(numbers)
    for start, end in layers.bounds():
        layers.fold(sums, start, end)
    contribution = np.zeros(len(voices.number))
    contribution[layers.voice] = layers.contribution
    mixes: list[dict[str, float]] = [{} for _ in range(numbers)]
    place, category = np.nonzero(sums.mixed)
    amounts = sums.mix[place, category].tolist()
    owners = layers.number_at[place].tolist()
    for number, name, amount in zip(owners, category.tolist(), amounts, strict=True):
        mixes[number][NAMES[name]] = amount
    return Together(
        _evidence(voices, heard, contribution, layers, sums, numbers),
        mixes,
        contribution,
        layers.buckets(),
    )


def weighed(
    records: Floats, category: Ints, *, age: Floats, factor: Floats
) -> tuple[Floats, Bools]:
    """For each report its weight by its reporter's record, the same float as trust.weight, and
    whether the reporter is established. `age`: of the account, in days; `factor`: see
    trust.provenance."""
    legitimate, unwanted = weights(records, log=partial(_by, math.log))
    weight = np.where(IS_UNWANTED[category], unwanted, legitimate) * factor
    return weight, established(records) & (age >= trust.ESTABLISHED_DAYS)


def resting(records: Floats, backers: Ints) -> Bools:
    """Whether each report rests on anybody (trust.rests_on). `backers`: how many back each."""
    return np.asarray(~false_alarms(records) & (anchored(records) | (backers > 0)))


def worth_it(sizes: Ints) -> Bools:
    """For numbers with these many voices: which are folded faster together than one by one."""
    order = np.argsort(-sizes, kind="stable")
    falling = sizes[order]
    alone = np.cumsum(falling) - falling
    enough = np.zeros(len(sizes), np.bool_)
    if len(sizes):
        enough[order[int(np.argmin(LAYER * falling + alone)) :]] = True
    return enough


class _Sums:
    """What the fold carries from voice to voice, by the place of a number in the layers."""

    def __init__(self, numbers: int) -> None:
        self.at = np.zeros(numbers)
        self.short, self.long, self.legitimate = np.zeros((3, numbers))
        self.mix = np.zeros((numbers, len(NAMES)))
        self.mixed = np.zeros((numbers, len(NAMES)), np.bool_)
        self.first, self.last = np.full((2, numbers), np.nan)

    def hear(self, unwanted: Bools, begins: Floats, at: Floats) -> None:
        """Takes unwanted voices into the latest spells of their numbers, like evidence._spell."""
        first, last = self.first[: len(at)], self.last[: len(at)]
        is_new = unwanted & ~(begins - last <= SILENT_DAYS)
        is_of_it = unwanted & ~is_new & ~(first - at > SILENT_DAYS)
        first[is_of_it] = np.minimum(first, begins)[is_of_it]
        last[is_of_it] = np.maximum(last, at)[is_of_it]
        first[is_new], last[is_new] = begins[is_new], at[is_new]


class _Stage:
    """The buckets of one kind. By voice: `slot`, its bucket, and `cap`, how much that holds."""

    def __init__(self, key: Ints, caps: Floats | float) -> None:
        found, self.slot = np.unique(key, return_inverse=True)
        self.cap = np.broadcast_to(np.asarray(caps, np.float64), key.shape)
        several, place = np.unique(self.cap, return_inverse=True)
        self.square = _by(_SQUARE, several)[place]
        self.short, self.long, self.at = np.zeros((3, len(found)))
        self.voice = np.full(len(found), -1)

    def through(
        self, some: Ints, added: Floats, now: Floats, is_short: Bools, half_life: Floats
    ) -> Floats:
        """How much of these voices' weights the buckets let through; the buckets store it."""
        slot, cap = self.slot[some], self.cap[some]
        since = self.at[slot] - now
        short = _faded(self.short[slot], since / SHORT_HALF_LIFE)
        long = _faded(self.long[slot], since / half_life)
        passed = _passes(short + long, added, cap, self.square[some])
        self.short[slot] = short + np.where(is_short, passed, 0.0)
        self.long[slot] = long + np.where(is_short, 0.0, passed)
        self.at[slot] = now
        self.voice[slot] = some
        return passed


class _Layers:
    """The voices that have weight, layer by layer."""

    def __init__(self, voices: Voices, heard: Ints, numbers: int) -> None:
        number = voices.number[heard]
        sizes = np.bincount(number, minlength=numbers)
        self.number_at = np.argsort(-sizes, kind="stable")
        place = np.empty(numbers, np.int64)
        place[self.number_at] = np.arange(numbers)
        rank = within(sizes)
        self._ends = np.cumsum(np.bincount(rank))
        self.voice = heard[np.lexsort((place[number], rank))]
        self.at, self.weight = voices.at[self.voice], voices.weight[self.voice]
        self.begins = voices.begins[self.voice]
        self.established = voices.established[self.voice]
        self.category = voices.category[self.voice]
        self.half_life = HALF_LIVES[self.category]
        unwanted = IS_UNWANTED[self.category]
        self.unwanted, self.is_short = unwanted, self.half_life == SHORT_HALF_LIFE
        self.long_half_life = np.where(unwanted, LONG_HALF_LIFE, LEGITIMATE_HALF_LIFE)
        self.contribution = np.zeros(len(self.voice))
        line = voices.number[self.voice] * 2 + unwanted
        network = np.unique(voices.network[self.voice], return_inverse=True)[1]
        day = np.floor(self.at).astype(np.int64)
        day -= day.min(initial=0)
        old = self.established
        self.network = _Stage(
            (line * 2 + old) * (int(network.max(initial=0)) + 1) + network,
            np.where(old, NETWORK_ESTABLISHED_CAP, NETWORK_NEWCOMERS_CAP),
        )
        self.newcomers = _Stage(line, np.where(unwanted, NEWCOMERS_CAP, NEWCOMERS_LEGITIMATE_CAP))
        self.day = _Stage(line * (int(day.max(initial=0)) + 1) + day, DAY_CAP)

    def bounds(self) -> list[tuple[int, int]]:
        """Where each layer begins and ends."""
        return list(pairwise([0, *self._ends.tolist()]))

    def fold(self, sums: _Sums, start: int, end: int) -> None:
        """Folds one layer: one voice of each number that has enough voices."""
        here, some, count = slice(start, end), np.arange(start, end), end - start
        at, weight = self.at[here], self.weight[here]
        is_short, long_half_life = self.is_short[here], self.long_half_life[here]
        before = sums.at[:count]
        now = np.maximum(before, at) if start else at
        late = at - now
        arrived = _faded(weight, late / self.half_life[here]) if late.any() else weight
        added = self.network.through(some, arrived, now, is_short, long_half_life)
        new = np.flatnonzero(~self.established[here])
        added[new] = self.newcomers.through(
            some[new], added[new], now[new], is_short[new], long_half_life[new]
        )
        added = self.day.through(some, added, now, is_short, long_half_life)
        unwanted = self.unwanted[here]
        for amounts, half_life, mine in (
            (sums.short, SHORT_HALF_LIFE, is_short),
            (sums.long, LONG_HALF_LIFE, unwanted & ~is_short),
            (sums.legitimate, LEGITIMATE_HALF_LIFE, ~unwanted),
        ):
            left = _faded(amounts[:count], (before - now) / half_life)
            left[mine] += added[mine]
            amounts[:count] = left
        if arrived is not weight:
            kept = np.divide(weight, arrived, out=np.zeros(count), where=arrived != 0.0)
            added = np.where(arrived == weight, added, added * kept)
        self.contribution[here] = added
        self._mix(sums, before - now, late, here)
        sums.hear(unwanted, self.begins[here], at)
        sums.at[:count] = now

    def _mix(self, sums: _Sums, since: Floats, late: Floats, here: slice) -> None:
        """mix.fold_mix of each number with its voice."""
        mix = sums.mix[: len(since)]
        place, category = np.nonzero(mix)
        mix[place, category] *= _by(_POWER, since[place] / HALF_LIVES[category])
        counted = np.flatnonzero(self.contribution[here])
        category = self.category[here][counted]
        age = late[counted] / HALF_LIVES[category]
        added = self.contribution[here][counted]
        mix[counted, category] += added * _by(_POWER, age) if age.any() else added
        sums.mixed[counted, category] = True

    def buckets(self) -> Buckets:
        """All buckets that hold a voice."""
        network = np.where(self.established, BucketKind.NETWORK, BucketKind.NETWORK_NEWCOMERS)
        found = []
        for stage, kinds in (
            (self.network, network),
            (self.newcomers, np.full_like(network, BucketKind.NEWCOMERS)),
            (self.day, np.full_like(network, BucketKind.DAY)),
        ):
            met = np.flatnonzero(stage.voice >= 0)
            last = stage.voice[met]
            parts = (self.voice[last], kinds[last], stage.short[met], stage.long[met])
            found.append(Buckets(*parts, stage.at[met]))
        return Buckets(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _evidence(
    voices: Voices,
    heard: Ints,
    contribution: Floats,
    layers: _Layers,
    sums: _Sums,
    numbers: int,
) -> list[Evidence]:
    """The evidence of each number. The layers give the sums; everything else is counted here."""
    number, old = voices.number[heard], voices.established[heard]
    unwanted = IS_UNWANTED[voices.category[heard]]
    given = contribution[heard]
    weight = voices.weight[heard]

    def count(those: Bools) -> list[int]:
        counts: list[int] = np.bincount(number[those], minlength=numbers).tolist()
        return counts

    def total(amounts: Floats) -> list[float]:
        sums: list[float] = np.bincount(number, amounts, numbers).tolist()
        return sums

    def networks(those: Bools) -> list[int]:
        pairs = np.unique(np.stack([number[those], voices.network[heard][those]]), axis=1)
        counts: list[int] = np.bincount(pairs[0], minlength=numbers).tolist()
        return counts

    place = np.empty(numbers, np.int64)
    place[layers.number_at] = np.arange(numbers)
    rows = zip(
        *(part[place].tolist() for part in (sums.at, sums.short, sums.long, sums.legitimate)),
        networks(unwanted),
        count(unwanted & old),
        count(unwanted & ~old),
        networks(unwanted & old),
        count(~unwanted),
        repeat(0),
        (None if moment != moment else moment for moment in sums.first[place].tolist()),
        (None if moment != moment else moment for moment in sums.last[place].tolist()),
        total(np.where(unwanted, given, 0.0)),
        total(np.maximum(0.0, weight - given)),
        strict=False,
    )
    some = np.bincount(number, minlength=numbers).tolist()
    return [Evidence(*row) if voice else EMPTY for row, voice in zip(rows, some, strict=True)]


# As Python's ** does it for floats.
_POWER: Final = partial(math.pow, 2.0)
_SQUARE: Final[Callable[[float], float]] = lambda value: value**2  # noqa: E731


def _by(function: Callable[[float], float], values: Floats) -> Floats:
    return np.fromiter(map(function, values.tolist()), np.float64, len(values))


def _faded(amounts: Floats, exponents: Floats) -> Floats:
    """The amounts after fading. `exponents`: their ages in half-lives, negative."""
    left = np.zeros(len(amounts))
    some = np.flatnonzero(amounts)
    left[some] = amounts[some] * _by(math.exp2, exponents[some])
    return left


def _passes(mass: Floats, weight: Floats, cap: Floats, square: Floats) -> Floats:
    """evidence._passes for each. `square`: the square of the cap."""
    step = cap * _by(math.tanh, weight / cap)
    full = np.flatnonzero(mass != 0.0)
    held, most = mass[full], step[full]
    share = _by(_SQUARE, held / cap[full])
    step[full] = most * (1.0 - share) / (1.0 + held * most / square[full])
    return np.maximum(0.0, step)
