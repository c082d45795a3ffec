"""Private lookups: how many numbers an answer leaves in question, and its cost.

    python benchmarks/buckets.py [LISTED]

First the anonymity set over the real numbering plans: of all mobile numbers that a country's plan
allows, how many share the bucket that a client requests; and how many are left when a client asks
for the number and its two ranges separately, as in PhoneBlock's `check-prefix`. Then LISTED numbers
(default 200,000), a third of them in rented blocks, in a database of their own: the content of an
answer for an unreported number, the size of answers, and the time that they take.
"""

import argparse
import math
import os
import random
import statistics
import sys
import time
from datetime import UTC, datetime
from hashlib import sha1, sha256
from pathlib import Path

import phonenumbers

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import _database  # noqa: E402
from benchmarks._plans import mobiles  # noqa: E402

DATABASE = "ringscore_bench_buckets"
COUNTRIES = "CN IN US BR ID DE GB FR JP SE DK IS MT FO NU"
# Small enough to hash each block and compare with Poisson's estimate.
EXACT = ("DK", "IS", "FO")
PHONEBLOCK_BITS = 16  # `check-prefix?sha1=<4 hex>&prefix10=<4 hex>&prefix100=<4 hex>`


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("listed", type=int, nargs="?", default=200_000)
    listed = parser.parse_args().listed
    django.setup()
    anonymity()
    print()
    exactly()
    print()
    with _database.made(DATABASE):
        answers(listed)


def anonymity() -> None:
    from reputation.lookup.buckets import PREFIX_BITS

    print("Mobile numbers left in question by one private lookup, of all that the plan allows")
    print(f"{'':<4}{'numbers':>16}{'bits':>6}{'in a bucket':>14}{'in the emptiest':>17}", end="")
    print(f"{'PhoneBlock, 1st prefix':>24}{'all three':>11}")
    for region in COUNTRIES.split():
        numbers, blocks = mobiles([region]).size()
        bits = PREFIX_BITS.get(region, PREFIX_BITS["default"])
        here = blocks / 2**bits
        block = numbers / blocks
        # The client's own block is always there: its bucket is never empty.
        first = 1 + (numbers - 1) / 2**PHONEBLOCK_BITS
        three = 1 + (
            9 / 2**PHONEBLOCK_BITS
            + 90 / 2 ** (2 * PHONEBLOCK_BITS)
            + (numbers - 100) / 2 ** (3 * PHONEBLOCK_BITS)
        )
        print(
            f"{region:<4}{numbers:>16,}{bits:>6}{block * (1 + here):>14,.0f}"
            f"{block * (1 + _fewest(here, 2.0**-bits)):>17,.0f}{first:>24,.0f}{three:>11.3f}"
        )
    print("A block of a hundred is in question at the least, whatever the plan.")


def _fewest(mean: float, chance: float) -> int:
    """The fewest blocks that one of 1/chance buckets holds: Poisson's quantile."""
    if mean > 500:  # where e^-mean is no longer a double; the normal tail's bound will do
        return int(mean - math.sqrt(-2 * mean * math.log(chance)))
    count, probability, below = 0, math.exp(-mean), 0.0
    while (below := below + probability) < chance:
        count += 1
        probability *= mean / count
    return count


