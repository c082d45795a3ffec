"""Proposals in the panel: the present effect of each, and the second person's answer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reputation import decisions
from reputation.admin.forms import actor_of, as_read
from reputation.admin.labels import LABELS, word
from reputation.admin.reading import ReadingAdmin, choice
from reputation.admin.words import number, state_of, verb
from reputation.models import DecisionBatch, Proposal
from reputation.moderation import DecisionError, reasons


@admin.register(Proposal)
class ProposalAdmin(ReadingAdmin[Proposal]):
    change_form_template = "panel/proposal.html"
    list_display = ("created_at", "decision", "on_what", "proposer", "why", "stands", "expires_at")
    list_display_links = ("created_at", "decision")
    list_filter = (choice("state", Proposal.State),)
    list_select_related = ("proposer", "answered_by")
    fields = ("about",)

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["-created_at", "id"]

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view(self.answer)
        name = "reputation_proposal_answer"
        return [path("<uuid:pk>/answer/<slug:act>/", guarded, name=name), *super().get_urls()]

    def answer(self, request: HttpRequest, pk: Any, act: str) -> HttpResponse:
        """Approves, declines or withdraws; reputation.decisions decides who may."""
        acts: dict[str, Callable[..., Proposal]] = {
            "approve": decisions.approve,
            "decline": decisions.decline,
            "withdraw": decisions.withdraw,
        }
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        proposal = self.get_queryset(request).filter(pk=pk).first()
        if proposal is None or act not in acts:
            raise Http404
        more = {"seen": request.POST.get("seen", "")} if act == "approve" else {}
        words = request.POST.get("reason", "")
        try:
            proposal = acts[act](
                proposal=proposal,
                actor=actor_of(request),
                reason=words,
                now=timezone.now(),
                **more,
            )
        except decisions.NotPermitted as error:
            raise PermissionDenied from error
        except DecisionError as error:
            messages.error(request, str(error))
            return self.change_view(as_read(request), str(pk), extra_context={"words": words})
        if act == "approve" and proposal.batch is not None:
            return HttpResponseRedirect(batch_page(proposal.batch))
        return HttpResponseRedirect(reverse("admin:reputation_proposal_change", args=[pk]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        proposal = kwargs.get("obj")
        if isinstance(proposal, Proposal):
            context |= _context(request, proposal)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=LABELS["verb"])
    def decision(self, proposal: Proposal) -> Any:
        return verb(proposal.verb)

    @admin.display(description=LABELS["about"])
    def on_what(self, proposal: Proposal) -> str:
        return number(proposal.about)

    @admin.display(description=LABELS["reason"])
    def why(self, proposal: Proposal) -> str:
        return reasons.in_words(proposal.reason)

    @admin.display(description=gettext_lazy("state"))
    def stands(self, proposal: Proposal) -> Any:
        return state_of(proposal)


def _context(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    now, user = timezone.now(), actor_of(request)
    is_open = proposal.is_open(now)
    decisions.note_seen(proposal, by=user, now=now)
    found = decisions.review(proposal, now=now) if is_open else None
    return {
        "proposal": proposal,
        "title": verb(proposal.verb),
        "subtitle": None,
        "state": state_of(proposal),
        "subject_page": _subject_page(proposal.content),
        "given": [
            (LABELS.get(name, name), _given(name, value))
            for name, value in proposal.content.get("given", {}).items()
            if value != ""
        ],
        "review": found,
        "seen": found.outlook.preview if found and found.outlook else None,
        "lines": found.outlook.lines if found and found.outlook else (),
        "is_open": is_open,
        "own": proposal.proposer_id == user.pk,
        "may_answer": is_open and decisions.may_answer(user, proposal),
    }


def _given(name: str, value: Any) -> Any:
    """A stored particular of the decision, in words."""
    if name in ("since", "until"):
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M}"
    return word(value) if name in ("action", "grounds") else value


def _subject_page(content: dict[str, Any]) -> str:
    """The page of the subject of a single decision; "" for other plans."""
    if "kind" not in content:
        return ""
    return reverse(f"admin:reputation_{content['kind']}_change", args=[content["subject"]])


def batch_page(batch: DecisionBatch) -> str:
    return reverse("admin:reputation_decisionbatch_change", args=[batch.pk])


def page_after(request: HttpRequest, done: Any) -> str:
    """The page of a plan's result: a proposal, with a message about it, or a batch."""
    if isinstance(done, Proposal):
        say_proposed(request, done)
        return reverse("admin:reputation_proposal_change", args=[done.pk])
    return batch_page(done)


def say_proposed(request: HttpRequest, proposal: Proposal) -> None:
    message = _("Proposed: %(what)s. Another moderator has to approve it by %(until)s.")
    until = f"{proposal.expires_at:%Y-%m-%d %H:%M} UTC"
    messages.success(request, message % {"what": verb(proposal.verb), "until": until})
