"""Machines with PostgreSQL, as far as the guides' commands can tell: each has a folder, a port of
the loopback and a shell of the account that runs PostgreSQL."""

import os
import secrets
import signal
import subprocess
import textwrap
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psutil
import psycopg

from config import embedded
from drills import guide
from drills.processes import Failed, free_port, tree

ROLE = DATABASE = "ringscore"
# The page of the guide that says how a standby is made.
REPLICATION = "high-availability.md"
SERVICE_ROLE = "ringscore_service"

# What the guides leave to the machine: how PostgreSQL is started and stopped there.
START_AND_STOP = """\
start() { pg_ctl start -D "$PGDATA" -l "$PGDATA.log" -w -t 240 -o "-p $PGPORT" >&2; }
stop() { pg_ctl stop -D "$PGDATA" -m fast -w >&2; }
"""


class Machine:
    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self.home = home / name
        self.home.mkdir(mode=0o700)
        self.programs, self.account = embedded.server_programs(home)
        if self.account:
            os.chown(self.home, self.account.pw_uid, self.account.pw_gid)
        self.data = self.home / "data"
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)

    def create(self) -> None:
        """An empty PostgreSQL with the service's roles and database, running."""
        self.run(
            f"""\
            initdb --pgdata="$PGDATA" --username=postgres --auth=scram-sha-256 --no-sync \
              --encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C \
              --pwfile=<(echo "$PGPASSWORD") >&2
            cat >> "$PGDATA/postgresql.conf" <<END
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            shared_buffers = 256MB
            random_page_cost = 1.1
            jit = off
            END
            start
            psql --quiet --command="CREATE ROLE {ROLE} LOGIN PASSWORD '$PGPASSWORD'" \
              --command="CREATE ROLE {SERVICE_ROLE} LOGIN PASSWORD '$PGPASSWORD'" \
              --command="CREATE DATABASE {DATABASE} OWNER {ROLE}"
            """
        )

    def run(self, block: str, **variables: str) -> str:
        """Runs commands in a shell of PostgreSQL's account; returns what they printed.

        Raises Failed.
        """
        identity: dict[str, Any] = {}
        if self.account:
            identity = {"user": self.account.pw_uid, "group": self.account.pw_gid}
            identity["extra_groups"] = []
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", START_AND_STOP + textwrap.dedent(block)],
            cwd=self.home,
            env={
                "PATH": f"{self.programs}:{os.defpath}",
                "LC_ALL": "C",
                "HOME": str(self.home),
                "PGDATA": str(self.data),
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self.port),
                "PGUSER": "postgres",
                "PGPASSWORD": self.password,
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            **identity,
        )
        if done.returncode:
            raise Failed(f"{self.name}:\n{block}\n{done.stdout}{done.stderr}{self.log()}")
        printed: str = done.stdout
        return printed.strip()

    def session(self) -> psycopg.Connection[Any]:
        """A connection as superuser."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self.password,
            dbname=DATABASE,
            connect_timeout=5,
            autocommit=True,
        )

    def ask(self, statement: str, *values: object) -> list[Any]:
        """The rows that a superuser's statement returns."""
        with self.session() as session:
            cursor = session.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def found(self, reports: list[str]) -> set[str]:
        """The ids among these whose reports are there."""
        rows = self.ask(
            "SELECT public_id::text FROM reputation_report WHERE public_id::text = ANY(%s)", reports
        )
        return {public_id for (public_id,) in rows}

    def processes(self) -> list[psutil.Process]:
        """PostgreSQL's processes, the main one first; none if it does not run."""
        try:
            return tree(int((self.data / "postmaster.pid").read_text().split()[0]))
        except (OSError, ValueError, IndexError):
            return []

    def kill(self) -> None:
        """Kills PostgreSQL's processes, as a loss of power would."""
        found = self.processes()
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=30)

    def cut_off(self) -> None:
        """Stops what is sent to its standbys, until it is killed."""
        for (pid,) in self.ask("SELECT pid FROM pg_stat_replication"):
            os.kill(pid, signal.SIGSTOP)

    def log(self) -> str:
        with suppress(OSError):
            log = self.data.with_name("data.log").read_text(errors="replace")
            return "\n".join(log.splitlines()[-20:])
        return ""


def address(*machines: Machine, role: str = ROLE, **options: str) -> str:
    """DATABASE_URL for a service that finds its database on one of these machines."""
    hosts = ",".join(f"127.0.0.1:{machine.port}" for machine in machines)
    query = f"?{urlencode(options, quote_via=quote)}" if options else ""
    return f"postgresql://{role}:{machines[0].password}@{hosts}/{DATABASE}{query}"


def let_follow(primary: Machine, password: str) -> None:
    """Makes the account by which standbys follow it."""
    (block,) = guide.blocks(REPLICATION, "The primary, once")
    primary.run(block, REPLICATION_PASSWORD=password, NETWORK="127.0.0.1/32")


def follow(standby: Machine, primary: Machine, password: str) -> None:
    """Makes the machine a standby. Deletes its former database."""
    standby.run('rm -rf "$PGDATA"')
    (block,) = guide.blocks(REPLICATION, "A standby")
    standby.run(
        block,
        REPLICATION_PASSWORD=password,
        PRIMARY_HOST="127.0.0.1",
        PRIMARY_PORT=str(primary.port),
    )
