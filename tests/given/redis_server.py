"""A real redis-server on a Unix socket."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drills.processes import redis


@contextmanager
def redis_server(folder: Path) -> Iterator[Path]:
    """Started now and stopped at the end; yields its socket."""
    command, path = redis(folder), folder / "cache"
    if shutil.which(command[0]) is None:
        pytest.fail("no redis-server: `make test` fetches one, or install it on your PATH")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for(path, process)
        yield path
    finally:
        process.terminate()
        process.wait()


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(path))
                return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"redis-server did not start (exit status {process.poll()})")
