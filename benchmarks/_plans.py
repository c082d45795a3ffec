"""Counts the numbers that a country's plan allows, from the expressions that describe it.

An expression becomes an automaton, and the strings of each length that it accepts are counted along
its states: nothing is enumerated, so China takes as long as Iceland.
"""

import re._parser as parser  # type: ignore[import-not-found] # what `re` itself parses with
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from phonenumbers import PhoneMetadata

DIGITS = "0123456789"
DROPPED = 2

States = frozenset[int]


class Automaton:
    """Accepts what any of the expressions does: digits, classes, groups, choices, repetitions."""

    def __init__(self, expressions: Iterable[str]) -> None:
        self.free: list[set[int]] = []  # from state to state without a digit
        self.steps: list[list[tuple[frozenset[str], int]]] = []
        self.start, self.end = self._state(), self._state()
        for expression in expressions:
            self.free[self._build(parser.parse(expression), self.start)].add(self.end)

    def size(self) -> tuple[int, int]:
        """The numbers, and the non-empty blocks of a hundred: numbers without their last digits."""
        numbers = blocks = 0
        level: Counter[States] = Counter({self._closed(frozenset([self.start])): 1})
        while level:
            numbers += sum(count for states, count in level.items() if self.end in states)
            blocks += sum(count for states, count in level.items() if self._ends(states, DROPPED))
            following: Counter[States] = Counter()
            for states, count in level.items():
                for digit in DIGITS:
                    if reached := self._after(states, digit):
                        following[reached] += count
            level = following
        return numbers, blocks

    def each_block(self) -> Iterator[str]:
        """All blocks: only for plans small enough to enumerate."""
        waiting = [("", self._closed(frozenset([self.start])))]
        while waiting:
            digits, states = waiting.pop()
            if self._ends(states, DROPPED):
                yield digits
            waiting += [
                (digits + digit, reached)
                for digit in DIGITS
                if (reached := self._after(states, digit))
            ]

    @cache  # noqa: B019 -- as long-lived as the automaton
    def _ends(self, states: States, within: int) -> bool:
        if not within:
            return self.end in states
        return any(
            self._ends(reached, within - 1)
            for digit in DIGITS
            if (reached := self._after(states, digit))
        )

    @cache  # noqa: B019 -- as long-lived as the automaton
    def _after(self, states: States, digit: str) -> States:
        return self._closed(
            frozenset(
                target
                for state in states
                for digits, target in self.steps[state]
                if digit in digits
            )
        )

    def _closed(self, states: States) -> States:
        found, waiting = set(states), list(states)
        while waiting:
            fresh = self.free[waiting.pop()] - found
            found |= fresh
            waiting += fresh
        return frozenset(found)

    def _state(self) -> int:
        self.free.append(set())
        self.steps.append([])
        return len(self.free) - 1

    def _build(self, parsed: Any, state: int) -> int:
        """Adds the parsed expression after `state`; returns the state behind it."""
        for code, value in parsed:
            match str(code):
                case "LITERAL":
                    state = self._step(state, frozenset(chr(value)))
                case "IN":
                    state = self._step(state, frozenset().union(*map(_class, value)))
                case "SUBPATTERN":
                    state = self._build(value[-1], state)
                case "BRANCH":
                    ends = [self._build(choice, state) for choice in value[1]]
                    state = self._state()
                    for end in ends:
                        self.free[end].add(state)
                case "MAX_REPEAT":
                    least, most, repeated = value
                    ends = []
                    for times in range(most + 1):
                        if times >= least:
                            ends.append(state)
                        if times < most:
                            state = self._build(repeated, state)
                    state = self._state()
                    for end in ends:
                        self.free[end].add(state)
                case other:
                    raise ValueError(f"numbering plans had no {other} before")
        return state

    def _step(self, state: int, digits: frozenset[str]) -> int:
        target = self._state()
        self.steps[state].append((digits, target))
        return target


def _class(part: tuple[Any, Any]) -> frozenset[str]:
    match str(part[0]), part[1]:
        case "LITERAL", value:
            return frozenset(chr(value))
        case "RANGE", (first, last):
            return frozenset(chr(code) for code in range(first, last + 1))
        case "CATEGORY", category if str(category) == "CATEGORY_DIGIT":
            return frozenset(DIGITS)
    raise ValueError(f"numbering plans had no {part} before")


def mobiles(regions: Iterable[str]) -> Automaton:
    """The mobile numbers (national significant) of the regions that share a calling code.

    Mobile, since plans describe those closely: for landlines, many plans allow every length.
    """
    metas = (PhoneMetadata.metadata_for_region(region) for region in regions)
    patterns = (meta.mobile and meta.mobile.national_number_pattern for meta in metas if meta)
    return Automaton(pattern for pattern in patterns if pattern)
