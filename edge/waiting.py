"""How an application says that it cannot answer yet: it begins again when it can (edge.server)."""

from collections.abc import Mapping
from typing import Any, Final


class NotRead(BaseException):
    """The application asks for a body that has not been read yet. No `except Exception` sees it."""


class Waits(NotRead):
    """The application would have to wait, on the event loop. It begins again in a thread."""


# In a WSGI environment: True while the application runs on the event loop, False in a thread.
AT_ONCE: Final = "ringscore.at_once"


def wait(environ: Mapping[str, Any]) -> None:
    """Call it before waiting for a database or a cache. Raises Waits on the event loop."""
    if environ.get(AT_ONCE):
        raise Waits
