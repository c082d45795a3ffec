"""Commands as a process of their own: what they need, start, and say without it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.given.configured import ROOT, SERVER

pytestmark = pytest.mark.slow


def _manage(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("bare")
def test_a_server_passes_djangos_deployment_checks() -> None:
    result = _manage("check", "--deploy", "--fail-level", "WARNING", **SERVER)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.usefixtures("bare")
def test_the_command_line_says_what_is_wrong_without_a_traceback() -> None:
    result = _manage("migrate", **{**SERVER, "DATABASE_URL": "sqlite:///x"})
    assert result.returncode == 1
    assert result.stderr.startswith("ImproperlyConfigured: DATABASE_URL has the scheme 'sqlite'")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.usefixtures("bare")
def test_a_database_that_does_not_answer_is_waited_for_with_its_reason() -> None:
    """A wrong password looks the same as a database that comes up later."""
    away = {**SERVER, "DATABASE_URL": "postgresql://127.0.0.1:9/ringscore"}
    waited, failed = _manage("prepare", "--wait=1", **away).stderr.splitlines()
    reason = "The database does not answer: .*port 9 failed: Connection refused.*"
    assert re.fullmatch(rf"{reason} Waiting for 1 seconds at most\.", waited)
    assert re.fullmatch(rf"CommandError: {reason}", failed)


def test_help_starts_no_server(bare: Path) -> None:
    assert _manage("help").returncode == 0
    assert not (bare / "postgres").exists()


def test_a_command_that_needs_the_database_starts_it(bare: Path) -> None:
    try:
        assert _manage("postgres", "status").stdout == "not running\n"
        shown = _manage("showmigrations", "contenttypes")
        assert (shown.returncode, "[ ] 0001_initial" in shown.stdout) == (0, True), shown.stderr
        assert _manage("postgres", "status").stdout == "running\n"
        told = _manage("postgres", "psql", "--", "-Atc", "SELECT current_user")
        assert (told.stdout, told.stderr) == ("ringscore\n", "")
    finally:
        assert _manage("postgres", "stop").stdout == "stopped\n"
    assert _manage("postgres", "stop").stdout == "was not running\n"


@pytest.mark.usefixtures("bare")
def test_a_server_of_your_own_is_not_ours_to_stop() -> None:
    result = _manage("postgres", "stop", **SERVER)
    assert result.returncode == 1
    assert "DATABASE_URL is set" in result.stderr
