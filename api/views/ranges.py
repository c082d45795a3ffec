from dataclasses import asdict

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidField
from api.shapes.lookup import RangeAnswer
from api.views.common import OPTIONAL_KEY, ApiView, problems
from reputation.lookup import ranges

PREFIX = OpenApiParameter(
    "prefix",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="The first 7 to 15 digits with + and calling code, such as +4930123; or a country "
    "and the first 4 to 20 digits of a short code, such as CN:1065.",
)
EXAMPLE = OpenApiExample(
    "A block with five listed numbers",
    value={
        "prefix": "+493012345",
        "action": "flag",
        "score": 80,
        "known": 6,
        "listed": 5,
        "share": 0.83,
    },
    response_only=True,
    status_codes=["200"],
)


class RangeView(ApiView):
    limit = "read"

    @extend_schema(
        operation_id="look_up_range",
        summary="What is known about a block of numbers",
        description=(
            "How many numbers with the same beginning are known and listed, and what follows for "
            "the others: a warning at most, never a block."
        ),
        parameters=[PREFIX],
        responses={200: RangeAnswer, **problems(400, 401)},
        examples=[EXAMPLE],
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request, prefix: str) -> Response:
        try:
            canonical = ranges.read_prefix(prefix)
        except ranges.InvalidNumberPrefix as error:
            raise InvalidField("prefix", str(error), "invalid-prefix") from None
        return Response(asdict(ranges.describe([canonical])[0]))
