import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

# Seconds in which requests may finish when the server stops.
GRACE = 30
# Settings of folders whose paths may be relative to the folder of the caller.
FOLDERS = ("DATA_DIR", "KEYS_DIR", "EVIDENCE_DIR", "FEEDS_DIR")
# Connections of one process, idle ones included.
MOST_CONNECTIONS = 10_000


def command(*, host: str, port: int, target: str = "config.server:application") -> list[str]:
    """The command line of granian; docs/adr/0034 explains each option."""
    granian = Path(sys.executable).parent / "granian"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # granian needs the folder
    return [
        *(str(granian), "--interface", "rsgi", "--host", host, "--port", str(port)),
        *("--workers", str(settings.WEB_WORKERS), "--loop", "uvloop", "--log-level", "warning"),
        # Silent connections have no time limit while granian detects the version of HTTP.
        *("--http", "1", "--no-ws", "--http1-header-read-timeout", "10000"),
        *("--backlog", "4096", "--backpressure", str(MOST_CONNECTIONS)),
        *("--respawn-failed-workers", "--respawn-interval", "0.5"),
        *("--workers-kill-timeout", str(GRACE)),
        # granian looks for the target in its working directory, not in the folder of the caller.
        *("--working-dir", str(settings.BASE_DIR)),
        *("--static-path-route", "/static", "--static-path-mount", str(settings.STATIC_ROOT)),
        target,
    ]


class Command(BaseCommand):
    help = "Serve over HTTP with WEB_WORKERS processes, until stopped. Becomes granian."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        line = command(host=host, port=port)
        for name in FOLDERS:
            if folder := getattr(settings, name):
                os.environ[name] = str(Path(folder).resolve())
        os.execv(line[0], line)  # noqa: S606 -- no shell is meant
