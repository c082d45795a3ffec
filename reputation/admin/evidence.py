"""The files of reports and disputes, to look at or download; each needs a reason and is recorded.

Files come from strangers. The page shows pictures and plays recordings from an address that works
for minutes, for the user who gave the reason, with a policy under which nothing in the file runs.
Text is shown on the page itself. All other kinds are downloads.
"""

from collections.abc import Callable
from dataclasses import dataclass
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
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from edge import sealed
from reputation import attachments, disputes
from reputation.admin.deciding import DecidingAdmin
from reputation.admin.decisions import DECISIONS
from reputation.admin.forms import ReasonForm, reason_page
from reputation.models import Dispute, DisputeFile, EvidenceEntry, Report, StoredFile
from reputation.moderation import ReasonMissing, permissions

# Kinds that browsers show, and the element that shows them.
ELEMENTS: Final = {
    **dict.fromkeys(("image/png", "image/jpeg", "image/webp"), "picture"),
    **dict.fromkeys(("audio/wav", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/aac"), "audio"),
    "video/mp4": "video",
    "text/plain": "text",
    "message/rfc822": "text",
}
# How long the address of a file's content works after the reason was given.
ANSWERS: Final = timedelta(minutes=10)
TEXT_SHOWN: Final = 100_000  # characters
TEXTS: Final = ("utf-8-sig", "gb18030")
SIGNER: Final = TimestampSigner(salt="reputation.admin.evidence")
# The page with the file may play recordings from our own address, and nothing else.
POLICY: Final[dict[str, list[str]]] = {**settings.SECURE_CSP, "media-src": [CSP.SELF]}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files of one kind of subject. `open_file`: the verb that records the reading."""

    kind: str  # also the name of a file's field for its subject
    files: type[EvidenceEntry] | type[DisputeFile]
    open_file: Callable[..., tuple[StoredFile, attachments.Content]]
    reasons: tuple[str, ...]

    def of(self, subject: Report | Dispute) -> list[tuple[StoredFile, bool]]:
        """The subject's files, and whether the panel can show each."""
        entries = self.files._default_manager.filter(**{self.kind: subject}).order_by("position")
        return [(entry, entry.media_type in ELEMENTS) for entry in entries]

    def urls(self, pages: DecidingAdmin[Any]) -> list[URLPattern]:
        """The addresses of the files, below the pages of their subjects."""
        guarded = pages.admin_site.admin_view

        def opened(
            request: HttpRequest, pk: int, sha256: str, *, looks: bool = False
        ) -> HttpResponseBase:
            return self._opening(
                pages, request, self._entry(pages, request, pk, sha256), looks=looks
            )

        def content(request: HttpRequest, pk: int, sha256: str) -> HttpResponseBase:
            return _content(request, self._entry(pages, request, pk, sha256))

        where, name = "<int:pk>/evidence/<slug:sha256>/", self.name
        return [
            path(where, guarded(opened), name=name),
            path(
                f"{where}look/",
                guarded(csp_override(POLICY)(opened)),
                {"looks": True},
                name=f"{name}_look",
            ),
            path(f"{where}content/", guarded(content), name=f"{name}_content"),
        ]

    @property
    def name(self) -> str:
        return f"reputation_{self.kind}_evidence"

    def _entry(
        self, pages: DecidingAdmin[Any], request: HttpRequest, pk: int, sha256: str
    ) -> StoredFile:
        if not request.user.has_perm(permissions.UNMASK_REPORT):
            raise PermissionDenied
        # Leaves out what this user judges blind.
        subject = pages.get_queryset(request).filter(pk=pk)
        entries = self.files._default_manager.filter(
            **{f"{self.kind}__in": subject, "sha256": sha256}
        )
        entry = entries.select_related(f"{self.kind}__number").first()
        if entry is None:
            raise Http404
        return entry

    def _opening(
        self, pages: DecidingAdmin[Any], request: HttpRequest, entry: StoredFile, *, looks: bool
    ) -> HttpResponseBase:
        """Asks for the reason; then shows or sends the file, and records it."""
        if looks and entry.media_type not in ELEMENTS:
            raise Http404
        subject = getattr(entry, self.kind)
        form = ReasonForm(request.POST or None, reasons=self.reasons)
        if form.is_valid():
            try:
                _entry, file = self.open_file(
                    sha256=entry.sha256, **{self.kind: subject}, **form.by(request)
                )
            except ReasonMissing as error:
                form.refuse(error)
            except attachments.EvidenceError as error:
                form.add_error(None, str(error))
            else:
                if looks:
                    return self._shown(pages, request, entry, file)
                return sealed(file, attachments.download_name(entry))
        shown = _("Shows the file as it was sent")
        sent = _("Downloads the file as it was sent")
        warning = _(
            "%(what)s, with all the personal data in it. It goes on record that you opened it. "
            "Open it with care: nobody has checked it."
        )
        title = _("Look at file %d") if looks else _("Download file %d")
        return reason_page(
            pages,
            request,
            form,
            title=title % entry.position,
            consequence=warning % {"what": shown if looks else sent},
            page=pages.page_of(subject),
            subject=subject,
        )

    def _shown(
        self, pages: DecidingAdmin[Any], request: HttpRequest, entry: StoredFile, file: Any
    ) -> HttpResponse:
        element = ELEMENTS[entry.media_type]
        with file:
            text = _decoded(file.read()) if element == "text" else ""
        subject = getattr(entry, self.kind)
        address = reverse(f"admin:{self.name}_content", args=[subject.pk, entry.sha256])
        seen = SIGNER.sign(_reader(request, entry))
        context = {
            **pages.admin_site.each_context(request),
            "opts": pages.opts,
            "title": _("File %d") % entry.position,
            "entry": entry,
            "owner": subject,
            "page": pages.page_of(subject),
            "element": element,
            "text": text[:TEXT_SHOWN],
            "is_longer": len(text) > TEXT_SHOWN,
            "content": f"{address}?{urlencode({'seen': seen})}",
        }
        response = TemplateResponse(request, "panel/evidence.html", context)
        response["Cache-Control"] = "no-store"
        return response


OF_REPORTS: Final = Shelf(
    "report",
    EvidenceEntry,
    attachments.open_evidence,
    DECISIONS["report"]["unmask_report"].reasons,
)
OF_DISPUTES: Final = Shelf(
    "dispute", DisputeFile, disputes.open_file, ("documents_being_checked", "authority_asked")
)


def _content(request: HttpRequest, entry: StoredFile) -> HttpResponseBase:
    """The bytes of a file for the page that shows it. The opening is already recorded."""
    try:
        reader = SIGNER.unsign(request.GET.get("seen", ""), max_age=ANSWERS)
    except BadSignature:
        raise PermissionDenied from None
    if reader != _reader(request, entry) or entry.media_type not in ELEMENTS:
        raise PermissionDenied
    name = attachments.download_name(entry)
    return sealed(attachments.open_own(entry), name, media_type=entry.media_type, shown=True)


def _reader(request: HttpRequest, entry: StoredFile) -> str:
    return f"{request.user.pk}:{entry._meta.model_name}:{entry.pk}"


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else TEXTS
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")
