"""The publication of a feed: files that never change, and a manifest that names them.

    FEEDS_DIR/numbers/manifest.json                       replaced whole by each publication
    FEEDS_DIR/numbers/1234-0a1b2c3d4e5f6071/roaring.gz    one file a format, of one cursor

A client that has read a manifest finds its files for another reputation.feeds.publishing.KEEP
after a new manifest replaces it.
"""

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

VERSION = 2
MANIFEST = "manifest.json"

# Every flagged or blocked number. Other feeds (one country's, say) would be views of the same log.
NUMBERS = "numbers"
NAMES = (NUMBERS,)


class FeedUnknown(LookupError):
    """No feed has this name. The message lists the feeds."""


class NotPublished(Exception):
    """The feed has no publication yet, or its manifest cannot be read."""


class FormatUnknown(ValueError):
    """The feed has no such format. The message lists its formats."""

    field = "format"


@dataclass(frozen=True, slots=True)
class File:
    """One format: size in bytes and SHA-256 (hex), before gzip and after it (`packed`)."""

    size: int
    sha256: str
    packed: int
    packed_sha256: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A published state of a feed. `created` in seconds since 1970, `checksum` in 64 hex digits."""

    feed: str
    cursor: int
    checksum: str
    created: int
    count: int
    folder: str
    files: dict[str, File]

    @property
    def home(self) -> Path:
        return home(self.feed) / self.folder

    def path(self, format: str) -> Path:
        """The path of the file in `format`, packed with gzip."""
        return self.home / f"{format}.gz"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The current publication, and the time (seconds since 1970) until which older folders stay."""

    current: Publication
    past: dict[str, float]

    def dump(self) -> bytes:
        written = {"version": VERSION, "release": settings.RELEASE}
        return json.dumps(written | asdict(self), indent=1).encode()


def home(feed: str) -> Path:
    return Path(settings.FEEDS_DIR) / feed


def known(feed: str) -> str:
    """`feed` itself. Raises FeedUnknown."""
    if feed not in NAMES:
        raise FeedUnknown(f"There is no feed of that name. There are: {', '.join(NAMES)}.")
    return feed


def manifest(feed: str) -> Manifest | None:
    """The feed's manifest; None before a publication, or if another version wrote the manifest."""
    path = home(feed) / MANIFEST
    try:
        status = path.stat()
    except OSError:
        return None
    return _read(path, status.st_mtime_ns, status.st_ino)


def current(feed: str) -> Publication:
    """The feed's current publication. Raises FeedUnknown, NotPublished."""
    published = manifest(known(feed))
    if published is None:
        raise NotPublished("This feed has not been published yet. Try again in a few minutes.")
    return published.current


def choose(publication: Publication, format: str) -> File:
    """The publication's file in `format`. Raises FormatUnknown."""
    try:
        return publication.files[format]
    except KeyError:
        offered = ", ".join(publication.files)
        raise FormatUnknown(f"Name a format of this feed: {offered}.") from None


# Cached by modification time and inode, which a new file has of its own: not parsed per request.
@lru_cache(maxsize=8)
def _read(path: Path, modified: int, inode: int) -> Manifest | None:
    try:
        read: dict[str, Any] = json.loads(path.read_bytes())
        if read["version"] != VERSION:
            return None
        files = {name: File(**file) for name, file in read["current"].pop("files").items()}
        return Manifest(Publication(files=files, **read["current"]), read["past"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
