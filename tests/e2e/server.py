"""The real application server in a process group of its own, to be used over HTTP and killed."""

import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from config.management.commands import serve
from tests.given.processes import free_port

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """Granian with one worker on a free port of the loopback, serving the current test database.

    `environ` adds to the server's environment.
    """

    def __init__(self, **environ: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = environ
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        """Starts it, again after `kill`, and waits until it answers."""
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            serve.command(host="127.0.0.1", port=self.port, target="tests.e2e.served:application"),
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "TEST_DATABASE": str(connection.settings_dict["NAME"]),
                "PUBLIC_URL": self.url,
                # Tests empty and fill the database behind its back.
                "LOOKUP_MEMORY_MB": "0",
            }
            | self.environ,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the application server did not start") from None
                time.sleep(0.05)

    def kill(self) -> None:
        """Ends it without warning, workers and all."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, sign: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, sign)
            self.process.wait(30)


# One key in all tests, since what is configured with it outlives them.
TOKEN = f"rsk_endtoend_{secrets.token_hex(22)[:43]}"