def exactly() -> None:
    """The same counts by hashing every block; PhoneBlock's three prefixes for random numbers."""
    from reputation.lookup.buckets import PREFIX_BITS

    chance = random.Random(1)
    print("The same by going through the plan, in buckets as their askers meet them")
    print(f"{'':<4}{'numbers':>12}{'bits':>6}{'fewest':>9}{'median':>9}{'most':>9}", end="")
    print("   PhoneBlock's three prefixes: most left of 1,000 numbers")
    for region in EXACT:
        plan = mobiles([region])
        code = f"+{phonenumbers.country_code_for_region(region)}"
        bits = PREFIX_BITS.get(region, PREFIX_BITS["default"])
        blocks = [code + digits for digits in plan.each_block()]
        held: dict[str, int] = {}
        alike: dict[str, list[str]] = {}
        for block in blocks:
            name = sha256(block.encode()).hexdigest()[: bits // 4]
            held[name] = held.get(name, 0) + 100
            alike.setdefault(sha1(block.encode()).hexdigest()[:4], []).append(block)  # noqa: S324
        sizes = sorted(held.values())
        left = max(_phoneblock(chance.choice(blocks), alike, chance) for _ in range(1000))
        print(
            f"{region:<4}{plan.size()[0]:>12,}{bits:>6}{sizes[0]:>9,}"
            f"{statistics.median(sizes):>9,.0f}{sizes[-1]:>9,}{left:>12}"
        )


def _phoneblock(block: str, alike: dict[str, list[str]], chance: random.Random) -> int:
    """How many numbers of a plan share all three hashes with a number in this block."""

    def name(text: str) -> str:
        return sha1(text.encode()).hexdigest()[:4].upper()  # noqa: S324 -- theirs, not ours

    asked = f"{block}{chance.randrange(100):02}"
    tens = [
        ten
        for hundred in alike[name(block).lower()]
        for ten in (f"{hundred}{digit}" for digit in range(10))
        if name(ten) == name(asked[:-1])
    ]
    numbers = (f"{ten}{digit}" for ten in tens for digit in range(10))
    return sum(name(number) == name(asked) for number in numbers)


def answers(listed: int) -> None:
    asked = fill(listed)

    from api.views.buckets import padded
    from reputation.lookup.buckets import LENGTHS, measure, read_bucket

    started = time.perf_counter()
    measure()
    print(
        f"{listed:,} listed numbers; sizing the buckets took {time.perf_counter() - started:.1f} s"
    )
    digest = sha256(asked[:-2].encode()).hexdigest()
    print(f"{asked} was never reported. What its bucket says of it:")
    for length in LENGTHS:
        bucket = read_bucket(digest[:length])
        own = [each.number for each in bucket.numbers if each.number == asked]
        around = [each for each in bucket.ranges if asked.startswith(each.prefix)]
        described = ", ".join(
            f"{each.prefix}* {each.action} {each.score} ({each.listed} of {each.known} listed)"
            for each in around
        )
        assert around, "the answer must hold the ranges"
        assert not own, "nobody reported it"
        print(f"  {digest[:length]:<5} itself: not listed; its ranges: {described}")

    chance = random.Random(2)
    print("digits  buckets  entries    bytes   read and written in, ms: median   99 of 100")
    for length in LENGTHS:
        took, bodies = [], set()
        for _ in range(300):
            prefix = f"{chance.randrange(16**length):0{length}x}"
            started = time.perf_counter()
            bucket = read_bucket(prefix)
            body = padded(bucket)
            took.append(1000 * (time.perf_counter() - started))
            bodies.add((len(bucket.numbers) + len(bucket.ranges), len(body)))
        assert len(bodies) == 1, "all answers of a kind must be alike"
        entries, size = bodies.pop()
        cuts = statistics.quantiles(took, n=100)
        print(
            f"{length:>6}{16**length:>9,}{entries:>9,}{size:>9,}{cuts[49]:>35.2f}{cuts[98]:>12.2f}"
        )
    connection.close()


def fill(listed: int) -> str:
    """Adds listed numbers, two thirds random, one third in rented blocks; and an unlisted one."""

    from reputation.feeds.blocks import bucket_of
    from reputation.models import FeedHead, Number

    chance = random.Random(3)
    prefixes = (("+861", 10), ("+1", 10), ("+4915", 9), ("+919", 9), ("+5511", 9))
    keys: set[str] = set()
    while len(keys) < listed * 2 // 3:
        start, digits = chance.choice(prefixes)
        keys.add(f"{start}{chance.randrange(10**digits):0{digits}}")
    rented: set[str] = set()
    while len(rented) < listed - len(keys):
        start, digits = chance.choice(prefixes)
        block = f"{start}{chance.randrange(10 ** (digits - 2)):0{digits - 2}}"
        rented |= {f"{block}{last:02}" for last in chance.sample(range(100), chance.randint(3, 40))}
    block = "+4930123456"
    rented |= {f"{block}{last:02}" for last in (1, 2, 3, 4, 50, 61)}
    now = datetime.now(UTC)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY reputation_feedchange"
            " (cursor, key, bucket, previous, action, category, status, score, changed_at)"
            " FROM STDIN"
        ) as copy,
    ):
        for place, key in enumerate(sorted(keys | rented), start=1):
            copy.write_row(
                (place, key, bucket_of(key), "allow", "flag", "robocall", "listed", 92, now)
            )
    FeedHead.objects.create(cursor=len(keys | rented))
    # Ranges read the numbers themselves; those outside of rented blocks do not affect them.
    Number.objects.bulk_create(
        [
            Number(
                key=key, created_at=now, evidence_at=now, prior=0.45, action="flag", score=92,
                status="listed",
            )
            for key in sorted(rented)
        ],
        batch_size=5000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) reputation_feedchange, reputation_number")
    return f"{block}05"


if __name__ == "__main__":
    main()
