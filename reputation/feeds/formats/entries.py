"""The entries that all formats render, and helpers for rendering."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import NamedTuple

from reputation.scoring import CATEGORIES, Action

# Lines joined into one piece: joining is cheap, a call for each line is not.
AT_ONCE = 2000

BLOCK = Action.BLOCK.value


class Entry(NamedTuple):
    """A listed number. `score` (percent), `changed` (seconds since 1970) and `campaign` (a key, or
    empty) of its last change."""

    key: str
    action: str
    category: str
    score: int
    changed: int
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The state of `feed` at `cursor`, of which the entries are the content.

    `checksum` as in docs/guide/feeds-format.md, `created` in seconds since 1970.
    """

    feed: str
    cursor: int
    checksum: int
    created: int


def blocked(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The E.164 numbers to block.

    For formats without actions or other keys: a device blocks every number in such a file, and
    calls from a flagged number must go on ringing.
    """
    return (entry for entry in entries if entry.action == BLOCK and entry.key.startswith("+"))


def label(category: str) -> str:
    """The category in words: "loan scam". Never empty, without characters that formats reserve."""
    known = CATEGORIES.get(category)
    return known.label if known else "unwanted call"


def name_of(action: str, category: str) -> str:
    """The caller name that a telephone shows: "Spam: loan scam"; "Suspected: …" when flagged."""
    return f"{'Spam' if action == BLOCK else 'Suspected'}: {label(category)}"


def in_pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Encodes lines, which include their line ends, as UTF-8, many lines to a piece."""
    for some in batched(lines, AT_ONCE):
        yield "".join(some).encode()
