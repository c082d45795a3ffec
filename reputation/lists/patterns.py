"""Patterns of an own list, which numbers they mean, and which of several decides.

A number (`+12025550101`), a beginning (`+4930*`), digits left open (`+44207946????`), a country
(`CN`), or everybody (`*`).
"""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from reputation.identity import REGIONS, calling_code, identify
from reputation.scoring import Action

EVERYBODY = "*"
OPEN = re.compile(r"\+[0-9][0-9?]{0,14}\*?")
# What people put between digits.
BETWEEN = re.compile(r"[\s().\-/]")
EXACT = 3  # the precision of a rule for one number
BEGINS = re.compile(r"[*?]")
ALLOW, BLOCK = Action.ALLOW.value, Action.BLOCK.value


class InvalidPattern(ValueError):
    """The text is no pattern. The message says what one looks like."""

    field = "pattern"


class Rule(NamedTuple):
    """`action`: allow or block."""

    action: str
    pattern: str

    @property
    def is_number(self) -> bool:
        """Whether it means one number in E.164."""
        return self.pattern[0] == "+" and not _is_open(self.pattern)

    @property
    def precision(self) -> tuple[int, int]:
        """Of two rules that mean a number, the more precise one decides."""
        if self.pattern == EVERYBODY:
            return 0, 0
        if self.pattern in REGIONS:
            return 1, 0
        if _is_open(self.pattern):
            return 2, sum(map(str.isdigit, self.pattern))
        return EXACT, 0

    def means(self, key: str, country: str) -> bool:
        """Whether it means the number with this canonical key, which belongs to `country`."""
        if self.pattern == EVERYBODY:
            return True
        if self.pattern in REGIONS:
            return self.pattern == country
        return fnmatchcase(key, self.pattern) if _is_open(self.pattern) else key == self.pattern


def deciding(rules: Iterable[Rule], key: str, country: str) -> Rule | None:
    """The rule that decides: the most precise one; of equally precise ones, one that allows."""
    exact, others = _ordered(tuple(rules))
    if (rule := exact.get(key)) is not None:
        return rule
    for begins, rule in others:
        if key.startswith(begins) and rule.means(key, country):
            return rule
    return None


@lru_cache(maxsize=64)
def _ordered(rules: tuple[Rule, ...]) -> tuple[dict[str, Rule], list[tuple[str, Rule]]]:
    """Rules of one number by its key; the others, the most precise first, with what keys that they
    mean begin with. A bulk lookup asks a thousand times.
    """
    ordered = sorted(rules, key=lambda rule: (rule.precision, rule.action == ALLOW), reverse=True)
    exact = {rule.pattern: rule for rule in reversed(ordered) if rule.precision[0] == EXACT}
    others = [rule for rule in ordered if rule.precision[0] != EXACT]
    return exact, [
        (BEGINS.split(rule.pattern)[0] if _is_open(rule.pattern) else "", rule) for rule in others
    ]


def prefix_of(pattern: str) -> str:
    """The pattern for programs that know no countries: of a country whose calling code is its own,
    the numbers that begin with it; of others nothing.
    """
    if pattern not in REGIONS:
        return pattern
    code = calling_code(pattern)
    shared = any(calling_code(other) == code for other in REGIONS if other != pattern)
    return "" if shared else f"+{code}*"


def read_pattern(raw: str, *, region: str = "") -> str:
    """The canonical pattern of what somebody typed. Numbers may be in the format of `region`.

    Raises InvalidPattern; identity.InvalidNumber, for what can only be a number.
    """
    text = raw.strip()
    if text == EVERYBODY:
        return EVERYBODY
    if text.upper() in REGIONS and len(text) == 2:
        return text.upper()
    if not ("*" in text or "?" in text):
        return identify(text, region=region, allow_fictional=True).key
    bare = BETWEEN.sub("", text)
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    if OPEN.fullmatch(bare) is None:
        raise InvalidPattern(
            "A pattern begins with + and the calling code; ? leaves one digit open, * at the end "
            "all that follow: +4930*. A country is two letters: CN. Everybody is *."
        )
    return bare


def _is_open(pattern: str) -> bool:
    return pattern[-1] == "*" or "?" in pattern
