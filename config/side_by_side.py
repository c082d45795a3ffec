"""Runs commands side by side, until SIGINT or SIGTERM, or until one of them ends.

    python side_by_side.py PROGRAM 127.0.0.1 8000 "It is on." worker "serve --port=8000"

It prints the text once something answers at the address. A separate program that imports nothing of
the service: it waits for months, and needs little memory. `manage.py run` becomes it.
"""

import ctypes
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from typing import Any

WATCH = 0.2  # seconds between two checks that all commands run
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(program: str, host: str, port: str, greeting: str, *commands: str) -> int:
    """Runs the commands; returns 0 if it was asked to stop, 1 if a command ended by itself, after
    all have ended."""
    asked = False

    def stop(*_: Any) -> None:
        nonlocal asked
        asked = True

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, stop)
    running = {
        command: _started([sys.executable, program, *shlex.split(command)]) for command in commands
    }
    ended: list[str] = []
    greeted = False
    while not (asked or ended):
        time.sleep(WATCH)
        if not greeted and _answers(host, int(port)):
            sys.stdout.write(f"{greeting}\n")
            sys.stdout.flush()
            greeted = True
        ended = [command for command, process in running.items() if process.poll() is not None]
    for process in running.values():
        process.terminate()
    for process in running.values():
        process.wait()
    if not asked:
        sys.stderr.write(f"`{ended[0]}` ended by itself; its messages stand above.\n")
    return 0 if asked else 1


def _started(line: list[str]) -> subprocess.Popen[bytes]:
    """A process that Linux stops when this one is killed: it would hold the port of its successor.
    Other systems let it run."""
    libc = ctypes.CDLL(None)
    this = os.getpid()

    def follow() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != this:  # it was killed just now
            os._exit(1)

    return subprocess.Popen(line, preexec_fn=follow if hasattr(libc, "prctl") else None)


def _answers(host: str, port: int) -> bool:
    """Whether HTTP is answered there. That it is listened there says less: the server listens
    before its processes have loaded the service."""
    try:
        with socket.create_connection((host, port), timeout=WATCH) as there:
            there.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            return bool(there.recv(1))
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
