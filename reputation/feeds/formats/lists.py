"""Formats that are plain lists: JSON, NDJSON, text, CSV."""

from collections.abc import Iterator, Sequence
from csv import writer
from datetime import UTC, datetime
from io import StringIO
from itertools import batched

import orjson

from edge import rfc3339
from reputation.feeds import checksums
from reputation.feeds.formats.entries import AT_ONCE, Entry, Head, blocked, in_pieces, label


def json(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """One object: the snapshot's head, and `numbers` with every listed number."""
    created = rfc3339(datetime.fromtimestamp(head.created, UTC))
    about = {
        "feed": head.feed,
        "cursor": head.cursor,
        "checksum": checksums.written(head.checksum),
        "created": created,
        "numbers": [],
    }
    yield orjson.dumps(about)[:-2]
    before = b""
    for some in batched(entries, AT_ONCE):
        yield before + orjson.dumps([_fields(entry) for entry in some])[1:-1]
        before = b","
    yield b"]}"


def ndjson(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """The objects of `numbers` in JSON, one per line."""
    for some in batched(entries, AT_ONCE):
        yield b"".join(orjson.dumps(_fields(e), option=orjson.OPT_APPEND_NEWLINE) for e in some)


def plain(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """The numbers to block in E.164, one per line."""
    return in_pieces(f"{entry.key}\n" for entry in blocked(entries))


def comma(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """The numbers to block in E.164, with commas between them, as Fossify's apps import them.

    Without blanks and without a final line break: older forks lose the last number to it.
    """
    before = ""
    for some in batched(blocked(entries), AT_ONCE):
        yield f"{before}{','.join(entry.key for entry in some)}".encode()
        before = ","


def csv(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """`pattern,description` (RFC 4180): the numbers to block and the category of each."""
    yield b"pattern,description\r\n"
    for some in batched(blocked(entries), AT_ONCE):
        text = StringIO(newline="")
        writer(text).writerows((entry.key, label(entry.category)) for entry in some)
        yield text.getvalue().encode()


def _fields(entry: Entry) -> dict[str, str | int]:
    # The names of the fields are those of changes, so that clients read both with the same code.
    found: dict[str, str | int] = {
        "number": entry.key,
        "action": entry.action,
        "category": entry.category,
        "score": entry.score,
    }
    if entry.campaign:
        found["campaign"] = entry.campaign
    return found
