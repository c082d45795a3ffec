"""Files hundreds of thousands of reports in one streamed request: NDJSON, or CSV as AbuseIPDB has
it.

Rows are filed in blocks, each in one transaction that also notes the progress under the request's
Idempotency-Key. A request that was killed and is sent again continues where it stopped: no row is
lost or counted twice. A bad row is explained and does not affect other rows.

Only a request that was received whole is complete: one shorter than its Content-Length, or a
chunked one that ends within a line, is CutShort, and the cut row is not filed. Servers need not
tell the end of a chunked body from a lost connection, so after a chunked body the same key may
continue with more rows.
"""

import csv
import hashlib
import io
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import orjson
from django.db import transaction
from rest_framework.exceptions import ErrorDetail, ValidationError

from api import filing, idempotency, metrics
from api.callers import Caller
from api.errors import CutShort, InvalidField
from api.models import IdempotencyRecord
from api.rendering import dump
from edge import whole
from reputation import reports
from reputation.identity import Identity
from reputation.models import Reporter
from reputation.reports import ReportError, Statement

# Rows of one transaction: its numbers stay locked until it ends, and its rows are all in memory.
BLOCK = 2_000
BLOCK_BYTES = 4 * 1024 * 1024
MAX_ROWS = 100_000
# Lines of one request, blank ones too: without a limit it might never end, and would hold its
# thread.
MAX_LINES = 2 * MAX_ROWS
MAX_BYTES = 256 * 1024 * 1024
MAX_LINE = 65_536
CHUNK = 65_536
# Explanations are kept and sent; a file that consists of errors must not fill the memory.
MAX_EXPLAINED = 10_000
INPUT_SHOWN = 200

# Our names for AbuseIPDB's column names, and for what people write in spreadsheets.
COLUMNS = {"categories": "category", "reportdate": "occurred_at", "phone": "number"}
LISTS = frozenset({"conduct"})
WHOLE = frozenset({"call_count"})
TRUTHS = frozenset({"was_warned"})


class Body(Protocol):
    """A request body; `read` gives its next bytes, none at its end."""

    def read(self, size: int = ..., /) -> bytes: ...


class Row(NamedTuple):
    """One row as received: its place, from 1, its UTF-8, and its fields or what is wrong."""

    place: int
    raw: bytes
    fields: dict[str, Any] | None
    error: str = ""


@dataclass(slots=True)
class Tally:
    """How far a request came. `digest` is of a CSV file's header and of all rows so far, so that a
    repetition can be told."""

    rows: int = 0
    saved: int = 0
    updated: int = 0
    invalid_total: int = 0
    invalid: list[dict[str, Any]] = field(default_factory=list)
    digest: str = ""

    def explain(self, row: Row, error: str) -> None:
        self.invalid_total += 1
        if len(self.invalid) < MAX_EXPLAINED:
            shown = row.raw.decode()[:INPUT_SHOWN]
            self.invalid.append({"row": row.place, "input": shown, "error": error})

    def answer(self) -> dict[str, Any]:
        return {
            "saved": self.saved,
            "updated": self.updated,
            "invalid_total": self.invalid_total,
            "invalid": sorted(self.invalid, key=itemgetter("row")),
        }


def file_all(
    stream: Body,
    *,
    length: int | None,
    caller: Caller,
    region: str,
    network: str,
    idempotency_key: str,
    now: datetime,
) -> tuple[dict[str, Any], bool]:
    """Files each row of `stream`; returns the answer, and whether all rows were filed before.

    `length`: the bytes that the request announced, None for a chunked one.

    Raises CutShort; idempotency.KeyReused if the same key came with other rows, MalformedKey; and
    reports.ReporterBlocked.
    """
    record = None
    if idempotency_key:
        with transaction.atomic():
            record = idempotency.claim(
                api_key_id=caller.key_id,
                key=idempotency_key,
                fingerprint=idempotency.fingerprint("POST", "bulk", region.encode()),
                now=now,
            )
    tally, digest, repeated = Tally(), hashlib.sha256(), True
    reporter = Reporter.objects.get(pk=caller.reporter_id)
    read = partial(_entry, caller=caller, region=region)
    for block in _blocks(_rows(stream, length, digest.update)):
        with transaction.atomic():
            done, ended = _progress(record)
            if record is not None:
                tally = done
            filed = [row for row in block if row.place <= done.rows]
            rest = block[len(filed) :]
            digest.update(b"".join([row.raw for row in filed]))
            # Up to the end of the earlier request, the rows must be the same.
            if filed and filed[-1].place == done.rows and done.digest != digest.hexdigest():
                raise idempotency.KeyReused(idempotency.REUSED)
            if not rest:
                continue
            if ended:
                raise idempotency.KeyReused(idempotency.REUSED)
            digest.update(b"".join([row.raw for row in rest]))
            repeated = False
            saved, updated = tally.saved, tally.updated
            _file(rest, tally, read, reporter=reporter, network=network, now=now)
            tally.rows, tally.digest = rest[-1].place, digest.hexdigest()
            _note(record, tally)
        metrics.reports_taken("bulk", created=tally.saved - saved, updated=tally.updated - updated)
    _finish(record, tally, digest.hexdigest(), is_whole=length is not None)
    return tally.answer(), repeated and record is not None


