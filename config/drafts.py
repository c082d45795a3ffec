"""Files that get their name once they are whole and on disk, since a part passes for all of it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class NotWritten(Exception):
    """The file exists already, its folder does not, or another process writes it now."""


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner can read, named `target` once the block ends without an error.

    Until then it is `NAME.partial`. What a killed process left there is overwritten. Raises
    NotWritten, OSError.
    """
    if target.exists():
        raise NotWritten(f"{target} exists already. Name another file.")
    if not target.parent.is_dir():
        raise NotWritten(f"There is no folder {target.parent} to write {target.name} into.")
    draft = target.with_name(f"{target.name}.partial")
    handle = os.open(draft, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w+b") as stream:
        _hold(handle, draft)
        os.fchmod(handle, 0o600)  # fails where somebody else put the file there
        try:
            os.ftruncate(handle, 0)
            yield stream
            stream.flush()
            os.fsync(handle)
            draft.rename(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def _hold(handle: int, draft: Path) -> None:
    """Locks the draft; the lock ends with the process, even if it is killed. Raises NotWritten."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_draft = os.path.samestat(os.fstat(handle), draft.stat())
    except (BlockingIOError, FileNotFoundError):
        is_draft = False
    if not is_draft:  # or it has got its name meanwhile
        raise NotWritten(f"{draft} is written by another process now.")
