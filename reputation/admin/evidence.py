"""The files of a report: looked at on a page of the panel, or downloaded; with a reason, on record.

A file is what a stranger sent. The page shows pictures and plays recordings from an address that
answers for minutes, to the one who gave the reason, with a policy under which nothing in the file
runs. Text stands on the page itself, as text. All other kinds are downloads.
"""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from edge import sealed
from reputation import attachments
from reputation.admin.decisions import DECISIONS
from reputation.admin.forms import ReasonForm, actor_of
from reputation.admin.reading import ReadingAdmin
from reputation.models import EvidenceEntry, Report
from reputation.moderation import ReasonMissing

UNMASK = DECISIONS["report"]["unmask_report"]
PERMISSION: Final = "reputation.unmask_report"
# Kinds that browsers show, and the element that shows them.
ELEMENTS: Final = {
    **dict.fromkeys(("image/png", "image/jpeg", "image/webp"), "picture"),
    **dict.fromkeys(("audio/wav", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/aac"), "audio"),
    "video/mp4": "video",
    "text/plain": "text",
    "message/rfc822": "text",
}
# How long the address of a file's content answers after the reason was given.
ANSWERS: Final = timedelta(minutes=10)
TEXT_SHOWN: Final = 100_000  # characters
TEXTS: Final = ("utf-8-sig", "gb18030")
SIGNER: Final = TimestampSigner(salt="reputation.admin.evidence")
# The page with the file plays recordings of our own address, and nothing else.
POLICY: Final[dict[str, list[str]]] = {**settings.SECURE_CSP, "media-src": [CSP.SELF]}


def files(report: Report) -> list[tuple[EvidenceEntry, bool]]:
    """The report's files, and whether the panel can show each."""
    entries = EvidenceEntry.objects.filter(report=report).in_order()
    return [(entry, entry.media_type in ELEMENTS) for entry in entries]


def urls(pages: ReadingAdmin[Report]) -> list[URLPattern]:
    """The addresses of reports' files, below the pages of reports."""

    def opened(
        request: HttpRequest, pk: int, sha256: str, *, looks: bool = False
    ) -> HttpResponseBase:
        return _opening(pages, request, _entry(request, pk, sha256), looks=looks)

    guarded = pages.admin_site.admin_view
    looked = guarded(csp_override(POLICY)(opened))
    name = "reputation_report_evidence"
    where = "<int:pk>/evidence/<slug:sha256>/"
    return [
        path(where, guarded(opened), name=name),
        path(f"{where}look/", looked, {"looks": True}, name=f"{name}_look"),
        path(f"{where}content/", guarded(_content), name=f"{name}_content"),
    ]


def _entry(request: HttpRequest, pk: int, sha256: str) -> EvidenceEntry:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    entries = EvidenceEntry.objects.filter(report_id=pk, sha256=sha256)
    entry = entries.select_related("report__number").first()
    if entry is None:
        raise Http404
    return entry


def _opening(
    pages: ReadingAdmin[Report], request: HttpRequest, entry: EvidenceEntry, *, looks: bool
) -> HttpResponseBase:
    """Asks for the reason; then shows the file or sends it, on record."""
    if looks and entry.media_type not in ELEMENTS:
        raise Http404
    form = ReasonForm(request.POST or None, reasons=UNMASK.reasons)
    if form.is_valid():
        try:
            _entry, file = attachments.open_evidence(
                actor=actor_of(request),
                report=entry.report,
                sha256=entry.sha256,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ReasonMissing as error:
            form.add_error("reason", str(error))
        except attachments.EvidenceError as error:
            form.add_error(None, str(error))
        else:
            if looks:
                return _shown(pages, request, entry, file)
            return sealed(file, attachments.download_name(entry))
    shown = _("Shows the file as the reporter sent it")
    sent = _("Downloads the file as the reporter sent it")
    warning = _(
        "%(what)s, with all the personal data in it. That you opened it goes on record. Open it "
        "with care: nobody has checked it."
    )
    title = _("Look at file %d") if looks else _("Download file %d")
    return _page(
        pages,
        request,
        entry,
        "panel/decide.html",
        title=title % entry.position,
        consequence=warning % {"what": shown if looks else sent},
        subject=entry.report,
        form=form,
    )


def _shown(
    pages: ReadingAdmin[Report], request: HttpRequest, entry: EvidenceEntry, file: Any
) -> HttpResponse:
    element = ELEMENTS[entry.media_type]
    with file:
        said = _decoded(file.read()) if element == "text" else ""
    address = reverse(
        "admin:reputation_report_evidence_content", args=[entry.report_id, entry.sha256]
    )
    seen = SIGNER.sign(_reader(request, entry))
    response = _page(
        pages,
        request,
        entry,
        "panel/evidence.html",
        title=_("File %d") % entry.position,
        element=element,
        text=said[:TEXT_SHOWN],
        is_longer=len(said) > TEXT_SHOWN,
        content=f"{address}?{urlencode({'seen': seen})}",
    )
    response["Cache-Control"] = "no-store"
    return response


def _content(request: HttpRequest, pk: int, sha256: str) -> HttpResponseBase:
    """The bytes of a file for the page that shows it. The opening is on record already."""
    entry = _entry(request, pk, sha256)
    try:
        reader = SIGNER.unsign(request.GET.get("seen", ""), max_age=ANSWERS)
    except BadSignature:
        raise PermissionDenied from None
    if reader != _reader(request, entry) or entry.media_type not in ELEMENTS:
        raise PermissionDenied
    name = attachments.download_name(entry)
    return sealed(attachments.open_own(entry), name, media_type=entry.media_type, shown=True)


def _reader(request: HttpRequest, entry: EvidenceEntry) -> str:
    return f"{request.user.pk}:{entry.pk}"


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else TEXTS
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _page(
    pages: ReadingAdmin[Report],
    request: HttpRequest,
    entry: EvidenceEntry,
    template: str,
    **more: Any,
) -> TemplateResponse:
    context = {
        **pages.admin_site.each_context(request),
        "opts": pages.opts,
        "entry": entry,
        "page": reverse("admin:reputation_report_change", args=[entry.report_id]),
        **more,
    }
    return TemplateResponse(request, template, context)
