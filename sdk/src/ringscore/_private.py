"""Private lookups: the server learns a piece of a hash that thousands of numbers share.

The hash covers the number without its last two digits, so that one request answers for the number
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
        """The bits to send for a key; the fewest among countries that share its calling code."""
        default = self.prefix_bits["default"]
        if not key.startswith("+"):
            kind = "sender" if key[2:3] == "@" else "national"
            return self.prefix_bits.get(kind, default)
        regions = regions_of(key)
        return min((self.prefix_bits.get(region, default) for region in regions), default=default)


@dataclass(frozen=True)
class Bucket:
    """The listed entries under a prefix, fillers included."""

    numbers: dict[str, tuple[Action, int, str]]
    ranges: dict[str, tuple[Action, int]]

    def answer(self, key: str) -> PrivateAnswer:
        """The answer for a key: its own entry, else that of the narrowest range around it."""
        if key in self.numbers:
            action, score, category = self.numbers[key]
            return PrivateAnswer(key, action, score, category, "")
        for size in range(len(key) - 1, 1, -1):
            if found := self.ranges.get(key[:size]):
                return PrivateAnswer(key, found[0], found[1], "", key[:size])
        return PrivateAnswer(key, Action.ALLOW, 0, "", "")


def read_scheme(body: Any) -> Scheme:
    """The scheme in an answer. Raises BadAnswer, also for a scheme that would reveal too much."""
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
    """The bucket in an answer. Raises BadAnswer."""
    try:
        numbers = {
            str(entry["number"]): (*_verdict(entry), str(entry["category"]))
            for entry in body["numbers"]
        }
        return Bucket(numbers, {str(entry["prefix"]): _verdict(entry) for entry in body["ranges"]})
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"The server's answer is no bucket: {error}") from error


def _verdict(entry: Mapping[str, Any]) -> tuple[Action, int]:
    return Action(entry["action"]), int(entry["score"])
