"""One decision on many rows: preview, progress and undo."""

from typing import Any, cast
from uuid import uuid4

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from edge import whole_number
from reputation import decisions
from reputation.admin import rollback
from reputation.admin.decisions import DECISIONS, UNDO_REASONS, Decision
from reputation.admin.forms import ReasonForm, actor_of, back_to, drawn
from reputation.admin.labels import LABELS
from reputation.admin.proposals import batch_page, page_after
from reputation.admin.reading import ReadingAdmin
from reputation.admin.too_late import since_preview
from reputation.admin.words import verb as verb_label
from reputation.models import DecisionBatch, Proposal
from reputation.moderation import (
    DecisionError,
    batches,
    meanwhile,
    permissions,
    reasons,
    restating,
)


def preview_page(
    request: HttpRequest,
    site: AdminSite,
    subject: str,
    verb: str,
    targets: list[int],
    form: ReasonForm | None = None,
    *,
    back: str,
) -> HttpResponse:
    """The page with the effect on each number's public answer, and the form for the reason.

    `back`: the page where the rows were chosen.
    """
    decision = _decision(request, subject, verb)
    plan = decisions.ManyDecisions(subject, verb, tuple(targets))
    newest = plan.newest()
    seen = batches.preview(
        actor=actor_of(request), subject=subject, verb=verb, targets=targets, now=timezone.now()
    )
    context = {
        **site.each_context(request),
        "opts": DecisionBatch._meta,
        "title": decision.label,
        "decision": decision,
        "subject": subject,
        "targets": targets,
        "batch_id": uuid4(),
        "seen": seen,
        "newest": newest,
        "back": back,
        "two": plan.takes_two(actor=actor_of(request), now=timezone.now()),
        "form": form or ReasonForm(reasons=decision.reasons),
    }
    return TemplateResponse(request, "panel/preview.html", context)


def _decision(request: HttpRequest, subject: str, verb: str) -> Decision:
    """The decision on many rows that a request names, if its sender may take it."""
    decision = DECISIONS.get(subject, {}).get(verb)
    if decision is None or not decision.rule.batch:
        raise Http404
    user = request.user
    if not (user.has_perm(permissions.DECIDE_ON_MANY) and user.has_perm(decision.rule.permission)):
        raise PermissionDenied
    return decision


