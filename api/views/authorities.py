from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidField
from api.serializers import CATEGORY_CHOICES
from api.shapes.complaints import READERS, AuthorityList
from api.views.common import OPTIONAL_KEY, ApiView, problems
from reputation.complaints import in_force, where_to_complain
from reputation.languages import choose, is_chinese
from reputation.models import Authority, Provision, Report, Sourced

COUNTRY = OpenApiParameter(
    "country",
    OpenApiTypes.STR,
    required=True,
    pattern="^[A-Za-z]{2}$",
    description="ISO 3166 country in which the person was called.",
)
CATEGORY = OpenApiParameter("category", OpenApiTypes.STR, enum=["", *CATEGORY_CHOICES])
CONDUCT = OpenApiParameter("conduct", OpenApiTypes.STR, enum=["", *Report.Conduct.values])
LANGUAGE = OpenApiParameter(
    "language",
    OpenApiTypes.STR,
    enum=["", *READERS],
    description="Language of the answer; by default English.",
)
DAY = OpenApiParameter(
    "day",
    OpenApiTypes.DATE,
    description="Day of the incident, whose law applies; by default today.",
)


class AuthoritiesView(ApiView):
    limit = "read"

    @extend_schema(
        operation_id="list_authorities",
        summary="Where and how to complain",
        description=(
            "The authorities, the most fitting first. These facts become outdated, so each names "
            "its source, and says whether a moderator has checked it."
        ),
        parameters=[COUNTRY, CATEGORY, CONDUCT, LANGUAGE, DAY],
        responses={200: AuthorityList, **problems(400, 401)},
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        country = query.get("country", "").upper()
        if len(country) != 2 or not (country.isascii() and country.isalpha()):
            raise InvalidField("country", "Give a country as ISO 3166 does, such as CN.")
        category = _one_of("category", query.get("category", ""), CATEGORY_CHOICES)
        conduct = _one_of("conduct", query.get("conduct", ""), Report.Conduct.values)
        language = _one_of("language", query.get("language", "").lower(), READERS) or "en"
        day = _day(query.get("day"))
        found = where_to_complain(
            country=country, categories=[category] if category else [], conduct=conduct
        )
        return Response(
            {
                "country": country,
                "results": [authority_entry(authority, language) for authority in found],
                "provisions": [
                    provision_entry(provision, language)
                    for provision in in_force(country=country, day=day, conduct=conduct)
                ],
            }
        )


def _one_of(field: str, value: str, choices: Any) -> str:
    if value and value not in choices:
        raise InvalidField(field, f"Choose one of: {', '.join(choices)}.")
    return value


def _day(value: str | None) -> date:
    if value is None:
        return timezone.now().date()
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InvalidField("day", "Give a day as 2026-11-24.") from None


def authority_entry(authority: Authority, language: str) -> dict[str, Any]:
    """The entry of an authority from `where_to_complain`."""
    return {
        "id": authority.slug,
        "kind": authority.kind,
        "country": authority.country,
        "name": authority.name_in(language),
        "takes": authority.takes_in(language),
        "categories": authority.categories,
        "conduct": authority.conduct,
        "answer_days": authority.answer_days or 0,
        "answer_basis": authority.answer_basis_in(language),
        "channels": [
            {
                "id": channel.slug,
                "kind": channel.kind,
                "address": channel.address,
                "grammar": channel.grammar,
                "note": channel.note_in(language),
                **_sourced(channel),
            }
            for channel in authority.channels_in_use  # type: ignore[attr-defined]
        ],
        **_sourced(authority),
    }


def provision_entry(provision: Provision, language: str) -> dict[str, Any]:
    chinese = is_chinese(language)
    return {
        "id": provision.slug,
        "statute": provision.statute.title_in(language),
        "article": provision.article if chinese else provision.article_en or provision.article,
        "acts": [
            {"conduct": act.conduct, "item": act.item, "wording": act.wording_in(language)}
            for act in sorted(provision.acts.all(), key=lambda act: (act.item, act.pk))
        ],
        "penalty": choose(language, english=provision.penalty, chinese=provision.penalty_zh),
        "effective_from": _date(provision.effective_from),
        "effective_to": _date(provision.effective_to),
        **_sourced(provision),
    }


def _sourced(row: Sourced) -> dict[str, Any]:
    return {"source": row.source, "source_date": _date(row.source_date), "checked": row.checked}


def _date(day: date | None) -> str:
    return "" if day is None else day.isoformat()
