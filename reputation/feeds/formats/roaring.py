"""The SDK's mirror: Roaring bitmaps under a checksummed header (docs/guide/feeds-format.md)."""

import hashlib
import struct
from array import array
from collections.abc import Iterator, Sequence

from pyroaring import BitMap64

from reputation.feeds.formats.entries import Entry, Head

MAGIC = b"RSFEED\r\n"
VERSION = 1
HEADER = struct.Struct("<8sHHIQQ32s")
SECTION = struct.Struct("<BBHIQ")
ACTIONS = {"flag": 1, "block": 2}
NUMBERS, OTHERS = 1, 2


def render(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    sections = list(_sections(entries))
    digest = hashlib.sha256()
    header = HEADER.pack(
        MAGIC,
        VERSION,
        HEADER.size,
        len(sections),
        head.cursor,
        head.created,
        head.checksum.to_bytes(32),
    )
    for piece in (header, *sections):
        digest.update(piece)
        yield piece
    yield digest.digest()


def _sections(entries: Sequence[Entry]) -> Iterator[bytes]:
    numbers = {action: array("Q") for action in ACTIONS}
    others: dict[str, list[str]] = {action: [] for action in ACTIONS}
    for entry in entries:
        if entry.key.startswith("+"):
            numbers[entry.action].append(int(entry.key))
        else:
            others[entry.action].append(entry.key)
    for action, code in ACTIONS.items():
        if found := numbers[action]:
            yield _section(code, NUMBERS, len(found), BitMap64(found).serialize())
        if keys := others[action]:
            # Sorted by code points, which is the order of the bytes: UTF-8 keeps it.
            lines = "".join(f"{key}\n" for key in sorted(keys))
            yield _section(code, OTHERS, len(keys), lines.encode())


def _section(action: int, kind: int, count: int, payload: bytes) -> bytes:
    return SECTION.pack(action, kind, 0, count, len(payload)) + payload
