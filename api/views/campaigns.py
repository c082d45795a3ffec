from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes.lookup import CampaignAnswer
from api.views.common import OPTIONAL_KEY, ApiView, problems
from reputation.campaigns import find_campaign


class CampaignView(ApiView):
    limit = "read"

    @extend_schema(
        operation_id="read_campaign",
        summary="What is known about a campaign",
        description=(
            "A campaign is a group of reports on several numbers in the same words, or with the "
            "same call-back number. The answer contains masked phrases that several reporters "
            "used. A campaign is not shown if its words are the only evidence against it."
        ),
        responses={200: CampaignAnswer, **problems(401, 404)},
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request, key: str) -> Response:
        found = find_campaign(key)
        answer: dict[str, Any] = {
            "id": found.key,
            "words": found.words,
            "category": found.category,
            "reports": found.reports,
            "numbers": found.numbers,
            "confirmed": found.confirmed,
            "first_reported_on": found.first.isoformat(),
            "last_reported_on": found.last.isoformat(),
            "listed": [{"number": number, "action": action} for number, action in found.listed],
        }
        return Response(answer)
