"""Formats of apps that block calls on a telephone."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import batched
from operator import itemgetter

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

# Minutes for which a phone may keep the answer about a caller. An hour: numbers also leave the
# list, and every request costs the service that answers for Apple.
PIR_EXPIRY = 60


def yacb(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """A backup of Yet Another Call Blocker's own list, for import there. Times in milliseconds.

    Its counts of calls belong to the telephone: no calls yet.
    """
    yield b"ID,name,pattern,creationTimestamp,numberOfCalls,lastCallTimestamp\n"
    yield from in_pieces(
        f"{place},{label(entry.category)},{entry.key},{entry.changed * 1000},0,\n"
        for place, entry in enumerate(blocked(entries), start=1)
    )


def saracroche(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """Saracroche's list, as its app decodes it: digits without plus, `#` for any digit.

    Ten blocked numbers that differ only in their last digit become one pattern, and ten such
    patterns the next. So the patterns match the listed numbers and no others.
    """
    # Digits and # need no quoting. All values are texts.
    patterns = merged([entry.key[1:] for entry in blocked(entries)])
    yield b'{"version":"%d","name":"Ringscore","patterns":[' % head.cursor
    yield from _comma_separated(
        [f'{{"name":"Ringscore","action":"block","pattern":"{pattern}"}}' for pattern in patterns]
    )
    yield b"]}"


def merged(numbers: list[str]) -> list[str]:
    """The fewest patterns with `#` at their ends that match exactly these sorted digit strings."""
    whole: list[str] = []  # the patterns so far; ten in a row that differ in one digit become one
    for number in numbers:
        whole.append(number)
        if number[-1] != "9":  # completes no ten
            continue
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
    """The input of an iOS Call Directory extension: numbers as ascending integers.

    iOS labels the flagged numbers and blocks the blocked ones. A snapshot begins with an empty
    list, so it removes nothing; the app gets later removals from the changes.
    """
    numbers = [(int(entry.key), entry) for entry in entries if entry.key.startswith("+")]
    numbers.sort(key=itemgetter(0))
    yield b'{"cursor":%d,"blocking":{"add":[' % head.cursor
    yield from _comma_separated([str(number) for number, entry in numbers if entry.action == BLOCK])
    yield b'],"remove":[]},"identification":{"add":['
    yield from _comma_separated(
        [
            f'{{"number":{number},"label":{_quoted(entry.action, entry.category)}}}'
            for number, entry in numbers
            if entry.action != BLOCK
        ]
    )
    yield b'],"remove":[]}}'


@lru_cache(128)
def _quoted(action: str, category: str) -> str:
    return orjson.dumps(name_of(action, category)).decode()


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


def _comma_separated(values: Sequence[str]) -> Iterator[bytes]:
    """Joins values that are already JSON."""
    before = ""
    for some in batched(values, AT_ONCE):
        yield f"{before}{','.join(some)}".encode()
        before = ","
