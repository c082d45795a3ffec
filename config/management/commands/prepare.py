import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection

# In this order: the last three need the tables, and pages need the files.
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("compile_translations", {}),
    ("migrate", {"interactive": False}),
    ("load_authorities", {}),
    ("load_directory", {}),
    ("collectstatic", {"interactive": False}),
)


class Command(BaseCommand):
    help = (
        "Prepare what each release needs before it serves: translations, tables, authorities, "
        "service numbers, static files. A second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=int, default=0, metavar="SECONDS", help="for the database to answer"
        )

    def handle(self, *args: Any, wait: int, **options: Any) -> None:
        self._await_database(wait)
        for name, arguments in STEPS:
            call_command(name, verbosity=0, stdout=self.stdout, **arguments)

    def _await_database(self, seconds: int) -> None:
        """Logs why it waits, since a wrong password looks the same as a database that starts
        later."""
        until, said = time.monotonic() + seconds, ""
        while True:
            try:
                connection.ensure_connection()
                return
            except OperationalError as error:
                reason = f"The database does not answer: {' '.join(str(error).split())}"
            if time.monotonic() >= until:
                raise CommandError(reason)
            if reason != said:
                said = reason
                self.stderr.write(f"{reason}. Waiting for {seconds} seconds at most.")
            time.sleep(1)
