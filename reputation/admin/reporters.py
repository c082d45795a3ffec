from django.contrib import admin

from reputation.admin.reading import ReadingAdmin, choice
from reputation.admin.reports import ReportsOfReporter
from reputation.folding import record_of
from reputation.models import Reporter
from reputation.scoring.trust import sensitivity, specificity


@admin.register(Reporter)
class ReporterAdmin(ReadingAdmin[Reporter]):
    list_display = ("handle", "kind", "created_at", "sensitivity", "specificity", "blocked_at")
    list_filter = (choice("kind", Reporter.Kind.values),)
    search_fields = ("handle__exact",)
    search_help_text = "The whole handle: a keyed hash, or the visible part of an API key."
    inlines = (ReportsOfReporter,)
    fields = (
        "handle",
        "kind",
        "created_at",
        "sensitivity",
        "specificity",
        "tp",
        "fn",
        "tn",
        "fp",
        "cluster",
        "blocked_at",
    )
    readonly_fields = ("sensitivity", "specificity")

    @admin.display(description="calls unwanted calls unwanted")
    def sensitivity(self, reporter: Reporter) -> str:
        return f"{sensitivity(record_of(reporter)):.0%}"

    @admin.display(description="calls legitimate calls legitimate")
    def specificity(self, reporter: Reporter) -> str:
        return f"{specificity(record_of(reporter)):.0%}"
