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
        summary="What is known of a campaign",
        description="Reports on several numbers in the same words, or with the same call-back "
        "number. Words are shown as masked phrases that several reporters used. Campaigns that "
        "nothing but their words speaks against are not shown.",
        responses={200: CampaignAnswer, **problems(401, 404, 429, 503)},
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
