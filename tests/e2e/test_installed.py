"""The wheel `ringscore-server` in an empty environment: what a stranger does in the first hour."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from config.version import VERSION
from tests.e2e.processes import free_port, until
from tests.e2e.server import ROOT

pytestmark = pytest.mark.slow

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
NUMBER = "+12025550104"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ringscore-server` in an environment with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder)
    python = folder / "bin" / "python"
    subprocess.run([*PIP, "--python", python, "install", wheel], check=True)
    return folder / "bin" / "ringscore-server"


class Installed:
    """The program with a data folder of its own, called from a folder without a checkout."""

    def __init__(self, program: Path, home: Path, **environ: str) -> None:
        home.mkdir(exist_ok=True)
        self.command = [str(program), "--data", str(home / "data")]
        self.home = home
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(home), **environ}
        self.port = free_port(socket.SOCK_STREAM)
        self.url = f"http://127.0.0.1:{self.port}"

    def call(self, *arguments: str, ends: int = 0) -> str:
        """What a command printed, which must end with this code."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.home, env=self.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == ends, done.stdout + done.stderr
        return done.stdout + (done.stderr if ends else "")

    @contextmanager
    def serving(self, command: str) -> Iterator[str]:
        """`demo` or `run` meanwhile; SIGTERM ends it, and it ends well. Yields what it prints."""
        printed = self.home / "printed"
        with printed.open("w") as output:
            process = subprocess.Popen(
                [*self.command, command, "--port", str(self.port)],
                cwd=self.home, env=self.environ, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            until(lambda: process.poll() is not None or self.ready(), "it does not answer", 180)
            assert process.poll() is None, printed.read_text()
            yield printed.read_text()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0, printed.read_text()
        finally:
            process.kill()
            process.wait()

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, key: str, **said: str) -> dict[str, object]:
        """The lookup of NUMBER; with something said, after a report of it."""
        with httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        ) as client:
            if said:
                reported = client.post("/v1/reports", json={"number": NUMBER, **said})
                assert reported.status_code == 201, reported.text
            answer = client.get(f"/v1/numbers/{NUMBER}")
        assert answer.status_code == 200, answer.text
        return dict(json.loads(answer.text))


def test_the_wheel_takes_one_name_in_site_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "ringscore_server",
        f"ringscore_server-{VERSION}.dist-info",
    }
    assert any(name.endswith("locale/web/zh_Hans/LC_MESSAGES/django.mo") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_demo_needs_nothing_and_answers(program: Path, tmp_path: Path) -> None:
    demo = Installed(program, tmp_path)
    try:
        with demo.serving("demo") as printed:
            key = re.search(r"key=(\S+)", printed)
            assert key is not None, printed
            assert demo.ask(key[1])["action"] == "allow"
            assert demo.ask(key[1], category="impersonation")["action"] == "flag"
            assert "谁打来的" in httpx.get(demo.url, headers={"Accept-Language": "zh"}).text
    finally:
        demo.call("postgres", "stop")


def test_run_needs_a_database_and_keeps_its_secrets(
    program: Path, tmp_path: Path, empty_database_url: str
) -> None:
    service = Installed(program, tmp_path, DATABASE_URL=empty_database_url)
    with service.serving("run"):
        key = service.call("key", "create", "test").strip()
        assert service.ask(key)["status"] == "unknown"
    secrets = [tmp_path / "data" / name for name in ("secret_key", "pseudonym_key", "sealing_keys")]
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    # With other secrets it does not start, and says which is missing.
    other = Installed(program, tmp_path / "other", DATABASE_URL=empty_database_url)
    assert "PSEUDONYM_KEY is not the key" in other.call("keys", ends=1)
    assert "The demo has a database of its own" in other.call("demo", ends=1)
