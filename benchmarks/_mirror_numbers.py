"""Numbers drawn from real numbering plans, and the fewest bytes that could hold them."""

import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneMetadata

# The size of a mirror depends on how densely numbers lie in their plans. One country with short
# prefixes is the easy end, all countries with equal shares the hard one.
MIXES: dict[str, dict[str, float]] = {
    "China": {"CN": 1.0},
    "United States": {"US": 1.0},
    "six countries": {"CN": 0.35, "US": 0.25, "IN": 0.1, "DE": 0.1, "GB": 0.1, "FR": 0.1},
    "every country": dict.fromkeys(sorted(phonenumbers.SUPPORTED_REGIONS), 1.0),
}
TRIES = 40  # samples for each length and first two digits


@dataclass(frozen=True, slots=True)
class Stratum:
    """The mobile and landline numbers of one length and first digits; `size` is an estimate."""

    start: str
    digits: int
    size: float


class Plan:
    """A country's mobile and landline numbers."""

    def __init__(self, region: str, chance: random.Random) -> None:
        meta = PhoneMetadata.metadata_for_region(region)
        assert meta is not None
        self.code = str(meta.country_code)
        kinds = [kind for kind in (meta.mobile, meta.fixed_line) if kind]
        patterns = [kind.national_number_pattern for kind in kinds if kind.national_number_pattern]
        self.valid = re.compile("|".join(patterns) or "(?!)")
        general = meta.general_desc.possible_length if meta.general_desc else ()
        lengths = {n for kind in kinds for n in kind.possible_length or general}
        self.strata = [
            stratum
            for length in sorted(n for n in lengths if 4 < n <= 15 - len(self.code))
            for stratum in self._strata(length, chance)
        ]
        self.size = sum(stratum.size for stratum in self.strata)

    def _strata(self, length: int, chance: random.Random) -> Iterator[Stratum]:
        for first in range(100):
            start, digits = f"{first:02}", length - 2
            hits = sum(
                self.valid.fullmatch(f"{start}{chance.randrange(10**digits):0{digits}}") is not None
                for _ in range(TRIES)
            )
            if hits:
                yield Stratum(start, digits, hits / TRIES * 10.0**digits)

    def draw(self, count: int, chance: random.Random) -> set[int]:
        """`count` different numbers, as integers with their calling code."""
        weights = [stratum.size for stratum in self.strata]
        found: set[int] = set()
        while len(found) < count:
            for stratum in chance.choices(self.strata, weights, k=count - len(found)):
                while True:
                    rest = f"{chance.randrange(10**stratum.digits):0{stratum.digits}}"
                    if self.valid.fullmatch(stratum.start + rest):
                        found.add(int(self.code + stratum.start + rest))
                        break
        return found


def draw(mix: dict[str, float], count: int, chance: random.Random) -> tuple[list[int], float]:
    """About `count` numbers, ascending, and the fewest bytes that could identify them.

    That is log2 of the number of ways to choose as many from each plan, and no code beats it on
    average. A country gives at most a tenth of its numbers, since no list holds more.
    """
    plans = [(Plan(region, chance), share) for region, share in mix.items()]
    total, bits, numbers = sum(mix.values()), 0.0, set[int]()
    for plan, share in plans:
        wanted = int(min(count * share / total, plan.size / 10))
        if wanted:
            numbers |= plan.draw(wanted, chance)
            bits += log2_choose(plan.size, wanted)
    return sorted(numbers), bits / 8


def log2_choose(total: float, chosen: float) -> float:
    """log2 of the binomial coefficient."""
    natural = math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)
    return natural / math.log(2)
