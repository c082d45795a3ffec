"""The folder for the counters of one server's workers, so that each can answer for all of them."""

import os
import shutil
from pathlib import Path

import psutil


def shared_folder(data_dir: Path) -> Path:
    """The folder for all workers of this process's server. Removes those of dead servers.

    Named after the server: a counter that continued an earlier server's files would be wrong.
    """
    home = data_dir / "metrics"
    own = home / _name(psutil.Process(os.getppid()))
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in home.iterdir():
        if other != own and not _lives(other.name):
            shutil.rmtree(other, ignore_errors=True)  # another worker may remove it too
    return own


def _name(server: psutil.Process) -> str:
    # The process number alone may belong to another process by now.
    return f"{server.pid}-{server.create_time():.0f}"


def _lives(name: str) -> bool:
    try:
        return _name(psutil.Process(int(name.partition("-")[0]))) == name
    except (ValueError, psutil.Error):
        return False
