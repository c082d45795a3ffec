"""Real mail servers that refuse mailboxes, or hang up."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiosmtpd.controller import Controller
from pytest_django import Settings

from tests.given.processes import free_port


class Lapsed:
    """A mail server that refuses a mailbox, for now or for good, or hangs up on it (""), and takes
    `seconds` for each mail."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.refuses = {"anna@example.org": "550 no such mailbox"}
        self.asked: list[str] = []  # mailboxes for which a mail came, in this order
        self.taken: list[str] = []

    async def handle_RCPT(  # noqa: N802 -- as aiosmtpd calls it
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.asked.append(address)
        if address in self.refuses:
            if not self.refuses[address]:
                server.transport.close()
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.seconds)
        self.taken += envelope.rcpt_tos
        return "250 OK"


@contextmanager
def lapsed_server(settings: Settings) -> Iterator[Lapsed]:
    """The server to which all mails go within it."""
    server = Lapsed()
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    _lead_to(port, settings)
    yield server
    controller.stop()


@contextmanager
def absent_server(settings: Settings) -> Iterator[list[object]]:
    """All mails go to a port that hangs up at once. Yields who came, each time once more."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            with suppress(OSError):  # closed below
                while True:
                    caller, address = listening.accept()
                    came.append(address)
                    caller.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        _lead_to(listening.getsockname()[1], settings)
        yield came
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _lead_to(port: int, settings: Settings) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port},
        }
    }
