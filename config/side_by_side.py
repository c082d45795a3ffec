"""Runs commands side by side, until SIGINT or SIGTERM, or until one of them ends.

    python side_by_side.py PROGRAM worker "serve --port=8000"

A separate program that imports nothing of the service: it waits for months, and needs little
memory. `manage.py run` becomes it.
"""

import shlex
import signal
import subprocess
import sys
import time
from typing import Any

WATCH = 0.2  # seconds between two checks that all commands run


def main(program: str, *commands: str) -> int:
    """Runs the commands; returns 0 if it was asked to stop, 1 if a command ended by itself, after
    all have ended."""
    asked = False

    def stop(*_: Any) -> None:
        nonlocal asked
        asked = True

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, stop)
    running = {
        command: subprocess.Popen([sys.executable, program, *shlex.split(command)])
        for command in commands
    }
    ended: list[str] = []
    while not (asked or ended):
        time.sleep(WATCH)
        ended = [command for command, process in running.items() if process.poll() is not None]
    for process in running.values():
        process.terminate()
    for process in running.values():
        process.wait()
    if not asked:
        sys.stderr.write(f"`{ended[0]}` ended by itself; its messages stand above.\n")
    return 0 if asked else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
