"""Databases of benchmarks: those of one run, and those that are filled once and kept."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

HERE = Path(__file__).resolve().parent


@contextmanager
def made(name: str, *, stays: bool = False) -> Iterator[None]:
    """A database without rows, to which Django's connection leads; dropped at the end unless it
    `stays` for a look."""
    usual: str = connection.settings_dict["NAME"]
    _create(name)
    try:
        yield
    finally:
        _lead_to(usual)
        if not stays:
            with connection.cursor() as cursor:
                drop(cursor, name)


@contextmanager
def kept(name: str, *, filled_by: tuple[str, ...], rows: int | None = None) -> Iterator[bool]:
    """A database that stays between runs while migrations, files that fill it and `rows` are the
    same. Leads Django there, and yields whether the block has to fill it. An interrupted filling
    starts again."""
    shape = _shape(filled_by, rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        is_empty = cursor.fetchone() != (shape,)
    if is_empty:
        _create(name)
    else:
        _lead_to(name)
    yield is_empty
    if is_empty:
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{shape}'")


def drop(server: Any, name: str) -> None:
    """Drops a database, if there is one, under our own connections. `server` executes statements.

    Not WITH (FORCE): that would end autovacuum too, if it is at work there, which our role may not.
    A plain DROP asks autovacuum to leave, and waits.
    """
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()",
        [name],
    )
    server.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _shape(filled_by: tuple[str, ...], rows: int | None) -> str:
    sources = [*HERE.parent.glob("*/migrations/0*.py"), *(HERE / name for name in filled_by)]
    content = b"".join(path.read_bytes() for path in sorted(sources))
    content += b"" if rows is None else str(rows).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def _create(name: str) -> None:
    with connection.cursor() as cursor:
        drop(cursor, name)
        cursor.execute(f'CREATE DATABASE "{name}"')
    _lead_to(name)
    call_command("migrate", verbosity=0)


def _lead_to(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
