"""The ZIP of a complaint pack: its files, and the manifest by which verify.py finds changes."""

import hashlib
import json
import logging
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO

from django.utils.translation import gettext as _

from reputation import attachments
from reputation.attachments import StorageUnavailable
from reputation.models import EvidenceEntry

logger = logging.getLogger(__name__)

IN_MEMORY = 5_000_000


def as_json(content: object) -> bytes:
    """The form in which verify.py writes the content again to detect changes."""
    return json.dumps(content, sort_keys=True, indent=1).encode() + b"\n"


class Archive:
    """A ZIP under construction, with a manifest of its files. `small`: files added from memory."""

    def __init__(self, now: datetime) -> None:
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self.small: dict[str, bytes] = {}
        self.size = 0
        self._zip = zipfile.ZipFile(self.file, "w")
        self._files: list[dict[str, object]] = []
        # A ZIP stores no time zones and no years before 1980.
        moment = now.astimezone(UTC)
        self._at = (max(moment.year, 1980), *moment.timetuple()[1:6])

    def add(self, path: str, content: bytes) -> None:
        self.small[path] = content
        self._write(path, [content], zipfile.ZIP_DEFLATED)

    def copy(self, path: str, entry: EvidenceEntry) -> None:
        """Adds a file of evidence unchanged, and stored: most kinds are already compressed."""
        with attachments.open_own(entry) as file:
            sha256 = self._write(path, file.chunks(), zipfile.ZIP_STORED)
        if sha256 != entry.sha256:
            logger.error("evidence %s is damaged in its storage", entry.sha256)
            raise StorageUnavailable(
                _("A file of your evidence is damaged here. We have a log of it.")
            )

    def finish(self, about: dict[str, object]) -> str:
        """Adds the manifest and ends the ZIP. Returns the manifest's SHA-256."""
        files = sorted(self._files, key=lambda each: str(each["path"]))
        manifest = about | {"files": files}
        text = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
        manifest["digest"] = hashlib.sha256(text.encode()).hexdigest()
        content = as_json(manifest)
        self._write("manifest.json", [content], zipfile.ZIP_DEFLATED)
        self._zip.close()
        self.size = self.file.seek(0, 2)
        self.file.seek(0)
        return hashlib.sha256(content).hexdigest()

    def discard(self) -> None:
        with suppress(OSError):  # a full disk, which has no room for the end of the ZIP either
            self._zip.close()
        with suppress(OSError):
            self.file.close()

    def _write(self, path: str, chunks: Iterable[bytes], compression: int) -> str:
        info = zipfile.ZipInfo(path, self._at)
        info.compress_type = compression
        info.create_system = 3  # the same on every machine
        info.external_attr = 0o644 << 16
        digest = hashlib.sha256()
        size = 0
        with self._zip.open(info, "w") as target:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self._files.append({"path": path, "size": size, "sha256": digest.hexdigest()})
        return digest.hexdigest()
