"""The rows of a streamed body of reports: NDJSON, or CSV as AbuseIPDB has it.

A row that cannot be read is a Row that says what is wrong with it; those after it are read. Only a
body that was received whole is complete: one shorter than its Content-Length, or a chunked one that
ends within a line, is CutShort, and the cut row is not given. Servers need not tell the end of a
chunked body from a lost connection.
"""

import csv
import io
import re
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple, Protocol

import orjson

from api import filing
from api.errors import CutShort
from edge import whole_number

MAX_ROWS = 100_000
# Lines of one request, blank ones too: without a limit it might never end, and would hold its
# thread.
MAX_LINES = 2 * MAX_ROWS
MAX_BYTES = 256 * 1024 * 1024
MAX_LINE = 65_536
CHUNK = 65_536

# Our names for AbuseIPDB's column names, and for what people write in spreadsheets.
COLUMNS = {"categories": "category", "reportdate": "occurred_at", "phone": "number"}
LISTS = frozenset({"conduct"})
WHOLE = frozenset({"call_count"})
TRUTHS = frozenset({"was_warned"})
_BETWEEN_WORDS = re.compile(r"\s*[\s,;]\s*")
_UNDECODABLE = re.compile("[\udc80-\udcff]")  # how Python marks bytes that are not UTF-8
# A line that tells Excel what separates the cells below.
_SEPARATOR_TOLD = re.compile(r"\"?sep=([,;\t|])\"?[,;]*\n", re.IGNORECASE)
# What a spreadsheet makes of a long number in a narrow or general cell. Its last digits are gone.
_SHORTENED = re.compile(r"\+?[0-9](?:[.,][0-9]+)?E\+[0-9]{1,2}", re.IGNORECASE)
SHORTENED = (
    "number: A spreadsheet has shortened it, and its last digits are lost. Give the column the "
    "format Text before the numbers go in."
)
ONE_OBJECT = 'Each line is one object, e.g. {"number":"+86…", …}.'
# Excel writes the encoding of Windows unless one chooses "CSV UTF-8". Replacing the characters that
# cannot be read would lose words.
NOT_UTF_8 = "This is not in UTF-8. Save the file in UTF-8 (in Excel: CSV UTF-8) and send it again."
BODY_ITSELF = "Send the file itself as the body, as curl --data-binary @reports.csv does."


class Body(Protocol):
    """A request body; `read` gives its next bytes, none at its end."""

    def read(self, size: int = ..., /) -> bytes: ...


class Row(NamedTuple):
    """One row as received: its place, from 1, its UTF-8, and its fields or the error."""

    place: int
    raw: bytes
    fields: dict[str, Any] | None
    error: str = ""


def rows_of(stream: Body, length: int | None, note: Callable[[bytes], object]) -> Iterator[Row]:
    """The rows of a body. Its first line that is not blank tells the format, since labels are often
    wrong.

    `note` is called with the header of a CSV file.
    """
    lines = _lines(stream, length)
    place = 0
    try:
        first = next(filter(_is_not_blank, lines), b"")
        text = first.removeprefix(BOM_UTF8).lstrip()
        rest = _chain(first, lines)
        if wrong := _wrong_as_a_whole(text):
            yield wrong
            return
        rows = _ndjson(rest) if not text or text.startswith(b"{") else _csv(rest, note)
        for row in rows:
            place = row.place
            if place > MAX_ROWS:
                yield _unread(row.place, row.raw, f"{MAX_ROWS:,} rows")
                return
            yield row
    except _TooLong as error:
        yield _unread(place + 1, b"", str(error))


def _is_not_blank(line: bytes) -> bool:
    return bool(line.removeprefix(BOM_UTF8).strip())


def _wrong_as_a_whole(first: bytes) -> Row | None:
    """The error of a body that holds no reports in any line, by its first line; else None."""
    if first.startswith(b"["):
        return Row(1, b"[", None, f"A list cannot be filed. {ONE_OBJECT}")
    if first.startswith(b"--"):
        return Row(1, b"--", None, f"A form cannot be filed. {BODY_ITSELF}")
    if b"\0" in first and not first.startswith(b"{"):  # UTF-16, or no text at all
        return Row(1, b"", None, NOT_UTF_8)
    return None


