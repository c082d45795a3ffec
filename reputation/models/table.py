"""Reads and writes rows of the models that each report uses, by constant SQL.

Django's ORM builds the SQL of each query anew, which takes longer than PostgreSQL needs to run it
(`benchmarks/report_costs.py`). Here each statement is built once. Rows are sent as one JSON text,
in which floats and moments keep their last digit: the same statement serves one row and a thousand.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import orjson
from django.db import models
from django.db.models.base import ModelState

from reputation.models.copying import Copy, field_array, kind_of
from reputation.models.prepared import Prepared, Row, send_held

# From this many rows on, COPY and arrays take less time than JSON.
MANY: Final = 200


def as_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def array(ids: Iterable[int]) -> str:
    """Ids as the text of a PostgreSQL array."""
    return f"{{{','.join(map(str, ids))}}}"


class Table[M: models.Model]:
    """The statements of one model. Its objects must hold values of the columns' types: nothing is
    converted, and no default of the database applies. Writes belong in a transaction. Raises
    django.db.Error."""

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self._updates: dict[tuple[str, ...], Prepared] = {}
        self._updates_many: dict[tuple[str, ...], Prepared] = {}
        self._updates_alike: dict[tuple[tuple[str, ...], tuple[str, ...]], Prepared] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns, `id` first, in the order of `columns` and `load`."""
        return tuple(field.attname for field in self.model._meta.concrete_fields)

    def columns(self, alias: str, names: Sequence[str] = ()) -> str:
        return ", ".join(f"{alias}.{name}" for name in names or self.names)

    def record(self, alias: str, *, but: Collection[str]) -> str:
        """All columns except `but` as one value in bytes, which is equal if and only if all of them
        are."""
        names = ", ".join(f"{alias}.{name}" for name in self.names if name not in but)
        return f"record_send(ROW({names}))"

    def load(self, row: Row, names: Sequence[str] = ()) -> M:
        """The object with this row of `columns`. Sends no signal, and runs no code of the fields.

        With `names`, only these columns are loaded; others are read when they are accessed.
        """
        loaded = self._blank()
        loaded.__dict__.update(zip(names or self.names, row, strict=True))
        loaded._state.adding, loaded._state.db = False, "default"
        return loaded

    def new(self, **values: Any) -> M:
        """A new object with its fields' defaults, made like `load`. Values by `names`."""
        made = self._blank()
        made.__dict__.update(self._constants)
        for name, default in self._defaults:
            made.__dict__[name] = default()
        made.__dict__.update(values)
        return made

    def relate(self, each: M, **others: models.Model) -> None:
        """Sets related objects, which must be stored, as the fields' descriptors would."""
        for name, other in others.items():
            each.__dict__[f"{name}_id"] = other.pk
            each._state.fields_cache[name] = other

    def _blank(self) -> M:
        blank = self.model.__new__(self.model)
        blank._state = ModelState()
        return blank

    @cached_property
    def _constants(self) -> dict[str, Any]:
        fields = self.model._meta.concrete_fields
        return {field.attname: field.get_default() for field in fields if not _is_made(field)}

    @cached_property
    def _defaults(self) -> list[tuple[str, Callable[[], Any]]]:
        fields = self.model._meta.concrete_fields
        return [(field.attname, field.default) for field in fields if _is_made(field)]

    def insert(self, objects: Sequence[M]) -> None:
        """Inserts new objects in their order and sets their ids; in a short transaction, later."""
        if len(objects) >= MANY:
            self._insert_many(objects)
            return
        if not objects:
            return

        def number(given: list[Row]) -> None:
            for each, (pk,) in zip(objects, given, strict=True):
                each.pk = pk
                each._state.adding, each._state.db = False, "default"

        self._insert.then(number, _texts(objects, self.names[1:]))

    def _insert_many(self, objects: Sequence[M]) -> None:
        send_held()
        for each, pk in zip(objects, self._copy.draw(len(objects)), strict=True):
            each.pk = pk
        held = list(map(vars, objects))
        self._copy.insert([[each[name] for each in held] for name in self.names])
        for each in objects:
            each._state.adding, each._state.db = False, "default"

    def insert_missing(self, objects: Sequence[M]) -> None:
        """Inserts the rows that do not exist yet, in order; waits for others who insert them."""
        if objects:
            self._insert_missing.run(_texts(objects, self.names[1:]))

    def update(self, objects: Collection[M], names: tuple[str, ...] = ()) -> None:
        """Writes the columns `names` of stored objects; all of them by default."""
        names = names or self.names[1:]
        if len(objects) >= MANY:
            self._update_many(objects, names)
            return
        if not objects:
            return
        if names not in self._updates:
            self._updates[names] = self._update(names)
        self._updates[names].run(_texts(objects, ("id", *names)))

    def _update_many(self, objects: Collection[M], names: tuple[str, ...]) -> None:
        held = list(map(vars, objects))
        self.update_columns({name: [each[name] for each in held] for name in ("id", *names)})

    def update_columns(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """`update` of hundreds of rows without their objects: the values of each column, `id`
        first."""
        names = tuple(columns)[1:]
        if names not in self._updates_many:
            self._updates_many[names] = self._updating_many(names)
        self._updates_many[names].run(
            *(field_array(self._fields[name], values) for name, values in columns.items())
        )

    def update_alike(
        self,
        groups: Sequence[tuple[M, Sequence[int]]],
        names: tuple[str, ...],
        *,
        own: Mapping[str, Sequence[Any]] | None = None,
    ) -> None:
        """For each group, writes the columns `names` of one object to the rows of many ids. `own`:
        the columns in which rows of a group differ, by all ids in their order."""
        members = [(pk, place) for place, (_, ids) in enumerate(groups) for pk in ids]
        if not members:
            return
        shared = [
            {"id": place} | {name: vars(each)[name] for name in names}
            for place, (each, _) in enumerate(groups)
        ]
        differing = tuple(own or ())
        if (names, differing) not in self._updates_alike:
            self._updates_alike[names, differing] = self._update_alike(names, differing)
        self._updates_alike[names, differing].run(
            as_json(shared),
            array(pk for pk, _ in members),
            array(place for _, place in members),
            *(field_array(self._fields[name], values) for name, values in (own or {}).items()),
        )

    def _update_alike(self, names: tuple[str, ...], own: tuple[str, ...]) -> Prepared:
        values = [f"{name} = s.{name}" for name in names]
        values += [f"{name} = m.{name}::{self._kinds[name]}" for name in own]
        arrays = "".join(f", {self._array(name)}" for name in own)
        members = ", ".join(("id", "alike", *own))
        return Prepared(
            f"UPDATE {self._name} t SET {', '.join(values)} FROM {self._sent} s"  # noqa: S608 -- constants
            f" JOIN unnest(%s::bigint[], %s::bigint[]{arrays}) m({members}) ON m.alike = s.id"
            " WHERE t.id = m.id"
        )

    @cached_property
    def _insert(self) -> Prepared:
        return Prepared(f"{self._inserting} RETURNING id")

    @cached_property
    def _insert_missing(self) -> Prepared:
        return Prepared(f"{self._inserting} ON CONFLICT DO NOTHING")

    @property
    def _inserting(self) -> str:
        names = ", ".join(self.names[1:])
        return f"INSERT INTO {self._name} ({names}) SELECT {names} FROM {self._sent}"  # noqa: S608 -- constants

    def _update(self, names: tuple[str, ...]) -> Prepared:
        values = ", ".join(f"{name} = s.{name}" for name in names)
        return Prepared(
            f"UPDATE {self._name} t SET {values} FROM {self._sent} s WHERE t.id = s.id"  # noqa: S608 -- constants
        )

    def _updating_many(self, names: tuple[str, ...]) -> Prepared:
        values = ", ".join(f"{name} = s.{name}::{self._kinds[name]}" for name in names)
        arrays = ", ".join(map(self._array, ("id", *names)))
        return Prepared(
            f"UPDATE {self._name} t SET {values}"  # noqa: S608 -- constants
            f" FROM unnest({arrays}) s(id, {', '.join(names)}) WHERE t.id = s.id"
        )

    def _array(self, name: str) -> str:
        """SQL for a parameter that has values of the column: see `field_array`."""
        kind = self._kinds[name]
        return "%s::text[]" if kind.endswith("[]") else f"%s::{kind}[]"

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {name: kind_of(field) for name, field in self._fields.items()}

    @cached_property
    def _copy(self) -> Copy:
        return Copy(self.model, shared=(), own=self.names)

    @cached_property
    def _fields(self) -> dict[str, Any]:
        return {field.attname: field for field in self.model._meta.concrete_fields}

    @property
    def _sent(self) -> str:
        return f"json_populate_recordset(NULL::{self._name}, %s::json)"

    @property
    def _name(self) -> str:
        return self.model._meta.db_table


def _texts(objects: Collection[models.Model], names: Sequence[str]) -> str:
    return as_json([{name: values[name] for name in names} for values in map(vars, objects)])


def _is_made(field: Any) -> bool:
    """Whether each object's default is computed."""
    return field.has_default() and callable(field.default)
