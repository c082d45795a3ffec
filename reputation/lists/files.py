"""Which rules of an own list a file of some format can carry, and how it writes them.

A device that imports such a file blocks all that it names. So a file without an allow list leaves a
pattern out that a more precise rule makes an exception from.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest

from reputation.identity import by_modem, by_spamblocker, country_of
from reputation.lists.patterns import (
    ALLOW,
    BLOCK,
    EVERYBODY,
    NAME,
    Rule,
    name_in,
    prefix_of,
)

# The characters that a format has for digits left open, `*` and `?`; without them it takes numbers.
NUMBERS = {"plain", "csv", "fritzbox", "vcard"}
PATTERNS: dict[str, dict[str, str]] = {
    "comma": {"*": "*"},
    "yacb": {"*": "*", "?": "#"},
    "spamblocker": {"*": r"\d*", "?": r"\d"},
}
# The one format with names and with an allow list.
WHOLE = "callattendant"
OFFERED = (*sorted(NUMBERS), *PATTERNS, WHOLE)


def carried(rules: Sequence[Rule], format: str) -> list[tuple[Rule, str]]:
    """The rules that a file of this format carries, each as the format writes it."""
    if format == WHOLE:
        return [(rule, written) for rule in rules if (written := _expression(rule))]
    signs = PATTERNS.get(format, {})
    whole = _without_exceptions(tuple(rules))
    return [(rule, written) for rule in whole if (written := _written(rule, signs))]


def spamblocker(written: Iterable[str], *, region: str) -> bytes:
    """`pattern,description` for SpamBlocker's workflow of ParseCSV and ImportAsRegexRule, for a
    phone in `region`."""
    patterns = (by_spamblocker(each.removeprefix("+"), region=region) for each in written)
    rows = (f'"{pattern}",my list' for pattern in patterns)
    return "".join(f"{row}\r\n" for row in ("pattern,description", *rows)).encode()


def callattendant(written: Iterable[tuple[Rule, str]]) -> bytes:
    """cid_patterns.yaml, with the rules that allow among the permitted."""
    sections: dict[str, list[str]] = {
        section: [] for section in ("blocknames", "blocknumbers", "permitnames", "permitnumbers")
    }
    for rule, expression in written:
        side = "block" if rule.action == BLOCK else "permit"
        quoted = expression.replace("'", "''")
        section = f"{side}{'names' if rule.is_name else 'numbers'}"
        sections[section].append(f"  '{quoted}': my list\n")
    return "".join(
        f"{section}:\n{''.join(lines)}" if lines else f"{section}: {{}}\n"
        for section, lines in sections.items()
    ).encode()


def _written(rule: Rule, signs: dict[str, str]) -> str:
    """A pattern of numbers with the signs of a format; empty if it has none for what is open."""
    pattern = prefix_of(rule.pattern)
    if not pattern.startswith("+") or not {"*", "?"} & set(pattern) <= signs.keys():
        return ""
    return "".join(signs.get(char, char) for char in pattern)


@lru_cache(maxsize=8)
def _without_exceptions(rules: tuple[Rule, ...]) -> list[Rule]:
    """The rules that block numbers, without those from which one that allows makes an exception."""
    allowed = [rule for rule in rules if rule.action == ALLOW and rule.pattern.startswith("+")]
    return [rule for rule in rules if rule.action == BLOCK and not _has_exception(rule, allowed)]


def _has_exception(rule: Rule, allowed: Iterable[Rule]) -> bool:
    pattern = prefix_of(rule.pattern)
    if rule.is_number or not pattern.startswith("+"):
        return False
    precise = (each for each in allowed if each.precision >= rule.precision)
    return any(_meet(each, pattern) for each in precise)


def _meet(rule: Rule, pattern: str) -> bool:
    """Whether some number is meant by both."""
    if rule.is_number:
        return Rule(BLOCK, pattern).means(rule.pattern, country_of(rule.pattern))
    for one, other in zip_longest(rule.pattern, pattern, fillvalue=""):
        if "*" in (one, other):
            return True
        if "?" not in (one, other) and one != other:
            return False
    return True


def _expression(rule: Rule) -> str:
    """A regular expression for every way in which a modem writes a number, or for a name: those
    are searched without regard to case.
    """
    if rule.pattern == EVERYBODY:
        return ".*"
    if rule.pattern.startswith(NAME):
        name, how = name_in(rule.pattern)
        begins, ends = ("" if how == "contains" else "^"), ("$" if how == "equals" else "")
        return f"{begins}{re.escape(name)}{ends}"
    digits = _written(rule, {"*": r"\d*", "?": r"\d"}).removeprefix("+")
    return by_modem(digits) if digits else ""
