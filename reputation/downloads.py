"""Handing out files so that no browser opens them in our name and no cache keeps them."""

from typing import Any

from django.http import FileResponse

SEALED = {
    "Content-Type": "application/octet-stream",  # a browser might think something of its own type
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def sealed(content: Any, name: str) -> FileResponse:
    """`content` as a download called `name`; it is closed afterwards."""
    response = FileResponse(content, as_attachment=True, filename=name)
    for header, value in SEALED.items():
        response.headers[header] = value
    return response
