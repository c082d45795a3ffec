"""The public transparency report: the figures of each month, as the worker counted them."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_safe

from edge import Share, rfc3339, shares
from reputation.models import Dispute, TransparencyMonth
from reputation.moderation import reasons
from reputation.privacy import FEW
from reputation.quality import transparency
from web import wording


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The requested month, or the newest."""
    months = transparency.published()
    wanted = request.GET.get("month", "")
    asked = [each for each in months if f"{each.month:%Y-%m}" == wanted]
    month = next(iter(asked or months), None)
    context = {
        "months": [each.month for each in months],
        "month_format": pgettext("format of a month", "F Y"),
        "report": month,
        "sections": [] if month is None else _sections(month.figures),
        "few": FEW,
    }
    return render(request, "web/transparency.html", context)


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    months = [_month(each) for each in transparency.published()]
    return JsonResponse({"suppressed_below": FEW, "months": months})


def _month(counted: TransparencyMonth) -> dict[str, Any]:
    return {
        "month": f"{counted.month:%Y-%m}",
        "counted_at": rfc3339(counted.counted_at),
        **counted.figures,
    }


type Section = tuple[str, list[tuple[str, Any]], list[tuple[str, list[Share]]]]


def _sections(figures: dict[str, Any]) -> list[Section]:
    """Caption, figures and tables of each part of the report."""
    return [
        (
            gettext("Reports"),
            [
                (gettext("Reports received"), figures["reports"]),
                (gettext("Numbers to be careful with, at the month's end"), figures["flagged"]),
                (gettext("Numbers that phones block, at the month's end"), figures["blocked"]),
            ],
            [(gettext("Reports by kind"), _shares(figures["reports_by_category"], _category))],
        ),
        (
            gettext("Decisions of moderators"),
            [
                (gettext("Decisions"), figures["decisions"]),
                (gettext("Decisions taken back"), figures["taken_back"]),
            ],
            [
                (gettext("Decisions by kind"), _shares(figures["decisions_by_kind"], _decision)),
                (gettext("Decisions by reason"), _shares(figures["decisions_by_reason"], _reason)),
            ],
        ),
        (
            gettext("Objections of holders"),
            [
                (gettext("Objections"), figures["disputes"]),
                (gettext("Objections decided"), figures["disputes_decided"]),
                (gettext("Days to the decision, median"), figures["median_days"]),
                (gettext("Appeals"), figures["appeals"]),
            ],
            [
                (gettext("What became of objections"), _outcomes(figures["disputes_by_outcome"])),
                (gettext("What became of appeals"), _outcomes(figures["appeals_by_outcome"])),
            ],
        ),
        (
            gettext("Taken down, and asked for"),
            [
                (gettext("Words of reports that moderators hid"), figures["hidden"]),
                (gettext("Reports rejected as untrue"), figures["rejected"]),
                (gettext("Erased at the request of people"), figures["erased"]),
                (gettext("Requests of authorities"), figures["authority_requests"]),
            ],
            [],
        ),
        *_calibration(figures.get("calibration")),
    ]


def _calibration(found: dict[str, Any] | None) -> list[Section]:
    """How reliable percentages were; empty for months that were counted without it."""
    if found is None:
        return []
    source = gettext("decisions here") if found["fitted"] else gettext("simulations")
    facts = [
        (gettext("Numbers drawn at random and decided"), found["drawn_and_decided"]),
        (gettext("Drawn, and not decided"), found["drawn_and_missing"]),
        (gettext("Of those decided, unwanted, in percent"), found["unwanted_percent"]),
        (gettext("What our percentages expected, in percent"), found["expected_percent"]),
        (gettext("What percentages are fitted to"), source),
    ]
    return [(gettext("How far percentages can be believed"), facts, [])]


def _shares(lines: transparency.Lines, name_of: Any) -> list[Share]:
    return shares(
        (
            gettext("the rest") if line["name"] == transparency.REST else name_of(line["name"]),
            line["count"],
        )
        for line in lines
    )


def _outcomes(lines: transparency.Lines) -> list[Share]:
    return _shares(lines, lambda name: str(Dispute.Status(name).label))


def _category(name: str) -> str:
    return str(wording.CATEGORIES[name][0])


def _decision(verb: str) -> str:
    return str(wording.DECISIONS.get(verb, verb))


def _reason(code: str) -> str:
    return reasons.in_words(reasons.coded(code))
