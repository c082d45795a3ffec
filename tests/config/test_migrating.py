"""Migrations beside a service that is running: old code goes on, and nobody waits for a lock."""

import io
import re
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import AddField, AddIndex, AlterField, CreateModel, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from config.management.commands import migrate

# Before the first release: no old code ran beside these. Later ones keep to the rules below.
FIRST_RELEASE = {"api": 5, "reputation": 15, "web": 1}
# Written by commands alone, which run with the code of the release that brought them.
BY_COMMANDS = {"statute"}
# So large that building an index locks out writers for long.
LARGE = {"number", "report", "reportrevision", "evidencebucket", "feedchange", "traffic"}


def added(*, after: dict[str, int]) -> Iterator[tuple[str, Operation]]:
    """What migrations after these add to tables of earlier ones."""
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if app not in after or int(name[:4]) <= after[app]:
            continue
        new = {each.name_lower for each in migration.operations if isinstance(each, CreateModel)}
        for each in migration.operations:
            if getattr(each, "model_name_lower", None) not in new:
                yield f"{app}.{name}", each


def without_default(*, after: dict[str, int]) -> list[str]:
    return [
        f"{place}: {each.model_name}.{each.name} needs db_default, or null=True"
        for place, each in added(after=after)
        if isinstance(each, AddField)
        and each.model_name_lower not in BY_COMMANDS
        and not (each.field.null or each.field.many_to_many or each.field.has_db_default())
    ]


def locking_indexes(*, after: dict[str, int]) -> list[str]:
    return [
        f"{place}: use AddIndexConcurrently for {each.index.name}"
        for place, each in added(after=after)
        if type(each) is AddIndex and each.model_name_lower in LARGE
    ]


def checked_anew(*, after: dict[str, int]) -> list[str]:
    return [
        f"{place}: use WithoutIndex for {each.model_name}.{each.name}"
        for place, each in added(after=after)
        if type(each) is AlterField
        and each.model_name_lower in LARGE
        and each.field.remote_field is not None
        and each.field.db_constraint
    ]


def written_at_once(*, after: dict[str, int]) -> list[str]:
    return [
        f"{place}: who writes {table} waits for the whole statement"
        for place, each in added(after=after)
        if isinstance(each, RunSQL)
        for table in re.findall(r"(?i)\b(?:UPDATE|DELETE FROM)\s+reputation_(\w+)", str(each.sql))
        if table in LARGE
    ]


def test_old_code_may_write_rows_without_new_columns():
    assert without_default(after=FIRST_RELEASE) == []
    assert without_default(after={"reputation": 7}) != []  # so it would be noticed


def test_indexes_on_large_tables_are_built_beside_writers():
    assert locking_indexes(after=FIRST_RELEASE) == []
    assert len(locking_indexes(after={"reputation": 7})) == 2


def test_keys_of_large_tables_are_not_checked_anew():
    assert checked_anew(after=FIRST_RELEASE) == []


def test_no_row_of_a_large_table_is_locked_until_all_are_written():
    assert written_at_once(after=FIRST_RELEASE) == []


@pytest.mark.django_db(transaction=True)
def test_a_migration_gives_way_and_comes_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(migrate, "PAUSE", 0.01)
    monkeypatch.setattr(migrate, "LOCK_MILLISECONDS", 20)
    said = io.StringIO()
    with psycopg.connect(**connection.get_connection_params(), autocommit=False) as reader:
        reader.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        waits = []

        def give_way(_seconds: float) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                waits.append(cursor.fetchone())
            reader.rollback()

        monkeypatch.setattr(migrate.time, "sleep", give_way)
        call_command("migrate", verbosity=0, stderr=said)
        assert waits == [("20ms",)]
        monkeypatch.setattr(migrate, "ATTEMPTS", 1)
        reader.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        monkeypatch.setattr(migrate.time, "sleep", lambda _: None)
        with pytest.raises(CommandError, match="stays in use"):
            call_command("migrate", verbosity=0, stderr=said)
    assert said.getvalue().startswith("A table is in use: attempt 1 of 120.\n")


@pytest.mark.django_db(transaction=True)
def test_a_migration_beside_writers_begins_again_where_it_ended():
    before = MigrationLoader(connection).project_state(("reputation", "0027_campaign_newest"))
    [growth] = [each for key, each in MigrationLoader(None).disk_migrations.items()
                if key == ("reputation", "0028_growth")]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index ORDER BY 1")
        indexes = cursor.fetchall()
        cursor.execute("DROP INDEX number_claimed")  # of the others, nothing is left to do
    with connection.schema_editor(atomic=False) as editor:
        for operation in growth.operations:
            after = before.clone()
            operation.state_forwards("reputation", after)
            operation.database_forwards("reputation", editor, before, after)
            before = after
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index ORDER BY 1")
        assert cursor.fetchall() == indexes
