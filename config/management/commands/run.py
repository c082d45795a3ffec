import os
import shlex
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config import side_by_side
from config.management.commands.serve import refuse_unusable


class Command(BaseCommand):
    help = (
        "Serve with one command: prepare the database, then web processes and worker. When one of "
        "them ends, the other is stopped, and the command ends with 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on")
        parser.add_argument("--demo", action="store_true", help="with invented data")

    def handle(self, *args: Any, host: str, port: int, demo: bool, **options: Any) -> None:
        if demo and settings.IS_SERVER:
            raise CommandError(
                "The demo uses a database of its own, and fills it with invented data. Unset "
                "DATABASE_URL, or serve with `run`."
            )
        refuse_unusable(host, port)
        call_command("prepare", stdout=self.stdout)
        if demo:
            call_command("demo", stdout=self.stdout)
        self.stdout.flush()
        refuse_unusable(host, port)  # preparing took long enough for another server to take it
        connection.close()
        line = [sys.executable, side_by_side.__file__, sys.argv[0]]
        line += [host, str(port), _introduction()]
        line += ["worker", shlex.join(["serve", f"--host={host}", f"--port={port}"])]
        os.execv(line[0], line)  # noqa: S606 -- no shell is meant


def _introduction() -> str:
    embedded = "" if settings.IS_SERVER else f", `{settings.PROGRAM} postgres stop` its database"
    said = f"Ringscore is on {settings.PUBLIC_URL}; Ctrl-C ends it{embedded}."
    if settings.EMAIL_URL == "console:":
        said += (
            "\nTo report there, sign in with any e-mail address: the code that would be mailed is "
            "printed here."
        )
    return said
