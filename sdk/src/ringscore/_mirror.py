"""A local copy of a feed: complete, verified, and with a known age."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from ._client import Client
from ._exceptions import (
    BadAnswer,
    ChecksumMismatch,
    CursorExpired,
    MirrorEmpty,
    RateLimited,
    RingscoreError,
    ServerFailed,
    SnapshotCorrupt,
    StorageFailed,
)
from ._folder import draft_in, drop_drafts, only_writer, write
from ._forks import anew_in_children
from ._index import Index, build
from ._models import Action
from ._snapshot import Snapshot, checksum_of, parse
from ._table import Table

STATE: Final = "state.json"
STATE_VERSION: Final = 1
# Changes kept beside the index before both are merged into a new one: more would cost more memory
# than the index saves.
MAX_CHANGES: Final = 4096
STALE_AFTER = timedelta(hours=24)
CLOCK_SKEW: Final = 300.0  # seconds by which a clock may be corrected backwards
MAX_PAGES: Final = 10_000  # of changes in one sync
JITTER: Final = 0.1  # of min_wait, so that mirrors started together drift apart
FIRST_BACKOFF: Final = 30.0  # seconds
MAX_BACKOFF: Final = 3600.0
MAX_ASKED: Final = 86_400.0  # of what a server asks to wait: a mirror that waits longer is stale


@dataclass(frozen=True)
class MirrorStatus:
    """The content of a mirror. `age` counts from the server's last confirmation."""

    cursor: int
    count: int
    synced_at: datetime
    age: timedelta
    stale: bool


@dataclass(frozen=True)
class SyncResult:
    """The result of a sync: whether it took a snapshot, its changes, and seconds to wait now."""

    snapshot: bool
    changes: int
    cursor: int
    min_wait: float


