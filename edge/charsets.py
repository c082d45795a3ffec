"""Requests are in UTF-8, and have a Content-Type of a length that can be read."""

from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import MAX_HEADER_LENGTH

from edge.environ import UNREADABLE, Environ


class InUtf8(WSGIRequest):
    """A request whose address and form are in UTF-8, whatever charset its Content-Type names.

    Django decodes the address by that charset too: a key in it was not found, and the address of a
    request with charset=hex, which Python knows, could not be read at all. Who needs the charset
    finds it in `content_params`.
    """

    def __init__(self, environ: Environ) -> None:
        # Django refuses it before there is a request whose error could be answered: whoever sends
        # one would be told of a failure of ours, and so would the operator.
        if len(environ.get("CONTENT_TYPE", "")) > MAX_HEADER_LENGTH:
            environ["CONTENT_TYPE"] = UNREADABLE
        super().__init__(environ)

    @property
    def encoding(self) -> None:
        return None  # Django's default, UTF-8

    @encoding.setter
    def encoding(self, named: object) -> None:
        pass
