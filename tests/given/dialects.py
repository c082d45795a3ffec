"""Listed numbers, keys and a wire for programs of other services: exact bytes in and out."""

import hashlib
import io
import math
import re
import struct
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from django.db import transaction

from api.dialects.phoneinfo import votes
from api.keys import create_key
from config.wsgi import application
from reputation import counting
from reputation.counting import publishing
from reputation.identity import identify
from reputation.lookup.single import Answer
from reputation.models import Number
from reputation.scoring.curves import FLAG_AT
from tests.given.api_requests import NOW, kept_connection, without_id
from tests.given.reporters import newcomer, say
from web.connecting import FOLDER

FILED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
FILED_MS = 1_795_163_400_000
# The Monday before it, which is what the public is told of few reporters.
WEEK_MS = 1_794_787_200_000
# Of a number that is pinned to flag: the least flagged one. The least blocked one has 5.
FLAGGED_VOTES = votes("flag", math.floor(100 * FLAG_AT))


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str] = field(compare=False)
    type: str
    body: bytes


def sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()


def tell(raw: str, action: str, category: str = "loan_scam") -> Number:
    """Has one person report the number, and a moderator pin what the public is told."""
    identity = identify(raw, allow_fictional=True)
    if category:
        say(newcomer(f"reporter of {raw} {Number.objects.count()}"), category, identity, at=FILED)
    with transaction.atomic():
        number = counting.lock_number(identity, now=FILED)
        number.pinned = action
        publishing.publish(number, now=FILED)
    return number


def new_key(*scopes: str, region: str = "") -> str:
    """The secret of a new key."""
    _, token = create_key(name="test", scopes=list(scopes), region=region, now=NOW)
    return token


def get(target: str, token: str = "", *more: str, method: str = "GET", body: bytes = b"") -> bytes:
    """A request as a plain client writes it."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, *more, "", ""]).encode() + body


def exchange(raw: bytes) -> Reply:
    """Sends raw HTTP to the application that the application server loads."""
    head, _, body = raw.partition(b"\r\n\r\n")
    request, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = request.split(" ")
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for line in lines:
        name, _, value = line.partition(":")
        name = name.upper().replace("-", "_")
        prefix = "" if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_"
        environ[prefix + name] = value.strip()
    started: list[Any] = []
    with kept_connection():
        answer = application(environ, lambda status, headers: started.extend((status, headers)))
        content = b"".join(answer)
        getattr(answer, "close", lambda: None)()
    headers = dict(started[1])
    content = without_id(content, headers.pop("X-Request-Id"), headers)
    return Reply(int(started[0].split(" ")[0]), headers, headers.get("Content-Type", ""), content)


def an_answer(
    action: str, score: int = 95, category: str = "loan_scam", status: str = "listed"
) -> Answer:
    return Answer(
        number="+12025550123", action=action, score=score, confidence=0.8, status=status,
        category=category, reports=4, reporters=4, first_reported_at="2026-11-01T00:00:00Z",
        last_reported_at="2026-11-20T08:30:00Z", name="", country="US", line_type="mobile",
        reasons=[], advice="", ttl=300,
    )  # fmt: skip


def examples(page: str, language: str) -> list[str]:
    """The examples in this language on a page of /connect."""
    text = (FOLDER / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def verdict_in(file: bytes, number: str) -> str:
    """The dongle's verdict from this file: spam, legit or unknown."""
    magic, version, lengths, exact, prefixes = struct.unpack_from("<4sHHII", file)
    assert (magic, version, lengths, prefixes) == (b"PBBL", 1, 0, 0)
    assert len(file) == 16 + 8 * exact
    key = 0
    for place in range(16):
        digits = number[1:]
        key = key * 11 + (int(digits[place]) + 1 if place < len(digits) else 0)
    low, high = 0, exact - 1
    while low <= high:
        middle = (low + high) // 2
        (found,) = struct.unpack_from("<Q", file, 16 + 8 * middle)
        assert found & 0xFE == 0
        if found >> 8 < key:
            low = middle + 1
        elif found >> 8 > key:
            high = middle - 1
        else:
            return "spam" if found & 1 else "legit"
    return "unknown"
