"""Private lookups: all listed numbers whose hashes begin alike, so the number stays unknown.

The client hashes the number without its last two digits and sends the first digits of the hash. All
numbers of a block of a hundred share that hash, so one answer covers the number and the ranges
around it. Separate requests for number and range, as in PhoneBlock's dialect, give the number away:
`python benchmarks/buckets.py` counts how many numbers each way leaves in question.

Answers of one kind have equal numbers of entries, so that an observer on the way cannot tell the
bucket by its size. Nothing is stored: buckets are read from the change log, by an index.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import shake_256
from math import ceil

from django.db import connection

from reputation.feeds import BUCKET_BITS, DROPPED, log
from reputation.lookup import ranges
from reputation.lookup.ranges import LISTED_FROM, Range
from reputation.models import BucketSize
from reputation.scoring import FLAG_AT, UNWANTED, Action

HASH = "sha256"
DROP_DIGITS = DROPPED

# Bits of the hash to send, by the number's country: as many as leave ten blocks, a thousand mobile
# numbers, of that country in question. Sixteen where even they leave five hundred blocks, so that
# the answer is short. Each of the three gets a full answer for any number: clients that send fewer
# bits hide better and read more. Mobile numbers only, since plans allow lengths of landlines that
# are never assigned. tests/benchmarks holds this table to the plans.
_LARGE = "BR CA CN IN MX US"
_SMALL = (
    "AC AD AW BL BN BQ BT BZ CK CV CW DJ ER FK FM FO GF GL GP GY IO KM MF MH MQ MT MV NC NF NR NU"
    " PF PM PW RE SB SC SH SM SR ST TA TK TO TV VU WF YT"
)
PREFIX_BITS = {
    "default": 12,
    # Numbers without a plus and names of senders: too few of a kind to hide among more bits.
    "national": 8,
    "sender": 8,
    **dict.fromkeys(_LARGE.split(), 16),
    **dict.fromkeys(_SMALL.split(), 8),
}
LENGTHS = tuple(sorted({bits // 4 for bits in PREFIX_BITS.values()}))

# Sizes are round and have some room, so that they seldom change: a new size changes every answer
# of its kind, and caches fetch them all again.
LEAST_NUMBERS, LEAST_RANGES = 16, 4
ROOM = 1.25

LEAST_SCORE = int(100 * FLAG_AT)

_PREFIX = re.compile("|".join(f"[0-9a-f]{{{length}}}" for length in LENGTHS))

_LAST = """
    SELECT DISTINCT ON (key) key, bucket, action, score, category FROM reputation_feedchange
    WHERE cursor IS NOT NULL {} ORDER BY key, cursor DESC
"""
LISTED = f"""
    SELECT key, action, score, category FROM ({_LAST.format("AND bucket BETWEEN %s AND %s")}) last
    WHERE action <> '{Action.ALLOW.value}' ORDER BY key
"""  # noqa: S608 -- constants
# The fullest bucket of each length: its numbers, and the ranges in it that may be flagged.
FULLEST = f"""
    WITH listed AS MATERIALIZED (
        SELECT key, bucket FROM ({_LAST.format("")}) last WHERE action <> '{Action.ALLOW.value}'
    ), crowded AS MATERIALIZED (
        SELECT bucket FROM listed, unnest(ARRAY[left(key, -1), left(key, -2)]) AS prefix
        WHERE key !~ '@' GROUP BY bucket, prefix HAVING count(*) >= {LISTED_FROM}
    )
    SELECT length,
        (SELECT max(found) FROM (
            SELECT count(*) AS found FROM listed GROUP BY bucket >> {BUCKET_BITS} - 4 * length
        ) numbers),
        (SELECT max(found) FROM (
            SELECT count(*) AS found FROM crowded GROUP BY bucket >> {BUCKET_BITS} - 4 * length
        ) ranges)
    FROM unnest(%s) AS length
"""  # noqa: S608 -- constants


class InvalidHashPrefix(ValueError):
    """`raw` is not the beginning of a hash. The message names the remedy."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed number. `score` in percent, as of the number's last listing."""

    number: str
    action: str
    score: int
    category: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """Every listed number and flagged range under a prefix, filled up with numbers from +0.

    No real number begins with +0. All buckets with prefixes of one length have equal counts of
    each.
    """

    prefix: str
    numbers: list[Entry]
    ranges: list[Range]


