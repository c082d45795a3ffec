"""Rows of the models that each report touches, by statements that are put together once.

Django's ORM puts the SQL of each query together anew, which takes longer than PostgreSQL needs to
run it (`benchmarks/report_costs.py`). These are constants. Rows go out as one JSON text, in which
floats and moments keep their last digit: the same statement serves one row and a thousand.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any

import orjson
from django.db import models
from django.db.models.base import ModelState

from reputation.models.prepared import Prepared, Row


def as_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def array(ids: Iterable[int]) -> str:
    """Ids as the text of a PostgreSQL array."""
    return f"{{{','.join(map(str, ids))}}}"


class Table[M: models.Model]:
    """The statements of one model. Its objects must hold what the columns do: nothing is converted,
    and no default of the database applies. Writes belong in a transaction. Raises django.db.Error.
    """

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self._updates: dict[tuple[str, ...], Prepared] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns, `id` first, in the order of `columns` and `load`."""
        return tuple(field.attname for field in self.model._meta.concrete_fields)

    def columns(self, alias: str) -> str:
        return ", ".join(f"{alias}.{name}" for name in self.names)

    def load(self, row: Row) -> M:
        """The object whose `columns` the row holds. No signal is sent, and no field is asked."""
        loaded = self.model.__new__(self.model)
        loaded.__dict__.update(zip(self.names, row, strict=True))
        loaded._state = ModelState()
        loaded._state.adding, loaded._state.db = False, "default"
        return loaded

    def insert(self, objects: Sequence[M]) -> None:
        """Inserts new objects in their order, and sets their ids."""
        if not objects:
            return
        given = self._insert.all(_texts(objects, self.names[1:]))
        for each, (pk,) in zip(objects, given, strict=True):
            each.pk = pk
            each._state.adding, each._state.db = False, "default"

    def update(self, objects: Collection[M], names: tuple[str, ...] = ()) -> None:
        """Writes the columns `names` of stored objects; all of them by default."""
        if not objects:
            return
        names = names or self.names[1:]
        if names not in self._updates:
            self._updates[names] = self._update(names)
        self._updates[names].run(_texts(objects, ("id", *names)))

    @cached_property
    def _insert(self) -> Prepared:
        names = ", ".join(self.names[1:])
        return Prepared(
            f"INSERT INTO {self._name} ({names}) SELECT {names} FROM {self._sent} RETURNING id"  # noqa: S608 -- constants
        )

    def _update(self, names: tuple[str, ...]) -> Prepared:
        values = ", ".join(f"{name} = s.{name}" for name in names)
        return Prepared(
            f"UPDATE {self._name} t SET {values} FROM {self._sent} s WHERE t.id = s.id"  # noqa: S608 -- constants
        )

    @property
    def _sent(self) -> str:
        return f"json_populate_recordset(NULL::{self._name}, %s::json)"

    @property
    def _name(self) -> str:
        return self.model._meta.db_table


def _texts(objects: Collection[models.Model], names: Sequence[str]) -> str:
    return as_json([{name: values[name] for name in names} for values in map(vars, objects)])
