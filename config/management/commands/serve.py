import os
import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

# Seconds in which requests may finish when the server stops.
GRACE = 30
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


def refuse_unusable(host: str, port: int, *, shared: bool = False) -> None:
    """Refuses what granian would answer with a traceback. shared: another server may listen there,
    which this one follows (docs/guide/serving.md)."""
    try:
        family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        raise CommandError(
            f"--host {host}: give an address of this machine such as 127.0.0.1, or 0.0.0.0 for all."
        ) from None
    if not 0 <= port < 2**16:
        raise CommandError(f"--port {port}: give a number up to 65535, such as 8000.")
    try:
        socket.create_server((host, port), family=family, reuse_port=shared).close()
    except OSError as error:
        raise CommandError(
            f"Port {port} of {host} cannot be used: {error}. Choose another: --port {port + 1}"
        ) from None


class Command(BaseCommand):
    help = "Serve over HTTP with WEB_WORKERS processes, until stopped. Becomes granian."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        refuse_unusable(host, port, shared=True)
        line = command(host=host, port=port)
        os.execv(line[0], line)  # noqa: S606 -- no shell is meant
