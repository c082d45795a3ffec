from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin import ActionLocation
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reputation import folding, moderation
from reputation.admin.audit import DecisionsOnNumber
from reputation.admin.decisions import DecidingAdmin
from reputation.admin.reading import (
    SEARCH_HELP,
    Choice,
    ReadingInline,
    choice,
    key_searched,
)
from reputation.admin.reports import ReportsOnNumber
from reputation.clock import to_days
from reputation.identity import display, identify
from reputation.models import ImportedComplaint, Number
from reputation.scoring.categories import CATEGORIES
from reputation.scoring.policy import Action, Status, judge
from reputation.scoring.reasons import explain

EVERYWHERE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]


class ModeratedFilter(Choice):
    title = "moderator's decision"
    parameter_name = column = "moderated"
    vocabulary = (("1", "confirmed unwanted"), ("-1", "judged legitimate"), ("0", "none"))


class ComplaintsOnNumber(ReadingInline[ImportedComplaint, Number]):
    model = ImportedComplaint
    verbose_name_plural = "newest imported complaints"
    fields = ("filed_at", "source", "category", "subject", "occurred_at", "weight")
    show_change_link = False


@admin.register(Number)
class NumberAdmin(DecidingAdmin[Number]):
    list_display = (
        "shown",
        "action",
        "score",
        "status",
        "category",
        "reports",
        "complaints",
        "last_reported_at",
        "moderated",
        "country",
    )
    list_filter = (
        choice("action", Action),
        choice("status", Status),
        choice("category", CATEGORIES),
        ModeratedFilter,
    )
    search_fields = ("key",)
    search_help_text = SEARCH_HELP
    actions = ("confirm", "clear")
    inlines = (ReportsOnNumber, ComplaintsOnNumber, DecisionsOnNumber)
    fieldsets = (
        (
            None,
            {"fields": (("shown", "name"), ("country", "line_type"), "answer", "reasons_now")},
        ),
        (
            "What was said",
            {
                "fields": (
                    ("reports", "complaints"),
                    ("first_reported_at", "last_reported_at"),
                    "mix",
                )
            },
        ),
        (
            "What was decided",
            {
                "fields": (
                    ("official", "holder_verified", "promoted"),
                    ("moderated", "moderated_at", "pinned"),
                    ("disputed", "spoofed", "reassigned", "epoch_at"),
                )
            },
        ),
        (
            "Evidence, in log-odds as of the moment given",
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
                "classes": ("collapse",),
            },
        ),
        (
            "What the public was last told",
            {
                "fields": (
                    ("action", "score", "status"),
                    "reasons",
                    ("reassess_at", "created_at"),
                ),
                "classes": ("collapse",),
            },
        ),
    )
    readonly_fields = ("shown", "answer", "reasons_now", "mix")

    def get_ordering(self, request: HttpRequest) -> Any:
        # Listed numbers by the index that lists them; all others as they came.
        if request.GET.get("action") in (Action.FLAG, Action.BLOCK):
            return ["-last_reported_at", "id"]
        return ["-id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Number], search_term: str
    ) -> tuple[QuerySet[Number], bool]:
        if not search_term.strip():
            return queryset, False
        key = key_searched(request, search_term)
        return (queryset.none() if key is None else queryset.filter(key=key)), False

    @admin.display(description="number")
    def shown(self, number: Number) -> str:
        return display(number.key)

    @admin.display(description="answer to a lookup now")
    def answer(self, number: Number) -> str:
        judgement, _ = _now(number)
        return (
            f"{judgement.action} · score {judgement.score} · {judgement.status} · "
            f"confidence {judgement.confidence:.2f}"
        )

    @admin.display(description="because")
    def reasons_now(self, number: Number) -> SafeString:
        _, reasons = _now(number)
        items = format_html_join("", "<li>{}</li>", ((reason,) for reason in reasons))
        return format_html("<ul>{}</ul>", items)

    @admin.display(description="reported as")
    def mix(self, number: Number) -> str:
        weights = sorted(number.category_mix.items(), key=lambda item: -item[1])
        total = sum(weight for _, weight in weights)
        return ", ".join(f"{name} {weight / total:.0%}" for name, weight in weights if total)

    @admin.action(
        permissions=["moderate"],
        description="Confirm as unwanted",
        location=EVERYWHERE,
    )
    def confirm(self, request: HttpRequest, queryset: QuerySet[Number]) -> HttpResponse | None:
        return self.decide(
            request,
            queryset,
            action="confirm",
            title="Confirm as unwanted",
            consequence="Calls from these numbers may be blocked from now on. Whoever reported "
            "them before they were known gains trust, whoever called them legitimate loses some.",
            verb=_confirm,
        )

    @admin.action(
        permissions=["moderate"],
        description="Clear as legitimate",
        location=EVERYWHERE,
    )
    def clear(self, request: HttpRequest, queryset: QuerySet[Number]) -> HttpResponse | None:
        return self.decide(
            request,
            queryset,
            action="clear",
            title="Clear as legitimate",
            consequence="Reports alone neither flag nor block these numbers from now on. Whoever "
            "reported them as unwanted loses trust, whoever called them legitimate gains some.",
            verb=_clear,
        )


def _now(number: Number) -> tuple[Any, list[str]]:
    evidence, standing = folding.evidence_of(number), folding.standing_of(number)
    at = to_days(timezone.now())
    judgement = judge(evidence, standing, at, prior=number.prior)
    return judgement, explain(evidence, standing, judgement, at, prior=number.prior)


def _confirm(number: Number, actor: User, reason: str, now: datetime) -> None:
    identity = identify(number.key, allow_fictional=True)
    moderation.confirm_number(actor=actor, identity=identity, reason=reason, now=now)


def _clear(number: Number, actor: User, reason: str, now: datetime) -> None:
    identity = identify(number.key, allow_fictional=True)
    moderation.clear_number(actor=actor, identity=identity, reason=reason, now=now)
