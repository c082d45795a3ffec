"""Private lookups: the server learns a piece of a hash that thousands of numbers share.

The hash is of the number without its last two digits, so that one question answers for the number
and for the ranges around it. The number itself never leaves this process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._exceptions import BadAnswer
from ._models import Action, PrivateAnswer
from ._regions import regions_of


@dataclass(frozen=True)
class Scheme:
    """How much of the hash to send: bits by country. `max_age` in seconds."""

    drop_digits: int
    prefix_bits: dict[str, int]
    max_age: float

    def prefix(self, key: str) -> str:
        """The hexadecimal digits to send for a canonical key."""
        hashed = hashlib.sha256(key[: -self.drop_digits].encode()).hexdigest()
        return hashed[: self.bits(key) // 4]

    def bits(self, key: str) -> int:
        """For countries that share a calling code the fewest of theirs: fewer bits hide better."""
        default = self.prefix_bits["default"]
        if not key.startswith("+"):
            kind = "sender" if key[2:3] == "@" else "national"
            return self.prefix_bits.get(kind, default)
        regions = regions_of(key)
        return min((self.prefix_bits.get(region, default) for region in regions), default=default)


@dataclass(frozen=True)
class Bucket:
    """What is listed under a prefix, the entries that only fill up included."""

    numbers: dict[str, tuple[Action, int, str]]
    ranges: dict[str, tuple[Action, int]]

    def answer(self, key: str) -> PrivateAnswer:
        """What this says of a key: itself first, else the narrowest range that it is in."""
        if key in self.numbers:
            action, score, category = self.numbers[key]
            return PrivateAnswer(key, action, score, category, "")
        for size in range(len(key) - 1, 1, -1):
            if found := self.ranges.get(key[:size]):
                return PrivateAnswer(key, found[0], found[1], "", key[:size])
        return PrivateAnswer(key, Action.ALLOW, 0, "", "")


def read_scheme(body: Any) -> Scheme:
    """Raises BadAnswer, also for schemes that would say too much."""
    try:
        scheme = Scheme(
            int(body["drop_digits"]),
            {str(name): int(bits) for name, bits in body["prefix_bits"].items()},
            float(body["max_age"]),
        )
        if (
            body["hash"] != "sha256"
            or scheme.drop_digits < 1
            or "default" not in scheme.prefix_bits
        ):
            raise ValueError("a hash that is not known here")
        if not all(4 <= bits <= MAX_BITS and bits % 4 == 0 for bits in scheme.prefix_bits.values()):
            raise ValueError("a number of bits that is none, or that would give numbers away")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(f"The server's answer is no scheme of buckets: {error}") from error
    return scheme


# A server could ask for the whole hash, which is the number. Twenty bits still leave a hundred
# blocks of a large country in question.
MAX_BITS = 20


def read_bucket(body: Any) -> Bucket:
    """Raises BadAnswer."""
    try:
        numbers = {
            str(each["number"]): (*_verdict(each), str(each["category"]))
            for each in body["numbers"]
        }
        return Bucket(numbers, {str(each["prefix"]): _verdict(each) for each in body["ranges"]})
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"The server's answer is no bucket: {error}") from error


def _verdict(each: Mapping[str, Any]) -> tuple[Action, int]:
    return Action(each["action"]), int(each["score"])
