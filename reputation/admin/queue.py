"""The queue's pages: waiting items, each item with its decisions, and the undo of a decision."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from edge import whole_number
from reputation import decisions, quality
from reputation.admin import second_reviews
from reputation.admin.deciding import last_decision, next_item
from reputation.admin.decisions import LEAVE_REASONS, UNDO_REASONS
from reputation.admin.filters import saved
from reputation.admin.forms import ReasonForm, actor_of, as_read, back_to, reason_page
from reputation.admin.proposals import page_after
from reputation.admin.reading import ReadingAdmin, judging
from reputation.admin.words import named, verb
from reputation.models import (
    AuditEntry,
    Campaign,
    IntakeMessage,
    KeyGrant,
    Proposal,
    QueueItem,
    SecondReview,
)
from reputation.moderation import DecisionError, handing, permissions, queue, reasons

PAGE = 50
Kind = QueueItem.Kind
KINDS: dict[str, Any] = {
    Kind.DISPUTE: gettext_lazy("dispute"),
    Kind.NUMBER: gettext_lazy("number"),
    Kind.REPORTER: gettext_lazy("reporter"),
    Kind.REPORT: gettext_lazy("decision in question"),
    Kind.CLAIM: gettext_lazy("directory claim"),
    Kind.AUDIT: gettext_lazy("audit"),
    Kind.CAMPAIGN: gettext_lazy("campaign"),
    Kind.MESSAGE: gettext_lazy("message"),
    Kind.REVIEW: gettext_lazy("second review"),
    Kind.SPLIT: gettext_lazy("disagreement"),
    Kind.KEY_GRANT: gettext_lazy("request for a key"),
}


@admin.register(QueueItem)
class QueueItemAdmin(ReadingAdmin[QueueItem]):
    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        name = "reputation_queueitem"
        return [
            path("next/", guarded(self.next), name=f"{name}_next"),
            path("refresh/", guarded(self.refresh), name=f"{name}_refresh"),
            path("undo/<int:pk>/", guarded(self.undo), name=f"{name}_undo"),
            path("<int:pk>/claim/", guarded(self.claim), name=f"{name}_claim"),
            path("<int:pk>/release/", guarded(self.release), name=f"{name}_release"),
            path("<int:pk>/leave/", guarded(self.leave), name=f"{name}_leave"),
            *second_reviews.urls(self),
            path("<int:pk>/assign/", guarded(self.assign), name=f"{name}_assign"),
            path("<int:pk>/escalate/", guarded(self.escalate), name=f"{name}_escalate"),
            *super().get_urls(),
        ]

    # --- the list ---

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        kind = request.GET.get("kind", "")
        kind = kind if kind in Kind.values else ""
        may_work = request.user.has_perm(permissions.WORK_QUEUE)
        items = queue.waiting(now=now, kind=kind, user=actor_of(request) if may_work else None)
        if request.GET.get("mine"):
            items = items.filter(assigned_to=actor_of(request))
        related = ("number", "reporter", "claimed_by", "assigned_to")
        pages = Paginator(items.select_related(*related), PAGE)
        page = pages.get_page(request.GET.get("p"))
        newest = QueueItem.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
        context = {
            **self.admin_site.each_context(request),
            **saved(request, "queueitem"),
            "opts": self.opts,
            "title": _("Queue"),
            "page": page,
            "kind": kind,
            "kinds": [("", _("all")), *((value, KINDS[value]) for value in Kind.values)],
            "rows": _rows(page, request, now),
            "as_of": newest,
            "may_work": may_work,
            "last_decision": last_decision(request),
        }
        return TemplateResponse(request, "panel/queue.html", context)

    def refresh(self, request: HttpRequest) -> HttpResponse:
        self._working(request)
        queue.refresh(now=timezone.now())
        return _to_list()

    # --- one item ---

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            raise PermissionDenied
        related = ("claimed_by", "assigned_to", "escalated_by")
        rows = self.get_queryset(request).select_related(*related)
        item = rows.filter(pk=whole_number(object_id) or 0).first()
        if item is None:
            return self._gone(request)
        subject_kind = decisions.kind_of(item)
        subject = decisions.subject_of(item)
        if subject is None:
            return self._gone(request)
        now = timezone.now()
        claimed = item.is_claimed(now)
        own = claimed and item.claimed_by_id == request.user.pk
        works = request.user.has_perm(permissions.WORK_QUEUE)
        may_hand = works and item.kind not in QueueItem.REVIEWS
        context = {
            **self.admin_site.each_context(request),
            "subject_page": "",
            **self._about(request, item, subject, own=own),
            "opts": self.opts,
            "item": item,
            "item_kind": KINDS[item.kind],
            "mine": own,
            "claimed": claimed,
            "may_take": works and not claimed and queue.may_take(actor_of(request), item, now),
            "colleagues": _colleagues() if may_hand else (),
            "hands": handing.hands(item),
            "question_length": handing.QUESTION_LENGTH,
            "kind": request.GET.get("kind", ""),
            "subject_kind": subject_kind,
            "subject": subject,
            "title": f"{KINDS[item.kind]} · {_name(subject)}",
            **(extra_context or {}),
        }
        if not own:
            context["offered"] = context["acts"] = []
        return TemplateResponse(request, "panel/item.html", context)

    def _about(
        self, request: HttpRequest, item: QueueItem, subject: Any, *, own: bool
    ) -> dict[str, Any]:
        """What the item's page shows of its subject, and the address of the subject's own page."""
        if item.kind in QueueItem.REVIEWS:
            return second_reviews.item_context(item, subject, own=own)
        pages: Any = self.admin_site.get_model_admin(type(subject))
        return {
            **pages.about(request, subject),
            "about": pages.about_template,
            "subject_page": pages.page_of(subject),
        }

    def _gone(self, request: HttpRequest) -> HttpResponse:
        messages.info(request, _("This no longer waits."))
        return _to_list()

    def next(self, request: HttpRequest) -> HttpResponse:
        """Claims the next item. `after`: an item to pass over and release."""
        self._working(request)
        after = whole_number(request.POST.get("after", "")) or 0
        item = QueueItem.objects.filter(pk=after).first()
        if item is not None:
            queue.release(actor=actor_of(request), item=item)
        return HttpResponseRedirect(next_item(request, after=item))

    def claim(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._working(request)
        try:
            item = queue.claim(actor=actor_of(request), item_id=pk, now=timezone.now())
        except DecisionError as error:
            messages.warning(request, str(error))
            return _to_list()
        return _to_item(item.pk)

    def release(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._working(request)
        item = QueueItem.objects.filter(pk=pk).first()
        if item is not None:
            queue.release(actor=actor_of(request), item=item)
        return _to_list()

    def assign(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Gives an item to the user `to`, or to nobody."""
        self._working(request)
        user = User.objects.filter(pk=whole_number(request.POST.get("to", "")) or 0).first()
        try:
            handing.assign(
                actor=actor_of(request),
                item_id=pk,
                to=user,
                seen=request.POST.get("hands"),
                now=timezone.now(),
            )
        except DecisionError as error:
            messages.warning(request, str(error))
        else:
            message = (
                _("Assigned to %(who)s.") % {"who": user} if user else _("Assigned to nobody.")
            )
            messages.success(request, message)
        return _to_item(pk)

    def escalate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hands an item to the seniors with a question; then shows the next item."""
        self._working(request)
        question = request.POST.get("question", "")
        try:
            handing.escalate(
                actor=actor_of(request),
                item_id=pk,
                question=question,
                seen=request.POST.get("hands"),
                now=timezone.now(),
            )
        except DecisionError as error:
            messages.warning(request, str(error))
            return self.change_view(as_read(request), str(pk), extra_context={"asked": question})
        messages.success(request, _("The senior moderators have it now."))
        return HttpResponseRedirect(next_item(request))

    def leave(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page that asks why an item is left as it is; then shows the next item."""
        if not request.user.has_perm(permissions.WORK_QUEUE):
            raise PermissionDenied
        item = (
            QueueItem.objects.select_related("number", "report", "reporter").filter(pk=pk).first()
        )
        if item is None and request.method != "POST":
            return self._gone(request)
        form = ReasonForm(request.POST or None, reasons=LEAVE_REASONS)
        if form.is_valid():
            try:
                if item is None:
                    raise queue.ItemGone
                queue.leave(item=item, **form.by(request))
                return HttpResponseRedirect(next_item(request))
            except DecisionError as error:
                form.refuse(error)
        page = reverse("admin:reputation_queueitem_change", args=[pk])
        return reason_page(
            self,
            request,
            form,
            title=_("Leave as it is"),
            consequence=_(
                "It leaves the queue for two weeks, unless something is decided; a dispute for "
                "half of the time to its deadline."
            ),
            display=_name(decisions.subject_of(item)) if item else "",
            page=page,
            back=page,
        )

    # --- taking back ---

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        entries = quality.open_to(judging(request), AuditEntry.objects.filter(pk=pk))
        entry = entries.select_related(*AuditEntry.SUBJECTS).first()
        if entry is None:
            raise Http404
        if not decisions.may_undo(actor_of(request), entry):
            raise PermissionDenied
        form = ReasonForm(request.POST or None, reasons=UNDO_REASONS)
        about = entry.number or entry.subject
        page = back_to(request, reverse("admin:reputation_queueitem_changelist"))
        if form.is_valid():
            try:
                done = decisions.take_one_back(entry=entry, **form.by(request))
            except DecisionError as error:
                form.refuse(error)
            else:
                if isinstance(done, Proposal):
                    return HttpResponseRedirect(page_after(request, done))
                messages.success(request, _("Taken back: %s.") % verb(entry.verb))
                return HttpResponseRedirect(page)
        return reason_page(
            self,
            request,
            form,
            title=_("Take a decision back"),
            consequence=f"{verb(entry.verb)} · {entry.at:%Y-%m-%d %H:%M} · "
            f"{about} · {reasons.in_words(entry.reason)}",
            page=page,
            back=page,
        )

    def _working(self, request: HttpRequest) -> None:
        if request.method != "POST" or not request.user.has_perm(permissions.WORK_QUEUE):
            raise PermissionDenied


