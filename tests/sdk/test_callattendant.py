"""A worked example: the real callattendant from the package index, its modem a pseudo-terminal.

The only thing pretended is the hardware: it answers OK to every command and rings.
"""

import os
import re
import subprocess
import sys
import threading
import time
import tty
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.given.sdk_server import ROOT, Server

pytestmark = pytest.mark.slow

VERSION = "2.4.0"
LISTED, UNLISTED = "2025550161", "2025550199"
LIST = f"""
from django.utils import timezone
from reputation.models import FeedChange
from reputation.feeds.blocks import bucket_of
FeedChange.objects.create(key="+1{LISTED}", bucket=bucket_of("+1{LISTED}"), previous="allow",
    action="block", category="robocall", status="listed", score=95, changed_at=timezone.now())
"""
CONFIG = """
MODEM_DEVICE = {modem!r}
TESTING = True  # the database in memory, and no web page
BLOCKED_ACTIONS = ("answer", "greeting")
BLOCKED_RINGS_BEFORE_ANSWER = 0
SCREENED_ACTIONS = ("ignore",)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with callattendant and this package."""
    folder = tmp_path_factory.mktemp("callattendant")
    venv.create(folder)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet",
         "--disable-pip-version-check", f"callattendant=={VERSION}", f"{ROOT / 'sdk'}[region]"],
        check=True,
    )  # fmt: skip
    return folder / "bin" / "python"


@contextmanager
def modem(folder: Path) -> Iterator[tuple[int, str, list[str]]]:
    """A voice modem that answers OK: our end, its device, and the commands it has got."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    device = folder / "ttyMODEM"  # callattendant looks for `tty` in the name
    device.symlink_to(os.ttyname(theirs))
    commands: list[str] = []

    def answer() -> None:
        pending = b""
        while True:
            try:
                pending += os.read(ours, 4096)
            except OSError:
                return
            *lines, pending = pending.split(b"\r")
            for line in lines:
                if found := re.search(rb"AT[!-~]*$", line):
                    commands.append(found[0].decode())
                    reply = b"CONNECT" if b"+VTX" in line else b"OK"
                    os.write(ours, b"\r\n" + reply + b"\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield ours, str(device), commands
    finally:
        os.close(theirs)
        thread.join()
        os.close(ours)


def ring(modem: int, number: str) -> None:
    for line in ("RING", "DATE = 1124", "TIME = 0930", f"NMBR = {number}", "NAME = EXAMPLE"):
        os.write(modem, f"\r\n{line}\r\n".encode())
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        (LISTED, "Blocked: Ringscore: The number is listed, to be blocked. (private_lookup)"),
        (UNLISTED, "Screened: "),
    ],
)
def test_a_real_call_blocker_blocks_what_is_listed(
    python: Path, server: Server, tmp_path: Path, number: str, verdict: str
) -> None:
    server.manage(code=LIST)
    with modem(tmp_path) as (line, device, commands):
        config = tmp_path / "app.cfg"
        config.write_text(CONFIG.format(modem=device))
        process = subprocess.Popen(
            [python, "-u", ROOT / "sdk" / "examples" / "callattendant_ringscore.py",
             "--config", config, "--data-path", tmp_path],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "RINGSCORE_URL": server.url},
        )  # fmt: skip
        assert process.stdout is not None
        with process.stdout as said:
            seen, verdict_line = [], ""
            for text in said:
                seen.append(text.rstrip())
                if text.startswith("Waiting for call"):
                    ring(line, number)
                if text.startswith("-->"):
                    verdict_line = text.rstrip()
                if text.startswith(("Waiting for next call", "** Error")):
                    break
            process.kill()
        process.wait()
    assert verdict_line == f"--> {number} {verdict}".rstrip(), "\n".join(seen)
    picked_up = "AT+VLS=1" in commands  # went off hook, to play the greeting for blocked callers
    assert picked_up is (number == LISTED)
