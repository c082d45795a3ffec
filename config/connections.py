"""Closes database connections together with their threads.

Django closes a connection at the end of a request, or keeps it. When the thread ends, the
connection is left to the garbage collector, which may never run in a server that freezes its
objects (config.wsgi).
"""

import threading
from typing import Any

from django.db.backends.signals import connection_created


class _Closing:
    """Closes a connection when the thread-local variable that holds this object is deleted."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __del__(self) -> None:
        self.raw.close()


_of_thread = threading.local()


def _note(*, connection: Any, **_: object) -> None:
    # By id, not by alias: connections without a database share an alias, and two may be open at
    # once.
    vars(_of_thread)[str(id(connection))] = _Closing(connection.connection)


def close_with_threads() -> None:
    """Makes each connection close when the thread that opened it ends."""
    connection_created.connect(_note, dispatch_uid="close_with_threads")