def read_prefix(raw: str) -> str:
    """A prefix in lower case. Raises InvalidHashPrefix."""
    prefix = raw.lower()
    if _PREFIX.fullmatch(prefix) is None:
        raise InvalidHashPrefix(
            f"A bucket is named by the first {LENGTHS[0]} to {LENGTHS[-1]} hexadecimal digits of "
            f"the {HASH.upper()} of the number without its last {DROP_DIGITS} digits; /v1/buckets "
            "says by how many."
        )
    return prefix


def read_bucket(prefix: str) -> Bucket:
    """Every listed number and flagged range under a prefix that read_prefix returned."""
    log.sequence()
    shift = BUCKET_BITS - 4 * len(prefix)
    first = int(prefix, 16) << shift
    with connection.cursor() as cursor:
        cursor.execute(LISTED, [first, first + (1 << shift) - 1])
        numbers = [Entry(*row) for row in cursor.fetchall()]
    flagged = [found for found in ranges.describe(_crowded(numbers)) if found.action == Action.FLAG]
    size = _size(len(prefix), numbers=len(numbers), ranges=len(flagged))
    return Bucket(
        prefix,
        numbers + [_nobody(place) for place in range(len(numbers), size.numbers)],
        flagged + [_nowhere(place) for place in range(len(flagged), size.ranges)],
    )


def measure() -> None:
    """Sets the sizes of buckets by the fullest ones now. Reads the whole log; once a day is enough.

    Between runs, a bucket that outgrows its size makes all others of its length grow with it.
    """
    log.sequence()
    with connection.cursor() as cursor:
        cursor.execute(FULLEST, [list(LENGTHS)])
        sizes = [
            BucketSize(
                length=length,
                numbers=max(LEAST_NUMBERS, _rounded(ROOM * (numbers or 0))),
                ranges=max(LEAST_RANGES, _rounded(ROOM * (ranges or 0))),
            )
            for length, numbers, ranges in cursor.fetchall()
        ]
    BucketSize.objects.bulk_create(
        sizes,
        update_conflicts=True,
        unique_fields=["length"],
        update_fields=["numbers", "ranges"],
    )


def _crowded(numbers: Iterable[Entry]) -> list[str]:
    """The blocks of a hundred and of ten with enough listed members to judge the range."""
    keys = [entry.number for entry in numbers if "@" not in entry.number]
    members = Counter(key[:-dropped] for key in keys for dropped in range(1, DROPPED + 1))
    return sorted(prefix for prefix, count in members.items() if count >= LISTED_FROM)


def _size(length: int, *, numbers: int, ranges: int) -> BucketSize:
    size = BucketSize.objects.filter(length=length).first()
    if size is None:
        measure()
        size = BucketSize.objects.get(length=length)
    if numbers > size.numbers or ranges > size.ranges:
        size.numbers = max(size.numbers, _rounded(numbers))
        size.ranges = max(size.ranges, _rounded(ranges))
        size.save()
    return size


def _rounded(least: float) -> int:
    """The next of 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 …: at most a quarter more than `least`."""
    unit = 1
    while 8 * unit <= least:
        unit *= 2
    return max(4, ceil(least / unit)) * unit


# Fillers look like real entries, also to a compressor: random digits, but the same ones each time,
# since otherwise no cache could tell that nothing has changed.


@cache
def _nobody(place: int) -> Entry:
    chance = _chance(f"number {place}")
    return Entry(
        number=f"+0{chance % 10**11:011}",
        action=(Action.FLAG if chance % 2 else Action.BLOCK).value,
        score=LEAST_SCORE + chance % (100 - LEAST_SCORE),
        category=UNWANTED[chance % len(UNWANTED)],
    )


@cache
def _nowhere(place: int) -> Range:
    chance = _chance(f"range {place}")
    listed = LISTED_FROM + chance % 7
    return Range(
        prefix=f"+0{chance % 10**9:09}",
        action=Action.FLAG.value,
        score=LEAST_SCORE + chance % (100 - LEAST_SCORE),
        known=listed,
        listed=listed,
        share=1.0,
    )


def _chance(name: str) -> int:
    return int.from_bytes(shake_256(name.encode()).digest(8))