class _TooLong(Exception):
    """The body exceeds a limit, which the message names."""


def _unread(place: int, raw: bytes, limit: str) -> Row:
    return Row(
        place,
        raw,
        None,
        f"One request takes {limit}. This row and all after it were not read: "
        "send them in another request.",
    )


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _lines(stream: Body, length: int | None) -> Iterator[bytes]:
    """Lines without their ends. One that is too long is cut to MAX_LINE + 1 bytes.

    Raises CutShort, and _TooLong beyond MAX_LINES and MAX_BYTES.
    The server's own `readline` is not used: granian's drops what it read beyond the line.
    """
    rest, cut = b"", False
    count = size = 0
    while chunk := _read(stream):
        size += len(chunk)
        if size > MAX_BYTES:
            raise _TooLong(f"{MAX_BYTES:,} bytes")
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            count += 1
            if count > MAX_LINES:
                raise _TooLong(f"{MAX_LINES:,} lines, blank ones counted")
            if not cut:
                yield line[: MAX_LINE + 1].rstrip(b"\r")
            cut = False
        if len(rest) > MAX_LINE:
            if not cut:
                yield rest[: MAX_LINE + 1]
            rest, cut = b"", True
    if length is not None and size < length:
        raise CutShort(
            f"Only {size:,} of {length:,} bytes arrived, and rows at the end were not filed. "
            "Send the whole file again, under the same Idempotency-Key."
        )
    if length is None and (rest or cut):
        raise CutShort(
            "The last line has no line break, as if the connection had been lost: it was not "
            "filed. End each line of a chunked body with one, and send the whole file again, under "
            "the same Idempotency-Key."
        )
    if rest and not cut:
        yield rest.rstrip(b"\r")


def _read(stream: Body) -> bytes:
    try:
        return stream.read(CHUNK)
    except OSError:
        raise CutShort(
            "The connection was lost. Send the whole file again, under the same Idempotency-Key."
        ) from None


def _ndjson(lines: Iterator[bytes]) -> Iterator[Row]:
    place = 0
    for line in lines:
        if not line or line.isspace():
            continue
        place += 1
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError:
            yield _repaired(place, line)
            continue
        if len(line) > MAX_LINE or type(fields) is not dict:
            yield _repaired(place, line)
        else:
            yield Row(place, line, fields)


def _repaired(place: int, line: bytes) -> Row:
    """The row of a line that is not plainly a JSON object."""
    line = line.removeprefix(BOM_UTF8)
    raw = line.decode(errors="replace").encode()
    if len(line) > MAX_LINE:
        return Row(place, raw, None, f"A row has at most {MAX_LINE:,} bytes.")
    if raw != line:
        return Row(place, raw, None, NOT_UTF_8)
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Row(place, raw, None, f"This line is not valid JSON: {error}. {ONE_OBJECT}")
    if not isinstance(fields, dict):
        return Row(place, raw, None, ONE_OBJECT)
    return Row(place, raw, fields)


def _csv(lines: Iterator[bytes], note: Callable[[bytes], object]) -> Iterator[Row]:
    header: list[str] = []
    place = 0
    for cells in _table(lines):
        if isinstance(cells, _Unreadable):
            place += 1
            yield Row(place, _encoded(cells.line), None, f"This row is not valid CSV: {cells.why}")
        elif header:
            place += 1
            yield _csv_row(place, cells, header)
        else:
            header = [COLUMNS.get(name, name) for name in (cell.strip().lower() for cell in cells)]
            if wrong := _wrong_header(header, _line(cells)):
                yield Row(1, _encoded(_line(cells)), None, wrong)
                return
            note(_line(header).encode())
    if header and not place and not set(filing.SHAPE.fields).issuperset(header):
        # Programs that send a form's field, as curl --data does, join all lines to one.
        wrong = f"No row follows the header. {BODY_ITSELF}"
        yield Row(1, _line(header).encode(), None, wrong)


class _Unreadable(NamedTuple):
    """The first line of a row that is no CSV, and why it is none."""

    line: str
    why: str


