import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, connection
from psycopg.errors import InsufficientPrivilege

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
        "What each release needs before it serves: translations, tables, authorities, service "
        "numbers, static files. A second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=int, default=0, metavar="SECONDS", help="for the database to answer"
        )

    def handle(self, *args: Any, wait: int, **options: Any) -> None:
        _await_database(wait)
        try:
            for name, arguments in STEPS:
                call_command(name, verbosity=0, stdout=self.stdout, **arguments)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            raise CommandError(
                f"The database role {connection.settings_dict['USER']} may not change the tables "
                f"({error.__cause__}). First run migrate and grant_service_role with the "
                "DATABASE_URL of their owner: docs/guide/database-roles.md"
            ) from None


def _await_database(seconds: int) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            connection.ensure_connection()
            return
        except OperationalError as error:
            if time.monotonic() >= until:
                raise CommandError(f"The database does not answer: {error}") from None
        time.sleep(1)
