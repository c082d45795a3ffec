"""How often decisions hold, by moderator and by reason, and how long items wait."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from reputation.admin.forms import actor_of
from reputation.admin.periods import PeriodForm
from reputation.admin.queue import KINDS
from reputation.admin.reading import ReadingAdmin, judging
from reputation.admin.second_reviews import OUTCOMES
from reputation.admin.words import verb
from reputation.models import SecondReview
from reputation.moderation import permissions, reasons
from reputation.quality import rates

DAYS = 90


@admin.register(SecondReview)
class QualityAdmin(ReadingAdmin[SecondReview]):
    """One page instead of a list. Moderators see their own figures; those of all need a
    permission."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(permissions.SEE_QUALITY) or request.user.has_perm(
            permissions.WORK_QUEUE
        )

    has_module_permission = has_view_permission

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        page = path("", guarded(self.page), name="reputation_secondreview_changelist")
        return [page]

    def page(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        period = PeriodForm(request.GET, now=now, days=DAYS)
        since, until = period.bounds()
        sees_all = request.user.has_perm(permissions.SEE_QUALITY)
        found = rates.rates(since=since, until=until, of=None if sees_all else actor_of(request))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Quality of decisions"),
            "period": period,
            "sees_all": sees_all,
            "total": found.total,
            "tables": [
                (gettext("By moderator"), [(line.name, line) for line in found.moderators]),
                (gettext("By reason"), [(_reason(line.name), line) for line in found.reasons]),
            ],
        }
        if sees_all:
            hidden = judging(request)
            reviews = [
                review
                for review in rates.judged(since=since, until=until)
                if review.entry.number_id not in hidden.numbers
                and review.entry.reporter_id not in hidden.reporters
            ]
            context |= {
                "reviews": [_review(review) for review in reviews],
                "backlog": [(KINDS[each.kind], each) for each in rates.backlog(now=now)],
                "answered": rates.answered(since=since, until=until),
            }
        return TemplateResponse(request, "panel/quality.html", context)


def _reason(code: str) -> str:
    return reasons.in_words(reasons.coded(code)) if code else gettext("own words")


def _review(review: SecondReview) -> dict[str, Any]:
    return {
        "review": review,
        "first": verb(review.entry.verb),
        "second": verb(review.verdict),
        "agreed": review.verdict == review.entry.verb,
        "outcome": OUTCOMES[review.outcome][1] if review.outcome else "",
    }
