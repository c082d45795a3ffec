"""Migrations beside a service that is running: old code goes on, and nobody waits for a lock."""

import io
import threading

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import AddField, AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader

from config.management.commands import migrate

OURS = ("api", "reputation", "web")
# Written by commands alone, which run with the code of the release that brought them.
BY_COMMANDS = {"statute"}
# So large that building an index locks out writers for long.
LARGE = {"number", "report", "reportrevision", "evidencebucket", "feedchange", "traffic"}


def added() -> list[tuple[str, object]]:
    """What later migrations add to tables of earlier ones."""
    found = []
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if app not in OURS or name.startswith("0001"):
            continue
        new = {each.name_lower for each in migration.operations if isinstance(each, CreateModel)}
        found += [
            (f"{app}.{name}", each)
            for each in migration.operations
            if getattr(each, "model_name_lower", None) not in new
        ]
    return found


def test_old_code_may_write_rows_without_new_columns():
    assert apps.is_installed("config")
    wrong = [
        f"{place}: {each.model_name}.{each.name} needs db_default, or null=True"
        for place, each in added()
        if isinstance(each, AddField)
        and each.model_name_lower not in BY_COMMANDS
        and not (each.field.null or each.field.many_to_many or each.field.has_db_default())
    ]
    assert wrong == []


def test_indexes_on_large_tables_are_built_beside_writers():
    wrong = [
        f"{place}: use AddIndexConcurrently for {each.index.name}"
        for place, each in added()
        if type(each) is AddIndex and each.model_name_lower in LARGE
    ]
    assert wrong == []


@pytest.mark.django_db(transaction=True)
def test_a_migration_gives_way_and_comes_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(migrate, "PAUSE", 0.01)
    monkeypatch.setattr(migrate, "LOCK_MILLISECONDS", 20)
    said = io.StringIO()
    with psycopg.connect(**connection.get_connection_params(), autocommit=False) as reader:
        reader.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        attempted = threading.Event()
        monkeypatch.setattr(migrate.time, "sleep", lambda _: (attempted.set(), reader.rollback()))
        call_command("migrate", verbosity=0, stderr=said)
        assert attempted.is_set()
        monkeypatch.setattr(migrate, "ATTEMPTS", 1)
        reader.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        monkeypatch.setattr(migrate.time, "sleep", lambda _: None)
        with pytest.raises(CommandError, match="stays in use"):
            call_command("migrate", verbosity=0, stderr=said)
    assert said.getvalue().startswith("A table is in use: attempt 1 of 120.\n")
