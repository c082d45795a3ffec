"""Feeds: the time to publish a million numbers, and the cost of a delta.

    python benchmarks/feeds.py [NUMBERS] [ROUNDS]

NUMBERS (default 1,000,000) are listed in a database of their own and published in every format,
ROUNDS times (default 3). The reference, in turn with it: the database's own COPY TO of the same
rows into a file, as text and without a format. Then a thousand changes, as a mirror fetches them.
"""

import argparse
import gzip
import os
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import _database  # noqa: E402

DATABASE = "ringscore_bench_feeds"
LIMIT = 20.0  # seconds for a million numbers
CHANGES = 1000
DELTA = 10_000  # bytes that so many may cost
# Calling code and first digits, and how many digits follow: mobiles of China, the US, India,
# Germany, Britain and France.
BLOCKS = (
    "(0, '+861', 10), (1, '+120', 8), (2, '+919', 9), "
    "(3, '+4915', 9), (4, '+447', 9), (5, '+336', 8)"
)
FILL = f"""
    INSERT INTO reputation_feedchange
        (cursor, key, bucket, previous, action, category, status, score, changed_at)
    SELECT
        i,
        key,
        i %% 65536,
        'allow',
        CASE WHEN i %% 3 = 0 THEN 'flag' ELSE 'block' END,
        (ARRAY['loan_scam', 'robocall', 'telemarketing', 'illegal_collection'])[1 + i %% 4],
        'listed',
        60 + i %% 40,
        now() - i * interval '1 second'
    FROM (
        SELECT row_number() OVER (ORDER BY md5(key)) AS i, key FROM (
            SELECT DISTINCT prefix || lpad((chance %% (10::int8 ^ digits)::int8)::text, digits, '0')
                AS key
            FROM (
                SELECT n, ('x' || md5(n::text))::bit(60)::int8 AS chance
                FROM generate_series(1, %s) n
            ) dice
            JOIN (VALUES {BLOCKS}) blocks (place, prefix, digits) ON place = n %% 6
        ) drawn
    ) keys
"""  # noqa: S608 -- constants
CHANGE = """
    INSERT INTO reputation_feedchange
        (key, bucket, previous, action, category, status, score, changed_at)
    SELECT key, bucket, action, CASE WHEN cursor %% 2 = 0 THEN 'allow' ELSE 'block' END,
        category, 'listed', score, now()
    FROM reputation_feedchange WHERE cursor IS NOT NULL ORDER BY md5(key) LIMIT %s
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("numbers", type=int, nargs="?", default=1_000_000)
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    options = parser.parse_args()
    numbers, rounds = options.numbers, options.rounds
    django.setup()
    with (
        _database.made(DATABASE),
        tempfile.TemporaryDirectory(prefix="ringscore-feeds-") as folder,
    ):
        settings.FEEDS_DIR = Path(folder)
        measure(numbers, rounds)


def measure(numbers: int, rounds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [numbers])
        cursor.execute(
            "INSERT INTO reputation_feedhead SELECT 1, max(cursor), 0 FROM reputation_feedchange"
        )
        cursor.execute("VACUUM (ANALYZE) reputation_feedchange")
    try:
        publishing(rounds)
        deltas()
    finally:
        connection.close()


def publishing(rounds: int) -> None:
    from reputation.feeds import publishing, snapshots
    from reputation.models import FeedChecksum

    done = None
    plain, whole, busy = [], [], []
    steps: dict[str, list[float]] = {}
    for _ in range(rounds):
        plain.append(copy_plainly())
        shutil.rmtree(snapshots.home("numbers"), ignore_errors=True)
        FeedChecksum.objects.all().delete()
        begin = time.perf_counter()
        processor = time.process_time()

        def there(name: str, begin: float = begin) -> None:
            steps.setdefault(name, []).append(time.perf_counter() - begin)

        done = publishing.publish(now=datetime.now(UTC), progress=there)
        whole.append(time.perf_counter() - begin)
        busy.append(time.process_time() - processor)
    assert done is not None
    print(f"{done.count:,} numbers, {rounds} rounds, medians\n")
    print(f"{'format':<14}{'there at':>8}{'MB':>8}{'gzip MB':>9}   (seconds after the start)")
    for name, file in done.files.items():
        seconds = statistics.median(steps[name])
        print(f"{name:<14}{seconds:>8.2f}{file.size / 1e6:>8.1f}{file.packed / 1e6:>9.1f}")
    total, reference = statistics.median(whole), statistics.median(plain)
    print(f"\npublish       {total:8.2f} s  ({min(whole):.2f} to {max(whole):.2f})")
    print(f"of it, busy   {statistics.median(busy):8.2f} s  (this process's own processor time)")
    print(f"COPY TO a file{reference:8.2f} s  ({min(plain):.2f} to {max(plain):.2f})")
    print(f"ratio         {total / reference:8.1f}")
    limit = LIMIT * done.count / 1e6
    print(f"target        {limit:8.1f} s: {'met' if total < limit else 'MISSED'}")


def copy_plainly() -> float:
    """Seconds that a plain COPY of the same rows as text takes."""

    from reputation.feeds.publishing import ROWS

    with tempfile.TemporaryFile() as file, connection.cursor() as cursor:
        begin = time.perf_counter()
        with cursor.copy(ROWS) as copy:
            for block in copy:
                file.write(block)
        file.flush()
        os.fsync(file.fileno())
        return time.perf_counter() - begin


def deltas() -> None:

    from api.rendering import dump
    from api.views.feeds import fields_of
    from reputation.feeds import deltas, snapshots

    since = snapshots.current("numbers").cursor
    with connection.cursor() as cursor:
        cursor.execute(CHANGE, [CHANGES])
    deltas.read(feed="numbers", since=since)  # numbers them
    seconds = []
    for _ in range(20):
        begin = time.perf_counter()
        delta = deltas.read(feed="numbers", since=since)
        seconds.append(time.perf_counter() - begin)
    fields = [fields_of(change) for change in delta.changes]
    body = dump(
        {"changes": fields, "cursor": delta.cursor, "checksum": delta.checksum, "min_wait": 300}
    )
    packed = len(gzip.compress(body, 9, mtime=0))
    print(
        f"\n{len(fields):,} changes: {packed / 1000:.1f} kB packed ({len(body) / 1000:.0f} kB), "
        f"read in {statistics.median(seconds) * 1000:.1f} ms; "
        f"target {DELTA / 1000:.0f} kB: {'met' if packed <= DELTA else 'MISSED'}"
    )


if __name__ == "__main__":
    main()
