"""The program `ringscore-server`: the entry to the management commands of an installed service.

It finds the data folder and fills in what a single machine needs; the management command does the
rest. In a checkout `manage.py` calls the same commands.
"""

import argparse
import os
import signal
import sys
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS
from typing import TYPE_CHECKING, Final

import platformdirs

from config.version import release

if TYPE_CHECKING:
    from django.core.management.base import BaseCommand

PROGRAM: Final = "ringscore-server"

# The commands to know first. All other management commands work too: `ringscore-server help`.
COMMANDS: Final = {
    "demo": "try it on this machine: the service with invented data, and a database of its own",
    "run": "serve: prepare the database, then web processes and worker; needs DATABASE_URL",
    "prepare": "only the first step of `run`: prepare what each release needs",
    "serve": "only the web processes",
    "worker": "only the periodic jobs",
    "migrate": "only the tables, as their owner",
    "backup": "database and evidence into one file, while the service runs; --verify FILE",
    "restore": "what `backup` wrote into an empty database",
    "doctor": "check everything the service needs: what is wrong, and what to do",
    "key": "API keys: key create NAME, key revoke PREFIX, key vouch PREFIX",
    "keys": "the service's own secrets: compare with the database, replace",
    "export": "a copy of all that is kept of a person",
    "erase": "erase a person; after a restore: erase --again",
    "postgres": "the database that comes along: start, stop, status, psql, dump",
    "completion": 'completion for bash: eval "$(ringscore-server completion)"',
    "help": "all commands; `COMMAND --help` says what one does",
}
# Commands in two words → management commands.
KEY_COMMANDS: Final = {"create": "create_key", "revoke": "revoke_key", "vouch": "vouch"}
DEFAULT_PORT: Final = 8000
WRONG_USAGE: Final = 2


def main(arguments: list[str]) -> None:
    """Runs a command. The process ends with 0 for success, 1 for failure, 2 for wrong usage."""
    _open_streams()
    given = _parser().parse_args(arguments)
    if given.command == "completion":
        sys.stdout.write(f"complete -W {' '.join(COMMANDS)!r} {PROGRAM}\n")
        return
    _fill_in(given.command, given.arguments, given.data)
    manage([PROGRAM, *_managed(given.command, given.arguments)])


def manage(argv: list[str]) -> None:
    """Runs a management command, as `manage.py` does: argv[0] is the program, argv[1] its name."""
    _open_streams()
    try:
        _execute(argv)
    except KeyboardInterrupt:  # commands that leave something half done say so themselves
        sys.exit(128 + signal.SIGINT)


def _open_streams() -> None:
    """Opens the standard streams that the caller closed (`>&-`), to nowhere. Else the next file or
    connection would get their numbers, and with it what other programs print."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode)  # noqa: SIM115 -- it stays, with the lowest free number
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)


def _execute(argv: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # numpy asks as it is imported. Its own threads wait by counting: beside the service's, which
    # take all processors already, each message would take ten times as long to read.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import ManagementUtility
    from django.db import DatabaseError, NotSupportedError, OperationalError
    from psycopg.errors import InsufficientPrivilege, UndefinedColumn, UndefinedTable

    from config.embedded import PostgresError

    class Commands(ManagementUtility):
        def fetch_command(self, subcommand: str) -> "BaseCommand":
            """The command. Ends with 2 if there is none; Django would end with 1."""
            try:
                return super().fetch_command(subcommand)
            except SystemExit:
                sys.exit(WRONG_USAGE)

    try:
        Commands(argv).execute()
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough, as `head` does. Python would write the rest as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (ImproperlyConfigured, PostgresError) as error:
        # Both errors name what is wrong and the remedy, which a traceback would hide.
        sys.exit(f"{type(error).__name__}: {error}")
    except OSError as error:
        if error.errno not in (EACCES, EDQUOT, ENOSPC, EPERM, EROFS):
            raise
        sys.exit(f"A file cannot be written or read: {error}")
    except DatabaseError as error:
        if isinstance(error, (NotSupportedError, OperationalError)):  # too old, or away
            sys.exit(f"The database does not answer as it should: {error}".rstrip())
        # MigrationSchemaMissing has the error of the database as its context.
        cause = error.__cause__ or getattr(error.__context__, "__cause__", None)
        what = str(cause).partition("\n")[0]
        if isinstance(cause, (UndefinedColumn, UndefinedTable)):
            sys.exit(f"The tables do not fit this release: run `{argv[0]} migrate`. ({what})")
        if isinstance(cause, InsufficientPrivilege):
            sys.exit(
                f"The database role of DATABASE_URL may not do this ({what}). Run `{argv[0]} "
                "migrate` and `grant_service_role` with the DATABASE_URL of the tables' owner "
                "first: docs/guide/database-roles.md"
            )
        raise


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Ringscore: the reputation of telephone numbers, as reported by those called.",
        epilog="commands:\n"
        + "\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items())
        + "\n\nSettings come from the environment.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=release())
    parser.add_argument(
        "--data",
        metavar="FOLDER",
        help="where evidence, feeds and secrets are kept (default: DATA_DIR, or else, without "
        f"DATABASE_URL, {_usual_data()})",
    )
    parser.add_argument("command", metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")
    return parser


def _key_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"{PROGRAM} key", description="API keys of programs.")
    parser.add_argument("action", choices=KEY_COMMANDS, help="`key create --help` explains one")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")
    return parser


def _usual_data() -> str:
    return platformdirs.user_data_dir(PROGRAM)


def _fill_in(command: str, arguments: list[str], data: str | None) -> None:
    """Sets settings that the environment leaves out. The environment takes precedence, except over
    --data."""
    if data:
        os.environ["DATA_DIR"] = os.path.abspath(data)
    if _is_set("DATABASE_URL") and not _is_set("DATA_DIR"):
        # Another account has another folder, whose new keys would look like those of an empty
        # database.
        sys.exit(
            "DATA_DIR is not set, but DATABASE_URL is: a server and each command for it share one "
            "folder, which has evidence and secrets. Set DATA_DIR as the service has it, such as "
            f"/var/lib/ringscore, or say --data FOLDER. Without, it would be {_usual_data()}."
        )
    _fill("DATA_DIR", _usual_data())
    _fill("KEYS_DIR", os.environ["DATA_DIR"])
    _fill("RINGSCORE_PROGRAM", PROGRAM)
    _fill("PUBLIC_URL", f"http://127.0.0.1:{_port(arguments)}")
    if command == "demo":
        _fill("FICTIONAL_NUMBERS", "1")


def _is_set(name: str) -> bool:
    """An empty value is none, as for the settings."""
    return bool(os.environ.get(name, "").strip())


def _fill(name: str, value: str) -> None:
    if not _is_set(name):
        os.environ[name] = value


def _port(arguments: list[str]) -> int:
    """The port in a command's arguments. The command itself refuses one that cannot be."""
    options = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    options.add_argument("--port", type=int, default=DEFAULT_PORT)
    try:
        port: int = options.parse_known_args(arguments)[0].port
    except argparse.ArgumentError:
        return DEFAULT_PORT
    return port if 0 <= port < 2**16 else DEFAULT_PORT


def _managed(command: str, arguments: list[str]) -> list[str]:
    """The management command for a command, with its arguments."""
    if command == "demo":
        return ["run", "--demo", *arguments]
    if command == "key":
        given = _key_parser().parse_args(arguments)
        return [KEY_COMMANDS[given.action], *given.arguments]
    return [command, *arguments]
