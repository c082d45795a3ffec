"""The file of a backup as a stream: members with their hashes, and the list of hashes last."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any, Final, cast

FACTS: Final = "backup.json"
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
EVIDENCE: Final = "evidence"
# Bytes of a piece of the database; a piece is held in memory.
PIECE: Final = 8 << 20


class BackupBroken(Exception):
    """The file is no backup, is cut short, or was changed. The message says which."""


class Hashed:
    """A stream that is hashed as it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        try:
            data = self.stream.read(size)
        except tarfile.TarError as error:
            raise BackupBroken(f"It was cut short: {error}.") from None
        self.digest.update(data)
        return data


class Writer:
    def __init__(self, to: IO[bytes]) -> None:
        self.tar = tarfile.open(fileobj=to, mode="w|")  # noqa: SIM115 -- closed by `close`
        self.hashes: dict[str, str] = {}

    def add(self, name: str, stream: IO[bytes], size: int) -> None:
        """Adds a member of exactly `size` bytes."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        hashed = Hashed(stream)
        self.tar.addfile(member, cast(IO[bytes], hashed))  # tarfile only reads from it
        self.hashes[name] = hashed.digest.hexdigest()

    def add_json(self, name: str, content: Any) -> None:
        data = json.dumps(content, indent=1).encode()
        self.add(name, io.BytesIO(data), len(data))

    def add_pieces(self, folder: str, stream: IO[bytes]) -> int:
        """Adds a stream of unknown length. Returns its length in bytes."""
        total = count = 0
        while piece := stream.read(PIECE):
            self.add(f"{folder}/{count:06}", io.BytesIO(piece), len(piece))
            total, count = total + len(piece), count + 1
        return total

    def close(self) -> None:
        """Adds the manifest, which comes last: a file without it is no backup."""
        self.add_json(MANIFEST, {"sha256": dict(self.hashes)})
        self.tar.close()


def members(source: IO[bytes]) -> Iterator[tuple[str, Hashed]]:
    """The members in order, without the manifest, which is checked. Each must be read to its end
    before the next. Raises BackupBroken, at the end also for missing members."""
    hashes: dict[str, str] = {}
    expected: dict[str, str] | None = None
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or not _is_ours(member.name):
                    raise BackupBroken(f"It holds {member.name!r}, which no backup has.")
                if member.name == MANIFEST:
                    expected = json.load(content)["sha256"]
                    break
                hashed = Hashed(content)
                yield member.name, hashed
                hashes[member.name] = hashed.digest.hexdigest()
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
        raise BackupBroken(f"It is no backup, or was cut short: {error}") from None
    if expected is None:
        raise BackupBroken("It was cut short: the list of hashes at its end is missing.")
    if hashes != expected:
        names = sorted(name for name, _ in hashes.items() ^ expected.items())
        raise BackupBroken(f"It was changed, or damaged: {names[0]} is not what was written.")


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        str(path) == name
        and not path.is_absolute()
        and ".." not in path.parts
        and (name in (FACTS, MANIFEST) or (path.parts[0] in (DATABASE, EVIDENCE)))
    )
