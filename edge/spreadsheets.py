"""CSV files for spreadsheets, which run a cell that begins like a formula."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

# Beside ASCII, spreadsheets of East Asia take the full-width forms: NFKC makes them ASCII.
FORMULA = frozenset("=+-@\u2212")
# A number as we write it, +4930901820 or +1 202-555-0123, computes nothing.
NUMBER = re.compile(r"\+[0-9]+( [0-9 -]+)?")


def as_csv(rows: Iterable[Iterable[object]]) -> str:
    """The rows as CSV (RFC 4180), each cell guarded."""
    file = io.StringIO()
    csv.writer(file).writerows([guarded(str(cell)) for cell in row] for row in rows)
    return file.getvalue()


def guarded(cell: str) -> str:
    """`cell`, behind an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{cell}" if _is_formula(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def _is_formula(cell: str) -> bool:
    if cell.startswith(("\t", "\r", "\n")):
        return True
    # Spreadsheets skip spaces and invisible characters before the sign, and so does this.
    first = next((char for char in cell if unicodedata.category(char)[0] not in "CZ"), "")
    return unicodedata.normalize("NFKC", first) in FORMULA and not NUMBER.fullmatch(cell)
