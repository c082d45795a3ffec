"""Answers are JSON, whatever Accept says; bodies are JSON, whatever their label says."""

import hashlib
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
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


def format_in(query: Mapping[str, str], default: str = "") -> str:
    """The format that an address asks for, in small letters."""
    return query.get("format", default).strip().lower()


# The first thing that many send: names and values, or the boundary of a form's parts.
_FORM = re.compile(r"\s*(?:[\w.%+-]+=|--\S)")


def read_json(body: bytes) -> Any:
    """The value of a body. Raises NotJSON."""
    try:
        return orjson.loads(body.removeprefix(BOM_UTF8))  # as Windows begins files
    except orjson.JSONDecodeError as error:
        raise NotJSON(body, error) from None


def is_wide(body: bytes) -> bool:
    """Whether a body is in UTF-16 or UTF-32, as .NET and PowerShell write where nobody says UTF-8:
    it announces that, or one of its first two characters, which are ASCII in JSON, has a NUL."""
    return body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in body[:4]


class NotJSON(ValueError):
    """A body is not JSON; the message names the remedy."""

    def __init__(self, body: bytes, error: orjson.JSONDecodeError) -> None:
        super().__init__(f"The body is not valid JSON: {_fault(body) or error}")


def _fault(body: bytes) -> str:
    """What is wrong with a body that is no JSON, if that can be told better than by the place."""
    try:
        text = "" if is_wide(body) else body.decode()
    except UnicodeDecodeError:
        text = ""
    if body and not text:
        return "it is not in UTF-8. Send it in UTF-8."
    if not text.strip():
        return "it is empty."
    if _FORM.match(text):
        return 'it is a form. Send an object, such as {"name":"value"}.'
    return ""


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
            return read_json(request.body)
        except NotJSON as error:
            raise ParseError(str(error)) from None


class OneRenderer(BaseContentNegotiation):
    """No negotiation: a phone that sends `Accept: text/html` still wants JSON."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
