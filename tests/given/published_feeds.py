"""Reading what was published, with readers that nobody here wrote."""

import gzip
import struct

from pyroaring import BitMap64

from reputation.feeds import checksums
from reputation.feeds.snapshots import Publication

State = dict[str, str]


def content(publication: Publication, format: str) -> bytes:
    return gzip.decompress(publication.path(format).read_bytes())


def read_roaring(file: bytes) -> State:
    """By the format's description; the bitmaps by CRoaring."""
    state: State = {}
    (sections,) = struct.unpack_from("<I", file, 12)
    place = 64
    for _ in range(sections):
        action, kind, zero, count, size = struct.unpack_from("<BBHIQ", file, place)
        payload = file[place + 16 : place + 16 + size]
        place += 16 + size
        if kind == 1:
            keys = [f"+{number}" for number in BitMap64.deserialize(payload)]
        else:
            keys = payload.decode().split("\n")[:-1]
        assert len(keys) == count
        assert zero == 0
        state |= dict.fromkeys(keys, {1: "flag", 2: "block"}[action])
    assert place == len(file) - 32
    return state


def checksum_of(state: State) -> str:
    return checksums.written(checksums.of_state((action, key) for key, action in state.items()))