def _to_list() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:reputation_queueitem_changelist"))


def _to_item(pk: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:reputation_queueitem_change", args=[pk]))


def _rows(page: Iterable[QueueItem], request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """The items with their subjects; one query for each kind to which QueueItem has no foreign
    key."""
    items = list(page)
    others: dict[str, dict[int, Any]] = {}
    models: Any = {
        Kind.CAMPAIGN: Campaign,
        Kind.MESSAGE: IntakeMessage,
        Kind.REVIEW: SecondReview,
        Kind.SPLIT: SecondReview,
        Kind.KEY_GRANT: KeyGrant,
    }
    for kind, model in models.items():
        if wanted := [item.subject_id for item in items if item.kind == kind]:
            others[kind] = model._default_manager.in_bulk(wanted)
    return [
        _row(item, others.get(item.kind, {}).get(item.subject_id), request, now) for item in items
    ]


def _row(item: QueueItem, other: Any, request: HttpRequest, now: datetime) -> dict[str, Any]:
    claimed = item.is_claimed(now)
    return {
        "item": item,
        "kind": KINDS[item.kind],
        "about": item.number or item.reporter or other,
        "claimed": claimed,
        "mine": claimed and item.claimed_by_id == request.user.pk,
    }


def _colleagues() -> list[User]:
    """The users who work on the queue, to choose to whom an item is given."""
    _app, codename = permissions.WORK_QUEUE.split(".")
    holders = Q(groups__permissions__codename=codename) | Q(is_superuser=True)
    return list(User.objects.filter(holders, is_active=True).distinct().order_by("username"))


def _name(subject: Any) -> str:
    return named(getattr(subject, "number", subject))
