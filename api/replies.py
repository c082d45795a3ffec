"""Replies without Django: what api.lookup and api.filing have in common, from a WSGI environment to
bytes."""

import logging
from io import BytesIO
from typing import Any, NamedTuple

from django.conf import settings

from api.errors import describe, internal

logger = logging.getLogger(__name__)


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def read_body(environ: dict[str, Any]) -> bytes | None:
    """The body, which can be read again; None if its length is unknown or too great."""
    length = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return body


def problem_of(
    error: Exception, environ: dict[str, Any], *, during: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Problem body and headers for any error. Logs an unexpected one; `during` names the request
    in the log."""
    described = describe(error, environ)
    if described is None:
        logger.error("%s failed", during, exc_info=error)
    return described or (internal(), {})
