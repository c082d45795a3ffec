"""Formats of apps that block calls on a telephone."""

from collections.abc import Iterator, Sequence
from itertools import batched

import orjson

from reputation.feeds.formats.entries import (
    AT_ONCE,
    BLOCK,
    Entry,
    Head,
    blocked,
    in_pieces,
    label,
    name_of,
)

# Minutes for which a phone may keep what it was told of a caller. An hour: numbers are taken off
# the list too, and each question costs the service that answers for Apple.
PIR_EXPIRY = 60


def yacb(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """Yet Another Call Blocker's backup of its own list, to import there. Times in milliseconds.

    The calls that it counts are the telephone's own: none yet.
    """
    yield b"ID,name,pattern,creationTimestamp,numberOfCalls,lastCallTimestamp\n"
    yield from in_pieces(
        f"{place},{label(entry.category)},{entry.key},{entry.changed * 1000},0,\n"
        for place, entry in enumerate(blocked(entries), start=1)
    )


def saracroche(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """Saracroche's list of patterns: digits without plus, `#` for any digit.

    Where all ten numbers that differ in their last digit are blocked, one pattern stands for them,
    and so on. So the patterns mean the listed numbers and no other.
    """
    patterns = merged([entry.key[1:] for entry in blocked(entries)])
    before = b"["
    for some in batched(patterns, AT_ONCE):
        fields = [{"operator_name": "Ringscore", "pattern": pattern} for pattern in some]
        yield before + orjson.dumps(fields)[1:-1]
        before = b","
    yield b"[]" if before == b"[" else b"]"


def merged(numbers: list[str]) -> list[str]:
    """The fewest patterns with `#` at their ends that mean exactly these sorted digits."""
    whole: list[str] = []  # patterns so far; ten in a row that differ in one digit become one
    for number in numbers:
        whole.append(number)
        while len(whole) >= 10 and (joined := _joined(whole[-10:])):
            whole[-10:] = [joined]
    return whole


def _joined(ten: list[str]) -> str:
    stem = ten[0].rstrip("#")[:-1]
    rest = "#" * (len(ten[0]) - len(stem) - 1)
    if all(pattern == f"{stem}{digit}{rest}" for digit, pattern in enumerate(ten)):
        return f"{stem}#{rest}"
    return ""


def ios(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """What a Call Directory extension hands to iOS: numbers as ascending integers.

    Flagged numbers are to identify, with a label, blocked ones to block. A snapshot begins with
    nothing, so there is nothing to remove: what an app removes later it learns from the changes.
    """
    numbers = [(int(entry.key), entry) for entry in entries if entry.key.startswith("+")]
    numbers.sort()
    yield b'{"cursor":%d,"blocking":{"add":[' % head.cursor
    yield from _comma_separated([number for number, entry in numbers if entry.action == BLOCK])
    yield b'],"remove":[]},"identification":{"add":['
    yield from _comma_separated(
        [
            {"number": number, "label": name_of(entry.action, entry.category)}
            for number, entry in numbers
            if entry.action != BLOCK
        ]
    )
    yield b'],"remove":[]}}'


def pir(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """The input of `ConstructDatabase`, from which Apple's Live Caller ID Lookup is served."""
    return in_pieces(
        f'identities {{\n  key: "{entry.key}"\n  value {{\n'
        f'    name: "{name_of(entry.action, entry.category)}"\n'
        f"    cache_expiry_minutes: {PIR_EXPIRY}\n"
        f"    block: {'true' if entry.action == BLOCK else 'false'}\n  }}\n}}\n"
        for entry in entries
        if entry.key.startswith("+")
    )


def _comma_separated(values: Sequence[object]) -> Iterator[bytes]:
    before = b""
    for some in batched(values, AT_ONCE):
        yield before + orjson.dumps(some)[1:-1]
        before = b","
