"""What all formats are made from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import NamedTuple

from reputation.scoring import CATEGORIES, Action

# Lines handed on at once: joining is cheap, a call for each line is not.
AT_ONCE = 2000

BLOCK = Action.BLOCK.value


class Entry(NamedTuple):
    """A listed number. `score` in percent and `changed` (seconds since 1970) of its last change."""

    key: str
    action: str
    category: str
    score: int
    changed: int


@dataclass(frozen=True, slots=True)
class Head:
    """What the entries are as a whole: the state of `feed` at `cursor`.

    `checksum` as in docs/guide/feeds-format.md, `created` in seconds since 1970.
    """

    feed: str
    cursor: int
    checksum: int
    created: int


def blocked(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The E.164 numbers to block.

    For formats that know neither actions nor other keys: who imports them blocks all that is in
    them, and a flagged number must go on ringing.
    """
    return (entry for entry in entries if entry.action == BLOCK and entry.key.startswith("+"))


def label(category: str) -> str:
    """For people: "loan scam". Never empty, and without a character that any format reserves."""
    known = CATEGORIES.get(category)
    return known.label if known else "unwanted call"


def name_of(action: str, category: str) -> str:
    """What a telephone shows: "Spam: loan scam", or with doubt when it only warns."""
    return f"{'Spam' if action == BLOCK else 'Suspected'}: {label(category)}"


def in_pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines, each with its line end, as UTF-8."""
    for some in batched(lines, AT_ONCE):
        yield "".join(some).encode()
