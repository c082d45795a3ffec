import contextlib
import json
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import backups
from config.backups.database import DatabaseRefused
from config.backups.encryption import NoProgram, encrypted
from config.drafts import NotWritten, whole_file
from reputation.machine import keep_names
from reputation.management import add_progress, bar


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

    @_leaving_nothing()
    def handle(self, *args: Any, file: str, **options: Any) -> None:
        if options["identity"] and not options["verify"]:  # it would not be encrypted
            raise CommandError(
                "--identity reads a backup, with --verify. --recipient encrypts one."
            )
        if options["recipient"] and options["verify"]:
            raise CommandError("--recipient encrypts a new backup. --verify reads with --identity.")
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
        if not file.is_file():
            raise CommandError(f"{file}: there is no such file.")
        try:
            restored = backups.restored_aside(file, identity)
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
