"""Publishes a feed: files of the state at one cursor, then a manifest that names them.

A run killed at any point leaves the earlier publication whole; the next run continues with the
unfinished formats, as long as the state is the same. Files are written under another name, forced
to disk and renamed, so a file with its final name is complete.
"""

import fcntl
import gzip
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from reputation.feeds import checksums, log, snapshots
from reputation.feeds.formats import FORMATS, Format
from reputation.feeds.formats.entries import Entry, Head
from reputation.feeds.snapshots import File, Manifest, Publication
from reputation.machine import keep_names, no_collection
from reputation.models import Busy, FeedChecksum

logger = logging.getLogger(__name__)

# How long replaced files stay. A slow telephone needs a minute for a mirror's file of a million
# numbers; a client that needs more than this starts again.
KEEP = timedelta(hours=1)

# gzip's own default is 6, which takes half as long again for 2 % less; 9 takes six times as long.
COMPRESSION = 5
DRAFT = ".part"
BLOCK_BYTES = 1 << 18
WRITERS = 2  # formats at once: one thread renders at a time, and packing takes as long again

# The snapshot of the log as one statement: COPY fetches a million rows in a third of the time.
ROWS = f"""
    COPY (
        SELECT head, key, action, category, score, floor(extract(epoch FROM changed_at))::int8,
            campaign
        FROM ({log.SNAPSHOT}) listed
    ) TO STDOUT
"""  # noqa: S608 -- constants
ABSENT = r"\N"


@dataclass(frozen=True, slots=True)
class State:
    """Every number listed at `cursor`, by key. `digest` distinguishes it from any other state."""

    cursor: int
    entries: list[Entry]
    digest: str


def publish(
    *, feed: str = snapshots.NUMBERS, now: datetime, progress: Callable[[str], object] = str
) -> Publication | None:
    """Publishes the feed's state if the log has moved on; returns None when it has not.

    Calls `progress` with the name of each format when its file is complete. Raises Busy and
    FeedUnknown.
    """
    home = snapshots.home(snapshots.known(feed))
    home.mkdir(parents=True, exist_ok=True)
    with _only_publisher(home):
        before = snapshots.manifest(feed)
        _remove_old(home, before, now)
        if before is not None and _is_current(before.current):
            return None
        with no_collection():
            state = read_state()
            publication = _write_files(feed, state, now, progress)
        _name(home, publication, before, now)
    checksums.tidy()
    return publication


def read_state() -> State:
    """The state at the log's end, from one snapshot of the database."""
    log.sequence()
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(ROWS) as copy:
        rows = b"".join(copy)
    head, entries = _parse(rows.decode())
    return State(head, entries, hashlib.sha256(rows).hexdigest())


def _parse(rows: str) -> tuple[int, list[Entry]]:
    # COPY escapes backslashes and control characters, and no canonical key contains any.
    head, entries = 0, []
    for line in rows.split("\n")[:-1]:
        cursor, key, action, category, score, changed, campaign = line.split("\t")
        head = int(cursor)
        if key == ABSENT:  # nothing is listed
            break
        entries.append(Entry(key, action, category, int(score), int(changed), campaign))
    entries.sort()
    return head, entries


def _is_current(publication: Publication) -> bool:
    # Current means today's formats and no others: an update of this program may add one.
    return publication.cursor == log.head() and list(publication.files) == list(FORMATS)


def _write_files(
    feed: str, state: State, now: datetime, progress: Callable[[str], object]
) -> Publication:
    checksum = checksums.of_state((entry.action, entry.key) for entry in state.entries)
    _agree(state.cursor, checksum)
    head = Head(feed, state.cursor, checksum, int(now.timestamp()))
    folder = f"{state.cursor}-{state.digest[:16]}"
    home = snapshots.home(feed) / folder
    files = {}
    # Threads overlap in hashing and packing, half of the work: both release the interpreter's lock.
    with _made(home), ThreadPoolExecutor(WRITERS, "publish") as pool:
        written = {
            name: pool.submit(_write_file, home / f"{name}.gz", format, state, head)
            for name, format in FORMATS.items()
        }
        try:
            for name, file in written.items():
                files[name] = file.result()
                progress(name)
        finally:
            pool.shutdown(cancel_futures=True)
    keep_names(home)
    return Publication(
        feed=feed,
        cursor=state.cursor,
        checksum=checksums.written(checksum),
        created=head.created,
        count=len(state.entries),
        folder=folder,
        files=files,
    )


