"""PgBouncer with the file that ops/ has for it, and Redis."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

from drills.machines import DATABASE, ROLE, Machine
from drills.processes import ROOT, Failed, free_port, listens, redis, until

FILE = ROOT / "ops" / "pgbouncer" / "pgbouncer.ini"


class Pooler:
    """One PgBouncer before a machine's PostgreSQL."""

    def __init__(self, home: Path, name: str, machine: Machine) -> None:
        program = shutil.which("pgbouncer", path=f"{os.defpath}:/usr/sbin")
        if program is None:
            raise Failed("There is no pgbouncer on this machine: .ci/run installs it.")
        self.account: pwd.struct_passwd | None = machine.account
        self.port = free_port()
        self.home = home / name
        self.home.mkdir()
        users = self.home / "userlist.txt"
        users.write_text(f'"{ROLE}" "{machine.password}"\n')
        settings = FILE.read_text()
        for given, here in (
            ("host=db1 port=5432", f"host=127.0.0.1 port={machine.port} dbname={DATABASE}"),
            ("listen_port = 6432", f"listen_port = {self.port}\nunix_socket_dir ="),
            ("/etc/pgbouncer/userlist.txt", str(users)),
        ):
            if given not in settings:
                raise Failed(f"{FILE} lacks {given!r}.")
            settings = settings.replace(given, here)
        (self.home / "pgbouncer.ini").write_text(settings)
        self.command = [program, "--quiet", str(self.home / "pgbouncer.ini")]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        identity: dict[str, Any] = {}
        if self.account:
            identity = {"user": self.account.pw_uid, "group": self.account.pw_gid}
            identity["extra_groups"] = []
        with (self.home.parent / f"{self.home.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **identity
            )
        until(lambda: listens(self.port), f"PgBouncer did not start: {log.name}", patience=20)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Cache:
    """A Redis server on a socket in `home`."""

    def __init__(self, home: Path) -> None:
        self.url = f"unix://{home}/cache?db=0"
        self.process = subprocess.Popen(
            redis(home), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        until((home / "cache").exists, "Redis did not start.", patience=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
