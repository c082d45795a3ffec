import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import backups, embedded
from config.backups.database import DatabaseRefused
from config.backups.encryption import NoProgram, encrypted
from config.drafts import NotWritten, whole_file
from reputation.machine import keep_names
from reputation.management import add_progress, bar

# Secrets that open the contents of a backup, and settings without which it cannot be read.
KEYS: Final = ("SECRET_KEY", "PSEUDONYM_KEY", "PSEUDONYM_LATER_KEYS", "SEALING_KEYS")


class Command(BaseCommand):
    help = (
        "Write database and evidence into one file, while the service runs; the keys are not in "
        "it. With --verify, restore such a file into a PostgreSQL made for that, and check it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="it must not exist; - writes to standard output")
        parser.add_argument(
            "--recipient",
            action="append",
            default=[],
            help="encrypt: a public key of age (age1…), of SSH (ssh-…), or the name of a GnuPG key",
        )
        parser.add_argument(
            "--database-only", action="store_true", help="leave out the files of reports"
        )
        parser.add_argument(
            "--verify", action="store_true", help="restore an existing backup aside, and check it"
        )
        parser.add_argument("--identity", metavar="FILE", help="age's private key, for --verify")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        add_progress(parser)

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        with _leaving_nothing():
            self._handle(file, **options)

    def _handle(self, file: str, **options: Any) -> None:
        if options["verify"]:
            self._verify(Path(file), options["identity"], as_json=options["json"])
            return
        out = self.stderr if file == "-" else self.stdout
        try:
            with _target(file) as to, encrypted(to, options["recipient"]) as stream:
                made = self._make(stream, options)
        except (DatabaseRefused, NoProgram, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from None
        backups.note_backup(now=timezone.now())
        if options["json"]:
            sizes = {"database_bytes": made.database_bytes, "file_bytes": made.file_bytes}
            out.write(json.dumps(made.facts.as_json() | sizes | {"file_count": made.files}))
            return
        out.write(
            f"{sum(made.facts.rows.values()):,} rows of {len(made.facts.rows)} tables "
            f"({made.database_bytes:,} bytes) and {made.files:,} files ({made.file_bytes:,} bytes)."
        )
        needed = ", ".join(f"{purpose} {mark}" for purpose, mark in made.facts.keys)
        out.write(f"To restore it, these keys are needed, which are not in it: {needed or 'none'}.")

    def _make(self, stream: IO[bytes], options: dict[str, Any]) -> backups.Made:
        with bar(options["progress"], unit="B", unit_scale=True) as shown:
            return backups.make(
                stream,
                files=not options["database_only"],
                now=timezone.now(),
                progress=shown.update,
            )

    def _verify(self, file: Path, identity: str | None, *, as_json: bool) -> None:
        """Verifies in a process that has only the service's keys, and none of its other
        settings."""
        if not file.is_file():
            raise CommandError(f"{file}: there is no such file.")
        try:
            restored = self._restored_aside(file, identity)
        except OSError as error:  # a full disk
            raise CommandError(f"{file} was not verified. {error}") from None
        if restored is None:
            raise CommandError(f"{file} cannot be restored whole; the reason stands above.")
        backups.note_verified(now=timezone.now())
        self.stdout.write(
            restored
            if as_json
            else f"{file} was restored aside: counts, the last cursor, the audit log, every file "
            "and every score are right."
        )

    def _restored_aside(self, file: Path, identity: str | None) -> str | None:
        """The JSON that `restore --check` prints; None if it failed. Raises OSError."""
        line = [sys.executable, sys.argv[0], "restore", str(file.resolve()), "--check"]
        line += ["--identity", identity] if identity else []
        with _scratch(settings.DATA_DIR) as folder:
            environ = os.environ | {
                **{name: _setting(name) for name in KEYS},
                "DATA_DIR": str(folder),
                # An empty value counts as unset: then these are in the data folder.
                "EVIDENCE_DIR": "",
                "FEEDS_DIR": "",
                "DATABASE_URL": "",
            }
            done = subprocess.run(
                [*line, "--json"], env=environ, stdout=subprocess.PIPE, text=True, check=False
            )
        return None if done.returncode else done.stdout.strip()


def _setting(name: str) -> str:
    value = getattr(settings, name)
    return value if isinstance(value, str) else ",".join(value)


@contextlib.contextmanager
def _leaving_nothing() -> Iterator[None]:
    """Makes SIGTERM (the machine shuts down) and SIGHUP (the terminal closes) remove what is half
    made, as Ctrl-C does. SIGHUP stays ignored under nohup."""
    ending = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        ending.append(signal.SIGHUP)
    before = {each: signal.signal(each, lambda sign, _: sys.exit(128 + sign)) for each in ending}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """A folder for a restored copy of everything. Removes the copies that killed processes left."""
    for left in home.glob("verifying-*"):
        # Fails while another process verifies there.
        with contextlib.suppress(OSError, embedded.PostgresError), _held(left):
            _remove(left)
    folder = Path(tempfile.mkdtemp(prefix="verifying-", dir=home))
    with _held(folder):
        try:
            yield folder
        finally:
            _remove(folder)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Locks the folder. The lock ends with the process, even if it is killed.

    Raises BlockingIOError if another process has it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    try:
        embedded.stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _target(file: str) -> Any:
    """A file that gets its name once it is complete and on disk, or standard output."""
    if file == "-":
        if sys.stdout.isatty():
            raise CommandError("A backup is no text: send it into a file or a pipe.")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(file)
    try:
        with whole_file(target) as stream:
            yield stream
    except NotWritten as error:
        raise CommandError(str(error)) from None
    try:
        keep_names(target.parent)
    except OSError as error:  # no right to read the folder, or a file system that syncs no names
        told = f"{file} is whole. Whether its name survives a power cut is not known: {error}.\n"
        sys.stderr.write(told)
