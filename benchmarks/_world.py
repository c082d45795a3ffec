"""A database of a million numbers for benchmarks, kept between runs while its shape stays the same.

benchmarks/_filling.py describes its content.
"""

import os
import sys
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import _database  # noqa: E402
from benchmarks._numbers import NUMBERS  # noqa: E402

DATABASE = "ringscore_bench"
FILLED_BY = ("_filling.py", "_numbers.py", "_world.py")
KEYS = 100  # API keys that ask in turn


def setup() -> None:
    """Sets Django up on the benchmark's database, which `prepare` has made."""
    settings.DATABASES["default"]["NAME"] = DATABASE
    django.setup()


def prepare() -> None:
    """Creates and fills the database if necessary; then sets Django up on it."""
    django.setup()
    with _database.kept(DATABASE, filled_by=FILLED_BY) as is_empty:
        if is_empty:
            print(f"filling {DATABASE} with {NUMBERS:,} numbers, once", file=sys.stderr)
            from benchmarks import _filling

            _filling.fill()
    with connection.cursor() as cursor:
        # Read all rows once: the operating system may have dropped them since.
        cursor.execute("SELECT max(unwanted_short) FROM reputation_number")
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SELECT count(key) FROM reputation_number")
    connection.close()


def kept_in_memory() -> str:
    """The size of the table with its index, and of PostgreSQL's own cache."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_size_pretty(pg_table_size('reputation_number')"
            " + pg_relation_size('number_key_unique')), current_setting('shared_buffers')"
        )
        size, buffers = cursor.fetchone()
    return f"{size} with PostgreSQL's buffers at {buffers}"


def tokens(now: datetime) -> list[str]:
    """New API keys that may look up and report. Keys of earlier runs are revoked."""
    from api.keys import create_key
    from api.models import ApiKey

    ApiKey.objects.filter(revoked_at__isnull=True).update(revoked_at=now)
    return [
        create_key(name="benchmark", scopes=["lookup", "report"], now=now)[1] for _ in range(KEYS)
    ]
