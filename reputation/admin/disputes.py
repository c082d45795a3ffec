from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reputation.admin import evidence
from reputation.admin.columns import NOTHING, moment, yes_or_no
from reputation.admin.deciding import DecidingAdmin, last_decision, offered
from reputation.admin.forms import actor_of
from reputation.admin.numbers import number_context
from reputation.admin.reading import choice
from reputation.admin.searching import Search
from reputation.disputes import contact_of, history, is_barred
from reputation.models import Dispute
from reputation.moderation import permissions
from reputation.privacy import mask


@admin.register(Dispute)
class DisputeAdmin(DecidingAdmin[Dispute]):
    kind = "dispute"
    change_form_template = "panel/dispute.html"
    about_template = "panel/_about_dispute.html"
    list_display = (
        "number",
        "status",
        "grounds",
        "deadline",
        "opened_at",
        "is_held",
        "is_appeal",
        "decided_by",
    )
    list_filter = (
        choice("status", Dispute.Status),
        choice("grounds", Dispute.Grounds),
    )
    list_select_related = ("number", "decided_by")
    search = Search(number="number")
    sorts = ("number", "status", "grounds", "deadline", "opened_at", "is_held", "decided_by")
    fields = (
        "number",
        "status",
        "grounds",
        "said",
        ("opened_at", "verified_at", "deadline_at"),
        ("via", "language", "held"),
        ("decided_at", "decided_by"),
        "reason",
        "appeal_of",
        "network",
    )
    readonly_fields = ("said",)

    def get_ordering(self, request: HttpRequest) -> Any:
        if request.GET.get("status") == Dispute.Status.OPEN:
            return ["deadline_at", "id"]
        return ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        return super().get_queryset(request).select_related("number", "decided_by", "appeal_of")

    def get_urls(self) -> list[URLPattern]:
        return [*evidence.OF_DISPUTES.urls(self), *super().get_urls()]

    def about(self, request: HttpRequest, subject: Dispute) -> dict[str, Any]:
        return dispute_context(request, subject)

    def unmasked(self, request: HttpRequest, subject: Any) -> HttpResponse:
        """The page with the holder's contact, which is shown once and not cached."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Contact of the holder"),
            "dispute": subject,
            "contact": contact_of(subject),
            "page": self.page_of(subject),
        }
        response = TemplateResponse(request, "panel/contact.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.display(description=_("statement, masked"))
    def said(self, dispute: Dispute) -> str:
        return mask(dispute.statement)

    @admin.display(description=_("deadline"), ordering="deadline_at")
    def deadline(self, dispute: Dispute) -> str:
        """The deadline, while the dispute is open."""
        return moment(dispute.deadline_at) if dispute.status == Dispute.Status.OPEN else NOTHING

    @admin.display(description=_("block held"), ordering="held")
    def is_held(self, dispute: Dispute) -> str:
        return yes_or_no(dispute.held and dispute.status == Dispute.Status.OPEN)

    @admin.display(description=_("appeal"))
    def is_appeal(self, dispute: Dispute) -> str:
        return yes_or_no(dispute.appeal_of_id is not None)


def dispute_context(request: HttpRequest, dispute: Dispute) -> dict[str, Any]:
    """The data of a dispute for its page and the queue, with the data of its number."""
    now = timezone.now()
    left = dispute.deadline_at - now if dispute.deadline_at else None
    first = dispute.appeal_of
    decided = dispute.decided_at is not None
    return number_context(request, dispute.number) | {
        "dispute": dispute,
        "statement": mask(dispute.statement),
        "first": first,
        "first_statement": mask(first.statement) if first else "",
        "appeal": dispute.appeals.first() if decided and first is None else None,
        "known": history(dispute, now=now),
        "days_left": None if left is None else left // timedelta(days=1),
        "files": evidence.OF_DISPUTES.of(dispute),
        "may_open": request.user.has_perm(permissions.UNMASK_REPORT),
        "barred": is_barred(dispute, actor_of(request)),
        "offered": offered(request, "dispute", dispute),
        "last_decision": last_decision(request),
    }
