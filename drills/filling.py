"""Complaints about many numbers. Its source also runs in the checkout of another release."""

import tempfile
from pathlib import Path

from django.core.management import call_command
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from reputation.counting import trust_pass
from reputation.models import EvidenceBucket, ImportedComplaint, Number
from reputation.reports import ftc

# Numbers of one area code that are imported. How many other area codes have the same.
IMPORTED, OTHERS = 2_500, 39


def fill() -> None:
    """Imports complaints of a file as the FTC has it, and repeats all that they led to under other
    area codes: no reader can tell the copies from imported ones. Prints how many numbers there are.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "complaints.csv"
        rows = [
            f"202{2_000_000 + 7 * n},2026-11-0{n % 9 + 1} 10:00:00,,,,202,Lotteries,Y"
            for n in range(IMPORTED)
        ]
        file.write_text("\n".join([",".join(ftc.COLUMNS), *rows]) + "\n")
        call_command("import_ftc", file, rejects=Path(folder) / "rejects.csv")
    trust_pass.reweigh_due()
    columns = _columns(Number, "key")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO reputation_number (key, {columns})
            SELECT overlay(key placing area::text from 3 for 3), {columns}
            FROM reputation_number, generate_series(301, 300 + {OTHERS}) area
            WHERE key LIKE '+1202_______' AND complaints > 0
            """  # noqa: S608 -- constants
        )
        _repeat(cursor, EvidenceBucket)
        # A digest is of a row of the file, and there only once.
        _repeat(cursor, ImportedComplaint, digest="sha256(digest || convert_to(copy.key, 'UTF8'))")
        cursor.execute("ANALYZE")
        cursor.execute("SELECT count(*) FROM reputation_number WHERE complaints > 0")
        print(cursor.fetchone()[0])


def _repeat(cursor: CursorWrapper, model: type[models.Model], **other: str) -> None:
    """Gives copies of numbers what the imported ones have in this table."""
    table, columns = model._meta.db_table, _columns(model, "number_id", *other)
    names = ", ".join([*other, columns])
    values = ", ".join([*other.values(), columns])
    cursor.execute(
        f"""
        WITH copy AS (
            SELECT copy.id, copy.key, imported.id AS imported
            FROM reputation_number imported
            JOIN reputation_number copy ON right(copy.key, 7) = right(imported.key, 7)
            WHERE imported.key LIKE '+1202_______' AND imported.complaints > 0
                AND copy.complaints > 0 AND copy.id <> imported.id
        ),
        own AS (SELECT number_id AS imported, {columns}{"".join(f", {name}" for name in other)}
            FROM {table})
        INSERT INTO {table} (number_id, {names})
        SELECT copy.id, {values} FROM own JOIN copy USING (imported)
        """  # noqa: S608 -- constants
    )


def _columns(model: type[models.Model], *but: str) -> str:
    names = (str(field.column) for field in model._meta.concrete_fields)
    return ", ".join(name for name in names if name not in ("id", *but))
