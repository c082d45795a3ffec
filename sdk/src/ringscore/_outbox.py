"""Keeps reports that are to be sent, through crashes, lost networks and power cuts."""

from __future__ import annotations

import json
import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

from ._client import Client
from ._exceptions import (
    KeyRejected,
    NotFound,
    RateLimited,
    RequestInvalid,
    RingscoreError,
    StorageFailed,
    Unavailable,
)
from ._models import Category, Receipt
from ._requests import Statement, dump

# A report of less than this many seconds ago, by this machine's clock, is about the present.
RECENT: Final = 30 * 86_400.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS report (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    body BLOB NOT NULL,
    written_at REAL NOT NULL,
    refusal TEXT
)
"""


@dataclass(frozen=True)
class Waiting:
    """A report in the box. `refusal`: why the server refuses it for good; else empty."""

    id: int
    number: str
    category: str
    written_at: float
    refusal: str


@dataclass(frozen=True)
class Sent:
    """The result of a `send`: receipts by the box's ids, and how many reports wait or are refused.

    `error` is the reason for an early stop, else None.
    """

    receipts: dict[int, Receipt]
    waiting: int
    refused: int
    error: RingscoreError | None


class Outbox:
    """A file of reports to be sent. Any number of threads and processes may use it at once.

    A report is on disk when `add` returns. It leaves the file only after the server has confirmed
    it. Each carries its own Idempotency-Key and goes out byte for byte the same, so a report that
    is sent twice, after a kill at the wrong moment, counts once.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        # Reports are private; the mirror beside them is not.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._open() as box:
            box.execute(_SCHEMA)

    def add(self, number: str, category: Category | str, **more: object) -> int:
        """Puts a report in the box; returns its id there. `more`: other fields of `Statement`.

        Without `occurred_at` the call came now: the report may be sent days later. If the server
        then refuses that time, since this machine's clock is wrong, the report goes without it.
        Raises StorageFailed when the report is not on disk.
        """
        written_at = time.time()
        if more.get("occurred_at") is None:
            more["occurred_at"] = _second(written_at)
        body = Statement(number, category, **more).body()  # type: ignore[arg-type]
        with self._open() as box:
            row = box.execute(
                "INSERT INTO report (key, body, written_at) VALUES (?, ?, ?)",
                (str(uuid.uuid4()), body, written_at),
            )
            return int(row.lastrowid or 0)

    def send(self, client: Client, *, progress: Callable[[int, int], None] | None = None) -> Sent:
        """Sends the waiting reports, oldest first, until all are sent or the server is unreachable.

        A report whose content the server refuses stays, marked with the reason, and is not sent
        again. `progress` is called with reports done and their number.
        """
        receipts: dict[int, Receipt] = {}
        error: RingscoreError | None = None
        with self._open() as box:
            rows = box.execute(
                "SELECT id, key, body, written_at FROM report WHERE refusal IS NULL ORDER BY id"
            ).fetchall()
        for done, (row_id, key, body, written_at) in enumerate(rows, 1):
            try:
                receipts[row_id] = self._send(client, row_id, key, bytes(body), written_at)
            except (Unavailable, RateLimited, KeyRejected, NotFound) as stop:
                error = stop  # as the next report would: at a wrong address none is found
                break
            except RingscoreError as refusal:
                self._settle("UPDATE report SET refusal = ? WHERE id = ?", str(refusal), row_id)
            else:
                self._settle("DELETE FROM report WHERE id = ?", row_id)
            if progress is not None:
                progress(done, len(rows))
        waiting, refused = self.count()
        return Sent(receipts, waiting, refused, error)

    def count(self) -> tuple[int, int]:
        """The number of waiting reports, and of refused ones."""
        with self._open() as box:
            row = box.execute(
                "SELECT count(*) - count(refusal), count(refusal) FROM report"
            ).fetchone()
        return int(row[0]), int(row[1])

    def reports(self) -> list[Waiting]:
        """The reports in the box, oldest first."""
        with self._open() as box:
            rows = box.execute(
                "SELECT id, body, written_at, refusal FROM report ORDER BY id"
            ).fetchall()
        waiting = []
        for row_id, body, written_at, refusal in rows:
            fields = json.loads(body)
            waiting.append(
                Waiting(row_id, fields["number"], fields["category"], written_at, refusal or "")
            )
        return waiting

    def remove(self, report_id: int) -> None:
        """Takes a report out of the box without sending it."""
        self._settle("DELETE FROM report WHERE id = ?", report_id)

    def _send(
        self, client: Client, row_id: int, key: str, body: bytes, written_at: float
    ) -> Receipt:
        try:
            return client.send_report(body, key)
        except RequestInvalid as refusal:
            timeless = _without_our_time(body, written_at, refusal)
            if timeless is None:
                raise
        # On disk first: what this key sends must stay the same from here on.
        self._settle("UPDATE report SET body = ? WHERE id = ?", timeless, row_id)
        return client.send_report(timeless, key)

    def _settle(self, statement: str, *values: object) -> None:
        with self._open() as box:
            box.execute(statement, values)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # A connection per use: connections must not be shared between threads, nor survive a fork.
        box = sqlite3.connect(self.path, timeout=30)
        try:
            box.execute("PRAGMA synchronous = FULL")
            with box:
                yield box
        except sqlite3.Error as error:
            raise StorageFailed(f"The outbox {self.path} cannot be used: {error}") from error
        finally:
            box.close()


def _second(moment: float) -> datetime:
    return datetime.fromtimestamp(int(moment), timezone.utc)


def _without_our_time(body: bytes, written_at: float, refusal: RequestInvalid) -> bytes | None:
    """The report without the time that the box gave it, if the server refuses just that time: the
    clock was wrong. None for a time of the caller's own, and for a report that is old."""
    fields = json.loads(body)
    refused = any(each.pointer == "#/occurred_at" for each in refusal.problem.errors)
    is_ours = fields.pop("occurred_at", "") == _second(written_at).isoformat()
    is_recent = time.time() - written_at < RECENT
    return dump(fields) if refused and is_ours and is_recent else None
