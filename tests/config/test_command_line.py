"""The front of the management commands: what it fills in, and how it is called wrongly."""

import io
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command, get_commands
from pytest_django import Settings

from config import command_line, side_by_side
from tests.given.configured import ROOT
from tests.given.processes import until


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a test sets in the environment ends with it."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for name in (
        *("DATABASE_URL", "DATA_DIR", "KEYS_DIR", "PUBLIC_URL", "FICTIONAL_NUMBERS"),
        "RINGSCORE_PROGRAM",
    ):
        os.environ.pop(name, None)


def test_every_command_that_is_listed_is_there() -> None:
    own = {"demo", "key", "completion", "help"}
    named = {*command_line.COMMANDS, *command_line.KEY_COMMANDS.values()} - own
    assert named <= set(get_commands())


@pytest.mark.parametrize(
    ("arguments", "managed", "filled"),
    [
        ("--data /D demo --port 81", "run --demo --port 81", "/D /D http://127.0.0.1:81 1"),
        ("--data /D run", "run", "/D /D http://127.0.0.1:8000 -"),
        # Ports that cannot be are refused by the command, not by PUBLIC_URL.
        ("--data /D run --port 99999", "run --port 99999", "/D /D http://127.0.0.1:8000 -"),
        ("--data /D run --port abc", "run --port abc", "/D /D http://127.0.0.1:8000 -"),
        ("--data /D run --port", "run --port", "/D /D http://127.0.0.1:8000 -"),
        (
            "--data /D key create x --scopes lookup",
            "create_key x --scopes lookup",
            "/D /D http://127.0.0.1:8000 -",
        ),
        ("--data /D erase --again --yes", "erase --again --yes", "/D /D http://127.0.0.1:8000 -"),
        ("--data /D rescore --check", "rescore --check", "/D /D http://127.0.0.1:8000 -"),
    ],
)
def test_what_becomes_of_a_command(
    arguments: str, managed: str, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(command_line, "manage", ran.append)
    command_line.main(arguments.split())
    assert ran == [["ringscore-server", *managed.split()]]
    names = ("DATA_DIR", "KEYS_DIR", "PUBLIC_URL", "FICTIONAL_NUMBERS")
    assert [os.environ.get(name, "-") for name in names] == filled.split()


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the secrets of `DATA_DIR=` were kept among the installed files, and went with them."""
    monkeypatch.setattr(command_line, "manage", lambda argv: None)
    monkeypatch.setattr(command_line, "_usual_data", lambda: "/home/ann/data")
    blank = ("DATABASE_URL", "DATA_DIR", "KEYS_DIR", "RINGSCORE_PROGRAM", "PUBLIC_URL")
    os.environ |= dict.fromkeys(blank, " ")
    command_line.main(["doctor"])
    assert [os.environ[name] for name in blank[1:]] == [
        *("/home/ann/data", "/home/ann/data", "ringscore-server", "http://127.0.0.1:8000")
    ]
    os.environ |= {"DATABASE_URL": "postgresql://db/ringscore", "DATA_DIR": " "}
    with pytest.raises(SystemExit, match="DATA_DIR is not set, but DATABASE_URL is"):
        command_line.main(["doctor"])


def test_a_folder_on_the_command_line_is_seen_from_where_the_caller_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command_line, "manage", lambda argv: None)
    monkeypatch.chdir(tmp_path)
    command_line.main(["--data", "here", "doctor"])
    assert os.environ["DATA_DIR"] == str(tmp_path / "here")


def test_a_folder_that_takes_no_files_is_told_in_one_line(settings: Settings) -> None:
    settings.STATIC_ROOT = Path("/sys/static")  # where nobody can make a folder
    with pytest.raises(SystemExit) as ended:
        command_line.manage(["ringscore-server", "collectstatic", "--noinput"])
    assert re.fullmatch(
        r"A file cannot be written or read: \[Errno [0-9]+\] .+: '/sys/static.*'",
        str(ended.value.code),
    )


def test_a_server_does_not_begin_with_another_folder_by_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command_line, "_usual_data", lambda: "/root/data")
    os.environ["DATABASE_URL"] = "postgresql://db/ringscore"
    with pytest.raises(SystemExit) as ended:
        command_line.main(["doctor"])
    assert ended.value.code == (
        "DATA_DIR is not set, but DATABASE_URL is: a server and each command for it share one "
        "folder, which has evidence and secrets. Set DATA_DIR as the service has it, such as "
        "/var/lib/ringscore, or say --data FOLDER. Without, it would be /root/data."
    )


@pytest.mark.parametrize("arguments", ["", "key", "key make x", "--datta x run"])
def test_who_calls_it_wrongly_gets_2(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments.split())
    assert ended.value.code == 2
    assert "usage: ringscore-server" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["doktor"], ["help", "doktor"]])
def test_a_command_that_is_not_there_is_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    # In a process of its own: to set Django up again here would leave this test's stream to logs.
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "Unknown command: 'doktor'. Did you mean doctor?" in ended.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_command_without_some_standard_stream_does_its_work(closed: str, tmp_path: Path) -> None:
    """A supervisor may close them; the next file would then have the stream's number."""
    code = f"import os; os.write(1, b'x'); open('{tmp_path}/done', 'w').write(str(os.fstat(2)))"
    line = [sys.executable, "manage.py", "shell", "--no-imports", "--command", code]
    ended = subprocess.run(
        ["/bin/sh", "-c", f"{shlex.join(line)} {closed}"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert (ended.returncode, (tmp_path / "done").exists()) == (0, True)


def test_a_command_leaves_numpy_one_thread(tmp_path: Path) -> None:
    code = "import os, numpy; print(len(os.listdir('/proc/self/task')))"
    environ = {name: each for name, each in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    ended = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", code],
        cwd=ROOT,
        env=environ | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout == "1\n"


def test_ctrl_c_ends_a_command_without_a_traceback() -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.manage(
            ["manage.py", "shell", "--no-imports", "--command", "raise KeyboardInterrupt"]
        )
    assert ended.value.code == 130


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("does", "told"),
    [
        (
            "connection.cursor().execute('SELECT 1 FROM nothing')",
            "The tables do not fit this release: run `manage.py migrate`. "
            '(relation "nothing" does not exist)',
        ),
        (
            "from django.db.migrations.recorder import MigrationRecorder\n"
            "connection.cursor().execute('SET LOCAL search_path TO information_schema')\n"
            "MigrationRecorder(connection).ensure_schema()",
            "The database role of DATABASE_URL may not do this (permission denied for schema "
            "information_schema). Run `manage.py migrate` and `grant_service_role` with the "
            "DATABASE_URL of the tables' owner first: docs/guide/database-roles.md",
        ),
        (
            "raise OperationalError('connection refused\\n')",
            "The database does not answer as it should: connection refused",
        ),
        (
            "from django.db.backends.postgresql.base import DatabaseWrapper\n"
            "class Old(DatabaseWrapper):\n"
            "    def get_database_version(self): return (14, 20)\n"
            "Old(connection.settings_dict).check_database_version_supported()",
            "The database does not answer as it should: PostgreSQL 15 or later is required "
            "(found 14.20).",
        ),
    ],
)
def test_without_its_tables_or_its_database_a_command_says_so(does: str, told: str) -> None:
    code = f"from django.db import OperationalError, connection; {does}"
    with pytest.raises(SystemExit) as ended:
        command_line.manage(["manage.py", "shell", "--no-imports", "--command", code])
    assert ended.value.code == told


def _side_by_side(program: Path, *commands: str, port: int = 1) -> tuple[int, str, str]:
    """The exit code of commands of `program`, what they print, and their errors."""
    done = subprocess.run(
        [sys.executable, side_by_side.__file__, program, "127.0.0.1", f"{port}", "On.", *commands],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_when_one_of_two_ends_the_other_is_stopped(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import sys, time\ntime.sleep(float(sys.argv[1]))\n")
    ended = "`0.5` ended by itself; its messages stand above.\n"
    assert _side_by_side(program, "0.5", "1000") == (1, "", ended), "and nothing said that it is on"


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems tell no child of its parent's end"
)
def test_when_it_is_killed_what_it_started_ends(tmp_path: Path) -> None:
    """Else web processes of before hold the port, and answer half of the requests."""
    program = tmp_path / "program.py"
    program.write_text(
        "import os, pathlib, sys, time\n"
        "pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\n"
        "time.sleep(1000)\n"
    )
    notes = [tmp_path / "one", tmp_path / "two"]
    main = subprocess.Popen(
        [sys.executable, side_by_side.__file__, program, "127.0.0.1", "1", "On.", *map(str, notes)]
    )
    until(lambda: all(note.exists() and note.read_text() for note in notes), "none started")
    children = [psutil.Process(int(note.read_text())) for note in notes]
    main.kill()
    main.wait()
    _, left = psutil.wait_procs(children, timeout=10)
    for child in left:
        child.kill()
    assert not left


@pytest.mark.slow
def test_it_says_that_it_is_on_once_it_answers(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import socket, sys, time\n"
        "server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "time.sleep(1)\n"
        "print('loaded', flush=True)\n"
        "deadline = time.monotonic() + 2\n"
        "while time.monotonic() < deadline:\n"
        "    asked, _ = server.accept()\n"
        "    try:\n"
        "        asked.sendall(b'HTTP/1.0 200 OK')\n"
        "    except OSError:\n"
        "        pass  # it waits no longer\n"
        "    asked.close()\n"
        "    server.settimeout(1)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code, printed, _ = _side_by_side(program, f"{port}", port=port)
    assert (code, printed) == (1, "loaded\nOn.\n")


@pytest.mark.django_db
def test_a_first_account_that_nobody_can_be_asked_for_is_a_failure() -> None:
    """A script would go on as if the account were there."""
    with pytest.raises(CommandError, match="Nobody can be asked for name and password"):
        call_command("createsuperuser", stdin=io.StringIO())
