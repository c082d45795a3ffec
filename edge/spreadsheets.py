"""CSV files for spreadsheets, which run any cell that begins like a formula."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

# East Asian spreadsheets also run full-width signs. NFKC turns those into ASCII.
FORMULA = frozenset("=+-@\u2212")
# A number in our notation, +4930901820 or +1 202-555-0123, is no formula.
NUMBER = re.compile(r"\+[0-9]+( [0-9 -]+)?")
# Characters after which a new cell begins if a spreadsheet splits at them instead of commas.
SPLIT = re.compile(r"(?<=[;\t\r\n])")
CONTROLS = ("\t", "\r", "\n")


def as_csv(rows: Iterable[Iterable[object]]) -> str:
    """The rows as CSV (RFC 4180), with every cell guarded."""
    file = io.StringIO()
    csv.writer(file).writerows([guarded(str(cell)) for cell in row] for row in rows)
    return file.getvalue()


def guarded(cell: str) -> str:
    """`cell` with an apostrophe wherever a spreadsheet would run the rest as a formula."""
    safe = "".join(f"'{part}" if _is_formula(part) else part for part in SPLIT.split(cell))
    return f"'{safe}" if safe.startswith(CONTROLS) else safe


def unguarded(cell: str) -> str:
    """The cell before `guarded`, less an apostrophe that already stood before a formula."""
    safe = cell[1:] if cell.startswith("'") and cell[1:].startswith(CONTROLS) else cell
    return "".join(
        part[1:] if part.startswith("'") and _is_formula(part[1:]) else part
        for part in SPLIT.split(safe)
    )


def _is_formula(part: str) -> bool:
    # Spreadsheets skip spaces and invisible characters before the sign, and so does this.
    first = next((char for char in part if unicodedata.category(char)[0] not in "CZ"), "")
    return unicodedata.normalize("NFKC", first) in FORMULA and not NUMBER.fullmatch(part)