@contextmanager
def _made(home: Path) -> Iterator[None]:
    """The folder; a new one goes again when the disk is full, which it would keep full."""
    is_new = not home.exists()
    home.mkdir(exist_ok=True)
    try:
        yield
    except OSError:
        if is_new:
            shutil.rmtree(home)
        raise


def _agree(cursor: int, checksum: int) -> None:
    """Compares the snapshot's checksum with the one that deltas lead to. They must be equal, or
    every mirror would load the snapshot anew each time.

    They differ only after a change of the log by hand. Then only the snapshot's checksum is kept.
    """
    if FeedChecksum.objects.exists() and checksums.at(cursor) != checksum:
        logger.error("the change log contradicts its snapshot at cursor %d", cursor)
        FeedChecksum.objects.all().delete()
    checksums.remember(cursor, checksum)


def _write_file(path: Path, format: Format, state: State, head: Head) -> File:
    if (finished := _finished(path)) is not None:
        return finished
    draft = path.with_suffix(DRAFT)
    digest, size = hashlib.sha256(), 0
    with draft.open("wb") as raw:
        # No name and no time in gzip's header: equal files have equal bytes.
        with gzip.GzipFile("", "wb", COMPRESSION, raw, mtime=0) as packed:
            for piece in format.render(state.entries, head):
                digest.update(piece)
                size += len(piece)
                packed.write(piece)
        raw.flush()
        os.fsync(raw.fileno())
    draft.rename(path)
    return _file(path, size, digest.hexdigest())


def _finished(path: Path) -> File | None:
    """The complete file that an earlier run left, or None."""
    digest, size = hashlib.sha256(), 0
    try:
        with gzip.open(path) as file:
            while piece := file.read(BLOCK_BYTES):
                digest.update(piece)
                size += len(piece)
        return _file(path, size, digest.hexdigest())
    except (OSError, EOFError):
        return None


def _file(path: Path, size: int, sha256: str) -> File:
    with path.open("rb") as packed:
        digest = hashlib.file_digest(packed, "sha256").hexdigest()
        return File(size=size, sha256=sha256, packed=packed.tell(), packed_sha256=digest)


def _name(home: Path, publication: Publication, before: Manifest | None, now: datetime) -> None:
    """Replaces the manifest: the one step that readers notice."""
    past = {}
    if before:
        past = {name: until for name, until in before.past.items() if until > now.timestamp()}
        past[before.current.folder] = (now + KEEP).timestamp()
    past.pop(publication.folder, None)
    path = home / snapshots.MANIFEST
    draft = path.with_suffix(DRAFT)
    with draft.open("wb") as file:
        file.write(Manifest(publication, past).dump())
        file.flush()
        os.fsync(file.fileno())
    keep_names(home)
    draft.rename(path)
    keep_names(home)


def _remove_old(home: Path, before: Manifest | None, now: datetime) -> None:
    """Removes folders that no manifest of the last KEEP named, and leftovers of killed runs."""
    past = before.past if before else {}
    stay = {name for name, until in past.items() if until > now.timestamp()}
    if before:
        stay.add(before.current.folder)
    for folder in _folders(home):
        # The next run may continue a folder that no manifest names yet.
        abandoned = now.timestamp() - folder.stat().st_mtime > KEEP.total_seconds()
        if folder.name not in stay and (folder.name in past or abandoned):
            shutil.rmtree(folder)


def _folders(home: Path) -> Iterable[Path]:
    return [path for path in home.iterdir() if path.is_dir()]


@contextmanager
def _only_publisher(home: Path) -> Iterator[None]:
    with (home / "lock").open("a") as file:
        try:
            fcntl.flock(
                file, fcntl.LOCK_EX | fcntl.LOCK_NB
            )  # the kernel releases it if this process is killed
        except BlockingIOError:
            raise Busy("Another process is publishing this feed.") from None
        yield
