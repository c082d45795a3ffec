"""Large files over HTTP: conditional requests, ranges, and gzip for clients that accept it.

The files are stored packed with gzip, and unpacked on the way for clients that do not accept it.
"""

import gzip
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import IO

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.utils.http import http_date, parse_http_date_safe
from rest_framework.request import Request

from api.errors import RangeNotSatisfiable
from api.rendering import is_held
from reputation.feeds import snapshots

BLOCK_BYTES = 1 << 16
PACKET = 1_400  # bytes of an answer that one packet carries
# Up to 18 digits, more than any length has, since `int` fails for thousands.
ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def send(
    request: Request | HttpRequest,
    path: Path,
    file: snapshots.File,
    *,
    media_type: str,
    name: str,
    modified: int,
    headers: dict[str, str],
) -> HttpResponse | StreamingHttpResponse:
    """Answers with the file at `path`, which is packed with gzip and never changes.

    `modified`: in seconds since 1970. Raises OSError for a missing file, RangeNotSatisfiable.
    """
    as_packed = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    length = file.packed if as_packed else file.size
    # Two representations need two tags: clients must not combine ranges of both.
    tag = f'"{file.sha256[:32]}{"-gz" if as_packed else ""}"'
    # The digest covers the bytes as sent, their coding included (RFC 9530, 3).
    digest = file.packed_sha256 if as_packed else file.sha256
    sent = b64encode(bytes.fromhex(digest)).decode()
    headers = {
        "ETag": tag,
        "Last-Modified": http_date(modified),
        "Repr-Digest": f"sha-256=:{sent}:",
        "Accept-Ranges": "bytes",
        "Vary": "Accept-Encoding",
        **headers,
    }
    if _is_unchanged(request, tag, modified):
        return HttpResponseNotModified(headers=headers)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **headers}
    if as_packed:
        headers["Content-Encoding"] = "gzip"
    start, end, status = 0, length, 200
    if (requested := _requested_range(request, tag, length)) is not None:
        (start, end), status = requested, 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return HttpResponse(status=status, content_type=media_type, headers=headers)
    # Opened here, so that a missing file is an error now, and a file that is removed meanwhile is
    # still read.
    content = path.open("rb") if as_packed else gzip.GzipFile(path)
    return StreamingHttpResponse(
        _blocks(content, start, end), status=status, content_type=media_type, headers=headers
    )


def _is_unchanged(request: Request | HttpRequest, tag: str, modified: int) -> bool:
    """Whether the client has the file already. A tag counts before a date (RFC 9110, 13.1.3).

    A date that is still to come says nothing: programs such as `curl -z` send the time of their
    copy by their own clock, and would keep it for as long as that clock is ahead.
    """
    if tags := request.headers.get("If-None-Match", ""):
        return is_held(tags, tag)
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and (since == modified or modified < since <= time())


def _requested_range(
    request: Request | HttpRequest, tag: str, length: int
) -> tuple[int, int] | None:
    """The range by `read_range`; None also if the client asks for a range of another version."""
    if request.headers.get("If-Range", tag) != tag:
        return None
    return read_range(request.headers.get("Range", ""), length)


def packed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer, packed with gzip if the client accepts that and one packet cannot carry it."""
    response.headers["Vary"] = "Accept-Encoding"
    if len(response.content) > PACKET and accepts_gzip(request.headers.get("Accept-Encoding", "")):
        response.content = gzip.compress(response.content, 6, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    return response


def accepts_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip with a weight above 0."""
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "x-gzip"):
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


def read_range(asked: str, length: int) -> tuple[int, int] | None:
    """Start and end of the requested range; None, for the whole file, if the header is unreadable.

    Several ranges get the whole file, as RFC 9110 allows. Raises RangeNotSatisfiable.
    """
    match = ONE_RANGE.fullmatch(asked.replace(" ", ""))
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:  # the last bytes of the file
        start, end = max(length - int(last), 0), length
    else:
        start, end = int(first), min(int(last) + 1, length) if last else length
        if last and int(last) < int(first):
            return None
    if start >= end:
        raise RangeNotSatisfiable(length)
    return start, end


def _blocks(file: IO[bytes] | gzip.GzipFile, start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while start < end:
            block = file.read(min(BLOCK_BYTES, end - start))
            if not block:
                raise EOFError("a published file is shorter than its manifest says")
            start += len(block)
            yield block
