import contextlib
import io
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final, cast

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import backups
from config.backups.database import DatabaseRefused
from config.backups.encryption import NoProgram, decrypted
from reputation.management import add_progress, bar

# Commands that check a whole database and its files, and end with an error if they find faults.
CHECKS: Final = (("rescore", "--check"), ("verify_audit",), ("verify_attachments",))


class Command(BaseCommand):
    help = (
        "Restore what `backup` wrote into an empty database and an empty EVIDENCE_DIR, whole or "
        "not at all; migrate it to this release; erase again the people who were "
        "erased since the backup."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="- reads from standard input")
        parser.add_argument("--identity", metavar="FILE", help="age's private key")
        parser.add_argument(
            "--lost-keys",
            action="store_true",
            help="restore although a key is lost for good; what that key sealed cannot be read any "
            "more",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="afterwards check scores, audit log and every file, as `backup --verify` does",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        add_progress(parser)

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            with (
                _source(file) as source,
                decrypted(source, options["identity"]) as stream,
                bar(options["progress"], unit="B", unit_scale=True) as shown,
            ):
                found = backups.restore(
                    stream,
                    lost_keys=options["lost_keys"],
                    now=timezone.now(),
                    progress=shown.update,
                )
        except (
            *(backups.BackupBroken, backups.NotRestored, DatabaseRefused, NoProgram),
            OSError,
        ) as error:
            raise CommandError(f"Not restored. {error}") from None
        output = io.StringIO()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("erase", again=True, yes=True, stdout=output)
        if options["check"]:
            for name, *arguments in CHECKS:
                call_command(name, *arguments, stdout=output)
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json()))
            return
        self.stdout.write(output.getvalue().rstrip())
        self.stdout.write(
            f"Restored as of {found.made_at}: {sum(found.rows.values()):,} rows. Now serve: "
            f"`{settings.PROGRAM} run`. Where the service has a database role of its own, first "
            "grant_service_role."
        )


@contextlib.contextmanager
def _source(file: str) -> Iterator[io.BufferedReader]:
    if file == "-":
        yield cast(io.BufferedReader, sys.stdin.buffer)
        return
    if not os.path.exists(file) or os.path.isdir(file):
        raise CommandError(f"{file}: there is no such file. Name one that `backup` made.")
    with open(file, "rb") as stream:
        yield stream
