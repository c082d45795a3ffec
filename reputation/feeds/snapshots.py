"""What has been published of a feed: files that never change, and a manifest that names them.

    FEEDS_DIR/numbers/manifest.json                       replaced whole by each publication
    FEEDS_DIR/numbers/1234-0a1b2c3d4e5f6071/roaring.gz    one file a format, of one cursor

Who has read the manifest finds its files for a while yet (reputation.feeds.publishing.KEEP), also
when it is replaced meanwhile.
"""

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

VERSION = 2
MANIFEST = "manifest.json"

# Every number that is flagged or blocked. Others (a country's, say) would be views of the same log.
NUMBERS = "numbers"
NAMES = (NUMBERS,)


class FeedUnknown(LookupError):
    """There is no such feed. The message names those that exist."""


class NotPublished(Exception):
    """Nothing has been published yet, or what was published cannot be read."""


class FormatUnknown(ValueError):
    """The feed has no such format. The message names those that it has."""

    field = "format"


@dataclass(frozen=True, slots=True)
class File:
    """One format: bytes and SHA-256 (hex), as it is before gzip and packed with it."""

    size: int
    sha256: str
    packed: int
    packed_sha256: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A state of a feed, on disk. `created` in seconds since 1970, `checksum` as it is told."""

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
        """Where that format's file is, packed with gzip."""
        return self.home / f"{format}.gz"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The current publication, and until when (seconds since 1970) earlier ones' folders stay."""

    current: Publication
    past: dict[str, float]

    def dump(self) -> bytes:
        return json.dumps({"version": VERSION, **asdict(self)}, indent=1).encode()


def home(feed: str) -> Path:
    return Path(settings.FEEDS_DIR) / feed


def known(feed: str) -> str:
    """Raises FeedUnknown."""
    if feed not in NAMES:
        raise FeedUnknown(f"There is no feed of that name. There are: {', '.join(NAMES)}.")
    return feed


def manifest(feed: str) -> Manifest | None:
    """None when nothing was published, or by a version of this that wrote it otherwise."""
    path = home(feed) / MANIFEST
    try:
        found = path.stat()
    except OSError:
        return None
    return _read(path, found.st_mtime_ns, found.st_ino)


def current(feed: str) -> Publication:
    """What is published. Raises FeedUnknown, NotPublished."""
    found = manifest(known(feed))
    if found is None:
        raise NotPublished("This feed has not been published yet. Try again in a few minutes.")
    return found.current


def choose(publication: Publication, format: str) -> File:
    """Raises FormatUnknown."""
    try:
        return publication.files[format]
    except KeyError:
        offered = ", ".join(publication.files)
        raise FormatUnknown(f"Name a format of this feed: {offered}.") from None


# By date and inode, which a replaced file has of its own: requests do not parse it each time.
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
