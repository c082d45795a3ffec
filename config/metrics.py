"""Where the workers of one server put their counters, so that each can answer for all of them."""

import os
import shutil
from pathlib import Path

import psutil


def shared_folder(data_dir: Path) -> Path:
    """The folder for all workers of this process's server. Those of dead servers are removed.

    Named for the server: a counter that went on from an earlier one's files would be wrong.
    """
    home = data_dir / "metrics"
    mine = home / _name(psutil.Process(os.getppid()))
    mine.mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in home.iterdir():
        if other != mine and not _lives(other.name):
            shutil.rmtree(other, ignore_errors=True)  # another worker may be at it too
    return mine


def _name(server: psutil.Process) -> str:
    # A number alone may be anybody's by now.
    return f"{server.pid}-{server.create_time():.0f}"


def _lives(name: str) -> bool:
    try:
        return _name(psutil.Process(int(name.partition("-")[0]))) == name
    except (ValueError, psutil.Error):
        return False
