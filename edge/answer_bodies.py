"""Keeps the whole body of an answer, in memory or in a file.

So a client that reads slowly holds neither a thread nor the memory of its answer.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from edge.request_bodies import IN_MEMORY


class NotKept(Exception):
    """A body is too large for memory, and no file can have it."""


class Failed(Exception):
    """The application failed in the middle of an answer."""


def keep(chunks: Iterable[bytes], folder: Path) -> bytes | Path:
    """The body; or a file in the folder that has it, if it is large. Raises NotKept, Failed."""
    parts, size = list[bytes](), 0
    rest = iter(chunks)
    for chunk in rest:
        parts.append(chunk)
        size += len(chunk)
        if size > IN_MEMORY:
            return _in_file(parts, rest, folder)
    return b"".join(parts)


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _in_file(parts: list[bytes], rest: Iterable[bytes], folder: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(dir=folder)
        path = Path(name)
        try:
            with open(handle, "wb") as file:
                file.writelines(parts)
                file.writelines(_told_apart(rest))
        except BaseException:
            remove(path)
            raise
    except OSError as error:  # a full disk
        raise NotKept from error
    return path


def _told_apart(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks. An OSError of the application becomes Failed, so that it is not taken for one of
    the file."""
    try:
        yield from chunks
    except OSError as error:
        raise Failed from error
