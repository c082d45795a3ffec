"""Inserts many rows of a model by PostgreSQL's binary COPY, where they differ in a few columns
only.

A row is the bytes of a `head`, which many rows share, followed by those of its own columns. So
Python only converts the row's own columns, and PostgreSQL only inserts: nothing is parsed. For rows
that share nothing, numpy makes all heads from columns at once.
"""

import itertools
import struct
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
from django.db import connection, models

from reputation.models.prepared import Prepared

type Encode = Callable[[Any], bytes]
type Column = npt.NDArray[Any]

NULL: Final = b"\xff\xff\xff\xff"
SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END: Final = b"\xff\xff"
MIDNIGHT: Final = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
# Rows sent at a time.
SENT: Final = 200

_length = struct.Struct(">i").pack
_array = struct.Struct(">iiiii").pack
_no_array = struct.Struct(">iii").pack


def _of(shape: str) -> Encode:
    packed = struct.Struct(f">i{shape}")
    size, pack = packed.size - 4, packed.pack
    return lambda value: pack(size, value)


_long = _of("q")


def _text(value: str) -> bytes:
    raw = value.encode()
    return _length(len(raw)) + raw


def _bytes(value: bytes) -> bytes:
    return _length(len(value)) + value


def _moment(value: datetime) -> bytes:
    return _long((value - MIDNIGHT) // MICROSECOND)


def _uuid(value: uuid.UUID) -> bytes:
    return b"\0\0\0\x10" + value.bytes


def _json(value: Any) -> bytes:
    raw = orjson.dumps(value)
    return _length(len(raw) + 1) + b"\x01" + raw


def _list(oid: int, encode: Encode) -> Encode:
    def encoded(values: Sequence[Any]) -> bytes:
        if not values:
            return _length(12) + _no_array(0, 0, oid)
        raw = _array(1, 0, oid, len(values), 1) + b"".join(map(encode, values))
        return _length(len(raw)) + raw

    return encoded


# The encoders by column type, without the part in brackets.
ENCODE: Final[dict[str, Encode]] = {
    "smallint": _of("h"),
    "integer": _of("i"),
    "bigint": _long,
    "double precision": _of("d"),
    "boolean": _of("?"),
    "bytea": _bytes,
    "text": _text,
    "varchar": _text,
    "timestamp with time zone": _moment,
    "uuid": _uuid,
    "jsonb": _json,
    "varchar[]": _list(1043, _text),
    "bigint[]": _list(20, _long),
    "timestamp with time zone[]": _list(1184, _moment),
}


# numpy's types of numeric columns, by PostgreSQL's. Moments are microseconds since 1970.
NUMPY: Final = {
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "double precision": ">f8",
    "boolean": "?",
    "timestamp with time zone": ">i8",
}
SINCE_1970: Final = (MIDNIGHT - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND
# The object ids of PostgreSQL's types.
OIDS: Final = {
    "smallint": 21,
    "integer": 23,
    "bigint": 20,
    "double precision": 701,
    "boolean": 16,
    "text": 25,
    "varchar": 1043,
    "timestamp with time zone": 1184,
    "uuid": 2950,
    "jsonb": 3802,
}
# Types whose values are mostly the same in many rows: each value is converted once.
SHARED: Final = {"text", "varchar", "timestamp with time zone"}
# PostgreSQL's element types by numpy's: object id, and numpy's type in network order.
ARRAYS: Final = {"q": (20, ">i8"), "l": (20, ">i8"), "d": (701, ">f8"), "?": (16, "?")}


def binary_array(values: Column) -> bytes:
    """64-bit integers, floats or booleans as a parameter of `Prepared`."""
    oid, kind = ARRAYS[values.dtype.char]
    begin = _array(1, 0, oid, len(values), 1) if len(values) else _no_array(0, 0, oid)
    return begin + _elements(values, kind).tobytes()


def field_array(field: "models.Field[Any, Any]", values: Sequence[Any]) -> bytes:
    """Values of a field, None for null, as an array parameter of `Prepared`.

    Lists become texts, since a PostgreSQL array cannot hold lists of different lengths.
    """
    kind = kind_of(field)
    if kind.endswith("[]"):
        texts = [_text(_list_text(each)) for each in values]
        return _array(1, 0, OIDS["text"], len(texts), 1) + b"".join(texts)
    if not values:
        return _no_array(0, 0, OIDS[kind])
    begin = _array(1, int(field.null), OIDS[kind], len(values), 1)
    return begin + b"".join(_encoded(field, values))


def _list_text(values: Sequence[Any]) -> str:
    quoted = (str(each).replace("\\", "\\\\").replace('"', '\\"') for each in values)
    return f"{{{','.join(f'"{each}"' for each in quoted)}}}"


def _encoded(field: "models.Field[Any, Any]", values: Sequence[Any]) -> Iterable[bytes]:
    encode, kind = _encoder(field), kind_of(field)
    if kind in SHARED:
        return map({each: encode(each) for each in set(values)}.__getitem__, values)
    if kind in NUMPY and not field.null:
        rows = _elements(np.array(values), NUMPY[kind])
        encoded: list[bytes] = rows.view(f"V{rows.itemsize}").tolist()
        return encoded
    return map(encode, values)


def _elements(values: Column, kind: str) -> Column:
    """Each value after its size."""
    rows = np.empty(len(values), [("size", ">i4"), ("value", kind)])
    rows["size"], rows["value"] = np.dtype(kind).itemsize, values
    return rows


class Copy:
    """COPY into one model's table. `own`: columns that differ from row to row; `shared`: those of
    the heads. Other columns get the database's default. Writes belong in a transaction."""

    def __init__(self, model: type[models.Model], *, shared: Sequence[str], own: Sequence[str]):
        self.shared, self.own = tuple(shared), tuple(own)
        names = (*self.shared, *self.own)
        self._fields = {field.attname: field for field in model._meta.concrete_fields}
        self._begin = struct.pack(">h", len(names))
        self._sql = f"COPY {model._meta.db_table} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
        self._encode: dict[str, Encode] = {}
        self._draw = Prepared(
            "SELECT nextval((SELECT pg_get_serial_sequence("  # noqa: S608 -- constants; found once
            f"'{model._meta.db_table}', 'id')::regclass)) FROM generate_series(1, %s::integer)"
        )

    def head(self, values: Mapping[str, Any]) -> bytes:
        """The first bytes of rows with these values in the shared columns."""
        return self._begin + b"".join(self.encoder(name)(values[name]) for name in self.shared)

    def heads(self, columns: Mapping[str, Column]) -> list[bytes]:
        """`head` for many rows at once; all shared columns must be numeric."""
        kinds = {name: NUMPY[str(self._fields[name].db_type(connection))] for name in self.shared}
        parts = [("begin", f"V{len(self._begin)}")]
        for name, kind in kinds.items():
            parts += [(f"{name} size", ">i4"), (name, kind)]
        rows = np.empty(len(columns[self.shared[0]]), parts)
        rows["begin"] = np.void(self._begin)
        for name, kind in kinds.items():
            is_moment = self._fields[name].get_internal_type() == "DateTimeField"
            rows[f"{name} size"] = np.dtype(kind).itemsize
            rows[name] = columns[name] - SINCE_1970 if is_moment else columns[name]
        heads: list[bytes] = rows.view(f"V{rows.itemsize}").tolist()
        return heads

    def encoder(self, name: str) -> Encode:
        """The function that writes a value of the column as bytes."""
        if name not in self._encode:
            self._encode[name] = _encoder(self._fields[name])
        return self._encode[name]

    def rows(self, heads: Iterable[bytes], *columns: Iterable[Any]) -> Iterable[bytes]:
        """Rows of these heads and these values of the own columns."""
        encoders = map(self.encoder, self.own)
        own = (map(encode, values) for encode, values in zip(encoders, columns, strict=True))
        return map(b"".join, zip(heads, *own, strict=True))

    def insert(self, columns: Sequence[Sequence[Any]]) -> None:
        """Inserts rows without shared columns, from the values of each column."""
        fields = map(self._fields.__getitem__, self.own)
        begin = itertools.repeat(self.head({}), len(columns[0]))
        self.write(map(b"".join, zip(begin, *map(_encoded, fields, columns), strict=True)))

    def draw(self, count: int) -> list[int]:
        """Ids for this many new rows, since COPY returns none."""
        return [pk for (pk,) in self._draw.all(str(count))]

    def write(self, rows: Iterable[bytes]) -> None:
        """Inserts the rows in their order. Raises django.db.Error."""
        with (
            connection.wrap_database_errors,  # as Django does in all other methods of a cursor
            connection.cursor() as cursor,
            cursor.copy(self._sql) as copy,
        ):
            copy.write(SIGNATURE)
            for sent in batched(rows, SENT):
                copy.write(b"".join(sent))
            copy.write(END)


def _encoder(field: "models.Field[Any, Any]") -> Encode:
    encode = ENCODE[kind_of(field)]
    if field.null:
        return lambda value: NULL if value is None else encode(value)
    return encode


def kind_of(field: "models.Field[Any, Any]") -> str:
    """The type of the field's column, without the part in brackets."""
    kind = str(field.db_type(connection))
    start, bracket, rest = kind.partition("(")
    return start + (rest.partition(")")[2] if bracket else "")
