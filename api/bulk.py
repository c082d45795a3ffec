"""Files hundreds of thousands of reports in one streamed request.

Rows are filed in blocks, each in one transaction that also notes the progress under the request's
Idempotency-Key. A request that was killed and is sent again continues where it stopped: no row is
lost or counted twice. A bad row is explained and does not affect other rows.

api.bulk_rows reads the rows, and cannot always tell the end of a chunked body from a lost
connection: after one, the same key may continue with more rows.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any

import orjson
from django.db import transaction
from rest_framework.exceptions import ErrorDetail, ValidationError

from api import filing, idempotency, metrics
from api.bulk_rows import Body, Row, rows_of
from api.callers import Caller
from api.errors import InvalidField
from api.models import IdempotencyRecord
from api.rendering import dump
from reputation import reports
from reputation.identity import Identity
from reputation.models import Reporter
from reputation.reports import ReportError, Statement

# Rows of one transaction: its numbers stay locked until it ends, and its rows are all in memory.
BLOCK = 2_000
BLOCK_BYTES = 4 * 1024 * 1024
# Explanations are kept and sent; a file that consists of errors must not fill the memory.
MAX_EXPLAINED = 10_000
INPUT_SHOWN = 200


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
    for block in _blocks(rows_of(stream, length, digest.update)):
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
