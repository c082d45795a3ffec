"""Files for reports over HTTP, as forms."""

from typing import Any

from tests.given.api_requests import Answer, Holder, ask
from tests.given.attachments import PNG

BOUNDARY = "----x9"


def part(content: bytes, *, field: str = "file", name: str | None = "shot.png") -> bytes:
    filename = "" if name is None else f'; filename="{name}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{filename}\r\n'
    label = "" if name is None else "Content-Type: image/png\r\n"
    return (head + label + "\r\n").encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def add(
    by: Holder | str,
    report: str,
    content: bytes = PNG,
    name: str = "shot.png",
    *,
    body: bytes | None = None,
    content_type: str | None = f"multipart/form-data; boundary={BOUNDARY}",
    **kwargs: Any,
) -> Answer:
    return ask(
        "POST",
        f"/v1/reports/{report}/evidence",
        by=by,
        body=form(part(content, name=name)) if body is None else body,
        content_type=content_type,
        **kwargs,
    )
