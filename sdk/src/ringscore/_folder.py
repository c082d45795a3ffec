"""A folder that several processes write to: one at a time, and every file whole."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

DRAFT: Final = "new-"


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Waits until no other process writes."""
    with (folder / "lock").open("a") as file:
        try:
            import fcntl
        except ImportError:  # Windows: two writers waste work, and the last one's state stands
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # Closing is not enough: a child forked meanwhile has the file open as well.
            fcntl.flock(file, fcntl.LOCK_UN)


def draft_in(folder: Path) -> Path:
    """A new name. Not of `tempfile`, whose files only their owner can read: others screen by it."""
    return folder / f"{DRAFT}{uuid.uuid4().hex}"


def drop_drafts(folder: Path) -> None:
    """Deletes what processes left that were killed while they wrote."""
    for draft in folder.glob(f"{DRAFT}*"):
        with suppress(OSError):  # Windows keeps what another process writes
            draft.unlink()


def write(path: Path, content: bytes) -> None:
    """Writes the whole file or nothing, also in a power cut."""
    draft = draft_in(path.parent)
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    with suppress(OSError):  # Windows cannot open folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
