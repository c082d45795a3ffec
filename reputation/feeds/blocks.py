"""Blocks of a hundred numbers, and the buckets that private lookups ask for instead of numbers.

Numbers of one block share a bucket, so one request covers the number and the ranges around it.
Separate requests for number and ranges would give the number away: see docs/adr.
"""

import hashlib

DROPPED = 2  # trailing digits left out before hashing
BUCKET_BITS = 16  # the finest bucket


def block_of(key: str) -> str:
    """A canonical key without its last two characters: the text that is hashed."""
    return key[:-DROPPED]


def bucket_of(key: str) -> int:
    """The first 16 bits of the SHA-256 of the key's block (as UTF-8), 0 to 65535."""
    digest = hashlib.sha256(block_of(key).encode()).digest()
    return int.from_bytes(digest[: BUCKET_BITS // 8])
