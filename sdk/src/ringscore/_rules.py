"""A person's own rules about calls: the address book, lists of numbers, and quiet hours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from ._exceptions import InvalidNumber
from ._numbers import canonical
from ._written import plain, several


@dataclass(frozen=True)
class QuietHours:
    """Times when only contacts ring: local times, `end` excluded; over midnight when end <= start.

    `days`: 0 for Monday to 6 for Sunday, of the day on which the period begins.
    """

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))

    def __contains__(self, moment: datetime) -> bool:
        """Whether a local time is within."""
        now, today = moment.time(), moment.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= now < self.end
        yesterday = (today - 1) % 7
        return (today in self.days and now >= self.start) or (
            yesterday in self.days and now < self.end
        )


@dataclass(frozen=True)
class RepeatedCalls:
    """Callers who call again so soon may be in an emergency: quiet hours let them through."""

    within: timedelta = timedelta(minutes=5)
    calls: int = 2


class Contacts:
    """An address book, read once. Numbers are compared by their canonical keys.

    `region` reads national formats, which needs the extra `region`. An unreadable number only
    matches a caller shown in exactly those digits.
    """

    def __init__(self, numbers: Iterable[str], *, region: str = "") -> None:
        self._keys = frozenset(_key_or_digits(number, region) for number in several(numbers))

    def __contains__(self, caller: object) -> bool:
        """Whether a canonical key, or a caller without one, is in the book."""
        return isinstance(caller, str) and (caller in self._keys or plain(caller) in self._keys)

    def __len__(self) -> int:
        return len(self._keys)


NOBODY: Final = Contacts(())


class Pattern:
    """One entry of a list of numbers: a number, or digits with `*` and `?` for open ones."""

    def __init__(self, written: str, region: str) -> None:
        self.written = written
        wild = "*" in written or "?" in written
        text = plain(written) if wild else _key_or_digits(written, region)
        if not text.strip("*?+"):
            raise ValueError(f"{written!r} would fit every number: give some digits of it")
        self.is_open = wild
        self.digits = sum(character not in "*?" for character in text)
        translated = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in text)
        self.fits = re.compile(translated).fullmatch


def _key_or_digits(number: str, region: str) -> str:
    try:
        return canonical(number, region=region)
    except InvalidNumber:
        return plain(number)
