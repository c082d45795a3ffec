"""Patterns of an own list, which callers they mean, and which of several decides.

A number (`+12025550101`), a beginning (`+4930*`), digits left open (`+44207946????`), a country
(`CN`), everybody (`*`), or the name that a caller shows: `name:loans` is that name, `name:loans*`
one that begins so, `name:*loans*` one that contains it.
"""

import re
import unicodedata
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
EXACT = 4  # the precision of a rule for one number
NAMED = 3  # of a rule for a name: of several that fit, one that allows decides
NAME = "name:"
NAME_LENGTH = 60
# Characters that are folded: some become eighteen, and a form can have millions.
LONGEST = 1_000
STARS = (
    f"A name has up to {NAME_LENGTH} characters: name:loans is that name, name:loans* begins so, "
    "name:*loans* contains it."
)
NO_CHARACTER = re.compile("[\ufffe\uffff]")  # no YAML has these: a device would read no rule at all
BEGINS = re.compile(r"[*?]")
ALLOW, BLOCK = Action.ALLOW.value, Action.BLOCK.value


class InvalidPattern(ValueError):
    """The text is no pattern. The message says what one looks like."""

    field = "pattern"


class InvalidName(InvalidPattern):
    """The text behind NAME is no name that can be compared."""


class Rule(NamedTuple):
    """`action`: allow or block."""

    action: str
    pattern: str

    @property
    def is_number(self) -> bool:
        """Whether it means one number in E.164."""
        return self.pattern[0] == "+" and not _is_open(self.pattern)

    @property
    def is_name(self) -> bool:
        """Whether it means callers by the name that they show."""
        return self.pattern.startswith(NAME)

    @property
    def precision(self) -> tuple[int, int]:
        """How narrow the pattern is. Of two rules that fit a caller the narrower one decides."""
        if self.is_name:
            return NAMED, 0
        if self.pattern == EVERYBODY:
            return 0, 0
        if self.pattern in REGIONS:
            return 1, 0
        if _is_open(self.pattern):
            return 2, sum(map(str.isdigit, self.pattern))
        return EXACT, 0

    def means(self, key: str, country: str, name: str = "") -> bool:
        """Whether it means the number with this canonical key, which belongs to `country`, when it
        shows `name` (of `fold`).
        """
        if self.is_name:
            return _fits(self.pattern.removeprefix(NAME), name)
        if self.pattern == EVERYBODY:
            return True
        if self.pattern in REGIONS:
            return self.pattern == country
        return fnmatchcase(key, self.pattern) if _is_open(self.pattern) else key == self.pattern


def deciding(rules: Iterable[Rule], key: str, country: str, name: str = "") -> Rule | None:
    """The rule that decides: the most precise one; of equally precise ones, one that allows.

    `name`: what the caller shows as its name, which any caller can write; LONGEST characters of it
    are compared.
    """
    exact, others = _ordered(tuple(rules))
    if (rule := exact.get(key)) is not None:
        return rule
    name = fold(name[:LONGEST]) if name else ""
    for begins, rule in others:
        if key.startswith(begins) and rule.means(key, country, name):
            return rule
    return None


def fold(name: str) -> str:
    """A name in the form that is compared: without case, width, repeated blanks and invisible
    characters. Folding a folded name changes nothing."""
    text = " ".join("".join(filter(_is_seen, name)).split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return folded if folded == name else fold(folded)


def _is_seen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) not in ("Cc", "Cf")


def _fits(written: str, name: str) -> bool:
    """Whether a folded name is, begins with, or contains what a rule has behind NAME."""
    if written[0] == "*":
        return written.strip("*") in name
    return name.startswith(written[:-1]) if written[-1] == "*" else name == written


@lru_cache(maxsize=64)
def _ordered(rules: tuple[Rule, ...]) -> tuple[dict[str, Rule], list[tuple[str, Rule]]]:
    """The rules of one number by its key; and the others, the most precise first, each with the
    digits with which its keys begin. Kept, since a bulk lookup asks a thousand times.
    """
    ordered = sorted(rules, key=lambda rule: (rule.precision, rule.action == ALLOW), reverse=True)
    exact = {rule.pattern: rule for rule in reversed(ordered) if rule.precision[0] == EXACT}
    others = [rule for rule in ordered if rule.precision[0] != EXACT]
    return exact, [(_beginning(rule), rule) for rule in others]


def _beginning(rule: Rule) -> str:
    is_open = _is_open(rule.pattern) and not rule.is_name
    return BEGINS.split(rule.pattern)[0] if is_open else ""


def name_in(pattern: str) -> tuple[str, str]:
    """The name in a rule for names, and how it is compared: contains, begins or equals."""
    written = pattern.removeprefix(NAME)
    how = "contains" if written[0] == "*" else "begins" if written[-1] == "*" else "equals"
    return written.strip("*"), how


def name_pattern(name: str, how: str) -> str:
    """The rule for a name that somebody typed. Raises InvalidName, also for a name with a star."""
    if len(name) > LONGEST or "*" in fold(name):
        raise InvalidName(STARS)
    stars = {"contains": f"*{name}*", "begins": f"{name}*"}
    return read_pattern(f"{NAME}{stars.get(how, name)}")


def prefix_of(pattern: str) -> str:
    """The pattern for programs that know no countries: of a country whose calling code is its own,
    the numbers that begin with it; of others and of names nothing.
    """
    if pattern.startswith(NAME):
        return ""
    if pattern not in REGIONS:
        return pattern
    code = calling_code(pattern)
    shared = any(calling_code(other) == code for other in REGIONS if other != pattern)
    return "" if shared else f"+{code}*"


def read_pattern(raw: str, *, region: str = "") -> str:
    """The canonical form of a typed pattern. Numbers may be in the format of `region`.

    Raises InvalidPattern; identity.InvalidNumber, for what can only be a number.
    """
    text = raw.strip()
    if text == EVERYBODY:
        return EVERYBODY
    if len(text) > LONGEST:
        raise InvalidPattern(f"A pattern has at most {LONGEST:,} characters: write a shorter one.")
    if (folded := fold(text)).startswith(NAME):
        return _read_name(folded.removeprefix(NAME).strip())
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


def _read_name(written: str) -> str:
    name = written.strip("*").strip()
    contains, begins = written.startswith("*"), written.endswith("*")
    if not name or "*" in name or (contains and not begins) or len(name) > NAME_LENGTH:
        raise InvalidName(STARS)
    if NO_CHARACTER.search(name):
        raise InvalidName("U+FFFE and U+FFFF are no characters: write the name without them.")
    return f"{NAME}{'*' if contains else ''}{name}{'*' if begins else ''}"


def _is_open(pattern: str) -> bool:
    return pattern[-1] == "*" or "?" in pattern
