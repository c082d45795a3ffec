"""Databases of benchmarks: those of one run, and those that are filled once and kept."""

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


@contextmanager
def kept(name: str, *, shape: str) -> Iterator[bool]:
    """A database that stays between runs while its shape is the same. Leads Django there, and
    yields whether the block has to fill it. An interrupted filling starts again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        is_empty = cursor.fetchone() != (shape,)
        if is_empty:
            postgres.drop_database(cursor, name)
            cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    yield is_empty
    if is_empty:
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{shape}'")
