"""Makes a backup while the service runs: the database is copied as of one moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.core.files.storage import FileSystemStorage, storages
from django.db import connection, transaction

from config.backups import archive, database, facts
from reputation.feeds import log

DRAFTS = ".drafts"


@dataclass(frozen=True, slots=True)
class Made:
    facts: facts.Facts
    database_bytes: int
    files: int
    file_bytes: int


def make(to: IO[bytes], *, files: bool, now: datetime, progress: Callable[[int], object]) -> Made:
    """Writes a backup to `to`, and calls `progress` with the bytes of each piece.

    First the database, then the files: a file is stored before its row in the database, and deleted
    after it. Raises database.DatabaseRefused, OSError.
    """
    files = files and evidence_folder() is not None
    log.head()  # gives cursors to changes without one
    watched = Watched(to, progress)
    try:
        return _write(archive.Writer(cast(IO[bytes], watched)), files=files, now=now)
    finally:
        watched.ended = True


def _write(writer: archive.Writer, *, files: bool, now: datetime) -> Made:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        found = facts.gather(files=files, now=now)
        writer.add_json(archive.FACTS, found.as_json())
        with database.dumped(snapshot) as dump:
            length = writer.add_pieces(archive.DATABASE, dump)
    count, size = _add_files(writer) if files else (0, 0)
    writer.close()
    return Made(found, length, count, size)


def evidence_folder() -> Path | None:
    """The folder with the files of reports; None if they are not on this machine's disk."""
    storage = storages["evidence"]
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def _add_files(writer: archive.Writer) -> tuple[int, int]:
    folder = evidence_folder()
    assert folder is not None  # noqa: S101 -- `make` has looked
    count = size = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if name.parts[0] == DRAFTS or not path.is_file() or path.is_symlink():
            continue
        try:
            file = path.open("rb")
        except FileNotFoundError:  # erased meanwhile; restoring erases its row too
            continue
        with file:
            length = path.stat().st_size
            writer.add(f"{archive.EVIDENCE}/{name.as_posix()}", file, length)
        count, size = count + 1, size + length
    return count, size


class Watched:
    """Counts what is written, for a progress bar."""

    def __init__(self, to: IO[bytes], progress: Callable[[int], object]) -> None:
        self.to, self.progress = to, progress
        # From then on nothing is written: an archive that failed writes its end when it is deleted.
        self.ended = False

    def write(self, data: bytes) -> int:
        if self.ended:
            return len(data)
        written = self.to.write(data)
        self.progress(len(data))
        return written
