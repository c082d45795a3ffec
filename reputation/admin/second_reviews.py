"""The queue's items about decisions: a decision to judge blind, and a disagreement to settle."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reputation import quality
from reputation.admin.deciding import next_item
from reputation.admin.decisions import (
    CHECKED,
    DECISIONS,
    INDEPENDENT,
    LEAVE_REASONS,
    MISTAKE,
    NAMES,
)
from reputation.admin.forms import ReasonForm, actor_of, reason_page
from reputation.models import QueueItem, SecondReview
from reputation.moderation import DecisionError, permissions, queue

Kind = QueueItem.Kind
QUESTIONS: dict[str, Any] = {
    "number": gettext_lazy("What would you decide about this number?"),
    "report": gettext_lazy("What would you decide about the first report below?"),
    "reporter": gettext_lazy("What would you decide about this reporter?"),
    "dispute": gettext_lazy("What would you decide about this dispute?"),
}
LEAVE: Any = gettext_lazy("Decide nothing")
# Key, label and frequent reasons by outcome.
OUTCOMES: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    "first": ("c", gettext_lazy("The first decided rightly"), (INDEPENDENT, CHECKED)),
    "second": ("x", gettext_lazy("The second judged rightly"), (MISTAKE, "new_facts")),
    "both": ("l", gettext_lazy("Either may be held"), ("nothing_yet",)),
}


class NotHeld(queue.ItemGone):
    """The item is gone, or it is another moderator's."""


def urls(pages: Any) -> list[URLPattern]:
    """The addresses of these items, below those of the queue's items."""

    def judge(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in ("leave", *NAMES):
            raise Http404
        try:
            return _judge(pages, request, pk, verb)
        except NotHeld as error:
            return _too_late(pages, request, error, title=_("second review"))

    def settle(request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
        if outcome not in OUTCOMES:
            raise Http404
        try:
            return _settle(pages, request, pk, outcome)
        except NotHeld as error:
            return _too_late(pages, request, error, title=_("disagreement"))

    guarded = pages.admin_site.admin_view
    name = "reputation_queueitem"
    return [
        path("<int:pk>/judge/<slug:verb>/", guarded(judge), name=f"{name}_judge"),
        path("<int:pk>/settle/<slug:outcome>/", guarded(settle), name=f"{name}_settle"),
    ]


def item_context(item: QueueItem, review: SecondReview, *, own: bool) -> dict[str, Any]:
    """What the page of such an item shows: nothing of the case before the item is taken."""
    if not own:
        return {"about": "panel/_second_review.html"}
    if item.kind == Kind.SPLIT:
        return _split(review) | {
            "answers": [_answer(item, "settle", name, *OUTCOMES[name][:2]) for name in OUTCOMES]
        }
    case = quality.case_of(review)
    return _case(case) | {
        "answers": [_answer(item, "judge", verb, *_words(case, verb)[:2]) for verb in case.answers]
    }


def _answer(item: QueueItem, page: str, name: str, key: str, label: Any) -> dict[str, Any]:
    address = reverse(f"admin:reputation_queueitem_{page}", args=[item.pk, name])
    return {"address": address, "key": key, "label": label}


def _words(case: quality.ReviewCase, verb: str) -> tuple[str, Any, tuple[str, ...]]:
    """Key, label and frequent reasons of a verdict: those of the decision that it names."""
    if verb == "leave":
        return "l", LEAVE, LEAVE_REASONS
    decision = DECISIONS[case.question][verb]
    return decision.key, decision.label, decision.reasons


def _case(case: quality.ReviewCase) -> dict[str, Any]:
    shown = str(case.number or case.reporter)
    return {
        "about": "panel/_case.html",
        "case": case,
        "display": shown,
        "question": QUESTIONS[case.question],
    }


def _split(review: SecondReview) -> dict[str, Any]:
    entry = review.entry
    about = entry.report or entry.number or entry.reporter
    kind = about._meta.model_name if about else ""
    return {
        "about": "panel/_split.html",
        "review": review,
        "display": str(entry.number or entry.reporter),
        "first": NAMES[entry.verb],
        "second": NAMES[review.verdict],
        "subject_page": about and reverse(f"admin:reputation_{kind}_change", args=[about.pk]),
    }


def _judge(pages: Any, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    item, review = _held(request, pk, Kind.REVIEW)
    if review.reviewer_id != request.user.pk:
        raise NotHeld(_("Somebody else judges this now. Take the next one."))
    case = quality.case_of(review)
    if verb not in case.answers:
        raise Http404
    _key, label, reasons = _words(case, verb)
    form = ReasonForm(request.POST or None, reasons=reasons)
    if form.is_valid():
        try:
            quality.judge(review=review, verdict=verb, **form.by(request))
        except DecisionError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Judged. The first decision stands as it is."))
            return HttpResponseRedirect(next_item(request))
    intro = _("You judge an earlier decision without knowing it. Your answer changes nothing.")
    page = reverse("admin:reputation_queueitem_change", args=[item.pk])
    return reason_page(
        pages, request, form, title=label, consequence=intro, page=page, **_case(case)
    )


def _settle(pages: Any, request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
    item, review = _held(request, pk, Kind.SPLIT)
    if not quality.may_settle(actor_of(request), review):
        raise PermissionDenied
    _key, label, reasons = OUTCOMES[outcome]
    form = ReasonForm(request.POST or None, reasons=reasons)
    if form.is_valid():
        try:
            quality.settle(review=review, outcome=outcome, **form.by(request))
        except DecisionError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Settled: %s.") % label)
            return HttpResponseRedirect(next_item(request))
    intro = _("It changes nothing: to take the first decision back, do so on the page before.")
    page = reverse("admin:reputation_queueitem_change", args=[item.pk])
    return reason_page(
        pages, request, form, title=label, consequence=intro, page=page, **_split(review)
    )


def _held(request: HttpRequest, pk: int, kind: str) -> tuple[QueueItem, SecondReview]:
    """The item and its review, if this user may work on it. Raises NotHeld."""
    if not request.user.has_perm(permissions.WORK_QUEUE):
        raise PermissionDenied
    meant = queue.meant_for(actor_of(request), now=timezone.now())
    item = QueueItem.objects.filter(meant, pk=pk, kind=kind).first()
    if item is None:
        raise NotHeld
    return item, SecondReview.objects.get(pk=item.subject_id)


def _too_late(pages: Any, request: HttpRequest, error: NotHeld, *, title: str) -> HttpResponse:
    """Answers a user who may not judge this item, or no longer: shows their words again without
    the case. A user who wrote nothing is led to the queue."""
    page = reverse("admin:reputation_queueitem_changelist")
    if request.method != "POST":
        messages.warning(request, str(error))
        return HttpResponseRedirect(page)
    form = ReasonForm(request.POST)
    form.refuse(error)
    return reason_page(pages, request, form, title=title, consequence="", page=page)
