"""Answers are JSON, whatever Accept says; bodies are JSON, whatever their label says."""

import hashlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


def dump(value: Any) -> bytes:
    """Compact UTF-8 JSON: no space after a colon, since clients use regular expressions on it."""
    return orjson.dumps(value)


def tag_of(body: bytes) -> str:
    """The ETag of an answer, in its quotes."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def is_held(if_none_match: str, tag: str) -> bool:
    """Whether If-None-Match shows that the client holds the representation of `tag`.

    A tag comes with its quotes and has none inside, so a search finds only that tag, weak or not.
    Django's parse_etags finds the same, but takes many times as long during a lookup.
    """
    return tag in if_none_match or if_none_match.strip() == "*"


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else dump(data)


class AnyJSONParser(BaseParser):
    """JSON under any Content-Type: real clients send it labelled as a form, or not at all."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # `body` enforces DATA_UPLOAD_MAX_MEMORY_SIZE; the bare stream does not.
        request: Request = (parser_context or {})["request"]
        try:
            return orjson.loads(request.body.removeprefix(BOM_UTF8))  # as Windows begins files
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error}") from None


class OneRenderer(BaseContentNegotiation):
    """No negotiation: a phone that sends `Accept: text/html` still wants JSON."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
