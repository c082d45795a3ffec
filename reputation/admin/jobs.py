"""What the worker did and has to do, for who runs the server with a superuser's account."""

from typing import Any

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from reputation.admin.columns import NOTHING, moment
from reputation.admin.labels import LABELS
from reputation.admin.reading import ReadingAdmin, filter_by

STATES: dict[str, Any] = {
    "todo": _("waits"),
    "doing": _("runs"),
    "succeeded": _("ended well"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
    "aborted": _("broken off"),
}

# The library's own list speaks English, and its colours are refused by our Content-Security-Policy.
admin.site.unregister(ProcrastinateJob)
# Not what migrations compare.
ProcrastinateJob._meta.verbose_name = _("Job")
ProcrastinateJob._meta.verbose_name_plural = _("Jobs of the worker")


@admin.register(ProcrastinateJob)
class JobAdmin(ReadingAdmin[ProcrastinateJob]):
    list_display = ("job", "state", "due", "tries", "last")
    list_display_links = None  # a page of a job says no more
    list_filter = (filter_by(LABELS["state"], "status", STATES.items(), column="status"),)
    fields = readonly_fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProcrastinateJob]:
        return super().get_queryset(request).annotate(_last=Max("procrastinateevent__at"))

    @admin.display(description=_("Job"))
    def job(self, job: ProcrastinateJob) -> str:
        return job.task_name

    @admin.display(description=LABELS["state"])
    def state(self, job: ProcrastinateJob) -> Any:
        return STATES.get(job.status, job.status)

    @admin.display(description=_("due"))
    def due(self, job: ProcrastinateJob) -> str:
        return moment(job.scheduled_at) or NOTHING

    @admin.display(description=_("attempts"))
    def tries(self, job: ProcrastinateJob) -> int:
        return job.attempts

    @admin.display(description=_("last step"))
    def last(self, job: Any) -> str:
        return moment(job._last) or NOTHING
