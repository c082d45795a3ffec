"""Turns a form's files into drafts of evidence as they arrive: hashed, checked, written once.

Django's own handlers would leave them in a folder under names; a killed process never empties it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from reputation.attachments import Draft, EvidenceError

FIELD = "files"
MOST = 5  # files a form takes at once
# Bytes of names, boundaries and the other fields of a form.
AROUND = 100_000


class Uploads(FileUploadHandler):
    """All files of the field `files`: acceptable ones as drafts, others as errors."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.drafts: list[Draft] = []
        self.errors: list[tuple[str, EvidenceError]] = []
        self._draft: Draft | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._draft = None
        if field_name == FIELD and len(self.drafts) < MOST:
            self._draft = Draft(name=file_name)
            self.drafts.append(self._draft)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._draft is not None:
            try:
                self._draft.write(raw_data)
            except EvidenceError as error:
                self._refuse(error)

    def file_complete(self, file_size: int) -> None:
        if self._draft is not None:
            try:
                self._draft.finish()
            except EvidenceError as error:
                self._refuse(error)

    def _refuse(self, error: EvidenceError) -> None:
        draft = self._draft
        if draft is not None:
            self.errors.append((draft.name, error))
            self.drafts.remove(draft)
            draft.__exit__()
            self._draft = None

    def close(self) -> None:
        for draft in self.drafts:
            draft.__exit__()


class BodyTooLarge(Exception):
    """The body is larger than a form may be."""


def taking_files(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives `view` its form's files as request.uploads. Put this inside the decorators that check
    the user: they must run before the body is read. It includes the CSRF check, which reads the
    body too.
    """

    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with receiving(request) as uploads:
            request.uploads = uploads  # type: ignore[attr-defined]
            len(request.POST)  # reads the body, unless it was read before
            return protected(request, *args, **kwargs)

    return inner


@contextmanager
def receiving(request: HttpRequest) -> Iterator[Uploads]:
    uploads = Uploads(request)
    length = request.META.get("CONTENT_LENGTH") or "0"
    most = MOST * settings.EVIDENCE_MAX_BYTES + AROUND
    if length.isdecimal() and int(length) > most:
        raise BodyTooLarge
    request.upload_handlers = [uploads]
    try:
        yield uploads
    finally:
        uploads.close()
