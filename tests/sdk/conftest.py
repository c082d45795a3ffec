"""The SDK against a real server: granian, with a database of this run's own."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pytest_django import DjangoDbBlocker

from tests.given.database import address, migrated_database
from tests.given.processes import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A running Ringscore, its environment, and the means to stop it and start it again."""

    port: int
    environment: dict[str, str]
    codes: Path
    process: subprocess.Popen[bytes] | None = None
    manager: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str, code: str = "") -> str:
        """Runs a command of manage.py, or `code` in its shell. Returns what it printed."""
        if self.manager is None:
            self.manager = subprocess.Popen(
                [sys.executable, "-m", "tests.given.manager"],
                cwd=ROOT, env=self.environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self.manager.stdin is not None
        assert self.manager.stdout is not None
        self.manager.stdin.write(json.dumps([arguments, code]) + "\n")
        self.manager.stdin.flush()
        done, printed = json.loads(self.manager.stdout.readline())
        assert done, printed
        return str(printed).strip()

    def key(self, scopes: str = "lookup,report,bulk,feed") -> str:
        return self.manage("create_key", "sdk tests", "--scopes", scopes)

    def last_code(self) -> str:
        """What the last code for a dispute says, out of the file that takes the phones' place."""
        text = json.loads(self.codes.read_text().splitlines()[-1])["text"]
        return "".join(filter(str.isdecimal, text))[:8]

    def start(self) -> None:
        granian = Path(sys.executable).with_name("granian")
        self.process = subprocess.Popen(
            [granian, "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
             "--workers", "1", "--blocking-threads", "2", "--log-level", "warning",
             "config.wsgi:application"],
            cwd=ROOT, env=self.environment,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail(f"granian did not start (exit status {self.process.poll()})")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def end(self) -> None:
        self.stop()
        if self.manager is not None:
            self.manager.communicate()


@pytest.fixture(scope="session")
def database_url(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A migrated database, as an operator would write it in DATABASE_URL."""
    with django_db_blocker.unblock(), migrated_database() as name, django_db_blocker.block():
        yield address(name)


@pytest.fixture(scope="session")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server on a database of its own, with its files in a folder."""
    files = tmp_path_factory.mktemp("server")
    port = free_port()
    inherited = {
        each: os.environ[each] for each in ("PATH", "HOME", "DATA_DIR") if each in os.environ
    }
    running = Server(
        port,
        inherited
        | {
            "DATABASE_URL": database_url,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "PSEUDONYM_KEY": secrets.token_urlsafe(64),
            "SEALING_KEYS": secrets.token_urlsafe(64),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "FEEDS_DIR": str(files / "feeds"),
            "EVIDENCE_DIR": str(files / "evidence"),
            "CODE_SENDER": f"file:{files}",
            "CODE_COUNTRIES": "US",
            "EMAIL_URL": "console:",
            "EMAIL_FROM": "ringscore@localhost",
            "FICTIONAL_NUMBERS": "1",
            "BROWSER_ORIGINS": "*",
            "TRUSTED_PROXY_COUNT": "0",
        },
        files / "codes.jsonl",
    )
    try:
        running.start()
        yield running
    finally:
        running.end()


@pytest.fixture(scope="session")
def key(server: Server) -> str:
    """An API key of that server that may do everything."""
    return server.key()


@pytest.fixture(scope="session")
def number() -> Callable[[], str]:
    """Each call gives a fictional number of the US, to which codes may go here, that no other test
    has: those of 202 and 303 are the outbox's."""
    areas = (212, 213, 305, 312, 404, 415, 503, 602, 617, 702, 713, 801, 808, 907)
    left = (f"+1{area}55501{line:02}" for line in range(10, 100) for area in areas)
    return lambda: next(left)
