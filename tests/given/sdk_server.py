"""A server for the SDKs, on a database of its own."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
# Code for `Server.manage`: a feed with these changes.
SAY = """
from django.utils import timezone
from reputation.models import FeedChange
from reputation.feeds.blocks import bucket_of
for key, previous, action in {changes!r}:
    FeedChange.objects.create(key=key, bucket=bucket_of(key), previous=previous, action=action,
        category="phishing", status="listed", score=95, changed_at=timezone.now())
"""


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
