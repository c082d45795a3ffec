"""The database as a stream: pg_dump writes it, and it is restored in one transaction."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from config import embedded
from config.backups.programs import PIPE, complaint_of, input_of, output_of, running

# Every dump begins with this statement, which PostgreSQL before 17 refuses.
NEWER: Final = b"SET transaction_timeout = 0;\n"
NEWER_SINCE: Final = 170_000
# Since its releases of November 2026 (15.20 and its like) PostgreSQL keeps a number of its own at
# each column. A pg_dump from before takes it for an option of the column, which no server accepts.
ATTRIBUTE_VERSION: Final = re.compile(
    rb"ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(pg_attver=[0-9]+\);\n"
)


class DatabaseRefused(Exception):
    """pg_dump, pg_restore or psql failed. The message is the program's."""


def target() -> tuple[str, dict[str, str]]:
    """How PostgreSQL's programs reach the database: a connection string without the password, which
    all accounts of the machine could read, and the environment with the password."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    params: dict[str, Any] = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in known and value is not None
    }
    password = params.pop("password", "")
    environ = {"PATH": os.environ.get("PATH", os.defpath), "PGAPPNAME": "ringscore backup"}
    return make_conninfo(**params), environ | ({"PGPASSWORD": password} if password else {})


@contextmanager
def dumped(snapshot: str) -> Iterator[IO[bytes]]:
    """A stream from pg_dump of the database in this snapshot. Raises DatabaseRefused at its end."""
    where, environ = target()
    dump = str(embedded.program("pg_dump"))
    line = [dump, "--format=custom", f"--snapshot={snapshot}", where]
    with running(line, env=environ) as process:
        yield output_of(process)
        problem = complaint_of(process)
    if process.returncode:
        raise DatabaseRefused(f"pg_dump: {problem}")


class Loading:
    """Restores a dump in one transaction: the database stays empty until `commit`.

    Our own statements begin and end the transaction, not psql's --single-transaction, which would
    commit what it has when its input ends because we were killed.
    """

    def __init__(self) -> None:
        where, environ = target()
        self._drops_newer = cast(Any, connection).pg_version < NEWER_SINCE
        restore: list[str | Path] = [
            embedded.program("pg_restore"),
            "--no-owner",
            "--no-privileges",
            "--file=-",
        ]
        psql: list[str | Path] = [
            embedded.program("psql"),
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
        ]
        self._restore = _piped(restore, None)
        self._psql = _piped([*psql, "--output=/dev/null", "--file=-", where], environ)
        self._write(b"BEGIN;\n")
        self._statements = threading.Thread(target=self._pass_on, daemon=True)
        self._statements.start()

    def write(self, piece: bytes) -> None:
        try:
            input_of(self._restore).write(piece)
        except BrokenPipeError:
            self._raise(self._restore, "pg_restore")

    def end(self) -> None:
        """Waits until PostgreSQL has executed the whole dump."""
        if input_of(self._restore).closed:
            return
        try:
            input_of(self._restore).close()
        except BrokenPipeError:
            pass
        self._statements.join()
        if self._restore.wait():
            self._raise(self._restore, "pg_restore")
        self._write(b"\\echo loaded\n")
        if not output_of(self._psql).readline():
            self._raise(self._psql, "psql")

    def commit(self) -> None:
        self._write(b"COMMIT;\n")
        try:
            input_of(self._psql).close()
        except BrokenPipeError:
            pass
        if self._psql.wait():
            self._raise(self._psql, "psql")

    def close(self) -> None:
        """Ends both programs; what is not committed is lost."""
        for process in (self._restore, self._psql):
            process.kill()
            process.wait()
        self._statements.join()
        for process in (self._restore, self._psql):
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:
                        pass

    def _pass_on(self) -> None:
        statements, to = output_of(self._restore), input_of(self._psql)
        try:
            for line in statements:
                if not self._refused(line):
                    to.write(line)
                if line.startswith(b"COPY "):  # rows follow
                    break
            shutil.copyfileobj(statements, to)
            to.flush()
        except BrokenPipeError:
            statements.read()  # psql says why it ended

    def _refused(self, line: bytes) -> bool:
        """Whether the server would refuse this line, without which the dump says the same."""
        newer = self._drops_newer and line == NEWER
        return newer or ATTRIBUTE_VERSION.fullmatch(line) is not None

    def _write(self, statement: bytes) -> None:
        try:
            input_of(self._psql).write(statement)
            input_of(self._psql).flush()
        except BrokenPipeError:
            self._raise(self._psql, "psql")

    @staticmethod
    def _raise(process: subprocess.Popen[bytes], name: str) -> None:
        process.wait()
        raise DatabaseRefused(f"{name}: {complaint_of(process)[-2000:]}")


def _piped(line: list[str | Path], environ: dict[str, str] | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(line, env=environ, stdin=PIPE, stdout=PIPE, stderr=PIPE)
