"""Restores a backup aside, into a PostgreSQL made for that, to check that it can be restored.

It is done in a process that has only the service's keys, and none of its other settings.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from config import embedded
from config.keys import KEYS


def restored_aside(file: Path, identity: str | None) -> str | None:
    """Restores a backup aside and checks it. Returns the JSON that `restore --check` prints; None
    if it failed, after it said why on standard error. Raises OSError."""
    line = [sys.executable, sys.argv[0], "restore", str(file.resolve()), "--check"]
    line += ["--identity", identity] if identity else []
    with _scratch(settings.DATA_DIR) as folder:
        environ = os.environ | {
            **{name: _setting(name) for name in KEYS},
            "DATA_DIR": str(folder),
            # An empty value counts as unset: then these are in the data folder.
            "EVIDENCE_DIR": "",
            "FEEDS_DIR": "",
            "DATABASE_URL": "",
        }
        done = subprocess.run(
            [*line, "--json"], env=environ, stdout=subprocess.PIPE, text=True, check=False
        )
    return None if done.returncode else done.stdout.strip()


def _setting(name: str) -> str:
    value = getattr(settings, name)
    return value if isinstance(value, str) else ",".join(value)


@contextlib.contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """A folder for a restored copy of everything. Removes the copies that killed processes left."""
    for left in home.glob("verifying-*"):
        # Fails while another process verifies there.
        with contextlib.suppress(OSError, embedded.PostgresError), _held(left):
            _remove(left)
    folder = Path(tempfile.mkdtemp(prefix="verifying-", dir=home))
    with _held(folder):
        try:
            yield folder
        finally:
            _remove(folder)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Locks the folder. The lock ends with the process, even if it is killed.

    Raises BlockingIOError if another process has it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    try:
        embedded.stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
