"""A whole service of its own: PostgreSQL, Redis, the server and the worker, each started again
half a second after it ended, as a supervisor would."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config import embedded
from drills.processes import free_port, redis, tree, until

ROOT = Path(__file__).resolve().parents[2]
MAX_CONNECTIONS = 60
# The folder of files is so large, where this account may mount one.
DISK_MB = 64


class Stack:
    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="ringscore-faults-"))
        self.home.chmod(0o711)
        self.files, self.clock = self.home / "files", self.home / "clock"
        self.files.mkdir()
        self.clock.write_text("0")
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(self.files)]
        self.small_disk = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        self.port = free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.held: set[str] = set()
        self.ended = threading.Event()
        self.target = embedded.ensure_running(self.home / "database")
        with self.superuser() as admin:
            admin.execute(f"ALTER SYSTEM SET max_connections = {MAX_CONNECTIONS}")
        embedded.stop(self.home / "database")
        embedded.ensure_running(self.home / "database")
        password = Path(self.target["passfile"]).read_text().splitlines()[1].rpartition(":")[2]
        os.environ |= {
            "DATABASE_URL": f"postgresql://ringscore:{password}@/ringscore?host={self.target['host']}",
            "CACHE_URL": f"unix://{self.home}/cache?db=0",
            "DJANGO_SETTINGS_MODULE": "benchmarks.faults.settings",
            "DATA_DIR": str(self.files),
            "DISK_RESERVE_BYTES": "16000000",
            "FAULTS_CLOCK": str(self.clock),
            "SECRET_KEY": secrets.token_urlsafe(64),
            "PSEUDONYM_KEY": secrets.token_urlsafe(64),
            "SEALING_KEYS": secrets.token_urlsafe(64),
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "TRUSTED_PROXY_COUNT": "0",
            "WEB_WORKERS": "2",
            "EMAIL_URL": "console:",
            "EMAIL_FROM": "faults@ringscore.example",
            "CODE_SENDER": "console:",
            "CODE_COUNTRIES": "US,GB",
            "FICTIONAL_NUMBERS": "1",  # of the people who write
        }

    def start(self) -> None:
        """Starts all but the database, which must have been migrated, and keeps all running."""
        for name in self._commands():
            self._start(name)
        threading.Thread(target=self._keep, daemon=True).start()
        threading.Thread(target=self._keep_database, daemon=True).start()
        until(self.answers, "the server did not start", patience=60)

    def end(self) -> None:
        self.ended.set()
        time.sleep(1)
        for process in self.running.values():
            for each in tree(process.pid):
                with suppress(psutil.Error):
                    each.kill()
            process.wait()
        self.thaw("database")
        for each in self.processes("database")[:1]:
            each.send_signal(signal.SIGQUIT)  # at once: nobody needs these data any more
            with suppress(psutil.Error):
                each.wait(10)
        if self.small_disk:
            subprocess.run(["umount", "-l", str(self.files)], check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def _commands(self) -> dict[str, list[str]]:
        python = [sys.executable, str(ROOT / "manage.py")]
        granian = str(Path(sys.executable).parent / "granian")
        serve = [granian, "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4"]
        serve += ["--respawn-failed-workers", "--log-level", "error"]
        serve += ["--blocking-threads-idle-timeout", "5", "config.wsgi:application"]
        if (ROOT / "config/management/commands/serve.py").exists():
            serve = [*python, "serve"]
        return {
            "cache": redis(self.home),
            "server": [*serve, "--port", str(self.port)],
            "worker": [*python, "worker"],
        }

    def _start(self, name: str) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self._commands()[name], cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def _keep(self) -> None:
        while not self.ended.wait(0.5):
            for name, process in list(self.running.items()):
                if process.poll() is not None and name not in self.held:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)  # what a dead main process left
                    self._start(name)

    def _keep_database(self) -> None:
        while not self.ended.wait(0.5):
            if "database" not in self.held and not self.processes("database"):
                with suppress(embedded.PostgresError):
                    embedded.ensure_running(self.home / "database")

    def processes(self, name: str) -> list[psutil.Process]:
        """All processes of a part, its main process first."""
        if name != "database":
            return tree(self.running[name].pid)
        try:
            file = self.home / "database" / "postgres" / "data" / "postmaster.pid"
            return tree(int(file.read_text().split()[0]))
        except (OSError, ValueError, IndexError):
            return []

    def signal(self, name: str, sign: signal.Signals) -> None:
        for each in self.processes(name):
            with suppress(psutil.Error):
                each.send_signal(sign)

    def thaw(self, name: str) -> None:
        self.signal(name, signal.SIGCONT)

    def superuser(self) -> psycopg.Connection[Any]:
        return self.connect(user="postgres", dbname="postgres")

    def connect(self, **other: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(**self.target | {"autocommit": True, "connect_timeout": 5} | other)

    def cut_connections(self) -> None:
        """Ends all connections of the service."""
        with self.superuser() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename = 'ringscore' AND pid <> pg_backend_pid()"
            )

    def connections(self) -> int:
        """How many connections server and worker hold; -1: the database does not say."""
        with suppress(psycopg.Error), self.superuser() as admin:
            row = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'ringscore'")
            return int(row.fetchall()[0][0])
        return -1

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Within the block no process of this part is started again."""
        self.held.add(name)
        try:
            yield
        finally:
            self.held.discard(name)
