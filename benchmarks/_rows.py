"""Rows for the benchmarks' databases, made by the server itself."""

from datetime import datetime
from typing import Any

from psycopg import sql


def insert(
    cursor: Any,
    model: Any,
    rows: int,
    now: datetime,
    /,
    *,
    rows_of: str = "",
    order: str = "",
    **said: str,
) -> None:
    """Inserts rows i = 0 …; `said`: SQL by column, with NOW and ROWS. Others get their defaults."""
    columns, values = [], []
    for field in model._meta.concrete_fields:
        if field.column in said:
            expression = said[field.column]
        elif field.get_internal_type() == "BigAutoField":
            continue
        else:
            expression = _literal(cursor, field)
        columns.append(field.column)
        values.append(expression)
    table = rows_of or f"generate_series(0, {rows - 1}) i"
    statement = (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "  # noqa: S608 -- constants
        f"SELECT {', '.join(values)} FROM {table}" + (f" ORDER BY {order}" if order else "")
    )
    cursor.execute(statement.replace("NOW", f"timestamptz '{now}'").replace("ROWS", str(rows)))


def _literal(cursor: Any, field: Any) -> str:
    if field.null:
        return "NULL"
    value = field.get_db_prep_save(field.get_default(), connection=cursor.db)
    return sql.Literal(value).as_string(cursor.connection)
