"""No database connection outlives its thread.

Django closes a connection at the end of a request, or keeps it; a thread that ends leaves it to the
garbage collector, which may never come by in a server that freezes its objects (config.wsgi).
"""

import threading
from typing import Any

from django.db.backends.signals import connection_created


class _Closing:
    """Closes a connection when the thread-local variable that holds this object goes."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __del__(self) -> None:
        self.raw.close()


_of_thread = threading.local()


def _note(*, connection: Any, **_: object) -> None:
    # Not by alias: connections without a database share one, and two may be open at once.
    vars(_of_thread)[str(id(connection))] = _Closing(connection.connection)


def close_with_threads() -> None:
    """Has each connection closed when the thread that opened it ends."""
    connection_created.connect(_note, dispatch_uid="close_with_threads")
