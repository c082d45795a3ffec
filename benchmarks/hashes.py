"""PhoneBlock's hash lookups: the cost of a table of hashes, and lookups with and without it.

    python benchmarks/hashes.py [LISTED]

LISTED numbers (default 200,000), all blocked, a third of them in tens, in a database of their own.
First the table follows the change log from its beginning. Then whole requests through Django, as
PhoneBlock's dongle and SpamBlocker make them, for listed numbers and for strangers; beside them
the cost of hashing each listed number for each request. docs/adr/0013 records the choice.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha1
from itertools import batched
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import _database  # noqa: E402

DATABASE = "ringscore_bench_hashes"
QUESTIONS = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("listed", type=int, nargs="?", default=200_000)
    listed = parser.parse_args().listed
    django.setup()
    with _database.made(DATABASE):
        measure(listed)


def measure(listed: int) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    unlimited: dict[str, str | None] = {"anonymous": None, "key": None}
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, unlimited)
    numbers = _numbers(listed)
    _list(numbers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _follow(listed)
    _ask_each(numbers)


def _follow(listed: int) -> None:
    """Lets the table of hashes follow the change log, and prints time and size."""
    from api.dialects import hashes
    from reputation.feeds import log

    log.sequence()
    began = time.perf_counter()
    hashes.catch_up()
    took = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('api_hashednumber')")
        (size,) = cursor.fetchone() or (0,)
        cursor.execute("VACUUM (ANALYZE)")  # as PostgreSQL does by itself, within a minute
    print(
        f"{listed:,} listed numbers: the table follows in {took:.1f} s "
        f"({listed / took:,.0f} numbers/s) and takes {size / listed:.0f} bytes a number"
    )


def _ask_each(numbers: list[str]) -> None:
    """Prints how long requests of each kind take."""
    request = _requests()
    chance = random.Random(3)
    known = chance.sample(numbers, QUESTIONS)
    strangers = [f"+1{chance.randrange(2_000_000_000, 9_999_999_999)}" for _ in known]
    print(f"{'whole requests, milliseconds':<36}{'p10':>8}{'median':>8}{'p99':>8}")
    for name, ask, asked in (
        ("test (key, limit, Django: no lookup)", request(lambda number: "test"), known),
        ("check, listed", request(_whole), known),
        ("check, stranger", request(_whole), strangers),
        ("check-prefix, listed", request(_short), known),
        ("check-prefix, stranger", request(_short), strangers),
        ("hashing each listed number instead", _hashing, known[:5]),
    ):
        ask(asked[0])
        took_each = []
        for number in asked:
            began = time.perf_counter()
            ask(number)
            took_each.append(1000 * (time.perf_counter() - began))
        took_each.sort()
        shown = [took_each[int(part * len(took_each))] for part in (0.1, 0.5, 0.99)]
        print(f"{name:<36}" + "".join(f"{each:>8.2f}" for each in shown))


def _requests() -> Callable[[Callable[[str], str]], Callable[[str], None]]:
    """Makes a path of a number into a request for it, with a key."""
    from django.test import Client

    from api.keys import create_key

    _, token = create_key(name="bench", scopes=["compat"], now=datetime.now(UTC))
    client = Client(headers={"authorization": f"Bearer {token}"})

    def request(path: Callable[[str], str]) -> Callable[[str], None]:
        def ask(number: str) -> None:
            answer = client.get(f"/phoneblock/api/{path(number)}")
            assert answer.status_code == 200, answer.content

        return ask

    return request


def _whole(number: str) -> str:
    return (
        f"check?sha1={_hash(number)}&prefix10={_hash(number[:-1])}&prefix100={_hash(number[:-2])}"
    )


def _short(number: str) -> str:
    return (
        f"check-prefix?sha1={_hash(number)[:4]}&prefix10={_hash(number[:-1])[:4]}"
        f"&prefix100={_hash(number[:-2])[:4]}"
    )


def _list(numbers: list[str]) -> None:
    from reputation.models import FeedChange, Number

    now = datetime.now(UTC)
    state = {"action": "block", "score": 97, "status": "listed", "category": "loan_scam"}
    for keys in batched(numbers, 10_000):
        Number.objects.bulk_create(
            Number(key=key, country="US", created_at=now, evidence_at=now, prior=0.45, **state)
            for key in keys
        )
        FeedChange.objects.bulk_create(
            FeedChange(key=key, bucket=0, previous="allow", changed_at=now, **state) for key in keys
        )


def _hashing(number: str) -> None:
    """`check` without a table: reads every listed number, and hashes it."""
    from reputation.models import Number

    wanted = sha1(number.encode()).digest()  # noqa: S324 -- theirs, not ours
    for key in Number.objects.listed().values_list("key", flat=True).iterator():
        if sha1(key.encode()).digest() == wanted:  # noqa: S324
            return


def _hash(text: str) -> str:
    return sha1(text.encode()).hexdigest().upper()  # noqa: S324


def _numbers(count: int) -> list[str]:
    """Numbers of the shape of the US plan: two thirds alone, a third in tens of five."""
    chance = random.Random(1)
    found: set[str] = set()
    while len(found) < count:
        number = f"+1{chance.randrange(2, 10)}{chance.randrange(10**9):09}"
        if chance.random() < 0.09:
            found.update(f"{number[:-1]}{last}" for last in chance.sample(range(10), 5))
        else:
            found.add(number)
    return sorted(found)[:count]


if __name__ == "__main__":
    main()
