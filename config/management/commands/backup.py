import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from config import backups, postgres
from config.backups.database import DatabaseRefused
from config.backups.encryption import NoProgram, encrypted

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
            "--database-only", action="store_true", help="without the files of reports"
        )
        parser.add_argument(
            "--verify", action="store_true", help="the file exists: restore it aside, and check it"
        )
        parser.add_argument("--identity", metavar="FILE", help="age's private key, for --verify")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")
        parser.add_argument("--progress", action=BooleanOptionalAction, help="(default: if seen)")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
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
        seen = sys.stderr.isatty() if options["progress"] is None else options["progress"]
        with tqdm(unit="B", unit_scale=True, file=sys.stderr, disable=not seen) as bar:
            return backups.make(
                stream,
                files=not options["database_only"],
                now=timezone.now(),
                progress=bar.update,
            )

    def _verify(self, file: Path, identity: str | None, *, as_json: bool) -> None:
        """Verifies in a process that has only the service's keys, and none of its other
        settings."""
        if not file.is_file():
            raise CommandError(f"{file}: there is no such file.")
        scratch = Path(tempfile.mkdtemp(prefix="verifying-", dir=settings.DATA_DIR))
        environ = os.environ | {
            **{name: _setting(name) for name in KEYS},
            "DATA_DIR": str(scratch),
            # An empty value counts as unset: then these are in the data folder.
            "EVIDENCE_DIR": "",
            "FEEDS_DIR": "",
            "DATABASE_URL": "",
        }
        line = [sys.executable, sys.argv[0], "restore", str(file.resolve()), "--check"]
        line += ["--identity", identity] if identity else []
        try:
            done = subprocess.run(
                [*line, "--json"], env=environ, stdout=subprocess.PIPE, text=True, check=False
            )
        finally:
            postgres.stop(scratch)
            shutil.rmtree(scratch, ignore_errors=True)
        if done.returncode:
            raise CommandError(f"{file} cannot be restored whole; the reason stands above.")
        backups.note_verified(now=timezone.now())
        self.stdout.write(
            done.stdout.strip()
            if as_json
            else f"{file} was restored aside: counts, the last cursor, the audit log, every file "
            "and every score are right."
        )


def _setting(name: str) -> str:
    value = getattr(settings, name)
    return value if isinstance(value, str) else ",".join(value)


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
    if target.exists():
        raise CommandError(f"{file} exists already. Name another file.")
    draft = target.with_name(f"{target.name}.partial")
    try:
        handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
