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
# Behind these a cell begins where a spreadsheet is set to split at something else than commas.
SPLIT = re.compile(r"(?<=[;\t\r\n])")
CONTROLS = ("\t", "\r", "\n")


def as_csv(rows: Iterable[Iterable[object]]) -> str:
    """The rows as CSV (RFC 4180), each cell guarded."""
    file = io.StringIO()
    csv.writer(file).writerows([guarded(str(cell)) for cell in row] for row in rows)
    return file.getvalue()


def guarded(cell: str) -> str:
    """`cell` with an apostrophe wherever a spreadsheet would take what follows for a formula."""
    safe = "".join(f"'{part}" if _is_formula(part) else part for part in SPLIT.split(cell))
    return f"'{safe}" if safe.startswith(CONTROLS) else safe


def unguarded(cell: str) -> str:
    """What `guarded` was given, less an apostrophe that stood before a formula already."""
    safe = cell[1:] if cell.startswith("'") and cell[1:].startswith(CONTROLS) else cell
    return "".join(
        part[1:] if part.startswith("'") and _is_formula(part[1:]) else part
        for part in SPLIT.split(safe)
    )


def _is_formula(part: str) -> bool:
    # Spreadsheets skip spaces and invisible characters before the sign, and so does this.
    first = next((char for char in part if unicodedata.category(char)[0] not in "CZ"), "")
    return unicodedata.normalize("NFKC", first) in FORMULA and not NUMBER.fullmatch(part)
