"""Requests are in UTF-8."""

from django.core.handlers.wsgi import WSGIRequest


class InUtf8(WSGIRequest):
    """A request whose address and form are in UTF-8, whatever charset its Content-Type names.

    Django decodes the address by that charset too: a key in it was not found, and the address of a
    request with charset=hex, which Python knows, could not be read at all. Who needs the charset
    finds it in `content_params`.
    """

    @property
    def encoding(self) -> None:
        return None  # Django's default, UTF-8

    @encoding.setter
    def encoding(self, named: object) -> None:
        pass
