"""Requests as granian shows them to an RSGI application."""

from typing import Any
from urllib.parse import unquote


class Headers(dict[str, str]):
    """Names are in lower case. Of a value that is not ASCII only the name is shown."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]] if self.get(name, "é").isascii() else []

    def items(self) -> Any:
        return [(name, value) for name, value in super().items() if value.isascii()]


class Scope:
    proto, http_version, scheme, server, authority = "http", "1.1", "http", "127.0.0.1:80", None

    def __init__(
        self, method: str, target: str, headers: dict[str, str], client: str = "192.0.2.1:5"
    ) -> None:
        path, _, self.query_string = target.partition("?")
        self.method, self.path, self.client = method, unquote(path), client
        self.headers = Headers(headers)
