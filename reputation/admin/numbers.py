from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reputation.admin import charts
from reputation.admin.deciding import DecidingAdmin, last_decision, offered
from reputation.admin.decisions import DECISIONS
from reputation.admin.labels import name_columns, word, worded
from reputation.admin.reading import NEWEST, Choice, choice, judging
from reputation.admin.searching import Search
from reputation.languages import comma
from reputation.models import Number
from reputation.moderation import dossier, permissions
from reputation.scoring import CATEGORIES, Action, Status

NUMBER = DECISIONS["number"]
ACTION, STATUS, LINE = worded("action"), worded("status"), worded("line_type")
CATEGORY = worded("category")
name_columns()


DECIDED: dict[int, Any] = {1: _("confirmed unwanted"), -1: _("judged legitimate"), 0: ""}


class ModeratedFilter(Choice):
    title = _("moderator's decision")
    parameter_name = column = "moderated"
    vocabulary: Any = (("1", DECIDED[1]), ("-1", DECIDED[-1]), ("0", _("none")))


@admin.register(Number)
class NumberAdmin(DecidingAdmin[Number]):
    kind = "number"
    change_form_template = "panel/number.html"
    about_template = "panel/_number.html"
    list_display = (
        "shown",
        ACTION,
        "score",
        STATUS,
        CATEGORY,
        "reports",
        "complaints",
        "last_reported_at",
        "decided",
        "country",
    )
    list_filter = (
        choice("action", Action),
        choice("status", Status),
        choice("category", CATEGORIES),
        ModeratedFilter,
    )
    search = Search(
        number="pk", words=("name",), within={"official": True}, reports=("pk", "number_id")
    )
    sorts = ("action", "score", "status", "reports", "complaints", "last_reported_at", "country")
    actions = ("confirm", "clear")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("shown", "key", "name"),
                    ("country", LINE),
                    ("reports", "complaints"),
                    ("first_reported_at", "last_reported_at"),
                    "mix",
                    ("official", "holder_verified", "promoted"),
                    ("moderated", "moderated_at"),
                    ("pinned", "pinned_until", "immune_until"),
                    ("pinned_after", "pinned_after_until"),
                    ("disputed", "spoofed", "reassigned", "epoch_at"),
                    ("never_calls", "campaign", "linked", "linked_until", "told"),
                )
            },
        ),
        (
            _("Evidence, in log-odds as of the moment given"),
            {
                "fields": (
                    ("evidence_at", "prior"),
                    ("unwanted_short", "unwanted_long", "legitimate"),
                    ("gathered", "saturated"),
                    ("networks", "established_networks"),
                    ("established", "newcomers", "supporters", "imported"),
                    ("first_unwanted_at", "last_unwanted_at"),
                    ("seq", "settled_side", "settled_seq", "trust_seq"),
                ),
            },
        ),
        (
            _("What the public was last told"),
            {
                "fields": (
                    (ACTION, "score", STATUS),
                    ("reassess_at", "created_at"),
                ),
            },
        ),
    )
    readonly_fields = ("shown", LINE, "mix", ACTION, STATUS)

    def get_ordering(self, request: HttpRequest) -> Any:
        # Flagged and blocked numbers in the order of their partial index; all others newest first.
        if request.GET.get("action") in (Action.FLAG, Action.BLOCK):
            return ["-last_reported_at", "id"]
        return ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Number]:
        rows = super().get_queryset(request)
        # Filters by the directory's own index, since few of a million numbers are in it.
        official = request.GET.get("status") == Status.OFFICIAL
        return rows.filter(official=True) if official else rows

    def about(self, request: HttpRequest, subject: Number) -> dict[str, Any]:
        return number_context(request, subject)

    def on_own_page(self, request: HttpRequest, subject: Number) -> dict[str, Any]:
        about = self.about(request, subject)
        if request.user.has_perm("reputation.view_importedcomplaint"):
            about["complaints"] = subject.imported_complaints.order_by("-id")[:NEWEST]
        return about

    @admin.display(description=_("number"))
    def shown(self, number: Number) -> str:
        return str(number)

    @admin.display(description=_("moderator's decision"))
    def decided(self, number: Number) -> Any:
        return DECIDED[number.moderated]

    @admin.display(description=_("reported as"))
    def mix(self, number: Number) -> str:
        return mix_of(number)

    @admin.action(permissions=["decide_on_many"], description=NUMBER["confirm_number"].label)
    def confirm(self, request: HttpRequest, queryset: QuerySet[Number]) -> HttpResponse | None:
        return self.decide_on_many(request, queryset, "confirm_number")

    @admin.action(permissions=["decide_on_many"], description=NUMBER["clear_number"].label)
    def clear(self, request: HttpRequest, queryset: QuerySet[Number]) -> HttpResponse | None:
        return self.decide_on_many(request, queryset, "clear_number")


def number_context(request: HttpRequest, number: Number) -> dict[str, Any]:
    """The data of a number for its page and the queue."""
    case = dossier.of(number, now=timezone.now())
    hidden = judging(request).numbers
    case = replace(case, neighbours=[near for near in case.neighbours if near.pk not in hidden])
    see_reports = request.user.has_perm(permissions.VIEW_REPORT)
    return {
        "dossier": case,
        "number": number,
        "display": str(number),
        "mix": mix_of(number),
        "chart": charts.number_chart(case),
        "offered": offered(request, "number", number),
        "see_reports": see_reports or request.user.has_perm(permissions.CHANGE_REPORT),
        "may_bulk": request.user.has_perm(permissions.DECIDE_ON_MANY),
        "may_undo": request.user.has_perm(permissions.CHANGE_NUMBER),
        "last_decision": last_decision(request),
        "here": request.get_full_path(),
    }


def mix_of(number: Number) -> str:
    weights = sorted(number.category_mix.items(), key=lambda item: -item[1])
    total = sum(weight for _name, weight in weights)
    return comma().join(f"{word(name)} {weight / total:.0%}" for name, weight in weights if total)