@admin.register(DecisionBatch)
class DecisionBatchAdmin(ReadingAdmin[DecisionBatch]):
    change_form_template = "panel/batch.html"
    change_list_template = "panel/batches.html"
    list_display = ("created_at", "decision", "size", "progress", "actor", "why", "taken_back")
    list_select_related = ("actor", "undo_actor")
    fields = ("verb", "actor", "why", "created_at", "finished_at")

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["-created_at", "id"]

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        name = "reputation_decisionbatch"
        return [
            path("preview/", guarded(self.preview), name=f"{name}_preview"),
            path("rollback/", guarded(self.rollback), name=f"{name}_rollback"),
            path("start/", guarded(self.start), name=f"{name}_start"),
            path("<uuid:pk>/advance/", guarded(self.advance), name=f"{name}_advance"),
            path("<uuid:pk>/undo/", guarded(self.undo), name=f"{name}_undo"),
            *super().get_urls(),
        ]

    def _posted(self, request: HttpRequest) -> None:
        if request.method != "POST" or not request.user.has_perm(permissions.DECIDE_ON_MANY):
            raise PermissionDenied

    def _chosen(self, request: HttpRequest) -> tuple[str, str, list[int]]:
        # The check box of a cluster lists all its rows.
        boxes = [*request.POST.getlist("target"), *request.POST.getlist("targets")]
        ids = (whole_number(target) for box in boxes for target in box.split())
        targets = list(dict.fromkeys(target for target in ids if target is not None))
        return request.POST.get("subject", ""), request.POST.get("verb", ""), targets

    def preview(self, request: HttpRequest) -> HttpResponse:
        self._posted(request)
        subject, verb, targets = self._chosen(request)
        if not targets:
            messages.error(request, _("Choose at least one."))
            return HttpResponseRedirect(_back(request))
        if len(targets) > batches.MOST:
            messages.error(request, _("Decide on at most %d at a time.") % batches.MOST)
            return HttpResponseRedirect(_back(request))
        return preview_page(request, self.admin_site, subject, verb, targets, back=_back(request))

    def start(self, request: HttpRequest) -> HttpResponse:
        self._posted(request)
        subject, verb, targets = self._chosen(request)
        decision = _decision(request, subject, verb)
        form = ReasonForm(request.POST, reasons=decision.reasons)
        if form.is_valid():
            plan = decisions.ManyDecisions(subject, verb, tuple(targets), drawn(request, "batch"))
            try:
                seen = whole_number(request.POST.get("newest", "")) or 0
                done = decisions.carry_out(plan=plan, seen=seen, **form.by(request))
            except meanwhile.DecidedMeanwhile as error:
                form.add_error(None, since_preview(error.entry))
            except DecisionError as error:
                form.refuse(error)
            else:
                return HttpResponseRedirect(page_after(request, done))
        return preview_page(
            request, self.admin_site, subject, verb, targets, form, back=_back(request)
        )

    def advance(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Takes one more step. The script requests the next at once; without it, a button does."""
        self._posted(request)
        batch = self._batch(pk)
        waits = ""
        try:
            batch = batches.step(batch=batch, now=timezone.now())
        except restating.StillPending as error:
            batch, waits = self._batch(pk), str(error)
        if request.headers.get("Accept") == "application/json":
            return JsonResponse(
                {
                    "done": batch.done - len(batch.failures),
                    "undone": batch.undone - len(batch.undo_failures),
                    "over": batch.is_over,
                    "waits": waits,
                }
            )
        if waits:
            messages.info(request, waits)
        return HttpResponseRedirect(batch_page(batch))

    def undo(self, request: HttpRequest, pk: Any) -> HttpResponse:
        self._posted(request)
        form = ReasonForm(request.POST, reasons=UNDO_REASONS)
        try:
            form.is_valid()
            done = decisions.take_batch_back(batch=self._batch(pk), **form.by(request))
        except DecisionError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(batch_page(self._batch(pk)))
        return HttpResponseRedirect(page_after(request, done))

    def rollback(self, request: HttpRequest) -> HttpResponse:
        return rollback.page(request, self.admin_site)

    def _batch(self, pk: Any) -> DecisionBatch:
        return get_object_or_404(DecisionBatch, pk=pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        batch = cast(DecisionBatch, kwargs["obj"])
        undoing = batch.undo_actor_id is not None
        not_done = batches.failures(batch)
        entries = batches.taken(batch)
        total = entries.count() if undoing else len(batch.targets)
        context |= {
            "batch": batch,
            "title": verb_label(batch.verb),
            "proposal": Proposal.objects.filter(batch=batch).select_related("answered_by").first(),
            "subtitle": None,
            "undoing": undoing,
            "total": total,
            "done": (batch.undone if undoing else batch.done) - len(not_done),
            "over": batch.is_over,
            "failures": not_done,
            "may": request.user.has_perm(permissions.DECIDE_ON_MANY),
            "form": ReasonForm(reasons=UNDO_REASONS),
            "entries": list(
                entries.select_related("number", "report", "reporter", "undone_by").order_by("id")[
                    :100
                ]
            ),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=LABELS["verb"])
    def decision(self, batch: DecisionBatch) -> Any:
        return verb_label(batch.verb)

    @admin.display(description=LABELS["reason"])
    def why(self, batch: DecisionBatch) -> str:
        return reasons.in_words(batch.reason)

    @admin.display(description=gettext_lazy("rows"))
    def size(self, batch: DecisionBatch) -> int:
        return len(batch.targets)

    @admin.display(description=gettext_lazy("decided"))
    def progress(self, batch: DecisionBatch) -> str:
        return f"{batch.done / len(batch.targets):.0%}" if batch.targets else ""

    @admin.display(description=gettext_lazy("taken back by"))
    def taken_back(self, batch: DecisionBatch) -> User | None:
        return batch.undo_actor


def _back(request: HttpRequest) -> str:
    return back_to(request, reverse("admin:index"))
