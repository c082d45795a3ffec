"""A database of a benchmark's own, beside those that benchmarks fill once and keep."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings

from config import postgres


@contextmanager
def made(name: str) -> Iterator[None]:
    """An empty database in our own cluster, dropped at the end. Django is set up. SystemExit with
    DATABASE_URL."""
    if settings.IS_SERVER:
        sys.exit("This makes a database of its own: run it without DATABASE_URL.")
    with psycopg.connect(**postgres.ensure_running(settings.DATA_DIR), autocommit=True) as server:
        postgres.drop_database(server, name)
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield
        finally:
            postgres.drop_database(server, name)
