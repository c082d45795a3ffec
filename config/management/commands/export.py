"""Writes a copy of all stored data of a person into a ZIP: docs/guide/privacy.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import person
from config.drafts import NotWritten, whole_file
from reputation import rights
from reputation.attachments import StorageUnavailable
from web import leaving


class Command(BaseCommand):
    help = "Write a copy of all that is kept of a person into a ZIP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        person.add_arguments(parser)
        parser.add_argument(
            "--notes", action="store_true", help="with moderators' notes: where law demands it"
        )
        parser.add_argument("file", type=Path, help="the ZIP; it must not exist")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = person.asked(options)
        if not asked.names:
            raise CommandError("Name the person: --email, --phone or --key.")
        try:
            with whole_file(options["file"]) as file:
                leaving.write_copy(file, who=asked, notes=options["notes"], now=timezone.now())
        except NotWritten as error:
            raise CommandError(str(error)) from None
        except StorageUnavailable as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
        self.stdout.write(f"written: {options['file']}")
        if not rights.voices_of(asked.names):
            self.stderr.write(person.NOBODY)