class _Lines(Iterator[str]):
    """Lines for csv.reader, which takes several for one row where a cell has line breaks.

    A quote that is never closed takes the rows behind it as well. They are given again: each only
    once, since the next quote, where the wrong row ends, is behind them.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._again = lines, deque[str]()
        self.row: list[str] = []

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.row.append(line)
        return line

    def give_again(self) -> None:
        """The lines behind the first line of the row, once more."""
        self._again.extendleft(reversed(self.row[1:]))


def _table(lines: Iterator[bytes]) -> Iterator[list[str] | _Unreadable]:
    """The cells of each row that is not blank, or what is wrong with it."""
    # Undecodable bytes stay marked until the cells of a row are known.
    text = (line.decode("utf-8-sig", errors="surrogateescape") + "\n" for line in lines)
    first = next(text, "")
    if told := _SEPARATOR_TOLD.fullmatch(first):
        first = next(text, "")
    # Where the decimal sign is a comma, Excel separates by semicolons; what is copied out of a
    # table has tabs.
    separator = told[1] if told else next((each for each in ",;\t" if each in first), ",")
    source = _Lines(chain([first], text))
    # Not strict, an open quote would pass for a cell of many lines.
    reader = csv.reader(source, delimiter=separator, strict=True)
    while True:
        source.row.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            source.give_again()
            yield _Unreadable(source.row[0].rstrip("\n"), _said(error))
            continue
        if any(cell.strip() for cell in cells):  # spreadsheets write ,,, for an empty row
            yield cells


def _wrong_header(header: list[str], line: str) -> str:
    """What is wrong with the first line; "" if nothing is."""
    if "number" not in header:
        names = ", ".join(filing.SHAPE.fields)
        return f"The first line must name columns, between commas, ; or tabs: {names}."
    known = filing.SHAPE.fields
    if twice := next((name for name in header if name in known and header.count(name) > 1), ""):
        return f"The first line names {twice} twice: name each column once."
    return "" if _is_utf_8(line) else NOT_UTF_8


def _csv_row(place: int, cells: list[str], header: list[str]) -> Row:
    line = _line(cells)
    raw = _encoded(line)
    while len(cells) > len(header) and not cells[-1].strip():  # of columns without a name
        cells.pop()
    if len(cells) != len(header):
        wrong = f"This row has {len(cells)} cells and the header {len(header)}."
        return Row(place, raw, None, wrong)
    if not _is_utf_8(line):
        return Row(place, raw, None, NOT_UTF_8)
    fields = _typed(dict(zip(header, cells, strict=True)))
    if _SHORTENED.fullmatch(fields.get("number", "")):
        return Row(place, raw, None, SHORTENED)
    return Row(place, raw, fields)


def _encoded(line: str) -> bytes:
    """The line in UTF-8, with a question mark for each byte that was not."""
    return line.encode(errors="replace")


def _is_utf_8(line: str) -> bool:
    """Whether all bytes of the line could be decoded."""
    return line.isascii() or _UNDECODABLE.search(line) is None


def _said(error: csv.Error) -> str:
    """What is wrong, and the remedy. Python speaks of how Python opens files, or of its parser."""
    if "new-line character" in str(error):
        return "a carriage return stands alone. End lines with a line feed."
    return (
        "a quote is not closed, or text follows the one that closes a cell. "
        "Around a cell with a quote in it write quotes, and that quote twice."
    )


def _typed(cells: dict[str, str]) -> dict[str, Any]:
    """Cells as JSON values, less the blanks around them; an empty one is left out."""
    stripped = ((name, cell.strip()) for name, cell in cells.items())
    return {name: _value(name, cell) for name, cell in stripped if cell}


def _value(name: str, cell: str) -> Any:
    """The cell as a value; an unreadable one stays, and is explained like any other wrong field."""
    if name in LISTS:
        return _BETWEEN_WORDS.split(cell)
    # Programs write 3.0 where other cells of the column are empty.
    if name in WHOLE and (number := whole_number(cell.removesuffix(".0"))) is not None:
        return number
    if name in TRUTHS:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            cell.lower(), cell
        )
    return cell


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
