"""Sends files of strangers so that nothing in them runs under our origin, and no cache keeps
them."""

from typing import Any

from django.http import FileResponse

SEALED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


# A browser might display a file of a known type.
OPAQUE = "application/octet-stream"


def sealed(
    content: Any, name: str, *, media_type: str = OPAQUE, shown: bool = False
) -> FileResponse:
    """`content` as a download called `name`; with `shown` for an element of one of our pages.

    Django closes `content` afterwards.
    """
    return FileResponse(
        content, as_attachment=not shown, filename=name, content_type=media_type, headers=SEALED
    )
