"""The storage of evidence on this machine: a private folder without half-written files.

Any other Django storage can replace it (settings.STORAGES["evidence"]) if it saves a file whole
or not at all, overwrites a file of the same name, and cannot be reached from outside, such as a
private bucket of an object store.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils._os import safe_makedirs

from reputation.machine import keep_names

CLOSED = 0o700

type Content = File[Any]


class WholeFileStorage(FileSystemStorage):
    """A file appears under its name when it is complete and on the disk, or not at all.

    Django's own storage writes under the final name, so a killed process leaves half a file there.
    Here it leaves only a draft in `.drafts`, under a random name.
    """

    def __init__(self, location: str | os.PathLike[str]) -> None:
        super().__init__(
            location=os.fspath(location),
            file_permissions_mode=0o600,
            directory_permissions_mode=CLOSED,
            allow_overwrite=True,
        )

    def _save(self, name: str, content: Content) -> str:
        target = Path(self.path(name))
        drafts = Path(self.path(".drafts"))
        for folder in (drafts, target.parent):
            safe_makedirs(folder, CLOSED, exist_ok=True)  # the folders above get the mode too
        handle, draft = tempfile.mkstemp(dir=drafts)  # its mode is 0600
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        keep_names(target.parent)
        return name
