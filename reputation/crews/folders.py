"""A shard's desk as a directory: each value is a file, whose arrays are mapped into memory.

So memory holds only the arrays in use, whatever the number of shards, and processes share them. A
file is written under another name and then renamed, so a file with its final name is complete.
"""

import errno
import mmap
import os
import pickle
import struct
import tempfile
import zlib
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, Final

# The file: HEAD, the sizes of all buffers, the pickle without them, and each buffer at a multiple
# of ALIGNED bytes.
HEAD: Final = struct.Struct("<8sQQLQ")  # MAGIC, buffers, bytes of the pickle, its CRC-32, of all
MAGIC: Final = b"ringsco1"
ALIGNED: Final = 64


class ShardError(Exception):
    """A shard could not be written or read. The text names it, and says what to do."""


class Folder(MutableMapping[str, Any]):
    """A desk (scoring.shards) in a directory, which is created if missing. The files are pickles,
    so no other user may write to the directory. Raises ShardError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise broken(path, error) from error

    def __getitem__(self, name: str) -> Any:
        return load(self.path / name)

    def __setitem__(self, name: str, value: Any) -> None:
        store(self.path / name, value)

    def __delitem__(self, name: str) -> None:
        try:
            (self.path / name).unlink()
        except FileNotFoundError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in sorted(self.path.iterdir()) if not path.suffix)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def store(path: Path, value: Any) -> None:
    """Writes a value atomically."""
    buffers: list[pickle.PickleBuffer] = []
    meta = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    sizes = struct.pack(f"<{len(raw)}Q", *(each.nbytes for each in raw))
    places = _places([HEAD.size + len(sizes) + len(meta), *(each.nbytes for each in raw)])
    head = HEAD.pack(MAGIC, len(raw), len(meta), zlib.crc32(sizes + meta), places[-1])
    try:
        handle, temporary = tempfile.mkstemp(suffix=".part", dir=path.parent)
    except OSError as error:
        raise broken(path, error) from error
    try:
        with open(handle, "wb") as file:
            file.write(head + sizes + meta)
            for place, each in zip(places, raw, strict=False):
                file.seek(place)
                file.write(each)
            file.truncate(places[-1])
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise broken(path, error) from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: Path) -> Any:
    """The value; its arrays are mapped read-only. KeyError if there is none."""
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        magic, count, size, check, whole = HEAD.unpack_from(data)
        begin, end = HEAD.size, HEAD.size + 8 * count + size
        if magic != MAGIC or whole != len(data) or zlib.crc32(data[begin:end]) != check:
            raise ValueError("it is cut off or was changed")
        sizes = struct.unpack_from(f"<{count}Q", data, begin)
        places = _places([end, *sizes])
        parts = [data[at : at + n] for at, n in zip(places, sizes, strict=False)]
        return pickle.loads(data[begin + 8 * count : end], buffers=parts)  # noqa: S301 -- our own
    except FileNotFoundError:
        raise KeyError(path.name) from None
    except OSError as error:
        raise broken(path, error) from error
    except (ValueError, struct.error, pickle.UnpicklingError, EOFError) as error:
        raise ShardError(
            f"The shard file {path} cannot be used: {error}. Run the pass again."
        ) from (error)


def broken(path: Path, error: OSError) -> ShardError:
    """The error about a file that the system cannot write or read."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ShardError(
            f"No space is left for the shards of the trust pass in {path.parent}. Set SHARDS_DIR to"
            " a directory with more space; the pass has written nothing to the database."
        )
    return ShardError(f"The shard file {path} fails: {error.strerror}. Run the pass again.")


def _places(sizes: list[int]) -> list[int]:
    """The offset after each piece of these sizes, aligned; the last one is the size of the file."""
    places = []
    at = 0
    for size in sizes:
        at = -(-(at + size) // ALIGNED) * ALIGNED
        places.append(at)
    return places
