"""The verified directory: its list, and its import and export as a file."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from reputation import decisions
from reputation.admin.columns import NOTHING, moment
from reputation.admin.forms import actor_of, see_anew
from reputation.admin.labels import worded
from reputation.admin.proposals import page_after
from reputation.admin.reading import ReadingAdmin
from reputation.admin.searching import Search
from reputation.models import AuditEntry, OfficialNumber
from reputation.moderation import DecisionError, directory, permissions

# Decisions by which a number is in the directory.
ENTERED: Final = ("mark_official", "mark_never_calling")


class FileForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV, in UTF-8 or GB 18030."))


class TextForm(forms.Form):
    """The previewed file again, with the reason for its import."""

    text = forms.CharField(widget=forms.HiddenInput, strip=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        required=False,  # the domain requires it
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_(
            "Goes on record with your name, once for each entry. Name the source, for example."
        ),
    )

    def show(self, outcome: directory.Outcome) -> None:
        """Makes the form send back which preview it stands under."""
        self.initial["seen"] = outcome.digest
        if self.is_bound:
            see_anew(self, outcome.digest)


@admin.register(OfficialNumber)
class OfficialNumberAdmin(ReadingAdmin[OfficialNumber]):
    list_display = ("shown", "name", "country", worded("action"), "last_reported_at", "entered")
    list_display_links = None
    search = Search(number="pk", words=("name",))
    sorts = ("name", "country", "last_reported_at", "entered")
    change_list_template = "panel/directory_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OfficialNumber]:
        """With the day since which nobody entered it anew: no entry ends by itself."""
        entries = AuditEntry.objects.filter(number=OuterRef("pk"), verb__in=ENTERED)
        entered = Subquery(entries.order_by("-id").values("at")[:1])
        return super().get_queryset(request).filter(official=True).annotate(entered_at=entered)

    @admin.display(description=_("entered last"), ordering="entered_at")
    def entered(self, number: OfficialNumber) -> str:
        return moment(vars(number)["entered_at"]) or NOTHING

    @admin.display(description=_("number"))
    def shown(self, number: OfficialNumber) -> str:
        url = reverse("admin:reputation_number_change", args=[number.pk])
        return format_html('<a href="{}">{}</a>', url, number)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Redirects to the page of the number: a number has only one."""
        if request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:reputation_number_change", args=[object_id]))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        more = {"may_import": self._may_import(request)}
        return super().changelist_view(request, more | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        name = "reputation_officialnumber"
        return [
            path("import/", guard(self.import_view), name=f"{name}_import"),
            path("export/", guard(require_safe(self.export_view)), name=f"{name}_export"),
            *super().get_urls(),
        ]

    def _may_import(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.MARK_OFFICIAL)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponse(
            # The byte order mark shows spreadsheets that the file is UTF-8.
            "\ufeff" + directory.give_out(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="verified-directory.csv"'},
        )

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Three pages: the file's upload, its preview, its result."""
        if not self._may_import(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, file_form=FileForm())
        if "text" in request.POST:
            return self._take_in(request, TextForm(request.POST))
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                text = directory.decode(form.cleaned_data["file"].read())
                outcome = directory.preview(text=text)
            except directory.FileError as error:
                form.add_error("file", str(error))
            else:
                return self._preview(request, outcome, TextForm(initial={"text": text}))
        return self._page(request, file_form=form)

    def _take_in(self, request: HttpRequest, form: TextForm) -> HttpResponse:
        if not form.is_valid():
            return HttpResponseRedirect(reverse("admin:reputation_officialnumber_import"))
        text, reason = form.cleaned_data["text"], form.cleaned_data["reason"]
        actor = actor_of(request)
        try:
            outcome = directory.preview(text=text)
            # A user who follows the pages has seen a preview of this text.
            if outcome.changing and form.cleaned_data["seen"] not in ("", outcome.digest):
                stale = gettext("The directory has changed since you looked. Look again.")
                form.add_error(None, stale)
                return self._preview(request, outcome, form)
            plan = decisions.DirectoryImport(text)
            if outcome.changing and plan.takes_two(actor=actor, now=timezone.now()):
                proposal = decisions.propose(
                    plan=plan, actor=actor, reason=reason, now=timezone.now()
                )
                return HttpResponseRedirect(page_after(request, proposal))
            done = directory.take_in(text=text, actor=actor, reason=reason, now=timezone.now())
        except directory.FileError as error:
            return self._page(request, file_form=FileForm(), told=str(error))
        except DecisionError as error:
            form.add_error("reason", str(error))
            return self._preview(request, outcome, form)
        may_undo = request.user.has_perm(permissions.DECIDE_ON_MANY)
        return self._page(request, done=done, may_undo=may_undo)

    def _preview(
        self, request: HttpRequest, outcome: directory.Outcome, form: TextForm
    ) -> TemplateResponse:
        actor = actor_of(request)
        form.show(outcome)
        effects = directory.effects(outcome=outcome, actor=actor, now=timezone.now())
        two = decisions.DirectoryImport("").takes_two(actor=actor, now=timezone.now())
        return self._page(request, preview=outcome, effects=effects, text_form=form, two=two)

    def _page(self, request: HttpRequest, **more: Any) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Import into the verified directory"),
            "most_rows": directory.MOST_ROWS,
            **more,
        }
        return TemplateResponse(request, "panel/directory_import.html", context)
