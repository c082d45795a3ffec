"""Indexes of large tables, built and dropped beside those who read and write.

A migration of these is no transaction. Where it ends early it begins again: what is done is passed
over. Each waits for older transactions however long they take, since nobody waits for it meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import AlterField
from django.db.models import Index


class AddIndexBeside(AddIndexConcurrently):
    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        with _patient(schema_editor) as cursor:
            cursor.execute(
                "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)",
                [self.index.name],
            )
            if (found := cursor.fetchone()) and found[0]:
                return
            _drop(schema_editor, self.index.name)  # what an attempt left that was broken off
            super().database_forwards(app_label, schema_editor, *states)


class RemoveIndexBeside(RemoveIndexConcurrently):
    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        with _patient(schema_editor):
            super().database_forwards(app_label, schema_editor, *states)


class WithoutIndex(AlterField):
    """A foreign key loses its index, and nothing else. AlterField would drop the constraint, too,
    and check every row to add it again, while all who write wait."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        column = model._meta.get_field(self.name).column
        named = {index.name for index in model._meta.indexes}
        with _patient(schema_editor):
            for name in schema_editor._constraint_names(
                model, [column], index=True, type_=Index.suffix, exclude=named
            ):
                _drop(schema_editor, name)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        super().database_forwards(app_label, schema_editor, *states)


def _drop(schema_editor: Any, name: str) -> None:
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")


@contextmanager
def _patient(schema_editor: Any) -> Iterator[Any]:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        [before] = cursor.fetchone()
        cursor.execute("SET lock_timeout = 0")
        try:
            yield cursor
        finally:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])