def _file(
    block: Sequence[Row],
    tally: Tally,
    read: Callable[[Row], tuple[Identity, Statement]],
    *,
    reporter: Reporter,
    network: str,
    now: datetime,
) -> None:
    sound: list[Row] = []
    entries: list[tuple[Identity, Statement]] = []
    for row in block:
        try:
            entries.append(read(row))
            sound.append(row)
        except (InvalidField, ValidationError, ValueError) as error:
            tally.explain(row, _sentence(error))
    outcomes = reports.submit_block(reporter=reporter, entries=entries, network=network, now=now)
    for row, outcome in zip(sound, outcomes, strict=True):
        if isinstance(outcome, ReportError):
            tally.explain(row, f"{outcome.field}: {outcome}")
        elif outcome:
            tally.saved += 1
        else:
            tally.updated += 1


def _entry(row: Row, *, caller: Caller, region: str) -> tuple[Identity, Statement]:
    """The number and report of a row, read like a single report. Raises InvalidField,
    ValidationError, ValueError."""
    if row.fields is None:
        raise ValueError(row.error)
    return filing.statement_of(filing.read_fields(row.fields), caller, region=region)


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(_leaves(error.detail, ""))
    return str(error)


def _leaves(detail: Any, path: str) -> Iterator[str]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _leaves(inner, path)
    elif isinstance(detail, ErrorDetail):
        yield f"{path}: {detail}" if path != "non_field_errors" else str(detail)


# --- Reading rows ---


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows in their order, one block for each transaction."""
    block, size = list[Row](), 0
    for row in rows:
        block.append(row)
        size += len(row.raw)
        if len(block) == BLOCK or size >= BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _rows(stream: Body, length: int | None, note: Callable[[bytes], object]) -> Iterator[Row]:
    """Rows of either format, told by the first byte: labels are often wrong. `note` is given what
    says how to read them: the header of a CSV file."""
    lines = _lines(stream, length)
    first = next(lines, b"")  # the first line exceeds no limit
    text = first.removeprefix(BOM_UTF8).lstrip()
    rest = _chain(first, lines)
    rows = _ndjson(rest) if not text or text.startswith(b"{") else _csv(rest, note)
    place = 0
    try:
        for row in rows:
            place = row.place
            if place > MAX_ROWS:
                yield _unread(row.place, row.raw, f"{MAX_ROWS:,} rows")
                return
            yield row
    except _TooLong as error:
        yield _unread(place + 1, b"", str(error))


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
    """The row of a line that is not plainly a JSON object; invalid UTF-8 is replaced."""
    text = line.removeprefix(BOM_UTF8).decode(errors="replace")
    raw = text.encode()
    if len(line) > MAX_LINE:
        return Row(place, raw, None, f"A row has at most {MAX_LINE:,} bytes.")
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Row(place, raw, None, f"This line is not valid JSON: {error}")
    if not isinstance(fields, dict):
        return Row(place, raw, None, 'Each line is one object, e.g. {"number":"+86…", …}.')
    return Row(place, raw, fields)


def _csv(lines: Iterator[bytes], note: Callable[[bytes], object]) -> Iterator[Row]:
    text = (line.decode("utf-8-sig", errors="replace") + "\n" for line in lines)
    reader = csv.reader(text, strict=True)  # else an open quote swallows the rows behind it
    header: list[str] = []
    place = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            place += 1
            yield Row(place, b"", None, f"This row is not valid CSV: {error}")
            continue
        if not cells:
            continue
        if not header:
            header = [COLUMNS.get(name, name) for name in (cell.strip().lower() for cell in cells)]
            if "number" not in header:
                names = ", ".join(filing.SHAPE.fields)
                yield Row(1, _line(cells), None, f"The first line must name columns: {names}.")
                return
            note(_line(header))
            continue
        place += 1
        if len(cells) != len(header):
            wrong = f"This row has {len(cells)} cells and the header {len(header)}."
            yield Row(place, _line(cells), None, wrong)
            continue
        yield Row(place, _line(cells), _typed(dict(zip(header, cells, strict=True))))


def _typed(cells: dict[str, str]) -> dict[str, Any]:
    """Cells as JSON values: an empty one is left out, lists are separated by spaces."""
    fields: dict[str, Any] = {}
    for name, cell in cells.items():
        if not cell.strip():
            continue
        fields[name] = _value(name, cell.strip() if name in WHOLE | TRUTHS else cell)
    return fields


def _value(name: str, cell: str) -> Any:
    """The cell as a value; an unreadable one stays, and is explained like any other wrong field."""
    if name in LISTS:
        return cell.split()
    if name in WHOLE and (number := whole(cell)) is not None:
        return number
    if name in TRUTHS:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            cell.lower(), cell
        )
    return cell


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue().encode()


# --- How far it came ---


def _progress(record: IdempotencyRecord | None) -> tuple[Tally, bool]:
    """What was filed under this key so far, and whether that was all. Locks the record: a
    simultaneous repetition of the request waits."""
    if record is None:
        return Tally(), False
    locked = IdempotencyRecord.objects.select_for_update().get(pk=record.pk)
    tally = Tally(**orjson.loads(locked.body)) if locked.body else Tally()
    return tally, bool(locked.status)


def _note(record: IdempotencyRecord | None, tally: Tally) -> None:
    if record is not None:
        body = dump(tally).decode()
        IdempotencyRecord.objects.filter(pk=record.pk).update(body=body)


def _finish(record: IdempotencyRecord | None, tally: Tally, digest: str, *, is_whole: bool) -> None:
    """Notes that all rows are done. From then on a shorter file under the same key is another
    request, and, if the end is certain, a longer one too."""
    if record is None:
        return
    with transaction.atomic():
        done, _ = _progress(record)
        if done.rows != tally.rows or (tally.rows and done.digest != digest):
            raise idempotency.KeyReused(idempotency.REUSED)
        if is_whole:
            IdempotencyRecord.objects.filter(pk=record.pk).update(status=200)
