"""Keeps the counters of one server's workers in files that all of them read, so that each can
answer.

Counting writes to mapped memory, where a full disk kills the process (SIGBUS). So the files are in
shared memory if the machine has any, and their space is reserved when a worker starts.
"""

import fcntl
import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

import psutil

SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- folders there are checked below
# Bytes of each of a worker's two files: for 800 endpoints by method and status.
SPACE: Final = 2 << 20
KINDS: Final = ("counter", "histogram")


def share(data_dir: Path) -> None:
    """Makes this worker count in files. Must run before any import of modules that use
    prometheus_client.

    A worker that replaces a dead one continues its files. Raises OSError without space for them.
    """
    folder = shared_folder(data_dir)
    slot = _take_slot(folder)
    for kind in KINDS:
        with (folder / f"{kind}_{slot}.db").open("ab") as file:
            file.write(bytes(max(SPACE - file.tell(), 0)))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # read once, by the import below

    from prometheus_client import values

    values.ValueClass = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call]


def shared_folder(data_dir: Path) -> Path:
    """The folder for all workers of this process's server. Removes the folders of dead servers.

    Named after the server: a counter that continued an earlier server's files would be wrong.
    """
    home = _home(data_dir)
    own = home / _name(psutil.Process(os.getppid()))
    own.mkdir(mode=0o700, exist_ok=True)
    for other in home.iterdir():
        if other != own and not _lives(other.name):
            shutil.rmtree(other, ignore_errors=True)  # another worker may remove it too
    return own


def _home(data_dir: Path) -> Path:
    """A folder that only this account may read: in shared memory, or in the data folder."""
    name = f"ringscore-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]}"
    for home in (SHARED_MEMORY / name, data_dir / "metrics"):
        if os.access(home.parent, os.W_OK):
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not home.is_symlink() and home.stat().st_uid == os.geteuid():
                return home
    raise PermissionError(f"{data_dir} must be a folder that this account can write to")


def _take_slot(folder: Path) -> int:
    """The least number that no living worker has."""
    slot = 0
    while True:
        handle = os.open(folder / f"slot-{slot}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            slot += 1
            continue
        return slot  # the handle stays open: the kernel frees the slot when this process ends


def _name(server: psutil.Process) -> str:
    # The process number alone may belong to another process by now.
    return f"{server.pid}-{server.create_time():.0f}"


def _lives(name: str) -> bool:
    try:
        return _name(psutil.Process(int(name.partition("-")[0]))) == name
    except (ValueError, psutil.Error):
        return False
