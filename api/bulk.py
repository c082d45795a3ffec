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
    work = _Filing(
        record=_record_of(idempotency_key, caller, region, now),
        reporter=Reporter.objects.get(pk=caller.reporter_id),
        read=partial(_entry, caller=caller, region=region),
        network=network,
        now=now,
    )
    for block in _blocks(rows_of(stream, length, work.digest.update)):
        work.file(block)
    work.finish(is_whole=length is not None)
    return work.tally.answer(), work.repeats


def _record_of(key: str, caller: Caller, region: str, now: datetime) -> IdempotencyRecord | None:
    """Where the progress under this Idempotency-Key is noted; None without a key."""
    if not key:
        return None
    with transaction.atomic():
        return idempotency.claim(
            api_key_id=caller.key_id,
            key=key,
            fingerprint=idempotency.fingerprint("POST", "bulk", region.encode()),
            now=now,
        )


@dataclass(slots=True)
class _Filing:
    """Files the rows of one request, and notes how far it came."""

    record: IdempotencyRecord | None
    reporter: Reporter
    read: Callable[[Row], tuple[Identity, Statement]]
    network: str
    now: datetime
    tally: Tally = field(default_factory=Tally)
    digest: Any = field(default_factory=hashlib.sha256)
    any_new: bool = False

    @property
    def repeats(self) -> bool:
        """Whether all rows were filed before."""
        return self.record is not None and not self.any_new

    def file(self, block: list[Row]) -> None:
        """Files those rows of a block that were not filed before."""
        with transaction.atomic():
            new = self._new(block)
            if not new:
                return
            self.any_new = True
            saved, updated = self.tally.saved, self.tally.updated
            self._submit(new)
            self.tally.rows, self.tally.digest = new[-1].place, self.digest.hexdigest()
            self._note()
        metrics.reports_taken(
            "bulk", created=self.tally.saved - saved, updated=self.tally.updated - updated
        )

    def finish(self, *, is_whole: bool) -> None:
        """Notes that all rows are done. From then on a shorter file under the same key is another
        request, and, if the end is certain, a longer one too."""
        with transaction.atomic():
            if (record := self._locked()) is None:
                return
            done, _ = _progress(record)
            differs = self.tally.rows and done.digest != self.digest.hexdigest()
            if done.rows != self.tally.rows or differs:
                raise idempotency.KeyReused(idempotency.REUSED)
            if is_whole:
                IdempotencyRecord.objects.filter(pk=record.pk).update(status=200)

    def _new(self, block: list[Row]) -> list[Row]:
        """The rows that were not filed before. Raises KeyReused if those before are not the same,
        or if the earlier request had no further rows."""
        done, ended = Tally(), False
        if (record := self._locked()) is not None:
            done, ended = _progress(record)
            self.tally = done
        filed = [row for row in block if row.place <= done.rows]
        new = block[len(filed) :]
        self.digest.update(b"".join([row.raw for row in filed]))
        # Up to the end of the earlier request, the rows must be the same.
        if filed and filed[-1].place == done.rows and done.digest != self.digest.hexdigest():
            raise idempotency.KeyReused(idempotency.REUSED)
        if new and ended:
            raise idempotency.KeyReused(idempotency.REUSED)
        self.digest.update(b"".join([row.raw for row in new]))
        return new

    def _submit(self, rows: Sequence[Row]) -> None:
        """Files the rows that can be read, and explains the others."""
        sound: list[Row] = []
        entries: list[tuple[Identity, Statement]] = []
        for row in rows:
            try:
                entries.append(self.read(row))
                sound.append(row)
            except (InvalidField, ValidationError, ValueError) as error:
                self.tally.explain(row, _sentence(error))
        outcomes = reports.submit_block(
            reporter=self.reporter, entries=entries, network=self.network, now=self.now
        )
        for row, outcome in zip(sound, outcomes, strict=True):
            if isinstance(outcome, ReportError):
                self.tally.explain(row, f"{outcome.field}: {outcome}")
            elif outcome:
                self.tally.saved += 1
            else:
                self.tally.updated += 1

    def _locked(self) -> IdempotencyRecord | None:
        """The record, locked: a simultaneous repetition of the request waits. None without a key,
        or if the record was forgotten since, because the clock was set."""
        if self.record is not None:
            held = IdempotencyRecord.objects.select_for_update()
            self.record = held.filter(pk=self.record.pk).first()
        return self.record

    def _note(self) -> None:
        if self.record is not None:
            body = dump(self.tally).decode()
            IdempotencyRecord.objects.filter(pk=self.record.pk).update(body=body)


def _progress(record: IdempotencyRecord) -> tuple[Tally, bool]:
    """What was filed under this key so far, and whether that was all."""
    tally = Tally(**orjson.loads(record.body)) if record.body else Tally()
    return tally, bool(record.status)


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