class Mirror:
    """A feed kept in a folder, shared by any number of processes; one at a time updates it.

    Args:
        directory: the mirror's folder; created when missing.
        client: the source of updates; None for a process that only reads.
        feed: its name on the server.
        stale_after: age from which `status().stale` is true.

    `action(key)` answers for a canonical key (`canonical` makes one): FLAG, BLOCK, or None when it
    is not listed. It raises MirrorEmpty until something was downloaded. It costs about a
    microsecond and no lock, and it never waits for a sync. After a fork, a child has what its
    parent syncs.
    """

    action: Callable[[str], Action | None]

    def __init__(
        self,
        directory: str | os.PathLike[str],
        client: Client | None = None,
        *,
        feed: str = "numbers",
        stale_after: timedelta = STALE_AFTER,
    ) -> None:
        self.directory, self.feed, self.stale_after = Path(directory), feed, stale_after
        self._client = client
        self._table: Table | None = None
        self._synced_at = 0.0
        self._seen: tuple[int, int] | None = None
        self._mutex = threading.Lock()
        self._unread = ""
        self.action = self._nothing
        self.directory.mkdir(parents=True, exist_ok=True)
        self.refresh()
        anew_in_children(self)

    def actions(self, keys: Iterable[str]) -> list[Action | None]:
        """`action` for each of many keys."""
        return list(map(self.action, keys))

    def entries(self) -> Iterator[tuple[Action, str]]:
        """All listed keys with their actions, in no particular order. Raises MirrorEmpty."""
        return self._held().entries()

    def memory(self) -> int:
        """Bytes that the numbers take, the mapped file included. Raises MirrorEmpty."""
        return self._held().memory()

    def status(self) -> MirrorStatus:
        """The mirror's content and age. Raises MirrorEmpty."""
        table = self._held()
        age = timedelta(seconds=max(time.time() - self._synced_at, 0.0))
        return MirrorStatus(
            cursor=table.cursor,
            count=table.count,
            synced_at=datetime.fromtimestamp(self._synced_at, timezone.utc),
            age=age,
            # A clock that was set back shows no age: a sync in its future proves nothing.
            stale=age > self.stale_after or self._synced_at > time.time() + CLOCK_SKEW,
        )

    @property
    def stale(self) -> bool:
        """Whether the server's last confirmation is too old. Raises MirrorEmpty."""
        return self.status().stale

    @property
    def empty(self) -> bool:
        """Whether nothing was downloaded yet."""
        return self._table is None

    def verify(self) -> None:
        """Recomputes the checksum of all entries. Raises ChecksumMismatch, MirrorEmpty."""
        table = self._held()
        if checksum_of(table.entries()) != table.checksum:
            raise ChecksumMismatch(f"The mirror in {self.directory} is not what the server has.")

    def refresh(self) -> bool:
        """Loads another process's sync, if there is one. Returns whether there was.

        Otherwise it costs one look at a file's date.
        """
        try:
            status = (self.directory / STATE).stat()
        except OSError:
            return False
        if (status.st_mtime_ns, status.st_ino) == self._seen:
            return False
        if not self._mutex.acquire(blocking=False):
            return False  # a sync runs in this process, and lookups do not wait for it
        try:
            return self._load()
        finally:
            self._mutex.release()

    def sync(self, *, progress: Callable[[int, int], None] | None = None) -> SyncResult:
        """Brings the mirror up to date: by changes if possible, else by a snapshot.

        A failed sync leaves the earlier state. Raises RingscoreError.
        """
        client = self._client
        if client is None:
            raise ValueError("this mirror has no client: pass one to sync")
        with self._mutex, self._storage(), only_writer(self.directory):
            drop_drafts(self.directory)
            self._load()
            snapshot = self._table is None
            if snapshot:
                self._take_snapshot(client, progress)
            count = 0
            for _ in range(MAX_PAGES):
                table = self._held()
                try:
                    page = client.changes(self.feed, since=table.cursor)
                    if page.cursor < table.cursor:
                        raise ChecksumMismatch(
                            f"The server went back from cursor {table.cursor} to {page.cursor}."
                        )
                    new = table.changed(page.changes, cursor=page.cursor, checksum=page.checksum)
                except (CursorExpired, ChecksumMismatch):
                    if snapshot:  # a fresh snapshot does not fit: another would not help
                        raise
                    snapshot = True
                    self._take_snapshot(client, progress)
                    continue
                count += len(page.changes)
                self._store(new)
                if page.cursor == table.cursor or page.min_wait > 0:
                    return SyncResult(snapshot, count, page.cursor, page.min_wait)
            raise BadAnswer(f"The server has not come to an end after {MAX_PAGES} pages.")

    def run(
        self,
        stop: threading.Event,
        *,
        on_sync: Callable[[SyncResult], None] | None = None,
        on_error: Callable[[RingscoreError, float], None] | None = None,
    ) -> None:
        """Syncs until `stop` is set, no more often than the server allows.

        After an error it waits, twice as long each time up to an hour; `on_error` gets the error
        and the seconds.
        """
        backoff = FIRST_BACKOFF
        while not stop.is_set():
            try:
                result = self.sync()
            except RingscoreError as error:
                wait = max(backoff * random.uniform(0.5, 1.0), _asked_to_wait(error))  # noqa: S311
                backoff = min(backoff * 2, MAX_BACKOFF)
                if on_error is not None:
                    on_error(error, wait)
            else:
                backoff = FIRST_BACKOFF
                asked = min(max(result.min_wait, 1.0), MAX_ASKED)
                wait = asked * random.uniform(1.0, 1.0 + JITTER)  # noqa: S311
                if on_sync is not None:
                    on_sync(result)
            stop.wait(wait)

    @contextmanager
    def kept_up_to_date(
        self,
        *,
        on_sync: Callable[[SyncResult], None] | None = None,
        on_error: Callable[[RingscoreError, float], None] | None = None,
    ) -> Iterator[Mirror]:
        """`run` in a thread of its own, which ends with the block.

        with Mirror("folder", client).kept_up_to_date() as mirror:
            Screener(on_failure=OnFailure.ALLOW, mirror=mirror)
        """
        stop = threading.Event()
        thread = threading.Thread(
            target=self.run,
            args=(stop,),
            kwargs={"on_sync": on_sync, "on_error": on_error},
            name="ringscore-mirror",
            daemon=True,
        )
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join()

    def _start_anew(self) -> None:
        """Leaves a sync in progress to the parent, after a fork."""
        self._mutex = threading.Lock()

    def _held(self) -> Table:
        if self._table is None:
            raise MirrorEmpty(
                self._unread or f"There is no mirror in {self.directory} yet: sync it first."
            )
        return self._table

    def _nothing(self, key: str) -> Action | None:
        return self._held().action(key)

    def _take_snapshot(self, client: Client, progress: Callable[[int, int], None] | None) -> None:
        path = draft_in(self.directory)
        try:
            client.download_snapshot(self.feed, path, progress=progress)
            snapshot = parse(path.read_bytes())
        finally:
            path.unlink(missing_ok=True)
        self._put_index(snapshot)

    def _put_index(self, snapshot: Snapshot) -> None:
        packed = build(snapshot)
        name = f"index-{snapshot.cursor}-{packed[-4:].hex()}.bin"
        write(self.directory / name, packed)
        index = Index(self.directory / name)
        self._use(Table(index, {}, cursor=snapshot.cursor, checksum=snapshot.checksum))
        # Not confirmed by the server yet: the changes do that.
        self._save(name, synced_at=float(snapshot.created))
        for old in self.directory.glob("index-*.bin"):
            if old.name != name:
                with suppress(OSError):  # Windows keeps what another process has mapped
                    old.unlink()

    def _store(self, table: Table) -> None:
        if len(table.changes) > MAX_CHANGES:
            numbers: dict[Action, list[int]] = {Action.FLAG: [], Action.BLOCK: []}
            others: dict[Action, list[str]] = {Action.FLAG: [], Action.BLOCK: []}
            for action, key in table.entries():
                if key.startswith("+"):
                    numbers[action].append(int(key))
                else:
                    others[action].append(key)
            self._put_index(
                Snapshot(
                    table.cursor,
                    int(time.time()),
                    table.checksum,
                    {action: sorted(listed) for action, listed in numbers.items()},
                    {action: sorted(keys) for action, keys in others.items()},
                )
            )
        else:
            self._use(table)
        self._save(self._held().index.path.name, synced_at=time.time())

    def _use(self, table: Table) -> None:
        # A lookup in progress in another thread finishes in its own table: the old index stays
        # mapped until nothing refers to it.
        self._table = table
        self.action = table.action

    def _save(self, index: str, *, synced_at: float) -> None:
        table = self._held()
        state = {
            "version": STATE_VERSION,
            "server": self._client.base_url if self._client else "",
            "feed": self.feed,
            "index": index,
            "cursor": table.cursor,
            "checksum": f"{table.checksum:064x}",
            "synced_at": synced_at,
            "changes": table.changes,
        }
        write(self.directory / STATE, json.dumps(state, ensure_ascii=False).encode())
        self._synced_at = synced_at
        status = (self.directory / STATE).stat()
        self._seen = status.st_mtime_ns, status.st_ino

    def _load(self) -> bool:
        """Loads the folder's state, unless it is unchanged or unusable. Returns whether it did."""
        path = self.directory / STATE
        for _ in range(3):  # between the two files another process may replace both
            try:
                status = path.stat()
                if (status.st_mtime_ns, status.st_ino) == self._seen:
                    return False
                state: dict[str, Any] = json.loads(path.read_bytes())
                if state["version"] != STATE_VERSION or state["feed"] != self.feed:
                    return False
                if self._client is not None and state["server"] != self._client.base_url:
                    return False
                name = Path(str(state["index"])).name
                held = self._table.index if self._table is not None else None
                same = held is not None and held.path.name == name
                index = held if same and held is not None else Index(self.directory / name)
                changes = {
                    str(key): Action(action) if action else None
                    for key, action in state["changes"].items()
                }
                table = Table(
                    index, changes, cursor=state["cursor"], checksum=int(state["checksum"], 16)
                )
                synced_at = float(state["synced_at"])
            except (OSError, ValueError, KeyError, TypeError, SnapshotCorrupt) as error:
                self._unread = f"The mirror in {self.directory} cannot be read: {error}"
                continue
            self._synced_at, self._seen = synced_at, (status.st_mtime_ns, status.st_ino)
            self._use(table)
            return True
        return False

    @contextmanager
    def _storage(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageFailed(
                f"The mirror in {self.directory} cannot be kept: {error}"
            ) from error


def _asked_to_wait(error: RingscoreError) -> float:
    if isinstance(error, (RateLimited, ServerFailed)):
        return min(error.retry_after or 0.0, MAX_ASKED)
    return 0.0
