"""Keeps typed text over a limit, an ended session, an expired form, or a change of language.

The page that reports the problem contains the form and can send it again. Neither the service nor
the browser stores it.
"""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

MOST = 500_000  # characters that a page keeps; our forms have fewer
NOT_KEPT = ("csrfmiddlewaretoken", "kept", "language", "next")


class _NoFiles(FileUploadHandler):
    """Skips files, which a page cannot keep; they have to be chosen again."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form that one of our own pages sent; none for other forms."""
    if request.method != "POST" or not is_from_here(request):
        return []
    if not hasattr(request, "_files"):  # the body was not read yet
        request.upload_handlers = [_NoFiles(request)]
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_KEPT
        for value in values
    ]
    return fields if sum(len(value) for _, value in fields) <= MOST else []


def is_from_here(request: HttpRequest) -> bool:
    """Whether one of our pages sent the form. We must not resend a form of another site."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    here = f"{request.scheme}://{request.get_host()}"
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    return sender == here or sender.startswith(f"{here}/")


def in_panel(request: HttpRequest) -> bool:
    """Whether the address is one of the moderators' panel, which has no pages for errors."""
    return request.path.startswith(reverse("admin:index"))


def page(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    *,
    keep: bool = True,
    sign_in: str = "",
    path: str = "",
) -> HttpResponse:
    """A page with a title, a text, and the form that was sent. `sign_in`: where to sign in.

    It omits the signed-in user, since reading the session may be what fails.
    """
    fields = fields_of(request) if keep else []
    context = {
        "title": title,
        "text": text,
        "request": request,
        "fields": fields,
        "csrf_token": get_token(request) if fields else "",
        "path": path or request.get_full_path(),
        "sign_in": sign_in,
        "failed": status >= 400,
        "in_panel": in_panel(request),
    }
    response = HttpResponse(render_to_string("web/error.html", context), status=status)
    if fields:
        add_never_cache_headers(response)
    return response
