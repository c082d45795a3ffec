"""Databases for tests: each one is a copy of a template, which is migrated once.

    ringscore_template_<hash>   migrated; nobody may connect to it. The hash covers what made it.
    test_ringscore_<random>     a copy, of one test process, dropped at that process's end

The process that makes a copy holds a lock in its name, which PostgreSQL releases however that
process ends. So a copy without a lock was left by a process that died, and the next one drops it.
"""

import hashlib
import importlib.metadata
import inspect
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from benchmarks import _database

COPY = "test_ringscore_"
TEMPLATE = "ringscore_template_"
DRAFT = "ringscore_draft_"


@contextmanager
def migrated_database() -> Iterator[str]:
    """A migrated database that no other process uses, dropped at the end. Yields its name.

    It is made on the server of the settings: the embedded one, or that of DATABASE_URL, whose role
    needs CREATEDB.
    """
    name = f"{COPY}{secrets.token_hex(6)}"
    with connection._nodb_cursor() as cursor:  # stays open: with it the lock would go
        # One process at a time: the others wait for the template, however long, and then copy it.
        cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [TEMPLATE])
        template = f"{TEMPLATE}{_fingerprint()}"
        _drop_abandoned(cursor, but=template)
        if not _databases(cursor, template):
            _make(cursor, template)
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [TEMPLATE])
        try:
            yield name
        finally:
            _database.drop(cursor, name)


@contextmanager
def empty_database() -> Iterator[str]:
    """A database in which nothing is yet, dropped at the end. Yields its name."""
    name = f"{COPY}{secrets.token_hex(6)}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            yield name
        finally:
            _database.drop(cursor, name)


def address(name: str) -> str:
    """A database of the tests' server as an operator would write it in DATABASE_URL."""
    where = connection.settings_dict
    options = {"host": where["HOST"], "port": where["PORT"], **where["OPTIONS"]}
    who = f"{quote(where['USER'])}:{quote(where.get('PASSWORD', ''), safe='')}"
    return f"postgresql://{who}@/{name}?{urlencode(options, quote_via=quote)}"


def _make(cursor: Any, template: str) -> None:
    """Migrates a draft and renames it to `template`, so that a template is always complete."""
    draft = f"{DRAFT}{secrets.token_hex(6)}"
    cursor.execute(f'CREATE DATABASE "{draft}"')
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = draft
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
    # A copy fails while somebody, be it autovacuum, is connected to the template.
    cursor.execute(f'ALTER DATABASE "{draft}" ALLOW_CONNECTIONS false')
    cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"')


def _fingerprint() -> str:
    """A hash of what decides about a migrated database: migrations, their helpers, and packages."""
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    modules = {sys.modules[migration.__module__] for migration in migrations.values()}
    helpers = {inspect.getmodule(value) for module in modules for value in vars(module).values()}
    sources = {
        file
        for module in modules | helpers
        if (file := getattr(module, "__file__", None))
        and Path(file).is_relative_to(settings.BASE_DIR)
        and not Path(file).is_relative_to(sys.prefix)
    }
    parts = [
        *sorted(f"{each.name}=={each.version}" for each in importlib.metadata.distributions()),
        *settings.INSTALLED_APPS,
        *(Path(file).read_text() for file in sorted(sources)),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _drop_abandoned(cursor: Any, *, but: str) -> None:
    """Drops copies that no process holds a lock on, drafts, and all templates but one."""
    for copy in _databases(cursor, COPY):
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [copy])
        if cursor.fetchone() == (True,):
            _database.drop(cursor, copy)
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [copy])
    for old in [*_databases(cursor, DRAFT), *_databases(cursor, TEMPLATE)]:
        if old != but:
            _database.drop(cursor, old)


def _databases(cursor: Any, prefix: str) -> list[str]:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY datname", [prefix]
    )
    return [name for (name,) in cursor.fetchall()]
