import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from psycopg.conninfo import make_conninfo

from config import embedded


class Command(BaseCommand):
    help = "Control the embedded PostgreSQL server (used when DATABASE_URL is not set)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status", "psql", "dump"])
        parser.add_argument(
            "arguments", nargs="*", help="arguments for psql, after --; the file for dump"
        )

    def handle(self, *, action: str, arguments: list[str], **options: Any) -> None:
        if settings.IS_SERVER:
            raise CommandError("DATABASE_URL is set: this controls only the embedded server.")
        home = settings.DATA_DIR
        try:
            match action:
                case "start":
                    embedded.ensure_running(home)
                    self.stdout.write("running")
                case "stop":
                    self.stdout.write("stopped" if embedded.stop(home) else "was not running")
                case "status":
                    self.stdout.write("running" if embedded.answers(home) else "not running")
                case "psql":
                    psql = str(embedded.program("psql"))
                    target = make_conninfo(**embedded.ensure_running(home))
                    os.execv(psql, [psql, target, *arguments])  # noqa: S606
                case "dump":
                    if len(arguments) != 1:
                        raise CommandError("dump takes the name of a file: postgres dump FILE")
                    dump = str(embedded.program("pg_dump"))
                    target = make_conninfo(**embedded.ensure_running(home))
                    options_ = ["--format=custom", f"--file={arguments[0]}"]
                    os.execv(dump, [dump, *options_, target])  # noqa: S606
        except embedded.PostgresError as error:
            raise CommandError(str(error)) from error
