"""Turns a form's files into drafts of evidence as they arrive: hashed, checked, written once.

Django's own handlers would write them to a folder under other names, where a killed process leaves
them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from reputation import attachments
from reputation.attachments import Draft, EvidenceError

FIELD = "files"
MOST = 5  # files that a form takes at once
# Bytes of names, boundaries and the other fields of a form.
AROUND = 100_000


class TooMany(EvidenceError):
    """The form has more files than MOST."""


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
        if field_name != FIELD:
            return
        draft = Draft(name=file_name)
        if len(self.drafts) < MOST:
            self._draft = draft
            self.drafts.append(draft)
        else:
            self.errors.append((draft.name, TooMany()))
            draft.__exit__()

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
    the user, which must run before the body is read. It includes the CSRF check, which reads the
    body too."""

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


def add_each(
    request: HttpRequest,
    add: Callable[[Draft], bool],
    *,
    refusals: tuple[type[Exception], ...] = (EvidenceError,),
) -> list[bool]:
    """Passes each file of the form to `add`, which returns whether it is new; warns of each refused
    file. Returns of each other file whether it is new."""
    taken = []
    for problem in problems(request):
        messages.warning(request, problem)
    for draft in request.uploads.drafts:  # type: ignore[attr-defined]
        try:
            taken.append(add(draft))
        except refusals as error:
            messages.warning(request, _problem(draft.name, error))
    return taken


def tell_added(request: HttpRequest, taken: list[bool]) -> None:
    """Shows how many files were added, and how many were there before."""
    if new := taken.count(True):
        text = ngettext("%(count)s file was added.", "%(count)s files were added.", new)
        messages.success(request, text % {"count": new})
    if known := taken.count(False):
        text = ngettext(
            "%(count)s file was here already.", "%(count)s files were here already.", known
        )
        messages.info(request, text % {"count": known})


def problems(request: HttpRequest) -> list[str]:
    return [_problem(name, error) for name, error in request.uploads.errors]  # type: ignore[attr-defined]


def _problem(name: str, error: Exception) -> str:
    texts: dict[type[Exception], str] = {
        attachments.EvidenceEmpty: _("is empty."),
        attachments.EvidenceTooLarge: _("is larger than %(most)s MB. Send a smaller copy.")
        % {"most": settings.EVIDENCE_MAX_BYTES // 1_000_000},
        attachments.EvidenceTypeRefused: _(
            "is no picture, PDF, recording, e-mail or text, and was not saved."
        ),
        attachments.EvidenceErased: _("was erased from this report and is not taken again."),
        attachments.EvidenceQuotaUsed: _(
            "was not saved: your files are as large as they may be together. Send a smaller copy."
        ),
        TooMany: _("was not saved: at most %(most)s are taken at once. Add it now, by itself.")
        % {"most": MOST},
        attachments.EvidenceFull: _("was not saved: there are as many files here as may be."),
    }
    words = texts.get(
        type(error), _("could not be saved now. What you wrote was. Try the file again later.")
    )
    return _("The file “%(name)s” %(problem)s") % {"name": name, "problem": words}
